#include "cleave/data/readers/byte_source.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/data/files.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

using testing::StartsWith;
using tests::message_of;

Bytes some_bytes(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<uint8_t>(i * i >> 3);
  return bytes;
}

TEST(ByteSource, ReadsAFilePlainOrCompressedToTheSameBytes) {
  TemporaryFolder folder;
  Bytes bytes = some_bytes(200000);
  auto plain = folder.write("plain", bytes), compressed = folder.write("compressed", gzip(bytes));
  EXPECT_EQ(read_decompressed(plain), bytes);
  EXPECT_EQ(read_decompressed(compressed), bytes);
}

TEST(ByteSource, JoinsTheMembersOfAGzipFile) {
  Bytes two = gzip(some_bytes(10)), second = gzip(some_bytes(5));
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(gunzip(two, "two.gz").size(), 15u);
}

TEST(ByteSource, SaysWhatIsWrongWithAFile) {
  TemporaryFolder folder;
  EXPECT_EQ(message_of<DataError>([&] { read_file(folder.path() / "absent"); }),
            (folder.path() / "absent").string() + ": no such file");
  EXPECT_RAISES(read_file(folder.path()), DataError, ": a folder, not a file");
  auto empty = folder.write("empty", Bytes{});
  EXPECT_RAISES(read_file(empty), DataError, ": the file is empty");
  EXPECT_RAISES(read_file("/dev/null"), DataError, ": not a regular file");
}

TEST(ByteSource, SaysWhenReadingIsNotPermitted) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  TemporaryFolder folder;
  auto secret = folder.write("secret", some_bytes(3));
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  EXPECT_RAISES(read_file(secret), DataError, "is reading permitted?");
}

TEST(ByteSource, RefusesTruncatedAndDamagedGzip) {
  Bytes whole = gzip(some_bytes(5000));
  for (size_t length : {2ul, 9ul, whole.size() / 2, whole.size() - 1}) {
    Bytes part(whole.begin(), whole.begin() + static_cast<long>(length));
    EXPECT_EQ(message_of<DataError>([&] { gunzip(part, "x.gz"); }),
              "x.gz: truncated: the compressed data ends too early")
        << length;
  }
  Bytes damaged = whole;
  damaged[damaged.size() - 6] ^= 1;
  EXPECT_THAT(message_of<DataError>([&] { gunzip(damaged, "x.gz"); }),
              StartsWith("x.gz: the compressed data is damaged"));
  Bytes followed = whole;
  followed.push_back('!');
  EXPECT_EQ(message_of<DataError>([&] { gunzip(followed, "x.gz"); }), "x.gz: 1 bytes follow the compressed data");
}

TEST(ByteSource, RefusesADecompressionBomb) {
  Bytes member = gzip(Bytes(32 << 20)), bomb;
  for (int i = 0; i < 9; ++i)
    bomb.insert(bomb.end(), member.begin(), member.end());  // 288 MiB of zeros
  ASSERT_LT(bomb.size(), 2u << 20);
  EXPECT_EQ(message_of<DataError>([&] { gunzip(bomb, "bomb.gz"); }),
            "bomb.gz: decompresses to more than 256.0 MiB, which no real data of this size does");
}

TEST(ByteSource, CursorReadsBothByteOrdersAndStopsAtTheEnd) {
  Bytes bytes = {1, 2, 3, 4, 5};
  Cursor cursor(bytes, "file");
  EXPECT_EQ(cursor.little<uint16_t>(), 0x0201);
  EXPECT_EQ(cursor.big<uint16_t>(), 0x0304);
  EXPECT_EQ(message_of<DataError>([&] { cursor.little<uint32_t>(); }),
            "file: truncated: 4 bytes needed at byte 4, 1 left");
}

TEST(ByteSource, ProductsOfSizesDoNotOverflow) {
  EXPECT_EQ(checked_product(std::vector<int64_t>{3, 4, 5}, "x"), 60);
  EXPECT_EQ(message_of<DataError>([] {
              checked_product(std::vector<int64_t>{1ll << 31, 1ll << 31, 2}, "x");
            }),
            "x: the shape is too large to exist");
  EXPECT_EQ(checked_product(std::vector<int64_t>{3, 0, 5}, "x"), 0);
  EXPECT_EQ(message_of<DataError>([] {
              checked_product(std::vector<int64_t>{0, 1ll << 40, 1ll << 40}, "x");
            }),
            "x: the shape is too large to exist");
  EXPECT_EQ(message_of<DataError>([] {
              checked_product(std::vector<int64_t>{2, -1}, "x");
            }),
            "x: a size of -1 in the shape");
}

}  // namespace
}  // namespace cleave::data
