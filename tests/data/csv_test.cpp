#include "cleave/data/readers/csv.h"

#include <gtest/gtest.h>

#include "tests/support/raises.h"

namespace cleave::data {
namespace {

Dataset csv(std::string_view text, const std::string& label_column = "") {
  return read_csv(as_bytes(text), "data.csv", label_column);
}

Tensor table(std::vector<double> values, int64_t columns) {
  return at::tensor(values, at::kDouble).view({-1, columns});
}

void expect_values(const Dataset& dataset, const Tensor& expected) {
  EXPECT_TRUE(at::allclose(dataset.examples.dense.to(at::kDouble), expected)) << dataset.examples.dense;
}

TEST(Csv, ReadsEveryDelimiterTheSame) {
  for (const char* text : {"1,2.5\n3,4\n", "1;2.5\n3;4", "1\t2.5\r\n3\t4\r\n", "  1   2.5\n\n3\t4 \n",
                           "1 , 2.5\n3 ,4\n", "\xef\xbb\xbf# a comment\n\"1\",\"2.5\"\n+3,4e0\n"}) {
    SCOPED_TRACE(text);
    Dataset dataset = csv(text);
    expect_values(dataset, table({1, 2.5, 3, 4}, 2));
    EXPECT_EQ(dataset.examples.dense.scalar_type(), at::kFloat);
    EXPECT_FALSE(dataset.has_labels());
  }
}

TEST(Csv, WholeNumbersStayWhole) {
  EXPECT_EQ(csv("1,2\n3,-4").examples.dense.scalar_type(), at::kInt);
  EXPECT_EQ(csv("1,2\n3,4e10").examples.dense.scalar_type(), at::kFloat);
}

TEST(Csv, AHeaderNamesTheFeaturesAndTheLabels) {
  Dataset dataset = csv("width,Class,\"a \"\"quoted\"\", name\"\n1,b,2\n3,a,4\n5,b,6\n");
  expect_values(dataset, table({1, 2, 3, 4, 5, 6}, 2));
  EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"width", "a \"quoted\", name"}));
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({1, 0, 1}, at::kLong)));
  EXPECT_EQ(dataset.label_names, (std::vector<std::string>{"a", "b"}));
}

TEST(Csv, TheLabelColumnMayBeNamedOrCounted) {
  const char* text = "first,second,third\n7,1,2\n10,3,4\n7,5,6\n";
  for (const char* column : {"first", "0"}) {
    Dataset dataset = csv(text, column);
    EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1, 0}, at::kLong)));
    EXPECT_EQ(dataset.label_names, (std::vector<std::string>{"7", "10"}));
    expect_values(dataset, table({1, 2, 3, 4, 5, 6}, 2));
  }
  EXPECT_RAISES(csv(text, "secnd"), ArgumentError,
                "data.csv: unknown label column 'secnd'; did you mean 'second'?; or give an index from 0 to 2");
  EXPECT_RAISES(csv(text, "3"), ArgumentError, "or give an index from 0 to 2");
}

TEST(Csv, ALastColumnOfWordsIsTheLabels) {
  Dataset dataset = csv("5.1,3.5,setosa\n6.2,2.9,virginica\n4.9,3,setosa\n");
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1, 0}, at::kLong)));
  EXPECT_EQ(dataset.width(), 2);
}

TEST(Csv, AnUnnamedFirstColumnHoldsIds) {
  Dataset dataset = csv(",a,b\ncell1,1,2\ncell2,3,4\n");
  EXPECT_EQ(dataset.ids, (std::vector<std::string>{"cell1", "cell2"}));
  EXPECT_EQ(dataset.width(), 2);
}

TEST(Csv, AFirstColumnOfTextHoldsIds) {
  for (const char* text : {"cell,a,b\nc1,1,2\nc2,3,4\n", "c1,1,2\nc2,3,4\n", "cell,a,b,type\nc1,1,2,T\nc2,3,4,B\n"}) {
    SCOPED_TRACE(text);
    Dataset dataset = csv(text);
    EXPECT_EQ(dataset.ids, (std::vector<std::string>{"c1", "c2"}));
    expect_values(dataset, table({1, 2, 3, 4}, 2));
  }
  EXPECT_TRUE(csv("kind,a\nx,1\ny,2\n", "kind").ids.empty());
}

