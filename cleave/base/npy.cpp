#include "cleave/base/npy.h"

#include <string>

#include <fmt/ranges.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"

namespace cleave {

const char* npy_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "<f4";
    case at::kDouble:
      return "<f8";
    case at::kLong:
      return "<i8";
    case at::kInt:
      return "<i4";
    case at::kChar:
      return "|i1";
    case at::kByte:
      return "|u1";
    case at::kBool:
      return "|b1";
    default:
      throw ArgumentError(fmt::format("numpy file: no such type in these files: {}", c10::toString(type)));
  }
}

std::string npy_header(std::string_view type, at::IntArrayRef shape) {
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", type,
                                 fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr size_t kBefore = 10, kAlignment = 64;  // magic, version and length; the data start at a multiple of 64
  text.append(kAlignment - (kBefore + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  auto length = static_cast<uint16_t>(text.size());
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(length & 0xff) + static_cast<char>(length >> 8) + text;
}

void save_npy(const std::filesystem::path& path, const Tensor& tensor) {
  Tensor values = tensor.detach().cpu().contiguous();
  std::string start = npy_header(npy_type(values.scalar_type()), values.sizes());
  write_atomically(path, [&](ByteSink& sink) {
    sink.write(start);
    sink.write({static_cast<const char*>(values.data_ptr()), values.nbytes()});
  });
}

}  // namespace cleave
