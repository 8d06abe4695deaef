#include <algorithm>
#include <map>

#include <fmt/ranges.h>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/npy.h"
#include "cleave/data/readers/sparse.h"
#include "cleave/data/readers/zip.h"

namespace cleave::data {
namespace {

constexpr std::string_view kFactor = "factor/";
constexpr std::string_view kNames = "/names";

/// The arrays of an npz file by name, each read when asked for.
class Arrays {
 public:
  Arrays(ByteView bytes, const std::string& name) : zip_(bytes, name) {
    for (const auto& entry : zip_.entries()) {
      if (entry.name.ends_with(".npy")) names_.push_back(entry.name.substr(0, entry.name.size() - 4));
    }
    require<DataError>(!names_.empty(), "{}: holds no npy arrays", name);
  }

  const std::string& file() const { return zip_.name(); }
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

  NpyArray read(const std::string& name) const {
    return read_npy_array(zip_.read(*zip_.find(name + ".npy")), fmt::format("{} in {}", name, file()));
  }
  Tensor numbers(const std::string& name) const {
    NpyArray array = read(name);
    require<DataError>(!array.is_words(), "{} in {}: expected numbers, found text", name, file());
    return array.numbers;
  }
  std::vector<std::string> words(const std::string& name) const {
    NpyArray array = read(name);
    require<DataError>(array.is_words(), "{} in {}: expected text, found numbers", name, file());
    return array.words;
  }
  double number(const std::string& name) const {
    Tensor value = numbers(name);
    require<DataError>(value.numel() == 1, "{} in {}: expected one number, found {}", name, file(), value.numel());
    return value.reshape({}).item<double>();
  }

