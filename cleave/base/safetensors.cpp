#include "cleave/base/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "cleave/base/files.h"

namespace cleave {

namespace {

static_assert(std::endian::native == std::endian::little, "the format stores little-endian numbers");

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;
constexpr const char* kMetadata = "__metadata__";
constexpr const char* kChecksum = "xxh3_128";  // in the metadata; the format itself has none

struct Type {
  const char* name;
  at::ScalarType scalar;
  uint64_t size;  // bytes
};

constexpr std::array<Type, 8> kTypes = {{{"F32", at::kFloat, 4},
                                         {"F64", at::kDouble, 8},
                                         {"BF16", at::kBFloat16, 2},
                                         {"I64", at::kLong, 8},
                                         {"I32", at::kInt, 4},
                                         {"I8", at::kChar, 1},
                                         {"U8", at::kByte, 1},
                                         {"BOOL", at::kBool, 1}}};

const Type& type_of(const std::string& name, const Tensor& tensor) {
  require<ArgumentError>(tensor.defined(), "[save_tensors] '{}': expected a tensor but received an undefined one",
                         name);
  for (const Type& type : kTypes) {
    if (type.scalar == tensor.scalar_type()) return type;
  }
  throw ArgumentError(
      fmt::format("[save_tensors] '{}': no such type in these files: {}", name, c10::toString(tensor.scalar_type())));
}

// Writing ------------------------------------------------------------------------------------------------------------

struct Outgoing {
  std::string name;
  const Type* type;
  Tensor tensor;
};

/// Tensors in file order. Wide types come first, so that each tensor starts at a multiple of its element's size.
std::vector<Outgoing> in_file_order(const std::map<std::string, Tensor>& tensors) {
  std::vector<Outgoing> result;
  for (const auto& [name, tensor] : tensors) {
    const Type& type = type_of(name, tensor);
    result.push_back({name, &type, tensor.detach().cpu().contiguous()});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Outgoing& a, const Outgoing& b) { return a.type->size > b.type->size; });
  return result;
}

std::string make_header(const std::vector<Outgoing>& tensors, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  uint64_t begin = 0;
  for (const auto& [name, type, tensor] : tensors) {
    uint64_t end = begin + tensor.nbytes();
    header[name] = {{"dtype", type->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  return text;
}

std::string_view bytes_of(const Tensor& contiguous) {
  return {static_cast<const char*>(contiguous.data_ptr()), contiguous.nbytes()};
}

/// Of the header without this checksum, and of the data.
std::string checksum_of(const std::vector<Outgoing>& tensors, const std::map<std::string, std::string>& metadata) {
  Checksum checksum;
  checksum.update(make_header(tensors, metadata));
  for (const Outgoing& entry : tensors)
    checksum.update(bytes_of(entry.tensor));
  return checksum.digest128();
}

// Reading ------------------------------------------------------------------------------------------------------------

using Json = nlohmann::json;

struct Incoming {
  std::string name;
  const Type* type;
  std::vector<int64_t> shape;
  uint64_t begin, end;  // bytes from the end of the header
};

class Reader {
 public:
  Reader(const std::filesystem::path& path, Writer writer) : path_(path.string()), file_(path), writer_(writer) {}

  TensorFile read() {
    header_ = read_header();
    Json header = parse(header_);
    TensorFile content;
    if (auto metadata = header.find(kMetadata); metadata != header.end()) {
      content.metadata = read_metadata(*metadata);
      header.erase(kMetadata);
    }
    for (const Incoming& entry : read_entries(header))
      content.tensors[entry.name] = read_tensor(entry);
    verify_checksum(content);
    return content;
  }

 private:
  template <class... Args>
  void check(bool condition, fmt::format_string<Args...> format, Args&&... args) const {
    if (!condition) throw CorruptFileError(path_ + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

  std::string read_header() {
    check(file_.size() >= kLengthBytes, "too short for a model file: {} bytes", file_.size());
    uint64_t length = 0;
    file_.read(&length, kLengthBytes, 0);
    check(length <= kLongestHeader && length <= file_.size() - kLengthBytes,
          "bytes 0 to 7 announce a header of {} bytes, but the file has {}", length, file_.size());
    data_begin_ = kLengthBytes + length;
    std::string text(length, '\0');
    file_.read(text.data(), length, kLengthBytes);
    check(text.starts_with('{'), "byte 8: the header must start with '{{'");
    return text;
  }

  /// Refuses duplicate keys, and nesting deeper than the format has, which could exhaust memory.
  Json parse(const std::string& text) const {
    std::vector<std::set<std::string>> keys;
    auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
      using Event = Json::parse_event_t;
      if (event == Event::object_start || event == Event::array_start)
        check(depth < 3, "the header is nested too deep");
      if (event == Event::object_start) keys.emplace_back();
      if (event == Event::object_end) keys.pop_back();
      if (event == Event::key) {
        auto key = value.get<std::string>();
        check(keys.back().insert(key).second, "the header has the key '{}' twice", key);
      }
      return true;
    };
    try {
      return Json::parse(text, watch);
    } catch (const Json::exception& problem) {
      throw CorruptFileError(fmt::format("{}: the header is not JSON: {}", path_, problem.what()));
    }
  }

  std::map<std::string, std::string> read_metadata(const Json& json) const {
    check(json.is_object(), "{} must be an object", kMetadata);
    std::map<std::string, std::string> result;
    for (const auto& [key, value] : json.items()) {
      check(value.is_string(), "{} '{}' must be text", kMetadata, key);
      result[key] = value.get<std::string>();
    }
    return result;
  }

  std::vector<Incoming> read_entries(const Json& header) const {
    std::vector<Incoming> entries;
    for (const auto& [name, json] : header.items())
      entries.push_back(read_entry(name, json));
    std::sort(entries.begin(), entries.end(), [](const Incoming& a, const Incoming& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t expected = 0;
    for (const Incoming& entry : entries) {
      check(entry.begin == expected, "tensor '{}' starts at byte {} of the data, but the one before ends at {}",
            entry.name, entry.begin, expected);
      expected = entry.end;
    }
    check(data_begin_ + expected == file_.size(), "the tensors end at byte {}, but the file has {} bytes",
          data_begin_ + expected, file_.size());
    return entries;
  }

  Incoming read_entry(const std::string& name, const Json& json) const {
    bool complete = json.is_object() && json.size() == 3 && json.contains("dtype") && json.contains("shape") &&
                    json.contains("data_offsets");
    check(complete, "tensor '{}' must have exactly dtype, shape and data_offsets", name);
    const Type& type = read_type(name, json["dtype"]);
    const Json& offsets = json["data_offsets"];
    bool pair =
        offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() && offsets[1].is_number_unsigned();
    check(pair, "tensor '{}': data_offsets must be two whole numbers", name);
    auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    check(begin <= end && end <= file_.size() - data_begin_, "tensor '{}': bytes {} to {} lie outside the file", name,
          begin, end);
    std::vector<int64_t> shape = read_shape(name, json["shape"], type.size, end - begin);
    return {name, &type, std::move(shape), begin, end};
  }

  const Type& read_type(const std::string& name, const Json& json) const {
    for (const Type& type : kTypes) {
      if (json == type.name) return type;
    }
    check(false, "tensor '{}' has the unknown type {}", name, json.dump().substr(0, 40));
    return kTypes[0];
  }

  std::vector<int64_t> read_shape(const std::string& name, const Json& json, uint64_t element, uint64_t span) const {
    check(json.is_array() && json.size() <= 64, "tensor '{}': the shape must be a list", name);
    std::vector<int64_t> shape;
    uint64_t bytes = element, extent = element;  // the latter as if no axis were empty: strides must not overflow
    for (const Json& length : json) {
      check(length.is_number_unsigned() && length.get<uint64_t>() <= INT64_MAX,
            "tensor '{}': the shape must hold whole numbers", name);
      shape.push_back(length.get<int64_t>());
      bool overflows = __builtin_mul_overflow(extent, std::max<uint64_t>(1, length.get<uint64_t>()), &extent);
      check(!overflows && extent <= INT64_MAX, "tensor '{}': the shape overflows", name);
      bytes *= length.get<uint64_t>();
    }
    check(bytes == span, "tensor '{}': its shape needs {} bytes but its span has {}", name, bytes, span);
    return shape;
  }

  Tensor read_tensor(const Incoming& entry) const {
    Tensor bytes = at::empty({static_cast<int64_t>(entry.end - entry.begin)}, at::kByte);
    file_.read(bytes.data_ptr(), entry.end - entry.begin, data_begin_ + entry.begin);
    if (entry.type->scalar == at::kBool) {
      check(bytes.le(1).all().item<bool>(), "tensor '{}': a bool must be 0 or 1", entry.name);
    }
    return bytes.view(entry.type->scalar).view(entry.shape);
  }

  /// Files of other programs may come without one. Ours have one spelling of the header only.
  void verify_checksum(TensorFile& content) const {
    if (!content.metadata.contains(kChecksum)) {
      return check(writer_ == Writer::kAny, "it has no checksum: another program wrote it, or it is damaged");
    }
    std::vector<Outgoing> tensors = in_file_order(content.tensors);
    bool same_header = header_ == make_header(tensors, content.metadata);
    auto written = content.metadata.extract(kChecksum);
    check(same_header && written.mapped() == checksum_of(tensors, content.metadata),
          "the content does not have the checksum that was written with it; the file is damaged");
  }

  std::string path_;
  InputFile file_;
  Writer writer_;
  std::string header_;
  uint64_t data_begin_ = 0;
};

}  // namespace

void save_tensors(const std::filesystem::path& path, const TensorFile& content) {
  std::vector<Outgoing> tensors = in_file_order(content.tensors);
  std::map<std::string, std::string> metadata = content.metadata;
  metadata[kChecksum] = checksum_of(tensors, content.metadata);
  std::string header = make_header(tensors, metadata);
  uint64_t length = header.size();
  write_atomically(path, [&](ByteSink& sink) {
    sink.write({reinterpret_cast<const char*>(&length), sizeof(length)});
    sink.write(header);
    for (const Outgoing& entry : tensors) {
      sink.write(bytes_of(entry.tensor));
    }
  });
}

TensorFile load_tensors(const std::filesystem::path& path, Writer writer) {
  return Reader(path, writer).read();
}

}  // namespace cleave
