#include "cleave/data/convert.h"

#include <zlib.h>

#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/base/text.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {
namespace {

constexpr uint64_t kLargestPart = 0xfffffffe;  // without zip64
constexpr const char* kTooLarge = "the data set passes 4 GiB, more than an npz file of this kind can hold";

template <class... Numbers>
std::string little(Numbers... numbers) {
  std::string bytes;
  (bytes.append(reinterpret_cast<const char*>(&numbers), sizeof(numbers)), ...);
  return bytes;
}

/// An npz file while it is written: a zip archive of stored npy files.
class NpzWriter {
 public:
  explicit NpzWriter(ByteSink& sink) : sink_(sink) {}

  void add(const std::string& name, const Tensor& numbers) {
    Tensor values = numbers.contiguous();
    add(name, npy_type(values.scalar_type()), values.sizes().vec(),
        {static_cast<const char*>(values.const_data_ptr()), values.nbytes()});
  }

  /// Words as text of 32-bit characters, all as long as the longest.
  void add(const std::string& name, const std::vector<std::string>& words) {
    size_t longest = 1;
    for (const std::string& word : words)
      longest = std::max(longest, decode_utf8(word).size());
    require<DataError>(4 * longest <= kLargestPart / std::max<size_t>(words.size(), 1), kTooLarge);
    std::string bytes;
    for (const std::string& word : words) {
      std::u32string characters = decode_utf8(word);
      characters.resize(longest, U'\0');
      bytes.append(reinterpret_cast<const char*>(characters.data()), 4 * longest);
    }
    add(name, fmt::format("<U{}", longest), {static_cast<int64_t>(words.size())}, bytes);
  }

  /// Writes the table of contents.
  void finish() {
    auto begin = static_cast<uint32_t>(written_), size = static_cast<uint32_t>(contents_.size());
    write(contents_);
    write(little(uint32_t{0x06054b50}, uint32_t{0}, count_, count_, size, begin, uint16_t{0}));
  }

 private:
  void add(const std::string& name, const std::string& type, const std::vector<int64_t>& shape, std::string_view data) {
    std::string header = npy_header(type, shape), file = name + ".npy";
    uint64_t size = header.size() + data.size();
    require<DataError>(written_ + size + contents_.size() <= kLargestPart, kTooLarge);
    uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(header.data()), header.size());
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
    // What an entry's own header and its line in the table of contents share: 1 January 1980, stored.
    std::string shared = little(uint16_t{20}, uint16_t{0x800}, uint16_t{0}, uint16_t{0}, uint16_t{0x21},
                                static_cast<uint32_t>(crc), static_cast<uint32_t>(size), static_cast<uint32_t>(size),
                                static_cast<uint16_t>(file.size()), uint16_t{0});
    contents_ += little(uint32_t{0x02014b50}, uint16_t{20}) + shared +
                 little(uint16_t{0}, uint16_t{0}, uint16_t{0}, uint32_t{0}, static_cast<uint32_t>(written_)) + file;
    ++count_;
    write(little(uint32_t{0x04034b50}) + shared + file);
    write(header);
    write(data);
  }

  static std::u32string decode_utf8(const std::string& word) {
    std::u32string result;
    const std::string text = in_utf8(word);
    for (size_t at = 0; at < text.size();) {
      const uint32_t first = static_cast<uint8_t>(text[at++]);
      int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
      uint32_t c = more == 0 ? first : first & (0x3fu >> more);
      for (; more > 0; --more)
        c = c << 6 | (static_cast<uint8_t>(text[at++]) & 0x3f);
      result += static_cast<char32_t>(c);
    }
    return result;
  }

  void write(std::string_view bytes) {
    sink_.write(bytes);
    written_ += bytes.size();
  }

  ByteSink& sink_;
  std::string contents_;
  uint64_t written_ = 0;
  uint16_t count_ = 0;
};

void add_examples(NpzWriter& npz, const Dataset& dataset) {
  if (!dataset.examples.is_sparse()) return npz.add("x", dataset.examples.dense);
  const SparseRows& sparse = dataset.examples.sparse;
  npz.add("data", sparse.values);
  npz.add("indices", sparse.columns);
  npz.add("indptr", sparse.offsets);
  npz.add("shape", at::tensor({dataset.size(), dataset.width()}, at::kLong));
}

}  // namespace

void convert(const Dataset& dataset, const std::filesystem::path& path) {
  write_atomically(path, [&](ByteSink& sink) {
    NpzWriter npz(sink);
    add_examples(npz, dataset);
    npz.add("kind", std::vector<std::string>{kind_name(dataset.kind)});
    npz.add("largest", at::scalar_tensor(dataset.largest, at::kDouble));
    npz.add("n_train", at::scalar_tensor(dataset.train_count, at::kLong));
    if (dataset.kind == Kind::kImage) npz.add("image_shape", at::tensor(dataset.shape, at::kLong));
    if (dataset.has_labels()) npz.add("label", dataset.labels);
    if (!dataset.label_names.empty()) npz.add("label_names", dataset.label_names);
    if (!dataset.feature_names.empty()) npz.add("feature_names", dataset.feature_names);
    if (!dataset.ids.empty()) npz.add("ids", dataset.ids);
    for (const Factor& factor : dataset.factors) {
      npz.add("factor/" + factor.name, factor.values);
      if (factor.categorical) npz.add("factor/" + factor.name + "/names", factor.value_names);
    }
    npz.finish();
  });
}

}  // namespace cleave::data
