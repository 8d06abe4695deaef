#include "cleave/data/readers/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/files.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

using testing::HasSubstr;
using tests::message_of;

const Bytes kText(100, 'a');

Bytes archive() {
  return make_zip({{"folder/stored.txt", kText, false}, {"deflated.txt", kText, true}});
}

TEST(Zip, ListsAndReadsStoredAndDeflatedEntries) {
  Bytes bytes = archive();
  ZipArchive zip(bytes, "a.zip");
  ASSERT_EQ(zip.entries().size(), 2u);
  EXPECT_EQ(zip.entries()[0].name, "folder/stored.txt");
  EXPECT_LT(zip.entries()[1].compressed_size, 20u);
  for (const auto& entry : zip.entries())
    EXPECT_EQ(zip.read(entry), kText);
  EXPECT_EQ(zip.find("deflated.txt"), &zip.entries()[1]);
  EXPECT_EQ(zip.find("absent"), nullptr);
}

TEST(Zip, RefusesEveryTruncation) {
  Bytes whole = archive();
  for (size_t length = 0; length < whole.size(); ++length) {
    ByteView part = ByteView(whole).first(length);
    EXPECT_RAISES(ZipArchive(part, "a.zip"), DataError, "a.zip: truncated") << length;
  }
}

TEST(Zip, NamesTheEntryWhoseContentIsDamaged) {
  Bytes bytes = archive();
  size_t content = 30 + std::string_view("folder/stored.txt").size();
  bytes[content] = 'b';
  ZipArchive zip(bytes, "a.zip");
  EXPECT_EQ(message_of<DataError>([&] { zip.read(zip.entries()[0]); }),
            "folder/stored.txt in a.zip: its checksum does not match: the archive is damaged");
}

TEST(Zip, RefusesToReadPastTheLimit) {
  Bytes bytes = archive();
  ZipArchive zip(bytes, "a.zip");
  EXPECT_RAISES(zip.read(zip.entries()[1], 99), DataError, "deflated.txt in a.zip: decompresses to more than 99 B");
}

TEST(Zip, AnyFlippedByteIsReadOrRefused) {
  Bytes whole = archive();
  for (size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= 0xff;
    try {
      ZipArchive zip(damaged, "a.zip");
      for (const auto& entry : zip.entries())
        EXPECT_EQ(zip.read(entry), kText);
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("a.zip"));
    }
  }
}

}  // namespace
}  // namespace cleave::data
