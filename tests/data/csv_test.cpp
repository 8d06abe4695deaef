#include "cleave/data/readers/csv.h"

#include <gtest/gtest.h>

#include "cleave/base/text.h"
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

TEST(Csv, AHeaderMayCountTheColumns) {
  const auto expected = table({5, 1, 7, 6, 2, 7}, 3);
  for (const char* text :
       {"0,1,2\n5,1,7\n6,2,7\n", ",0,1,2\na,5,1,7\nb,6,2,7\n", ",7157,672,1956\n0,5,1,7\n1,6,2,7\n"}) {
    SCOPED_TRACE(text);
    Dataset dataset = csv(text);
    expect_values(dataset, expected);
    EXPECT_EQ(dataset.feature_names.size(), 3);
  }
  EXPECT_EQ(csv(",0\n0,5\n1,6\n").size(), 2);
  for (const char* rows : {"0,1\n5,1\n", "0,1,2\n0,1,2\n", "1,2,3\n5,1,7\n", "0,0,0\n5,1,7\n", "0,1,2\n"})
    EXPECT_TRUE(csv(rows).feature_names.empty()) << rows;
}

TEST(Csv, AHeaderMayLackTheNameOfTheRows) {
  Dataset dataset = csv("\"a\" \"b\"\n\"r 1\" 1 2\n\"r 2\" 3 4\n");  // as write.table of R
  expect_values(dataset, table({1, 2, 3, 4}, 2));
  EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(dataset.ids, (std::vector<std::string>{"r 1", "r 2"}));
  EXPECT_EQ(csv("\tx\n0\t1.5\n1\t2.5\n").feature_names, (std::vector<std::string>{"x"}));
  EXPECT_RAISES(csv("1,2\n1,2,3\n"), DataError, "data.csv:2: 3 columns, where the first line has 2");
}

TEST(Csv, AHeaderMayBeAComment) {
  Dataset dataset = csv("# of savetxt\n# a,b,label\n1,2,0\n3,4,1\n");
  EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1}, at::kLong)));
  for (const char* text : {"# measured, twice\n1,2,0\n3,4,1\n", "# 1,2,3\n1,2,0\n3,4,1\n", "#\n1,2,0\n3,4,1\n"})
    EXPECT_TRUE(csv(text).feature_names.empty()) << text;
  EXPECT_EQ(csv("# c,d\na,b\n1,2\n").feature_names, (std::vector<std::string>{"a", "b"}));
}

TEST(Csv, AQuoteInsideAFieldIsPartOfIt) {
  Dataset dataset = csv("size,pipe\n1,5\" wide\n2,narrow\n3,\"7\"\", so\"\n4,a\"b\n");
  EXPECT_EQ(dataset.size(), 4);
  EXPECT_EQ(dataset.label_names, (std::vector<std::string>{"5\" wide", "7\", so", "a\"b", "narrow"}));
  EXPECT_EQ(csv("a\" 1\nb\" 2\n").ids, (std::vector<std::string>{"a\"", "b\""}));
  expect_values(csv("1, \"2\"\n3,\t\"4\" \n"), table({1, 2, 3, 4}, 2));
  EXPECT_EQ(csv("a,\"b;c\"\n1,2\n").feature_names, (std::vector<std::string>{"a", "b;c"}));
  EXPECT_EQ(csv("a\"\tb\n1\t2\n3\t\"4\"\n").feature_names, (std::vector<std::string>{"a\"", "b"}));
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
  EXPECT_EQ(csv("a,a,b\n1,2,3\n").width(), 3);
  EXPECT_RAISES(csv("a,a,b\n1,2,3\n", "a"), ArgumentError,
                "data.csv: 2 columns are named 'a'; give the index of the one with labels, from 0");
}

TEST(Csv, NoColumnIsTheLabelsOnRequest) {
  Dataset dataset = csv("x,y,class\n1,2,0\n3,4,1\n", "none");
  EXPECT_FALSE(dataset.has_labels());
  EXPECT_EQ(dataset.width(), 3);
  EXPECT_EQ(csv("cell,a\nc1,1\nc2,2\n", "none").ids.size(), 2);
  EXPECT_RAISES(csv("a,kind\n1,x\n2,y\n", "none"), DataError, "data.csv:2 column 2 (\"kind\"): \"x\" is not a number");
  EXPECT_RAISES(csv("kind,a\nx,1\nx,2\n", "none"), DataError, "the words of the first column come again");
  EXPECT_EQ(csv("none,a\n7,1\n8,2\n", "none").label_names, (std::vector<std::string>{"7", "8"}));
}

