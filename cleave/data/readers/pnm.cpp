// PGM and PPM: a header of words, then values as text (P2, P3) or bytes (P5, P6).
#include <cctype>

#include "cleave/data/readers/image_file.h"

namespace cleave::data {
namespace {

constexpr int64_t kLargestValue = 65535;

/// Whole numbers in text, between white space and comments.
class Words {
 public:
  Words(ByteView bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  int64_t number() {
    skip_space();
    require<DataError>(std::isdigit(peek()), "{}: byte {}: expected a number", name_, position_);
    int64_t value = 0;
    for (; std::isdigit(peek()); ++position_) {
      value = value * 10 + (peek() - '0');
      require<DataError>(value <= kMostPixels, "{}: byte {}: the number is too large", name_, position_);
    }
    return value;
  }

  void skip(size_t bytes) { position_ = std::min(position_ + bytes, bytes_.size()); }
  size_t position() const { return position_; }
  ByteView rest() const { return bytes_.subspan(position_); }

 private:
  int peek() const { return position_ < bytes_.size() ? bytes_[position_] : -1; }

  void skip_space() {
    bool comment = false;
    for (; peek() == '#' || std::isspace(peek()) || (comment && peek() >= 0); ++position_) {
      comment = peek() == '#' || (comment && peek() != '\n');
    }
  }

  ByteView bytes_;
  const std::string& name_;
  size_t position_ = 0;
};

}  // namespace

Picture decode_pnm(ByteView bytes, const std::string& name) {
  const char kind = static_cast<char>(bytes[1]);
  const bool plain = kind == '2' || kind == '3';
  const int64_t channels = kind == '2' || kind == '5' ? 1 : 3;
  Words words(bytes, name);
  words.skip(2);
  const int64_t width = words.number(), height = words.number(), largest = words.number();
  require<DataError>(largest >= 1 && largest <= kLargestValue, "{}: byte {}: a largest value of {}", name,
                     words.position(), largest);
  const bool wide = largest > 255;
  if (!plain) words.skip(1);  // the one white space behind the header
  ByteView stored = words.rest();
  const int64_t values = static_cast<int64_t>(stored.size()) / (plain || wide ? 2 : 1);  // text: a digit, a space
  Picture picture = make_picture(channels, height, width, (values + (plain ? 1 : 0)) / channels, name);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    int64_t value = plain ? words.number() : wide ? stored[2 * i] << 8 | stored[2 * i + 1] : stored[i];
    require<DataError>(value <= largest, "{}: value {} is {}, but {} is the largest", name, i, value, largest);
    picture.pixels[i] = static_cast<uint8_t>(wide ? (value * 255 + largest / 2) / largest : value);
  }
  return picture;
}

}  // namespace cleave::data
