#include "cleave/data/readers/idx.h"

#include <gtest/gtest.h>

#include "tests/support/raises.h"

namespace cleave::data {
namespace {

const Bytes kImages = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255};

TEST(Idx, ImagesKeepTheirBytesAndShape) {
  Dataset dataset = read_idx(kImages, "i");
  EXPECT_TRUE(at::equal(dataset.examples.dense, at::tensor({1, 2, 3, 4, 5, 255}, at::kByte).view({2, 3})));
  EXPECT_EQ(dataset.shape, (std::vector<int64_t>{1, 1, 3}));
  EXPECT_EQ(dataset.kind, Kind::kImage);
  EXPECT_EQ(dataset.largest, 255);
}

TEST(Idx, WiderNumbersAreStoredMostSignificantByteFirst) {
  Bytes shorts = {0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 0xff, 0xfe};
  EXPECT_TRUE(at::equal(read_idx_array(shorts, "i"), at::tensor({258, -2}, at::kShort)));
  Bytes one = {0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0};
  EXPECT_EQ(read_idx_array(one, "i").item<float>(), 1.0f);
}

TEST(Idx, SaysWhatIsWrong) {
  auto changed = [](size_t at, uint8_t value) {
    Bytes bytes = kImages;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_RAISES(read_idx(changed(0, 1), "i"), DataError, "i: not an idx file: it does not begin with two zero bytes");
  EXPECT_RAISES(read_idx(changed(2, 7), "i"), DataError, "i: not an idx file: element type 0x07 is unknown");
  EXPECT_RAISES(read_idx(changed(3, 0), "i"), DataError, "i: an idx file of 0 axes");
  EXPECT_RAISES(read_idx(changed(7, 3), "i"), DataError,
                "i: truncated: shape 3 x 1 x 3 needs 9 bytes of values, 6 are there");
  EXPECT_RAISES(read_idx(changed(7, 1), "i"), DataError, "i: too long: shape 1 x 1 x 3 needs 3");
  EXPECT_RAISES(read_idx(Bytes(kImages.begin(), kImages.begin() + 9), "i"), DataError, "i: truncated");
  Bytes huge = {0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  EXPECT_RAISES(read_idx(huge, "i"), DataError, "i: the shape is too large to exist");
  Bytes none = {0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 5};
  EXPECT_RAISES(read_idx(none, "i"), DataError, "i: the array holds no values");
}

}  // namespace
}  // namespace cleave::data
