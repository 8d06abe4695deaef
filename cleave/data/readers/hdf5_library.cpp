#include "cleave/data/readers/hdf5_library.h"

#include <algorithm>

namespace cleave::data::hdf5 {
namespace {

constexpr hsize_t kMostMembers = 100'000;

/// The innermost entry of the library's error stack, in its own words.
std::string complaint() {
  std::string text;
  auto keep_first = [](unsigned, const H5E_error2_t* entry, void* into) -> herr_t {
    auto& kept = *static_cast<std::string*>(into);
    if (kept.empty() && entry->desc != nullptr) kept = entry->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &text);
  return text.empty() ? "no reason given" : text;
}

// Lets the library use the bytes where they are: its default is to copy an image twice.
void* lend(size_t, H5FD_file_image_op_t, void* bytes) {
  return bytes;
}
void* lend_again(void* destination, const void*, size_t, H5FD_file_image_op_t, void*) {
  return destination;
}
void* refuse(void*, size_t, H5FD_file_image_op_t, void*) {
  return nullptr;
}
herr_t keep(void*, H5FD_file_image_op_t, void*) {
  return 0;
}
void* same_owner(void* bytes) {
  return bytes;
}
herr_t no_owner(void*) {
  return 0;
}

}  // namespace

template <class Result>
Result checked(Result result, const std::string& what) {
  if (result < 0) throw DataError(fmt::format("{}: HDF5 says: {}", what, complaint()));
  return result;
}
template int checked(int, const std::string&);
template hid_t checked(hid_t, const std::string&);

hid_t open_image(ByteView bytes, const std::string& name) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  void* start = const_cast<uint8_t*>(bytes.data());  // opened for reading only, and lent, never freed
  H5FD_file_image_callbacks_t callbacks = {lend, lend_again, refuse, keep, same_owner, no_owner, start};
  hid_t access = checked(H5Pcreate(H5P_FILE_ACCESS), name);
  checked(H5Pset_fapl_core(access, 64 << 10, 0), name);
  checked(H5Pset_file_image_callbacks(access, &callbacks), name);
  checked(H5Pset_file_image(access, start, bytes.size()), name);
  return checked(H5Fopen("memory", H5F_ACC_RDONLY, access), name);
}

Group::Group(hid_t id, std::string path) : id_(id), path_(std::move(path)) {
  H5G_info_t info{};
  checked(H5Gget_info(id_, &info), path_);
  require<DataError>(info.nlinks <= kMostMembers, "{}: a group of {} members is more than can be searched", path_,
                     info.nlinks);
  auto keep_hard = [](hid_t, const char* member, const H5L_info_t* link, void* into) -> herr_t {
    if (link->type == H5L_TYPE_HARD) static_cast<std::vector<std::string>*>(into)->push_back(member);
    return 0;
  };
  checked(H5Literate(id_, H5_INDEX_NAME, H5_ITER_INC, nullptr, keep_hard, &members_), path_);
}

bool Group::has(const std::string& member) const {
  return std::find(members_.begin(), members_.end(), member) != members_.end();
}

H5I_type_t Group::type_of(const std::string& member) const {
  return H5Iget_type(checked(H5Oopen(id_, member.c_str(), H5P_DEFAULT), path_ + "/" + member));
}

Group Group::group(const std::string& member) const {
  std::string path = path_ + "/" + member;
  return {checked(H5Gopen2(id_, member.c_str(), H5P_DEFAULT), path), path};
}

hid_t Group::array(const std::string& member) const {
  return checked(H5Dopen2(id_, member.c_str(), H5P_DEFAULT), path_ + "/" + member);
}

std::string Group::text_attribute(const std::string& attribute) const {
  if (H5Aexists(id_, attribute.c_str()) <= 0) return {};
  std::string what = path_ + ", attribute " + attribute;
  hid_t id = checked(H5Aopen(id_, attribute.c_str(), H5P_DEFAULT), what);
  hid_t type = checked(H5Aget_type(id), what);
  bool single = H5Sget_simple_extent_npoints(checked(H5Aget_space(id), what)) == 1;
  require<DataError>(single && H5Tget_class(type) == H5T_STRING, "{}: expected one text", what);
  if (H5Tis_variable_str(type) > 0) {
    char* text = nullptr;
    checked(H5Aread(id, type, static_cast<void*>(&text)), what);
    return text == nullptr ? "" : text;
  }
  std::string text(H5Tget_size(type), '\0');
  checked(H5Aread(id, type, text.data()), what);
  return text.c_str();  // without padding
}

std::vector<int64_t> Group::number_attribute(const std::string& attribute) const {
  if (H5Aexists(id_, attribute.c_str()) <= 0) return {};
  std::string what = path_ + ", attribute " + attribute;
  hid_t id = checked(H5Aopen(id_, attribute.c_str(), H5P_DEFAULT), what);
  hssize_t count = H5Sget_simple_extent_npoints(checked(H5Aget_space(id), what));
  require<DataError>(count >= 0 && count <= 32, "{}: expected a few numbers", what);
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  checked(H5Aread(id, H5T_NATIVE_INT64, numbers.data()), what);
  return numbers;
}

