#include "cleave/data/registered.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/data/readers/published.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMnist = "https://ossci-datasets.s3.amazonaws.com/mnist/";
constexpr const char* kFashion = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
constexpr const char* kOptdigits = "https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/";

/// The four files of MNIST and of whatever keeps its form.
std::vector<SourceFile> idx_files(const std::string& address,
                                  const std::vector<std::pair<uint64_t, const char*>>& facts) {
  std::vector<SourceFile> files;
  size_t i = 0;
  for (const char* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
                           "t10k-labels-idx1-ubyte.gz"}) {
    files.push_back({name, facts[i].first, facts[i].second, address + name});
    ++i;
  }
  return files;
}

std::vector<RegisteredSet> make_table() {
  return {
      {"mnist", "MNIST handwritten digits", "mnist", "http://yann.lecun.com/exdb/mnist/",
       idx_files(kMnist, {{9912422, "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"},
                          {28881, "md5:d53e105ee54ea40749a09fcbcd1e9432"},
                          {1648877, "md5:9fb629c4189551a2d022fa330f9573f3"},
                          {4542, "md5:ec29112dd5afa0611ce80d1b7f02629c"}}),
       read_mnist},
      {"fashion-mnist", "Fashion-MNIST, clothes", "fashion-mnist", "https://github.com/zalandoresearch/fashion-mnist",
       idx_files(kFashion, {{26421880, "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
                            {29515, "md5:25c81989df183df01b3e8a0aad5dffbe"},
                            {4422102, "md5:bef4ecab320f06d8554ea6380940ec79"},
                            {5148, "md5:bb300cfdad3c16e7a12a480ee83cd310"}}),
       read_fashion_mnist},
      {"optdigits",
       "UCI optical digits",
       "optdigits",
       "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
       {{"optdigits.tra", 563639, "sha256:e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd",
         std::string(kOptdigits) + "optdigits.tra"},
        {"optdigits.tes", 264712, "sha256:6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8",
         std::string(kOptdigits) + "optdigits.tes"}},
       read_optdigits},
  };
}

}  // namespace

const std::vector<RegisteredSet>& registered_sets() {
  static const std::vector<RegisteredSet> table = make_table();
  return table;
}

const RegisteredSet* find_registered(const std::string& name) {
  const auto& sets = registered_sets();
  auto found = std::find_if(sets.begin(), sets.end(), [&](const RegisteredSet& set) { return set.name == name; });
  return found == sets.end() ? nullptr : &*found;
}

Dataset read_registered(const RegisteredSet& set, const fs::path& root) {
  require<DataError>(!root.empty(),
                     "{}: no data root was given, so there is nowhere to look; `cleave data fetch {}` "
                     "downloads it from {}",
                     set.name, set.name, set.source);
  fs::path folder = root / set.folder;
  for (const SourceFile& file : set.files) {
    require<DataError>(fs::exists(folder / file.name), "{}: {} is not in {}; `cleave data fetch {}` gets it from {}",
                       set.name, file.name, folder.string(), set.name, set.source);
  }
  Dataset dataset = set.read(folder);
  dataset.name = set.name;
  return dataset;
}

}  // namespace cleave::data