TEST(Csv, AFirstColumnWhoseWordsComeAgainIsTheLabels) {
  for (const char* text : {"kind,a\nx,1\ny,2\nx,3\ny,4\n", "x,1\ny,2\nx,3\ny,4\n"}) {
    Dataset dataset = csv(text);
    EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1, 0, 1}, at::kLong)));
    EXPECT_TRUE(dataset.ids.empty());
    expect_values(dataset, table({1, 2, 3, 4}, 1));
  }
  EXPECT_EQ(csv("kind,a\nx,1\nx,2\ny,3\n").ids.size(), 3);     // most are different: one may well come twice
  EXPECT_EQ(csv("id,a\nx,1\ny,2\nx,3\ny,4\n").ids.size(), 4);  // by its name
  EXPECT_RAISES(csv("sex,a,class\nF,1,0\nM,2,1\nF,3,1\nM,4,0\n"), DataError,
                "data.csv: the words of the first column come again (2 different ones in 4 rows)");
}

TEST(Csv, CommasAreDecimalBetweenSemicolonsOnly) {
  Dataset dataset = csv("Länge;Breite\r\n1,5;-2,25e1\r\n3;4.5\r\n");
  expect_values(dataset, table({1.5, -22.5, 3, 4.5}, 2));
  EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"Länge", "Breite"}));
  EXPECT_RAISES(csv("1;2\n1.234,5;2\n"), DataError, "\"1.234,5\" is not a number");  // thousands: not guessed
  EXPECT_RAISES(csv("1\t2\n1,5\t2\n"), DataError, "\"1,5\" is not a number");
  EXPECT_RAISES(csv("1,2\n\"1,5\",2\n"), DataError, "\"1,5\" is not a number");
}

TEST(Csv, AMissingLabelIsUnknown) {
  EXPECT_TRUE(at::equal(csv("x,y\n1,3\n2,\n3,3\n").labels, at::tensor({0, -1, 0}, at::kLong)));
}

TEST(Csv, NamesLineAndColumnOfWhatIsWrong) {
  EXPECT_RAISES(csv("a,b\n1,2\n1,n/a\n"), DataError, "data.csv:3 column 2: the value is missing (\"n/a\")");
  EXPECT_RAISES(csv("1,2\n\n1,\n"), DataError, "data.csv:3 column 2: the value is missing");
  EXPECT_RAISES(csv("1,2\nnan,2\n"), DataError, "data.csv:2 column 1: the value is missing (\"nan\")");
  EXPECT_RAISES(csv("1,2\nred,2\n"), DataError, "data.csv:2 column 1: \"red\" is not a number");
  EXPECT_RAISES(csv("1,2\n1,inf\n"), DataError, "data.csv:2 column 2: \"inf\" is not finite");
  EXPECT_RAISES(csv("1,2\n1,1e999\n"), DataError, "data.csv:2 column 2: \"1e999\" is not a number");
  EXPECT_RAISES(csv("1,2\n1,2,3\n"), DataError, "data.csv:2: 3 columns, where the first line has 2");
  EXPECT_RAISES(csv("a,\"b\nc\"\n1,2\n1\n"), DataError, "data.csv:4: 1 columns, where the first line has 2");
  EXPECT_RAISES(csv("1,\"2\n3,4\n"), DataError, "data.csv:1: a quote is never closed");
  EXPECT_RAISES(csv("a,b\n"), DataError, "data.csv: no row of numbers under the header");
  EXPECT_RAISES(csv("\n \n"), DataError, "data.csv: no row of numbers");
  EXPECT_RAISES(csv("y\n1\n2\n"), DataError, "data.csv: no column of numbers");
  EXPECT_RAISES(csv(std::string_view("1,\0002", 4)), DataError, "data.csv: not text in UTF-8");
}

TEST(Csv, TextColumnsAreFoundByName) {
  auto columns = read_text_columns(as_bytes("name,pose\nan2i,left\nat33,up\n"), "f.csv");
  EXPECT_EQ(columns["pose"], (std::vector<std::string>{"left", "up"}));
}

}  // namespace
}  // namespace cleave::data