 private:
  ZipArchive zip_;
  std::vector<std::string> names_;
};

/// As scipy.sparse.save_npz writes it, with its own name of the layout, or the three lists of csr without one.
bool holds_sparse_matrix(const Arrays& arrays) {
  return arrays.has("data") && arrays.has("shape") &&
         (arrays.has("format") || (arrays.has("indices") && arrays.has("indptr")));
}

Dataset sparse_examples(const Arrays& arrays) {
  const std::string layout = arrays.has("format") ? join(arrays.words("format")) : "csr";
  require<DataError>(layout == "csr" || layout == "csc",
                     "{}: a sparse matrix of layout '{}' is not read here; save its .tocsr()", arrays.file(), layout);
  Tensor shape = arrays.numbers("shape").to(at::kLong);
  require<DataError>(shape.numel() == 2, "shape in {}: expected rows and columns", arrays.file());
  CompressedMatrix stored{.offsets = arrays.numbers("indptr"),
                          .indices = arrays.numbers("indices"),
                          .values = arrays.numbers("data"),
                          .rows = shape.flatten()[0].item<int64_t>(),
                          .columns = shape.flatten()[1].item<int64_t>()};
  Dataset dataset;
  dataset.name = arrays.file();
  dataset.examples.sparse =
      layout == "csc" ? sparse_rows_of_columns(stored, arrays.file()) : sparse_rows(stored, arrays.file());
  dataset.shape = {dataset.width()};
  dataset.kind = guess_kind(dataset.examples);
  return dataset;
}

/// The array that holds the examples when its name does not tell: the only one of two axes or more.
std::string only_matrix(const Arrays& arrays) {
  std::vector<std::string> found, all;
  for (const std::string& name : arrays.names()) {
    NpyArray array = arrays.read(name);
    all.push_back(fmt::format("{} ({})", name, fmt::join(array.shape, " x ")));
    if (!array.is_words() && array.shape.size() >= 2) found.push_back(name);
  }
  require<DataError>(found.size() == 1, "{}: which array holds the examples? Name it x. Found: {}", arrays.file(),
                     join(all));
  return found[0];
}

Dataset dense_examples(const Arrays& arrays) {
  if (arrays.has("x_train") && arrays.has("x_test")) {
    Tensor train = arrays.numbers("x_train"), test = arrays.numbers("x_test");
    bool fit = train.dim() >= 1 && train.dim() == test.dim() && train.sizes().slice(1) == test.sizes().slice(1);
    require<DataError>(fit, "{}: x_train and x_test differ in shape", arrays.file());
    Dataset dataset = dataset_of_array(at::cat({train, test}), arrays.file());
    dataset.train_count = train.size(0);
    return dataset;
  }
  std::string name = first_match(arrays.names(), example_names());
  return dataset_of_array(arrays.numbers(name.empty() ? only_matrix(arrays) : name), arrays.file());
}

void take_labels(const Arrays& arrays, const std::string& label_column, Dataset& dataset) {
  require<DataError>(label_column.empty() || arrays.has(label_column), "{}: {}", arrays.file(),
                     unknown_name("array", label_column, arrays.names()));
  if (label_column.empty() && arrays.has("y_train") && arrays.has("y_test") && dataset.train_count > 0) {
    NpyArray train = arrays.read("y_train");
    const NpyArray test = arrays.read("y_test");
    require<DataError>(train.is_words() == test.is_words(), "{}: of y_train and y_test, one is text, the other numbers",
                       arrays.file());
    if (!train.is_words()) return set_labels(dataset, at::cat({train.numbers.flatten(), test.numbers.flatten()}));
    train.words.insert(train.words.end(), test.words.begin(), test.words.end());
    return set_labels(dataset, train.words);
  }
  const std::string usual = first_match(arrays.names(), label_names());
  const std::string name = label_column.empty() ? usual : label_column;
  if (name.empty()) return;
  NpyArray labels = arrays.read(name);
  if (labels.is_words()) return set_labels(dataset, labels.words);
  if (name != usual || !arrays.has("label_names")) return set_labels(dataset, labels.numbers);
  require<DataError>(labels.numbers.numel() == dataset.size(), "{}: {} labels for {} examples", arrays.file(),
                     labels.numbers.numel(), dataset.size());
  dataset.labels = labels.numbers.flatten().to(at::kDouble).nan_to_num(-1).to(at::kLong);  // NaN: unknown
  dataset.label_names = arrays.words("label_names");
}

void take_factors(const Arrays& arrays, Dataset& dataset) {
  for (const std::string& array : arrays.names()) {
    if (!array.starts_with(kFactor) || array.ends_with(kNames)) continue;
    Factor factor{.name = array.substr(kFactor.size()), .values = arrays.numbers(array).to(at::kDouble)};
    std::string names = array + std::string(kNames);
    factor.categorical = arrays.has(names);
    if (factor.categorical) factor.value_names = arrays.words(names);
    dataset.factors.push_back(std::move(factor));
  }
}

Kind kind_of(const std::string& word, const std::string& file) {
  for (Kind kind : {Kind::kImage, Kind::kCounts, Kind::kText, Kind::kTable}) {
    if (kind_name(kind) == word) return kind;
  }
  throw DataError(fmt::format("kind in {}: unknown kind of data '{}'; known: image, counts, text, table", file, word));
}

/// Names of examples; those that are whole numbers as text.
std::vector<std::string> ids_of(const NpyArray& array) {
  if (array.is_words()) return array.words;
  const Tensor numbers = array.numbers.flatten();
  std::vector<std::string> ids;
  for (int64_t i = 0; i < numbers.numel(); ++i)  // whole ones stay whole: of 19 digits a double keeps 16
    ids.push_back(numbers.is_floating_point() ? fmt::format("{}", numbers[i].item<double>())
                                              : fmt::format("{}", numbers[i].item<int64_t>()));
  return ids;
}

/// What convert() adds so that a data set comes back as it was.
void take_description(const Arrays& arrays, Dataset& dataset) {
  for (const char* name : {"feature_names", "vocab"}) {
    if (arrays.has(name)) dataset.feature_names = arrays.words(name);
  }
  if (arrays.has("ids")) dataset.ids = ids_of(arrays.read("ids"));
  if (arrays.has("n_train")) dataset.train_count = static_cast<int64_t>(arrays.number("n_train"));
  if (arrays.has("largest")) dataset.largest = arrays.number("largest");
  if (arrays.has("kind")) dataset.kind = kind_of(join(arrays.words("kind")), arrays.file());
  if (!arrays.has("image_shape")) return;
  Tensor shape = arrays.numbers("image_shape").to(at::kLong).contiguous();
  dataset.shape.assign(shape.data_ptr<int64_t>(), shape.data_ptr<int64_t>() + shape.numel());
}

}  // namespace

Dataset read_npz(ByteView bytes, const std::string& name, const std::string& label_column) {
  Arrays arrays(bytes, name);
  Dataset dataset = holds_sparse_matrix(arrays) ? sparse_examples(arrays) : dense_examples(arrays);
  take_labels(arrays, label_column, dataset);
  take_factors(arrays, dataset);
  take_description(arrays, dataset);
  return dataset;
}

}  // namespace cleave::data
