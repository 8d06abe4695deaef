// The part of the HDF5 library that reading needs. Used only in a confined child process (confined.h): nothing here is
// closed, because the process ends right after.
#pragma once

#include <string>
#include <vector>

#include <hdf5.h>

#include "cleave/data/readers/byte_source.h"

namespace cleave::data::hdf5 {

/// A file that lies in memory, opened without a copy. Throws DataError when the library cannot make sense of it.
hid_t open_image(ByteView bytes, const std::string& name);

/// Throws DataError with the library's own innermost complaint when a result is negative; else returns the result.
template <class Result>
Result checked(Result result, const std::string& what);

/// One group and the names in it. Only hard links count: a link may not lead to another file.
class Group {
 public:
  Group(hid_t id, std::string path);

  const std::string& path() const { return path_; }
  const std::vector<std::string>& members() const { return members_; }
  bool has(const std::string& member) const;
  bool has_group(const std::string& member) const { return has(member) && type_of(member) == H5I_GROUP; }
  bool has_array(const std::string& member) const { return has(member) && type_of(member) == H5I_DATASET; }

  Group group(const std::string& member) const;
  hid_t array(const std::string& member) const;

  /// A text attribute of the group; empty when there is none.
  std::string text_attribute(const std::string& attribute) const;
  /// A list of whole numbers; empty when there is none.
  std::vector<int64_t> number_attribute(const std::string& attribute) const;

 private:
  H5I_type_t type_of(const std::string& member) const;

  hid_t id_;
  std::string path_;
  std::vector<std::string> members_;
};

/// What a data set says about itself, checked against what the file can hold.
struct Array {
  hid_t id = -1;
  std::string path;
  std::vector<int64_t> shape;
  std::string type;  ///< "u1", "i4", "i8", "f4", "f8": as it is read; "text"; empty for anything else
  hid_t memory_type = -1;
  int64_t element_size = 0;
  int64_t chunk_rows = 1;

  int64_t rows() const { return shape.empty() ? 1 : shape[0]; }
  int64_t row_elements() const;
};

/// Throws DataError when the data set lies outside the file, claims more values than the file has room for, or would
/// take more than `limit` bytes in memory.
Array describe(hid_t id, const std::string& path, uint64_t limit);

/// Rows [first, first + count) into `into`, which has room for count * row_elements() elements.
void read_rows(const Array& array, int64_t first, int64_t count, void* into);

/// All values of a text data set.
std::vector<std::string> read_words(const Array& array);

}  // namespace cleave::data::hdf5
