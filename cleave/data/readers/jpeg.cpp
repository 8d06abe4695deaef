// JPEG by libjpeg, whose errors come back by longjmp: nothing that needs a destructor is created behind a setjmp.
#include <csetjmp>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include "cleave/data/readers/image_file.h"

namespace cleave::data {
namespace {

constexpr int64_t kMostPixelsPerByte = 1024;  // a block of 64 takes a bit at the very least
constexpr int kMostScans = 200;               // of a progressive file; real ones have about ten

/// The state of one decoding, released at the end whatever happens.
struct Decoder {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf escape{};
  char message[JMSG_LENGTH_MAX] = {};

  ~Decoder() { jpeg_destroy_decompress(&jpeg); }
};

[[noreturn]] void on_error(j_common_ptr jpeg) {
  auto* decoder = static_cast<Decoder*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, decoder->message);
  std::longjmp(decoder->escape, 1);
}

/// libjpeg would fill what is missing with grey and only warn.
void on_message(j_common_ptr jpeg, int level) {
  bool missing = jpeg->err->msg_code == JWRN_JPEG_EOF || jpeg->err->msg_code == JWRN_HIT_MARKER;
  if (level < 0 && missing) on_error(jpeg);
}

void on_progress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans) ERREXIT(jpeg, JERR_BAD_PROGRESSION);
}

bool read_header(Decoder& decoder, ByteView bytes) {
  if (setjmp(decoder.escape)) return false;
  jpeg_mem_src(&decoder.jpeg, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&decoder.jpeg, TRUE);
  return true;
}

bool read_rows(Decoder& decoder, uint8_t* pixels, size_t row_bytes) {
  if (setjmp(decoder.escape)) return false;
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels + jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

}  // namespace

Picture decode_jpeg(ByteView bytes, const std::string& name) {
  Decoder decoder;
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = on_error;
  decoder.errors.emit_message = on_message;
  jpeg_create_decompress(&decoder.jpeg);
  decoder.jpeg.client_data = &decoder;
  decoder.progress.progress_monitor = on_progress;
  decoder.jpeg.progress = &decoder.progress;
  auto check = [&](bool done) {
    require<DataError>(done, "{}: byte {}: not a usable JPEG file: {}", name,
                       bytes.size() - (decoder.jpeg.src == nullptr ? 0 : decoder.jpeg.src->bytes_in_buffer),
                       decoder.message);
  };
  check(read_header(decoder, bytes));
  require<DataError>(decoder.jpeg.num_components == 1 || decoder.jpeg.num_components == 3,
                     "{}: a JPEG file of {} components; convert it to grey or RGB", name, decoder.jpeg.num_components);
  const bool grey = decoder.jpeg.num_components == 1;
  Picture picture = make_picture(grey ? 1 : 3, decoder.jpeg.image_height, decoder.jpeg.image_width,
                                 static_cast<int64_t>(bytes.size()) * kMostPixelsPerByte, name);
  decoder.jpeg.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  check(read_rows(decoder, picture.pixels.data(), static_cast<size_t>(picture.channels * picture.width)));
  return picture;
}

}  // namespace cleave::data
