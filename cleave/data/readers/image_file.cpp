#include "cleave/data/readers/image_file.h"

#include <algorithm>

namespace cleave::data {
namespace {

struct PictureKind {
  std::string_view mark;  ///< the first bytes
  Picture (*decode)(ByteView bytes, const std::string& name);
};

constexpr PictureKind kKinds[] = {
    {"\x89PNG\r\n\x1a\n", decode_png},
    {"\xff\xd8\xff", decode_jpeg},
    {"P2", decode_pnm},
    {"P3", decode_pnm},
    {"P5", decode_pnm},
    {"P6", decode_pnm},
};

const PictureKind* kind_of(ByteView bytes) {
  for (const PictureKind& kind : kKinds) {
    if (as_text(bytes).starts_with(kind.mark)) return &kind;
  }
  return nullptr;
}

}  // namespace

Picture decode_picture(ByteView bytes, const std::string& name) {
  require<DataError>(!bytes.empty(), "{}: the file is empty", name);
  const PictureKind* kind = kind_of(bytes);
  require<DataError>(kind != nullptr, "{}: byte 0: neither PNG, JPEG, PGM nor PPM", name);
  return kind->decode(bytes, name);
}

Picture make_picture(int64_t channels, int64_t height, int64_t width, int64_t room, const std::string& name) {
  require<DataError>(height > 0 && width > 0, "{}: a picture of {} x {} pixels", name, width, height);
  require<DataError>(height <= kMostPixels / width, "{}: {} x {} pixels are more than the {} that are read", name,
                     width, height, kMostPixels);
  require<DataError>(height * width <= room, "{}: {} x {} pixels claimed, but the file has room for {} at most", name,
                     width, height, room);
  return {channels, height, width, Bytes(static_cast<size_t>(channels * height * width))};
}

}  // namespace cleave::data
