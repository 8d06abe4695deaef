// One picture in a file: PNG, JPEG, or PGM and PPM (plain or binary).
#pragma once

#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// A decoded picture of 8 bits per value.
struct Picture {
  int64_t channels = 0;  ///< 1 grey, 3 red, green, blue
  int64_t height = 0;
  int64_t width = 0;
  Bytes pixels;  ///< [height, width, channels]
};

/// Decodes a picture, whose kind its first bytes tell. 16 bits become 8, a palette becomes colours, what is transparent
/// is laid on black. Values of PGM and PPM files of at most 8 bits stay as they are, whatever their largest value.
/// Throws DataError when the file is damaged, truncated, of another kind, or claims more pixels than it has room for or
/// than kMostPixels: the header is checked before anything is allocated.
Picture decode_picture(ByteView bytes, const std::string& name);

constexpr int64_t kMostPixels = int64_t{1} << 26;

// What decode_picture chooses from.
Picture decode_png(ByteView bytes, const std::string& name);
Picture decode_jpeg(ByteView bytes, const std::string& name);
Picture decode_pnm(ByteView bytes, const std::string& name);

/// A picture of that size, not yet filled. Throws DataError when it has no or too many pixels, or more than `room`.
Picture make_picture(int64_t channels, int64_t height, int64_t width, int64_t room, const std::string& name);

}  // namespace cleave::data
