// PNG by libpng, whose errors come back by longjmp: nothing that needs a destructor is created behind a setjmp.
#include <csetjmp>
#include <vector>

#include <png.h>

#include "cleave/data/readers/image_file.h"

namespace cleave::data {
namespace {

constexpr int64_t kMostExpansion = 1032;  // of deflate

/// What the header chunk says; it always comes first, so that no library is needed.
struct PngHeader {
  int64_t width, height;
  int bit_depth, colour_type;

  bool colour() const { return (colour_type & PNG_COLOR_MASK_COLOR) != 0; }
  int64_t bits_per_pixel() const {
    int samples = colour_type == PNG_COLOR_TYPE_PALETTE ? 1 : colour() ? 3 : 1;
    return bit_depth * (samples + ((colour_type & PNG_COLOR_MASK_ALPHA) != 0 ? 1 : 0));
  }
};

PngHeader read_header(ByteView bytes, const std::string& name) {
  Cursor cursor(bytes, name);
  cursor.take(12);  // signature and length
  require<DataError>(as_text(cursor.take(4)) == "IHDR", "{}: byte 12: a PNG file must begin with its header", name);
  int64_t width = cursor.big<uint32_t>(), height = cursor.big<uint32_t>();
  int bit_depth = cursor.big<uint8_t>(), colour_type = cursor.big<uint8_t>();
  require<DataError>(bit_depth >= 1 && bit_depth <= 16, "{}: byte 24: {} bits per value", name, bit_depth);
  return {width, height, bit_depth, colour_type};
}

/// The state of one decoding, released at the end whatever happens.
struct PngDecoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  ByteView rest;
  char message[128] = {};

  ~PngDecoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

void on_error(png_structp png, png_const_charp message) {
  auto* decoder = static_cast<PngDecoder*>(png_get_error_ptr(png));
  std::strncpy(decoder->message, message, sizeof(decoder->message) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep into, size_t size) {
  auto* decoder = static_cast<PngDecoder*>(png_get_io_ptr(png));
  if (size > decoder->rest.size()) png_error(png, "the file ends too early");
  std::memcpy(into, decoder->rest.data(), size);
  decoder->rest = decoder->rest.subspan(size);
}

/// Decodes to 8 bits with an alpha channel behind grey or colours; false with decoder.message set on error.
bool decode_rows(PngDecoder& decoder, png_bytepp rows, size_t row_bytes) {
  png_structp png = decoder.png;
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, &decoder, on_read);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_read_info(png, decoder.info);
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder.info);
  if (png_get_rowbytes(png, decoder.info) != row_bytes) png_error(png, "rows of an unexpected size");
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  return true;
}

}  // namespace

Picture decode_png(ByteView bytes, const std::string& name) {
  PngHeader header = read_header(bytes, name);
  const int64_t channels = header.colour() ? 3 : 1;
  const int64_t room = static_cast<int64_t>(bytes.size()) * kMostExpansion * 8 / header.bits_per_pixel();
  Picture picture = make_picture(channels, header.height, header.width, room, name);

  const size_t row_bytes = static_cast<size_t>(header.width * (channels + 1));
  Bytes with_alpha(row_bytes * static_cast<size_t>(header.height));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < header.height; ++y)
    rows.push_back(with_alpha.data() + static_cast<size_t>(y) * row_bytes);
  PngDecoder decoder;
  decoder.rest = bytes;
  decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_warning);
  if (decoder.png != nullptr) decoder.info = png_create_info_struct(decoder.png);
  require<RunError>(decoder.info != nullptr, "{}: libpng could not be started", name);
  require<DataError>(decode_rows(decoder, rows.data(), row_bytes), "{}: byte {}: not a usable PNG file: {}", name,
                     bytes.size() - decoder.rest.size(), decoder.message);

  const uint8_t* from = with_alpha.data();
  for (uint8_t* to = picture.pixels.data(); to != picture.pixels.data() + picture.pixels.size(); to += channels) {
    const unsigned alpha = from[channels];
    for (int64_t c = 0; c < channels; ++c)
      to[c] = static_cast<uint8_t>((from[c] * alpha + 127) / 255);
    from += channels + 1;
  }
  return picture;
}

}  // namespace cleave::data
