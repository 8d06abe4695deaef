#include "cleave/data/readers/published.h"

#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/csv.h"
#include "cleave/data/readers/idx.h"

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
    dataset.kind = Kind::kImage;
    dataset.shape = {1, 8, 8};
    dataset.largest = 16;
    return dataset;
  };
  return join_splits(part("optdigits.tra"), part("optdigits.tes"));
}

}  // namespace cleave::data
