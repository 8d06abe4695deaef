#include "cleave/data/readers/images.h"

#include <algorithm>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/image_file.h"
#include "cleave/data/readers/zip.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

/// Whether a path inside the collection names a picture that is to be read.
bool is_wanted(const fs::path& path) {
  for (const fs::path& part : path) {
    if (part.string().starts_with('.') || part == "__MACOSX") return false;
  }
  const std::string ending = lower(path.extension().string());
  constexpr std::string_view kEndings[] = {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"};
  return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

/// A link to a folder that it lies in itself.
bool leads_back(const fs::directory_entry& entry) {
  std::error_code error;
  if (!entry.is_symlink(error) || !entry.is_directory(error)) return false;
  const fs::path back =
      fs::canonical(entry.path().parent_path(), error).lexically_relative(fs::canonical(entry, error));
  return error || (!back.empty() && *back.begin() != "..");
}

/// A run's own folder, whose pictures are figures.
bool is_run(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "config.toml", error) && fs::exists(folder / "provenance.json", error);
}

/// Collects pictures of one size.
class Collection {
 public:
  /// At most `limit` bytes of decoded pictures are kept.
  Collection(std::string name, uint64_t limit) : name_(std::move(name)), left_(limit) {}

  void add(const std::string& path, ByteView bytes) {
    Picture picture = decode_picture(bytes, name_ + "/" + path);
    const uint64_t size = picture.pixels.size();
    require<DataError>(size <= left_, "{}/{}: with this picture there would be more pixels than such files can hold",
                       name_, path);
    left_ -= size;
    Tensor pixels = at::empty({picture.height, picture.width, picture.channels}, at::kByte);
    std::memcpy(pixels.mutable_data_ptr(), picture.pixels.data(), size);
    if (!pictures_.empty()) check_size(path, pixels);
    pictures_.push_back(pixels);
    paths_.push_back(in_utf8(path));
  }

  Dataset finish() {
    require<DataError>(!pictures_.empty(), "{}: holds no pictures (png, jpg, pgm, ppm)", name_);
    bool colour = std::any_of(pictures_.begin(), pictures_.end(), [](const Tensor& p) { return p.size(2) == 3; });
    for (Tensor& picture : pictures_)
      picture = picture.expand({-1, -1, colour ? 3 : 1}).permute({2, 0, 1});
    Dataset dataset = dataset_of_array(at::stack(pictures_), name_);
    std::vector<std::string> folders = folder_labels();
    bool labelled = std::any_of(folders.begin(), folders.end(), [](const std::string& f) { return !f.empty(); });
    if (labelled) set_labels(dataset, folders);
    dataset.ids = std::move(paths_);
    return dataset;
  }

 private:
  void check_size(const std::string& path, const Tensor& pixels) const {
    const Tensor& first = pictures_[0];
    require<DataError>(first.size(0) == pixels.size(0) && first.size(1) == pixels.size(1),
                       "{}: {} is {} x {} pixels but {} is {} x {}; scale all pictures to one size", name_, paths_[0],
                       first.size(1), first.size(0), path, pixels.size(1), pixels.size(0));
  }

  /// For each path the first folder below those that all paths share; empty where there is none.
  std::vector<std::string> folder_labels() const {
    std::vector<std::vector<std::string>> folders;
    for (const std::string& path : paths_) {
      folders.push_back(split(path, '/'));
      folders.back().pop_back();
    }
    size_t shared = folders[0].size();
    for (const auto& list : folders) {
      size_t same = 0;
      while (same < std::min(shared, list.size()) && list[same] == folders[0][same])
        ++same;
      shared = same;
    }
    std::vector<std::string> labels;
    for (const auto& list : folders)
      labels.push_back(list.size() > shared ? list[shared] : "");
    return labels;
  }

  std::string name_;
  uint64_t left_;
  std::vector<Tensor> pictures_;  // [height, width, channels] each
  std::vector<std::string> paths_;
};

}  // namespace

Dataset read_image_folder(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  uint64_t total = 0;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::follow_directory_symlink, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (leads_back(*entry) || is_run(*entry)) entry.disable_recursion_pending();
    fs::path path = entry->path().lexically_relative(folder);
    if (!entry->is_regular_file(error) || !is_wanted(path)) continue;
    paths.push_back(path.generic_string());
    total += entry->file_size(error);
  }
  require<DataError>(!error, "{}: the folder cannot be read: {}", folder.string(), error.message());
  std::sort(paths.begin(), paths.end());
  Collection collection(folder.string(), decompressed_limit(total));
  for (const std::string& path : paths)
    collection.add(path, read_file(folder / path));
  return collection.finish();
}

Dataset read_image_zip(ByteView bytes, const std::string& name) {
  ZipArchive archive(bytes, name);
  std::vector<const ZipArchive::Entry*> entries;
  for (const ZipArchive::Entry& entry : archive.entries()) {
    if (is_wanted(entry.name)) entries.push_back(&entry);
  }
  std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  Collection collection(name, decompressed_limit(bytes.size()));
  for (const ZipArchive::Entry* entry : entries)
    collection.add(entry->name, archive.read(*entry));
  return collection.finish();
}

}  // namespace cleave::data
