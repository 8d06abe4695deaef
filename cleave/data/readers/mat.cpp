#include "cleave/data/readers/mat.h"

#include <algorithm>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"

namespace cleave::data {
namespace {

constexpr uint64_t kHeaderBytes = 128;

// Types of data elements, and the classes of arrays that are dense numbers (MAT-File Format, tables 1-1 and 1-3).
enum Element : uint32_t {
  kInt8 = 1,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kSingle,
  kDouble = 9,
  kInt64 = 12,
  kUint64,
  kMatrix,
  kCompressed,
};
constexpr uint8_t kFirstNumericClass = 6, kLastNumericClass = 15, kOpaqueClass = 17;
constexpr uint8_t kComplexFlag = 0x08;

/// A data element: what its tag says, and its bytes.
struct DataElement {
  uint32_t type = 0;
  ByteView bytes;
};

class MatReader {
 public:
  MatReader(const std::string& name, bool big_endian, uint64_t limit)
      : name_(name), big_endian_(big_endian), left_(limit) {}

  /// Reads every element of a file or of a decompressed element, keeping the numeric arrays.
  void read_elements(Cursor& cursor, bool compressed_allowed) {
    while (cursor.remaining() > 0) {
      DataElement element = next_element(cursor);
      if (element.type == kMatrix)
        read_matrix(element.bytes);
      else if (element.type == kCompressed && compressed_allowed)
        read_compressed(element.bytes);
    }
  }

  std::vector<MatArray> take_arrays() { return std::move(arrays_); }

 private:
  template <class T>
  T number(Cursor& cursor) const {
    return big_endian_ ? cursor.big<T>() : cursor.little<T>();
  }

  DataElement next_element(Cursor& cursor) const {
    uint32_t type = number<uint32_t>(cursor);
    if (type >> 16 != 0) {  // small: size and type in one word, the data in the next
      uint32_t size = type >> 16;
      require<DataError>(size <= 4, "{}: byte {}: a small element of {} bytes", cursor.name(), cursor.position() - 4,
                         size);
      return {type & 0xffff, cursor.take(4).first(size)};
    }
    uint32_t size = number<uint32_t>(cursor);
    ByteView bytes = cursor.take(size);
    if (type != kCompressed) cursor.take(std::min<uint64_t>((8 - size % 8) % 8, cursor.remaining()));
    return {type, bytes};
  }

  void read_compressed(ByteView bytes) {
    Bytes plain = inflate_zlib(bytes, left_, name_);
    left_ -= plain.size();
    Cursor cursor(plain, name_ + ", decompressed");
    read_elements(cursor, false);
  }

  void read_matrix(ByteView bytes) {
    Cursor cursor(bytes, name_ + ", array");
    DataElement flags = next_element(cursor);
    require<DataError>(flags.bytes.size() >= 8, "{}: an array without flags", name_);
    uint8_t array_class = flags.bytes[big_endian_ ? 3 : 0], bits = flags.bytes[big_endian_ ? 2 : 1];
    if (array_class == kOpaqueClass) return;  // without dimensions
    std::vector<int64_t> sizes = dimensions(next_element(cursor));
    DataElement text = next_element(cursor);
    std::string array_name(as_text(text.bytes));
    if (array_class < kFirstNumericClass || array_class > kLastNumericClass || (bits & kComplexFlag) != 0) {
      arrays_.push_back({array_name, {}});
      return;
    }
    arrays_.push_back({array_name, values(next_element(cursor), sizes, name_ + ", array '" + array_name + "'")});
  }

  std::vector<int64_t> dimensions(DataElement element) const {
    Cursor cursor(element.bytes, name_ + ", array dimensions");
    std::vector<int64_t> sizes;
    while (cursor.remaining() >= 4)
      sizes.push_back(number<int32_t>(cursor));
    require<DataError>(sizes.size() >= 2 && sizes.size() <= 16, "{}: an array of {} dimensions", name_, sizes.size());
    return sizes;
  }

  Tensor values(DataElement element, std::vector<int64_t> sizes, const std::string& what) const {
    switch (element.type) {
      case kInt8:
        return converted<int8_t, int8_t>(element.bytes, sizes, what);
      case kUint8:
        return converted<uint8_t, uint8_t>(element.bytes, sizes, what);
      case kInt16:
        return converted<int16_t, int16_t>(element.bytes, sizes, what);
      case kUint16:
        return converted<uint16_t, int32_t>(element.bytes, sizes, what);
      case kInt32:
        return converted<int32_t, int32_t>(element.bytes, sizes, what);
      case kUint32:
        return converted<uint32_t, int64_t>(element.bytes, sizes, what);
      case kSingle:
        return converted<float, float>(element.bytes, sizes, what);
      case kDouble:
        return converted<double, double>(element.bytes, sizes, what);
      case kInt64:
        return converted<int64_t, int64_t>(element.bytes, sizes, what);
      case kUint64:
        return converted<uint64_t, double>(element.bytes, sizes, what);
      default:
        throw DataError(fmt::format("{}: values of unknown type {}", what, element.type));
    }
  }

