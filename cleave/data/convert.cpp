#include "cleave/data/convert.h"

#include <zlib.h>

#include "cleave/base/files.h"
#include "cleave/base/npy.h"
#include "cleave/base/text.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {
namespace {

constexpr uint64_t kLargestPart = 0xfffffffe;  // without zip64

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
    std::vector<std::u32string> characters;
    size_t longest = 1;
    for (const std::string& word : words) {
      characters.push_back(decode_utf8(word));
      longest = std::max(longest, characters.back().size());
    }
    std::string bytes;
    for (std::u32string& word : characters) {
      word.resize(longest, U'\0');
      bytes.append(reinterpret_cast<const char*>(word.data()), 4 * longest);
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
    require<DataError>(written_ + size + contents_.size() <= kLargestPart,
                       "the data set passes 4 GiB, more than an npz file of this kind can hold");
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

  /// Bytes that are no UTF-8 stand for themselves.
  static std::u32string decode_utf8(const std::string& text) {
    std::u32string result;
    for (size_t at = 0; at < text.size();) {
      auto byte = [&](size_t i) -> uint32_t { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
      uint32_t first = byte(at);
      size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
      uint32_t c = length == 1 ? first : first & (0xffu >> (length + 1));
      for (size_t i = 1; i < length; ++i)
        c = c << 6 | (byte(at + i) & 0x3f);
      result += static_cast<char32_t>(c);
      at += length;
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
