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
constexpr const char* kSvhn = "http://ufldl.stanford.edu/housenumbers/";

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
  const SourceFile yale_b_factors = {"YaleB_factors.csv", 113326,
                                     "sha256:03699fcc1fee0849b0211f2d884d2e445707345c2b4ee29994c9273448edc33b", ""};
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
      {"usps",
       "USPS handwritten digits",
       "usps",
       "https://www.kaggle.com/datasets/bistaumanga/usps-dataset",
       {{"usps.h5", 2913522, "sha256:734f88c541104a956d88be2c95d03b4a463ffd74ccc2ba9c80841fb98e3fcb36", ""}},
       read_usps},
      {"svhn",
       "Street View House Numbers, cropped digits",
       "svhn",
       "http://ufldl.stanford.edu/housenumbers/",
       {{"train_32x32.mat", 182040794, "md5:e26dedcc434d2e4c54c9b2d4a06d8373", std::string(kSvhn) + "train_32x32.mat"},
        {"test_32x32.mat", 64275384, "md5:eb5a983be6a315427106f1b164d9cef3", std::string(kSvhn) + "test_32x32.mat"}},
       read_svhn},
      {"reuters-r8",
       "Reuters-21578 R8, tf-idf of the 2000 most frequent terms",
       "reuters-r8",
       "https://ana.cachopo.org/datasets-for-single-label-text-categorization",
       {{"r8_tfidf2000.npz", 1744103, "sha256:21478c284263f559e277843fd95130d59e2301f7eef89f687eaa4a122379f8c3", ""}},
       read_reuters_r8},
      {"reuters-10k",
       "10000 documents of RCV1, tf-idf of 2000 terms, 4 classes",
       "reuters-10k",
       "https://trec.nist.gov/data/reuters/reuters.html (RCV1, on request), prepared as Xie et al. 2016 describe",
       {{"reuters10k.npz", 0, "", ""}},
       read_reuters_10k},
      {"mouse-bladder",
       "Single cells of the mouse bladder, counts of 20670 genes, 16 published clusters",
       "scrna-mouse-bladder",
       "https://figshare.com/articles/dataset/scDeepCluster_supporting_data/17158025",
       {{"mouse_bladder_cell_select_2100.h5", 4175513,
         "sha256:4e686932884fc04d8bc9a92dad1a648d6e23f490b0c106903bca95d68093f591", ""}},
       read_mouse_bladder},
      {"yale-b",
       "Extended Yale B faces, 32 x 32",
       "yaleb",
       "http://www.cad.zju.edu.cn/home/dengcai/Data/FaceData.html",
       {{"YaleB_32x32.mat", 2214688, "sha256:3fbbda4eb781b9bb28025189677b6727706e114eb0215bbfd718f1f4fcb54b99",
         "http://www.cad.zju.edu.cn/home/dengcai/Data/YaleB/YaleB_32x32.mat"},
        yale_b_factors},
       read_yale_b},
      {"yale-b-full",
       "Extended Yale B faces, cropped, 192 x 168",
       "yaleb",
       "http://vision.ucsd.edu/~leekc/ExtYaleDatabase/ExtYaleB.html",
       {{"CroppedYale.zip", 55433819, "sha256:ae46a721fdb864db58c540e5fb74cf8164dfd9062df9e2edcb070a73dbbba5e6", ""},
        yale_b_factors},
       read_yale_b_full},
      {"cmu-faces",
       "CMU Face Images, half resolution",
       "cmu-faces",
       "https://archive.ics.uci.edu/dataset/124/cmu+face+images",
       {{"cmu_faces_64x60.zip", 1783692, "sha256:d0b5f69f5c57117ad4f02be38271070591bf29b9a1083889060d8eeb210cb655", ""},
        {"cmu_faces_factors.csv", 46766, "sha256:c4e3cddb89eee2998ee41219759629bdfef507813e274f4930b21e8f2a1c2e9b",
         ""}},
       read_cmu_faces},
  };
}

}  // namespace

const std::vector<RegisteredSet>& registered_sets() {
  static const std::vector<RegisteredSet> table = make_table();
  return table;
}

std::vector<std::string> registered_names() {
  std::vector<std::string> names;
  for (const RegisteredSet& set : registered_sets())
    names.push_back(set.name);
  return names;
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