  /// Values stored as Stored in a tensor of Kept, which holds them all (uint64 up to 2^53).
  template <class Stored, class Kept>
  Tensor converted(ByteView bytes, std::vector<int64_t> sizes, const std::string& what) const {
    uint64_t count = static_cast<uint64_t>(checked_product(sizes, what));
    require<DataError>(bytes.size() / sizeof(Stored) == count && bytes.size() % sizeof(Stored) == 0,
                       "{}: {} values in its shape, but {} bytes for values of {} bytes", what, count, bytes.size(),
                       sizeof(Stored));
    std::reverse(sizes.begin(), sizes.end());  // the first axis varies fastest
    Tensor tensor = at::empty(sizes, c10::CppTypeToScalarType<Kept>::value);
    Kept* value = tensor.template mutable_data_ptr<Kept>();
    if (std::is_same_v<Stored, Kept> && (sizeof(Stored) == 1 || !big_endian_)) {
      if (count > 0) std::memcpy(value, bytes.data(), bytes.size());
    } else {
      Cursor cursor(bytes, what);
      for (uint64_t i = 0; i < count; ++i)
        value[i] = static_cast<Kept>(number<Stored>(cursor));
    }
    std::vector<int64_t> axes(sizes.size());
    for (size_t i = 0; i < axes.size(); ++i)
      axes[i] = static_cast<int64_t>(axes.size() - 1 - i);
    return tensor.permute(axes);
  }

  std::string name_;
  bool big_endian_;
  uint64_t left_;  // bytes that may still be decompressed
  std::vector<MatArray> arrays_;
};

constexpr std::string_view kReadable =
    "dense array of real numbers (cells, structures, text, sparse and complex ones are not read)";

bool is_vector(const Tensor& values) {
  return values.dim() == 2 && std::min(values.size(0), values.size(1)) <= 1;
}

std::vector<std::string> names_of(const std::vector<MatArray>& arrays, bool read) {
  std::vector<std::string> names;
  for (const MatArray& array : arrays) {
    if (array.values.defined() == read) names.push_back(array.name);
  }
  return names;
}

std::string find_examples(const std::vector<MatArray>& arrays) {
  const std::vector<std::string> wanted = example_names();
  if (std::string named = first_match(names_of(arrays, true), wanted); !named.empty()) return named;
  std::vector<std::string> matrices;
  for (const MatArray& array : arrays) {
    if (array.values.defined() && !is_vector(array.values)) matrices.push_back(array.name);
  }
  return matrices.size() == 1 ? matrices[0] : "";
}

}  // namespace

bool is_mat(ByteView bytes) {
  if (bytes.size() < kHeaderBytes) return false;
  std::string_view mark = as_text(bytes.subspan(126, 2));
  return mark == "IM" || mark == "MI";
}

std::vector<MatArray> read_mat_arrays(ByteView bytes, const std::string& name) {
  require<DataError>(is_mat(bytes), "{}: not a MATLAB 5 file: byte 126 holds no byte order mark", name);
  bool hdf5 = as_text(bytes).starts_with("MATLAB 7.3");
  require<DataError>(!hdf5, "{}: a MATLAB 7.3 file, which is HDF5; save it with -v7", name);
  MatReader reader(name, as_text(bytes.subspan(126, 2)) == "MI", decompressed_limit(bytes.size()));
  Cursor cursor(bytes, name);
  cursor.seek(kHeaderBytes);
  reader.read_elements(cursor, true);
  return reader.take_arrays();
}

Dataset read_mat(ByteView bytes, const std::string& name, const std::string& label_column) {
  std::vector<MatArray> arrays = read_mat_arrays(bytes, name);
  const std::vector<std::string> names = names_of(arrays, true), others = names_of(arrays, false);
  require<DataError>(!names.empty(), "{}: holds no {}; save the examples as a matrix X", name, kReadable);
  const std::string passed_over = label_column.empty() ? first_match(others, example_names()) : label_column;
  const bool unread = std::find(others.begin(), others.end(), passed_over) != others.end() &&
                      std::find(names.begin(), names.end(), passed_over) == names.end();
  require<DataError>(!unread, "{}: its variable '{}' is no {}; save a dense one, full({}) of a sparse matrix", name,
                     passed_over, kReadable, passed_over);
  auto values = [&](const std::string& wanted) {
    auto found =
        std::find_if(arrays.begin(), arrays.end(), [&](const MatArray& array) { return array.name == wanted; });
    return found->values;
  };
  std::string examples = find_examples(arrays);
  require<DataError>(!examples.empty(), "{}: found no examples among: {}; name their matrix X, and the labels y", name,
                     join(names));
  bool known = label_column.empty() || std::find(names.begin(), names.end(), label_column) != names.end();
  require<DataError>(known, "{}: {}", name, unknown_name("array", label_column, names));
  std::string labels = label_column.empty() ? first_match(names, label_names()) : label_column;
  Dataset dataset = dataset_of_array(values(examples), name);
  if (!labels.empty()) set_labels(dataset, values(labels));
  return dataset;
}

}  // namespace cleave::data
