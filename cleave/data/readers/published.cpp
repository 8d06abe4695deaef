#include "cleave/data/readers/published.h"

#include <cmath>

#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/csv.h"
#include "cleave/data/readers/hdf5.h"
#include "cleave/data/readers/idx.h"
#include "cleave/data/readers/images.h"
#include "cleave/data/readers/mat.h"
#include "cleave/data/readers/npy.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

/// Training rows, then test rows: examples and labels. Everything else is taken from the training part.
Dataset join_splits(Dataset train, const Dataset& test) {
  train.train_count = train.size();
  train.examples.dense = at::cat({train.examples.dense, test.examples.dense});
  train.labels = at::cat({train.labels, test.labels});
  return train;
}

Dataset read_idx_pair(const fs::path& folder, const std::string& part) {
  fs::path images = folder / (part + "-images-idx3-ubyte.gz"), labels = folder / (part + "-labels-idx1-ubyte.gz");
  Dataset dataset = read_idx(read_decompressed(images), images.string());
  set_labels(dataset, read_idx_array(read_decompressed(labels), labels.string()));
  return dataset;
}

/// The columns of the text table of factors, its rows put in the order of `ids`: file names, of which the table may
/// leave the folders out.
std::map<std::string, std::vector<std::string>> factor_columns(const fs::path& file, const Dataset& dataset) {
  auto columns = read_text_columns(read_decompressed(file), file.string());
  auto base = [](const std::string& path) { return fs::path(path).filename().string(); };
  std::map<std::string, size_t> row;
  for (size_t i = 0; i < columns["file"].size(); ++i)
    row[base(columns["file"][i])] = i;
  require<DataError>(std::ssize(columns["file"]) == dataset.size(), "{}: {} rows for {} examples", file.string(),
                     columns["file"].size(), dataset.size());
  if (dataset.ids.empty()) return columns;
  std::map<std::string, std::vector<std::string>> ordered;
  for (const std::string& id : dataset.ids) {
    auto found = row.find(base(id));
    require<DataError>(found != row.end(), "{}: no row for {}", file.string(), id);
    for (auto& [name, values] : columns)
      ordered[name].push_back(values[found->second]);
  }
  return ordered;
}

Factor categorical_factor(const std::string& name, const std::vector<std::string>& words) {
  Dataset holder{.name = name, .examples = {.dense = at::empty({std::ssize(words), 1}), .sparse = {}}};
  set_labels(holder, words);
  return {
      .name = name, .values = holder.labels.to(at::kDouble), .categorical = true, .value_names = holder.label_names};
}

Factor numeric_factor(const std::string& name, const std::vector<std::string>& fields) {
  Tensor values = at::empty({std::ssize(fields)}, at::kDouble);
  for (size_t i = 0; i < fields.size(); ++i) {
    std::optional<double> value = parse_number(fields[i]);
    require<DataError>(value && std::isfinite(*value), "{} of example {}: '{}' is not a number", name, i, fields[i]);
    values.data_ptr<double>()[i] = *value;
  }
  return {.name = name, .values = values, .value_names = {}};
}

void set_images(Dataset& dataset, std::vector<int64_t> shape, double largest) {
  dataset.kind = Kind::kImage;
  dataset.shape = std::move(shape);
  dataset.largest = largest;
}

void add_yale_b_factors(Dataset& dataset, const fs::path& folder) {
  auto columns = factor_columns(folder / "YaleB_factors.csv", dataset);
  set_labels(dataset, columns["subject"]);
  dataset.factors = {categorical_factor("person", columns["subject"]),
                     numeric_factor("azimuth", columns["azimuth_deg"]),
                     numeric_factor("elevation", columns["elevation_deg"])};
}

/// The variable of that name in a MATLAB file.
Tensor mat_variable(const fs::path& file, const std::string& name) {
  for (MatArray& array : read_mat_arrays(read_file(file), file.string())) {
    if (array.name == name && array.values.defined()) return array.values;
  }
  throw DataError(fmt::format("{}: holds no variable {}", file.string(), name));
}

Dataset read_svhn_part(const fs::path& file) {
  // MATLAB's axes are row, column, channel, image; the digit 0 is stored as label 10.
  Dataset dataset = dataset_of_array(mat_variable(file, "X").permute({3, 2, 0, 1}), file.string());
  set_labels(dataset, mat_variable(file, "y").remainder(10));
  return dataset;
}

}  // namespace

Dataset read_mnist(const fs::path& folder) {
  return join_splits(read_idx_pair(folder, "train"), read_idx_pair(folder, "t10k"));
}

Dataset read_fashion_mnist(const fs::path& folder) {
  Dataset dataset = read_mnist(folder);
  dataset.label_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                         "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  return dataset;
}

Dataset read_optdigits(const fs::path& folder) {
  auto part = [&](const char* file) {
    Dataset dataset = read_csv(read_decompressed(folder / file), (folder / file).string(), "64");
    set_images(dataset, {1, 8, 8}, 16);
    return dataset;
  };
  return join_splits(part("optdigits.tra"), part("optdigits.tes"));
}

Dataset read_usps(const fs::path& folder) {
  Dataset dataset = read_hdf5(read_file(folder / "usps.h5"), (folder / "usps.h5").string());
  set_images(dataset, {1, 16, 16}, 1);
  return dataset;
}

Dataset read_svhn(const fs::path& folder) {
  return join_splits(read_svhn_part(folder / "train_32x32.mat"), read_svhn_part(folder / "test_32x32.mat"));
}

Dataset read_reuters_r8(const fs::path& folder) {
  fs::path file = folder / "r8_tfidf2000.npz";
  Dataset dataset = read_npz(read_file(file), file.string());
  dataset.kind = Kind::kText;
  return dataset;
}

Dataset read_reuters_10k(const fs::path& folder) {
  fs::path file = folder / "reuters10k.npz";
  Dataset dataset = read_npz(read_file(file), file.string());
  dataset.kind = Kind::kText;
  return dataset;
}

Dataset read_mouse_bladder(const fs::path& folder) {
  fs::path file = folder / "mouse_bladder_cell_select_2100.h5";
  Dataset dataset = read_hdf5(read_file(file), file.string());
  dataset.kind = Kind::kCounts;
  return dataset;
}

Dataset read_yale_b(const fs::path& folder) {
  Tensor faces = mat_variable(folder / "YaleB_32x32.mat", "fea");
  require<DataError>(faces.dim() == 2 && faces.size(1) == 32 * 32, "{}: fea is not faces of 32 x 32",
                     (folder / "YaleB_32x32.mat").string());
  // Each row holds an image column by column.
  Dataset dataset = dataset_of_array(faces.reshape({-1, 32, 32}).transpose(1, 2), folder.string());
  add_yale_b_factors(dataset, folder);
  return dataset;
}

Dataset read_yale_b_full(const fs::path& folder) {
  fs::path file = folder / "CroppedYale.zip";
  Dataset dataset = read_image_zip(read_file(file), file.string());
  add_yale_b_factors(dataset, folder);
  return dataset;
}

Dataset read_cmu_faces(const fs::path& folder) {
  fs::path file = folder / "cmu_faces_64x60.zip";
  Dataset dataset = read_image_zip(read_file(file), file.string());
  auto columns = factor_columns(folder / "cmu_faces_factors.csv", dataset);
  set_labels(dataset, columns["person"]);
  for (const char* name : {"person", "pose", "expression", "eyes"}) {
    dataset.factors.push_back(categorical_factor(name, columns[name]));
  }
  return dataset;
}

}  // namespace cleave::data