int64_t Array::row_elements() const {
  if (shape.empty()) return 1;
  return checked_product({shape.data() + 1, shape.size() - 1}, path);
}

namespace {

/// The type in which stored numbers are read: wide enough for every stored value.
void choose_type(Array& array, hid_t stored) {
  const size_t size = H5Tget_size(stored);
  const bool is_signed = H5Tget_sign(stored) == H5T_SGN_2;
  auto read_as = [&](const char* type, hid_t memory_type, int64_t element_size) {
    array.type = type;
    array.memory_type = memory_type;
    array.element_size = element_size;
  };
  switch (H5Tget_class(stored)) {
    case H5T_INTEGER:
      if (size == 1 && !is_signed) return read_as("u1", H5T_NATIVE_UINT8, 1);
      if (size <= 2 || (size <= 4 && is_signed)) return read_as("i4", H5T_NATIVE_INT32, 4);
      return read_as("i8", H5T_NATIVE_INT64, 8);
    case H5T_FLOAT:
      if (size <= 4) return read_as("f4", H5T_NATIVE_FLOAT, 4);
      return read_as("f8", H5T_NATIVE_DOUBLE, 8);
    case H5T_ENUM:  // truth values, as h5py writes them
      return choose_type(array, checked(H5Tget_super(stored), array.path));
    case H5T_STRING:
      if (H5Tis_variable_str(stored) > 0) return read_as("text", stored, sizeof(char*));
      return read_as("text", stored, static_cast<int64_t>(size));
    default:
      return;
  }
}

/// Refuses values that lie elsewhere, and an uncompressed block that is smaller than its shape says.
void check_storage(Array& array, hid_t stored) {
  hid_t layout = checked(H5Dget_create_plist(array.id), array.path);
  H5D_layout_t kind = H5Pget_layout(layout);
  require<DataError>(kind != H5D_VIRTUAL && H5Pget_external_count(layout) <= 0,
                     "{}: its values lie in another file; store them in this one", array.path);
  if (kind == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(array.shape.size());
    checked(H5Pget_chunk(layout, static_cast<int>(chunk.size()), chunk.data()), array.path);
    if (!chunk.empty()) array.chunk_rows = static_cast<int64_t>(chunk[0]);
  } else if (H5Tis_variable_str(stored) <= 0) {
    uint64_t wanted = static_cast<uint64_t>(checked_product(array.shape, array.path)) * H5Tget_size(stored);
    uint64_t there = H5Dget_storage_size(array.id);
    require<DataError>(wanted <= there, "{}: the shape needs {} bytes but {} are stored", array.path, wanted, there);
  }
}

}  // namespace

Array describe(hid_t id, const std::string& path, uint64_t limit) {
  Array array;
  array.id = id;
  array.path = path;
  hid_t space = checked(H5Dget_space(id), path);
  int axes = checked(H5Sget_simple_extent_ndims(space), path);
  std::vector<hsize_t> sizes(static_cast<size_t>(axes));
  checked(H5Sget_simple_extent_dims(space, sizes.data(), nullptr), path);
  array.shape.assign(sizes.begin(), sizes.end());
  hid_t stored = checked(H5Dget_type(id), path);
  choose_type(array, stored);
  uint64_t elements = static_cast<uint64_t>(checked_product(array.shape, path));
  uint64_t size = static_cast<uint64_t>(std::max<int64_t>(array.element_size, 1));
  require<DataError>(elements <= limit / size, "{}: a shape of {} values of {} bytes is more than the file can hold",
                     path, elements, size);
  if (elements > 0) check_storage(array, stored);
  return array;
}

void read_rows(const Array& array, int64_t first, int64_t count, void* into) {
  if (array.shape.empty()) {
    checked(H5Dread(array.id, array.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, into), array.path);
    return;
  }
  std::vector<hsize_t> start(array.shape.size(), 0);
  std::vector<hsize_t> size(array.shape.begin(), array.shape.end());
  start[0] = static_cast<hsize_t>(first);
  size[0] = static_cast<hsize_t>(count);
  hid_t file_space = checked(H5Dget_space(array.id), array.path);
  checked(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr), array.path);
  hid_t memory_space = checked(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr), array.path);
  checked(H5Dread(array.id, array.memory_type, memory_space, file_space, H5P_DEFAULT, into), array.path);
  H5Sclose(file_space);
  H5Sclose(memory_space);
}

std::vector<std::string> read_words(const Array& array) {
  require<DataError>(array.type == "text", "{}: expected text", array.path);
  const size_t count = static_cast<size_t>(checked_product(array.shape, array.path));
  std::vector<std::string> words(count);
  if (count == 0) return words;
  if (H5Tis_variable_str(array.memory_type) > 0) {
    std::vector<char*> texts(count, nullptr);
    checked(H5Dread(array.id, array.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), array.path);
    for (size_t i = 0; i < count; ++i)
      words[i] = texts[i] == nullptr ? "" : texts[i];
    return words;
  }
  const size_t size = static_cast<size_t>(array.element_size);
  std::string texts(count * size, '\0');
  checked(H5Dread(array.id, array.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), array.path);
  for (size_t i = 0; i < count; ++i)
    words[i] = std::string(texts, i * size, size).c_str();
  return words;
}

}  // namespace cleave::data::hdf5
