#include "cleave/base/text.h"

#include <gtest/gtest.h>

#include "cleave/base/toml.h"
#include "tests/support/raises.h"

namespace cleave {
namespace {

TEST(Text, EditDistanceCountsASwapOfNeighboursOnce) {
  EXPECT_EQ(edit_distance("vade", "vdae"), 1);
  EXPECT_EQ(edit_distance("kmeans", "kmean"), 1);
  EXPECT_EQ(edit_distance("", "abc"), 3);
}

TEST(Text, UnknownNameSuggestsTheClosestOrListsAll) {
  EXPECT_EQ(unknown_name("method", "vda", {"kmeans", "vade"}), "unknown method 'vda'; did you mean 'vade'?");
  EXPECT_EQ(unknown_name("method", "zzzzzz", {"kmeans", "vade"}), "unknown method 'zzzzzz'; known: kmeans, vade");
}

TEST(Text, SplitKeepsEmptyPartsAndTrimOnlyTheInside) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_TRUE(split("", ',').empty());
  EXPECT_EQ(trim("  a b\t\n"), "a b");
  EXPECT_EQ(lower("Labels_Z\xc3\x84 9"), "labels_z\xc3\x84 9");  // letters of other alphabets stay
}

TEST(Text, WhatIsNoUtf8IsTakenForLatin1) {
  for (const char* valid : {"", "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"})
    EXPECT_EQ(in_utf8(valid), valid);
  EXPECT_EQ(in_utf8("L\xe4nge"), "L\xc3\xa4nge");
  // A character cut short, spelt too long, half a pair, beyond the last.
  for (const char* invalid : {"\xe2\x82", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"})
    EXPECT_EQ(in_utf8(invalid).size(), 2 * std::string_view(invalid).size());
}

TEST(Text, WordsAreQuotedWhereAShellWouldTakeThemApart) {
  EXPECT_EQ(shell_word("runs/a-1.csv"), "runs/a-1.csv");
  EXPECT_EQ(shell_word("my data"), "'my data'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Text, DurationsAndSizesReadNaturally) {
  EXPECT_EQ(duration(0.42), "0.4 s");
  EXPECT_EQ(duration(725), "12 min 5 s");
  EXPECT_EQ(duration(12000), "3 h 20 min");
  EXPECT_EQ(byte_count(512), "512 B");
  EXPECT_EQ(byte_count(1024 * 1024 * 3 / 2), "1.5 MiB");
}

TEST(Toml, AKeyOfManyPartsIsRefused) {
  std::string dots(200'000, '.');
  for (const std::string& text : {"a" + dots + "b = 1", "[a" + dots + "b]", "x = {a" + dots + "b = 1}"})
    EXPECT_RAISES(parse_toml(text, "c.toml"), ArgumentError, "c.toml: a key of a thousand parts");
  std::string numbers = "x = [0.1";
  for (int i = 0; i < 2000; ++i)
    numbers += ", 0.1";
  EXPECT_EQ(parse_toml(numbers + "]", "c.toml")["x"].as_array()->size(), 2001);
}

}  // namespace
}  // namespace cleave
