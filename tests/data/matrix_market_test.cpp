#include "cleave/data/readers/matrix_market.h"

#include "tests/support/raises.h"
#include "tests/support/values.h"

namespace cleave::data {
namespace {

using cleave::tests::values;
using ::testing::ElementsAre;

Dataset read(const std::string& text) {
  return read_matrix_market(as_bytes(text), "a.mtx");
}

TEST(MatrixMarket, ReadsCoordinatesInAnyOrder) {
  Dataset dataset =
      read("%%MatrixMarket matrix coordinate real general\n% a comment\n3 4 3\n3 1 5\n1 4 -2.5\n1 2 1e1\n");
  const SparseRows& rows = dataset.examples.sparse;
  EXPECT_THAT(values(rows.offsets), ElementsAre(0, 2, 2, 3));
  EXPECT_THAT(values(rows.columns), ElementsAre(1, 3, 0));
  EXPECT_THAT(values(rows.values), ElementsAre(10, -2.5, 5));
  EXPECT_THAT(dataset.shape, ElementsAre(4));
}

TEST(MatrixMarket, MirrorsSymmetricMatrices) {
  SparseRows rows = read("%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n").examples.sparse;
  EXPECT_THAT(values(rows.offsets), ElementsAre(0, 2, 3));
  EXPECT_THAT(values(rows.columns), ElementsAre(0, 1, 0));
  EXPECT_THAT(values(rows.values), ElementsAre(1, 1, 1));
}

TEST(MatrixMarket, SumsRepeatedEntries) {
  SparseRows rows =
      read("%%MatrixMarket matrix coordinate integer general\n1 2 3\n1 2 1\n1 1 7\n1 2 4\n").examples.sparse;
  EXPECT_THAT(values(rows.columns), ElementsAre(0, 1));
  EXPECT_THAT(values(rows.values), ElementsAre(7, 5));
}

TEST(MatrixMarket, ReadsArraysColumnByColumn) {
  Tensor dense =
      read("%%MatrixMarket MATRIX Array Real General\r\n2 3\r\n1\r\n4\r\n2\r\n5\r\n3\r\n6\r\n").examples.dense;
  EXPECT_THAT(values(dense), ElementsAre(1, 2, 3, 4, 5, 6));
  Tensor symmetric = read("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n").examples.dense;
  EXPECT_THAT(values(symmetric), ElementsAre(1, 2, 2, 3));
}

TEST(MatrixMarket, ReadsWhatScipyWrites) {
  EXPECT_THAT(values(read("%%MatrixMarket matrix array real general\n2 1\n-1e-50\n3\n").examples.dense),
              ElementsAre(0, 3));
  EXPECT_THAT(values(read("%%MatrixMarket matrix array unsigned-integer general\n2 1\n4\n3\n").examples.dense),
              ElementsAre(4, 3));
  EXPECT_RAISES(read("%%MatrixMarket matrix array real general\n2 1\n1e50\n3\n"), DataError, "a.mtx:3: expected");
}

TEST(MatrixMarket, NamesTheLineOfABadEntry) {
  const std::string header = "%%MatrixMarket matrix coordinate real general\n2 2 1\n";
  EXPECT_RAISES(read(header + "3 1 1\n"), DataError, "a.mtx:3: row 3 lies outside of 1 to 2");
  EXPECT_RAISES(read(header + "1 0 1\n"), DataError, "a.mtx:3: column 0 lies outside of 1 to 2");
  EXPECT_RAISES(read(header + "1 1 one\n"), DataError, "a.mtx:3: expected a number but found 'one'");
  EXPECT_RAISES(read(header + "1 1 nan\n"), DataError, "a.mtx:3: the value is not finite");
  EXPECT_RAISES(read(header + "1 1 1 1\n"), DataError, "a.mtx:3: '1' follows the last number");
  EXPECT_RAISES(read(header + "1 1 1\n2 2 2\n"), DataError, "a.mtx:4: more entries than announced");
  EXPECT_RAISES(read("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n"), DataError, "truncated: 1 of 2");
}

TEST(MatrixMarket, RefusesSizesThatTheFileCannotHold) {
  const std::string coordinate = "%%MatrixMarket matrix coordinate real general\n";
  EXPECT_RAISES(read(coordinate + "2 2 1000000000000\n1 1 1\n"), DataError, "a.mtx:2: 1000000000000 entries announced");
  EXPECT_RAISES(read(coordinate + "1000000000000 2 1\n1 1 1\n"), DataError,
                "claims 1000000000000 rows but only 1 entries");
  EXPECT_RAISES(read("%%MatrixMarket matrix coordinate real general\n1 2000000000 1\n1 1 1\n"), DataError,
                "claims 2000000000 columns but only 1 entries");
  EXPECT_RAISES(read(coordinate + "2 99999999999999999999 1\n1 1 1\n"), DataError, "a.mtx:2: expected a number");
  EXPECT_RAISES(read("%%MatrixMarket matrix array real general\n4000000000 4000000000\n1\n"), DataError, "a.mtx");
}

TEST(MatrixMarket, RefusesOtherKinds) {
  EXPECT_RAISES(read("%%MatrixMarket matrix coordinate complex general\n"), DataError, "'complex' is not read here");
  EXPECT_RAISES(read("%%MatrixMarket matrix\n"), DataError, "a.mtx:1: expected");
  EXPECT_RAISES(read("1,2,3\n"), DataError, "a.mtx:1: not a Matrix Market file");
  EXPECT_RAISES(read(""), DataError, "not a Matrix Market file");
  EXPECT_RAISES(read("%%MatrixMarket matrix array real general\n"), DataError, "the line of sizes is missing");
  EXPECT_RAISES(read("%%MatrixMarket matrix array real symmetric\n2 3\n1\n1\n1\n"), DataError,
                "symmetric matrix of 2 x 3");
}

}  // namespace
}  // namespace cleave::data
