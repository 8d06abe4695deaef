// PNG bytes back to pixels.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <png.h>

#include "cleave/base/tensor.h"

namespace cleave::report {

/// The pixels of a PNG file as [C, H, W] uint8.
inline Tensor decoded(const std::string& bytes, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) << image.message;
  image.format = format;
  Tensor pixels = at::empty({image.height, image.width, PNG_IMAGE_SAMPLE_CHANNELS(format)}, at::kByte);
  EXPECT_TRUE(png_image_finish_read(&image, nullptr, pixels.mutable_data_ptr(), 0, nullptr)) << image.message;
  return pixels.permute({2, 0, 1});
}

}  // namespace cleave::report