TEST(Csv, AColumnNamedAsLabelsAreIsMeasuredWhereANumberIsNotWhole) {
  Dataset dataset = csv("x,y,mass\n1,4,2\n2,4.5,3\n");
  EXPECT_FALSE(dataset.has_labels());
  EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"x", "y", "mass"}));
  expect_values(dataset, table({1, 4, 2, 2, 4.5, 3}, 3));
  EXPECT_EQ(csv("target,y,a\n0.5,3,1\n0.5,4,2\n").label_names, (std::vector<std::string>{"3", "4"}));
  EXPECT_RAISES(csv("x,y\n1,4.5\n", "y"), DataError, "class labels are whole numbers");
  EXPECT_RAISES(csv("x,y\n1,<1\n2,4.5\n"), DataError, "data.csv:2 column 2 (\"y\"): \"<1\" is not a number");
}

TEST(Csv, YIsACoordinateWhereOtherLabelsAre) {
  for (const char* text : {"x,y,grp\n1,4,A\n2,5,B\n", "x,y,class\n1,4,0\n2,5,1\n"}) {
    Dataset dataset = csv(text);
    EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1}, at::kLong)));
    EXPECT_EQ(dataset.feature_names, (std::vector<std::string>{"x", "y"}));
  }
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

TEST(Csv, AColumnWithANumberIsNoText) {
  for (const char* value : {"<0.01", "4.2mm", "1,234.5",
                            "\xe2\x88\x92"
                            "0.3",
                            "TRUE"}) {
    SCOPED_TRACE(value);
    const std::string cell = fmt::format("\"{}\"", value), what = cell + " is not a number; ";
    EXPECT_RAISES(csv("a,b\n" + cell + ",2\n1,2\n"), DataError, "data.csv:2 column 1 (\"a\"): " + what);
    EXPECT_RAISES(csv("a,b\n1,2\n" + cell + ",2\n"), DataError, "data.csv:3 column 1 (\"a\"): " + what);
    EXPECT_RAISES(csv("a,b\n2," + cell + "\n2,1\n"), DataError, "data.csv:2 column 2 (\"b\"): " + what);
  }
  EXPECT_RAISES(csv("<0.01,2\n0.3,4\n"), DataError, "data.csv:1 column 1: \"<0.01\" is not a number");
  EXPECT_RAISES(csv("a,b\n,2\nred,2\n1,2\n"), DataError, "data.csv:3 column 1 (\"a\"): \"red\" is not a number");
  EXPECT_RAISES(csv("a,b\nNA,2\n1,2\n"), DataError, "data.csv:2 column 1 (\"a\"): the value is missing");
}

TEST(Csv, WordsThatMostlyStartAsNumbersAreNoText) {
  EXPECT_RAISES(csv("a,b\n1.2cm,2\n1.4cm,3\n"), DataError,
                "data.csv:2 column 1 (\"a\"): \"1.2cm\" is not a number; code it as one, leave the column out, "
                "call it the labels by --label-column, or the ids by naming it id");
  EXPECT_RAISES(csv("a,b\n2,\n2,bad\n2,5 %\n3,6 %\n"), DataError,
                "data.csv:4 column 2 (\"b\"): \"5 %\" is not a number; code it as one");
  EXPECT_RAISES(csv("a\tb\n1,5\t2,5\n"), DataError,
                "data.csv:2 column 1 (\"a\"): \"1,5\" is not a number; write decimals with a point");
  EXPECT_RAISES(csv("a,b\n2,\xe2\x88\x92"
                    "1\n"),
                DataError, "write the minus sign as -");
  EXPECT_EQ(csv("id,a\n1.2cm,2\n1.4cm,3\n").ids.size(), 2);
  for (const char* names : {"2024-01-05 2024-01-06", "1007_s_at 1053_at", "3f2a-11 4c9d-12"})
    EXPECT_EQ(csv(fmt::format("day,a\n{},2\n{},3\n", split(names, ' ')[0], split(names, ' ')[1])).ids,
              split(names, ' '));
  EXPECT_EQ(csv("a,b\n2,5 %\n3,6 %\n", "b").label_names, (std::vector<std::string>{"5 %", "6 %"}));
  EXPECT_EQ(csv("a,b\n2,+\n3,-\n").label_names, (std::vector<std::string>{"+", "-"}));
  EXPECT_EQ(csv("a,b\n2,2nd\n3,none of these\n").label_names.size(), 2);
}

