// Small picture files made in memory.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>
#include <png.h>

namespace cleave::tests {

using Bytes = std::vector<uint8_t>;

/// A PNG of rows as they are stored: `row_bytes` each, of the colour type and bit depth given.
inline Bytes make_png(uint32_t width, uint32_t height, int colour_type, int bit_depth, const Bytes& stored,
                      const std::vector<png_color>& palette = {}, bool interlaced = false) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  auto append = [](png_structp p, png_bytep data, size_t size) {
    auto* into = static_cast<Bytes*>(png_get_io_ptr(p));
    into->insert(into->end(), data, data + size);
  };
  png_set_write_fn(png, &file, append, nullptr);
  png_set_IHDR(png, info, width, height, bit_depth, colour_type, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!palette.empty()) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  png_write_info(png, info);
  std::vector<png_bytep> rows;
  for (uint32_t y = 0; y < height; ++y) {
    rows.push_back(const_cast<png_bytep>(stored.data() + y * (stored.size() / height)));
  }
  png_write_image(png, rows.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return file;
}

/// A JPEG of grey (1) or colour (3) pixels [height, width, channels], quality 95.
inline Bytes make_jpeg(uint32_t width, uint32_t height, int channels, const Bytes& pixels, bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = channels;
  jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 95, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (uint32_t y = 0; y < height; ++y) {
    auto row = const_cast<JSAMPROW>(pixels.data() + y * width * static_cast<uint32_t>(channels));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  Bytes file(buffer, buffer + size);
  std::free(buffer);
  return file;
}

inline Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

}  // namespace cleave::tests
