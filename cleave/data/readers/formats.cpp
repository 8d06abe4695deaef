#include "cleave/data/readers/formats.h"

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/csv.h"
#include "cleave/data/readers/hdf5.h"
#include "cleave/data/readers/idx.h"
#include "cleave/data/readers/images.h"
#include "cleave/data/readers/mat.h"
#include "cleave/data/readers/matrix_market.h"
#include "cleave/data/readers/npy.h"
#include "cleave/data/readers/zip.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

/// The file name in lower case, without the ".gz" of a compressed file.
std::string plain_name(const fs::path& path) {
  std::string name = lower(path.filename().string());
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

std::string known_formats() {
  std::vector<std::string> lines = {"a folder of images"};
  for (const Format& format : formats())
    lines.push_back(fmt::format("{} ({})", format.meaning, join(format.endings)));
  return join(lines);
}

/// The labels file that belongs to an idx file of images, when it lies beside it.
fs::path idx_labels_beside(const fs::path& images) {
  std::string name = images.filename().string();
  size_t at = name.find("images-idx3");
  if (at == std::string::npos) return {};
  fs::path labels = images.parent_path() / name.replace(at, 11, "labels-idx1");
  return fs::exists(labels) ? labels : fs::path();
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {"idx",
       "idx as MNIST has it",
       {".idx", "-ubyte", ".idx3", ".idx1"},
       false,
       [](ByteView bytes) {
         return bytes.size() > 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 8 && bytes[2] <= 14;
       },
       [](ByteView bytes, const std::string& name, const OpenOptions&) { return read_idx(bytes, name); }},
      {"npy",
       "NumPy array",
       {".npy"},
       false,
       [](ByteView bytes) { return as_text(bytes).starts_with("\x93NUMPY"); },
       [](ByteView bytes, const std::string& name, const OpenOptions&) { return read_npy(bytes, name); }},
      {"npz",
       "NumPy archive",
       {".npz"},
       true,
       nullptr,
       [](ByteView bytes, const std::string& name, const OpenOptions& options) {
         return read_npz(bytes, name, options.label_column);
       }},
      {"hdf5",
       "HDF5 or AnnData",
       {".h5", ".hdf5", ".h5ad"},
       true,
       is_hdf5,
       [](ByteView bytes, const std::string& name, const OpenOptions& options) {
         return read_hdf5(bytes, name, options.label_column);
       }},
      {"mat",
       "MATLAB 5",
       {".mat"},
       true,
       is_mat,
       [](ByteView bytes, const std::string& name, const OpenOptions& options) {
         return read_mat(bytes, name, options.label_column);
       }},
      {"mtx",
       "Matrix Market",
       {".mtx"},
       false,
       is_matrix_market,
       [](ByteView bytes, const std::string& name, const OpenOptions&) { return read_matrix_market(bytes, name); }},
      {"zip",
       "zip of images",
       {".zip"},
       false,
       is_zip,
       [](ByteView bytes, const std::string& name, const OpenOptions&) { return read_image_zip(bytes, name); }},
      {"csv",
       "text table",
       {".csv", ".tsv", ".txt", ".data", ".tab"},
       true,
       nullptr,
       [](ByteView bytes, const std::string& name, const OpenOptions& options) {
         return read_csv(bytes, name, options.label_column);
       }},
  };
  return table;
}

const Format& format_of(const fs::path& path, ByteView bytes) {
  std::string name = plain_name(path);
  for (const Format& format : formats()) {
    for (const std::string& ending : format.endings) {
      if (name.ends_with(ending)) return format;
    }
  }
  for (const Format& format : formats()) {
    if (format.begins != nullptr && format.begins(bytes)) return format;
  }
  throw DataError(fmt::format("{}: unknown format; known: {}", path.string(), known_formats()));
}

Dataset read_path(const fs::path& path, const OpenOptions& options) {
  const bool wants_none = options.label_column == kNoLabels;
  auto allow_column = [&](bool has_columns) {
    require<ArgumentError>(has_columns || wants_none || options.label_column.empty(),
                           "{}: has no columns of which --label-column could name one; leave it out, or say none",
                           path.string());
  };
  auto without_labels = [](Dataset dataset) {
    dataset.labels.reset();
    dataset.label_names.clear();
    return dataset;
  };
  if (fs::is_directory(path)) {
    allow_column(false);
    Dataset pictures = read_image_folder(path);
    const fs::path folder = fs::weakly_canonical(path);  // the folder's name, also of "." and of a/
    pictures.name = in_utf8((folder.has_filename() ? folder.filename() : folder).string());
    return wants_none ? without_labels(std::move(pictures)) : pictures;
  }
  std::string name = path.string();
  Bytes bytes = read_decompressed(path);
  const Format& format = format_of(path, bytes);
  allow_column(format.has_columns);
  const bool is_table = format.name == "csv";  // which may have a column of that name
  OpenOptions asked = options;
  if (wants_none && !is_table) asked.label_column.clear();
  Dataset dataset = format.read(bytes, name, asked);
  if (fs::path labels = idx_labels_beside(path); format.name == "idx" && !labels.empty()) {
    set_labels(dataset, read_idx_array(read_decompressed(labels), labels.string()));
  }
  dataset.name = in_utf8(path.filename().string());
  return wants_none && !is_table ? without_labels(std::move(dataset)) : dataset;
}

}  // namespace cleave::data
