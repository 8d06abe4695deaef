// Small HDF5 files made in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <hdf5.h>

namespace cleave::tests {

class Hdf5Writer {
 public:
  Hdf5Writer() {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 4096, /*write to disk=*/0);
    static int files = 0;  // a name can be open only once
    file_ = H5Fcreate(("memory-" + std::to_string(++files)).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
  }
  Hdf5Writer(const Hdf5Writer&) = delete;
  ~Hdf5Writer() { H5Fclose(file_); }

  hid_t file() const { return file_; }

  void group(const std::string& path) { H5Gclose(H5Gcreate2(file_, path.c_str(), 0, 0, 0)); }

  /// Values as stored in `type`; in chunks of `chunk` compressed by deflate when it is given.
  template <class T>
  void array(const std::string& path, hid_t type, const std::vector<hsize_t>& shape, const std::vector<T>& values,
             const std::vector<hsize_t>& chunk = {}) {
    hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    if (!chunk.empty()) {
      H5Pset_chunk(layout, static_cast<int>(chunk.size()), chunk.data());
      H5Pset_deflate(layout, 6);
    }
    hid_t id = H5Dcreate2(file_, path.c_str(), type, space, 0, layout, 0);
    if (!values.empty()) H5Dwrite(id, type, H5S_ALL, H5S_ALL, 0, values.data());
    H5Dclose(id);
    H5Pclose(layout);
    H5Sclose(space);
  }

  void words(const std::string& path, const std::vector<const char*>& values) {
    hsize_t count = values.size();
    hid_t space = H5Screate_simple(1, &count, nullptr);
    hid_t type = text_type();
    hid_t id = H5Dcreate2(file_, path.c_str(), type, space, 0, 0, 0);
    H5Dwrite(id, type, H5S_ALL, H5S_ALL, 0, values.data());
    H5Dclose(id);
    H5Tclose(type);
    H5Sclose(space);
  }

  void attribute(const std::string& path, const char* name, const char* text) {
    hid_t space = H5Screate(H5S_SCALAR), type = text_type();
    write_attribute(path, name, type, space, &text);
    H5Tclose(type);
  }
  void attribute(const std::string& path, const char* name, const std::vector<int64_t>& numbers) {
    hsize_t count = numbers.size();
    write_attribute(path, name, H5T_NATIVE_INT64, H5Screate_simple(1, &count, nullptr), numbers.data());
  }

  std::vector<uint8_t> bytes() const {
    H5Fflush(file_, H5F_SCOPE_GLOBAL);
    std::vector<uint8_t> image(static_cast<size_t>(H5Fget_file_image(file_, nullptr, 0)));
    H5Fget_file_image(file_, image.data(), image.size());
    return image;
  }

 private:
  static hid_t text_type() {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    return type;
  }
  void write_attribute(const std::string& path, const char* name, hid_t type, hid_t space, const void* value) {
    hid_t owner = H5Oopen(file_, path.c_str(), 0);
    hid_t id = H5Acreate2(owner, name, type, space, 0, 0);
    H5Awrite(id, type, value);
    H5Aclose(id);
    H5Oclose(owner);
    H5Sclose(space);
  }

  hid_t file_;
};

}  // namespace cleave::tests