TEST(Csv, TextThatIsNoUtf8IsTakenForLatin1) {
  for (const char* header : {"L\xe4nge,b\n", "\"L\xe4nge\",b\n", "L\xc3\xa4nge,b\n"})
    EXPECT_EQ(csv(std::string(header) + "1,2\n").feature_names, (std::vector<std::string>{"L\xc3\xa4nge", "b"}));
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
  for (const char* text :
       {"x,grp\n1,NA\n2,B\n3,?\n4,A\n", "class,x\n,1\nB,2\nnan,3\nA,4\n", "1,None\n2,B\n3,\n4,A\n"}) {
    Dataset dataset = csv(text);
    EXPECT_TRUE(at::equal(dataset.labels, at::tensor({-1, 1, -1, 0}, at::kLong))) << text;
    EXPECT_EQ(dataset.label_names, (std::vector<std::string>{"A", "B"}));
  }
}

TEST(Csv, NamesLineAndColumnOfWhatIsWrong) {
  EXPECT_RAISES(csv("a,b\n1,2\n1,n/a\n"), DataError, "data.csv:3 column 2 (\"b\"): the value is missing (\"n/a\")");
  EXPECT_RAISES(csv("1,2\n\n1,\n"), DataError, "data.csv:3 column 2: the value is missing");
  EXPECT_RAISES(csv("1,2\nnan,2\n"), DataError, "data.csv:2 column 1: the value is missing (\"nan\")");
  EXPECT_RAISES(csv("1,2\nred,2\n"), DataError, "data.csv:2 column 1: \"red\" is not a number");
  EXPECT_RAISES(csv("1,2\n1,inf\n"), DataError, "data.csv:2 column 2: \"inf\" is not finite");
  for (const char* large : {"1e39", "-1e39", "1e999"}) {
    EXPECT_RAISES(csv(fmt::format("a,b\n1,{}\n", large)), DataError,
                  fmt::format("data.csv:2 column 2 (\"b\"): {} is beyond what 32-bit numbers hold", large));
  }
  expect_values(csv("1e-999,3e38\n"), table({0, 3e38}, 2));
  EXPECT_RAISES(csv("1,2\n1,2,3\n"), DataError, "data.csv:2: 3 columns, where the first line has 2");
  EXPECT_RAISES(csv("a,\"b\nc\"\n1,2\n1\n"), DataError, "data.csv:4: 1 columns, where the first line has 2");
  EXPECT_RAISES(csv("1,\"2\n3,4\n"), DataError, "data.csv:1: a quote is never closed");
  EXPECT_RAISES(csv("a,b\n"), DataError, "data.csv: no row of numbers under the header");
  EXPECT_RAISES(csv("\n \n"), DataError, "data.csv: no row of numbers");
  EXPECT_RAISES(csv("y\n1\n2\n"), DataError, "data.csv: no column of numbers");
  EXPECT_RAISES(csv(std::string_view("1,\0002", 4)), DataError, "data.csv: not text in UTF-8");
}

TEST(Csv, KeepsDoublePrecisionWhereAColumnNeedsIt) {
  EXPECT_EQ(csv("1000000.001,1\n1000000.002,2.5\n").examples.dense.scalar_type(), at::kDouble);
  EXPECT_EQ(csv("1000000.001,1\n2.5,2.5\n").examples.dense.scalar_type(), at::kFloat);
}

TEST(Csv, TextColumnsAreFoundByName) {
  auto columns = read_text_columns(as_bytes("name,pose\nan2i,left\nat33,up\n"), "f.csv");
  EXPECT_EQ(columns["pose"], (std::vector<std::string>{"left", "up"}));
}

}  // namespace
}  // namespace cleave::data
