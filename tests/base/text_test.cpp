#include "cleave/base/text.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cleave
