#include "cleave/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/Parallel.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

Dataset table(Tensor dense) {
  Dataset set;
  set.name = "toy";
  set.shape = {dense.size(1)};
  set.examples.dense = std::move(dense);
  return set;
}

// 0 5 0 / 0 0 0 / 1 0 2
Dataset sparse_table() {
  Dataset set;
  set.name = "toy";
  set.shape = {3};
  set.examples.sparse = {.offsets = at::tensor({0, 1, 1, 3}, at::kLong),
                         .columns = at::tensor({1, 0, 2}, at::kInt),
                         .values = at::tensor({5.0, 1.0, 2.0}, at::kFloat),
                         .width = 3};
  return set;
}

TEST(Examples, RowsAreExactForEveryStoredType) {
  const Tensor indices = at::tensor({6, 0, 6, 3}, at::kLong);
  for (auto type : {at::kByte, at::kInt, at::kFloat, at::kDouble}) {
    const Tensor values = at::randint(0, 256, {7, 33}, at::detail::createCPUGenerator(1)).to(type);
    const Tensor rows = table(values).examples.rows(indices);
    EXPECT_EQ(rows.scalar_type(), at::kFloat);
    EXPECT_TRUE(rows.equal(values.index_select(0, indices).to(at::kFloat))) << type;
  }
}

TEST(Examples, SparseRowsComeOutDense) {
  const Tensor rows = sparse_table().examples.rows(at::tensor({2, 1, 0, 2}, at::kLong));
  EXPECT_TRUE(rows.equal(at::tensor({1, 0, 2, 0, 0, 0, 0, 5, 0, 1, 0, 2}, at::kFloat).view({4, 3})));
}

TEST(Examples, RowsDoNotDependOnTheNumberOfThreads) {
  const Tensor values = at::randint(0, 256, {500, 784}, at::detail::createCPUGenerator(1)).to(at::kByte);
  const Tensor indices = at::randperm(500, at::detail::createCPUGenerator(2), at::kLong);
  const int threads = at::get_num_threads();
  const Tensor many = table(values).examples.rows(indices);
  at::set_num_threads(1);
  const Tensor one = table(values).examples.rows(indices);
  at::set_num_threads(threads);
  EXPECT_TRUE(many.equal(one));
}

TEST(Examples, AnIndexOutsideTheRowsIsAnError) {
  EXPECT_THROW(sparse_table().examples.rows(at::tensor({3}, at::kLong)), ArgumentError);
  EXPECT_THROW(table(at::zeros({2, 2})).examples.rows(at::tensor({-1}, at::kLong)), ArgumentError);
  EXPECT_EQ(table(at::zeros({2, 2})).examples.rows(at::empty({0}, at::kLong)).sizes(), (std::vector<int64_t>{0, 2}));
}

TEST(Dataset, SliceSharesMemoryAndCarriesEveryPart) {
  Dataset set = table(at::arange(12, at::kFloat).view({6, 2}));
  set.labels = at::arange(6, at::kLong);
  set.factors = {{.name = "size", .values = at::arange(6, at::kDouble), .value_names = {}}};
  set.ids = {"a", "b", "c", "d", "e", "f"};
  set.train_count = 4;
  const Dataset part = set.slice(1, 5);
  part.check();
  EXPECT_EQ(part.examples.dense.data_ptr(), static_cast<float*>(set.examples.dense.data_ptr()) + 2);
  EXPECT_EQ(part.labels[0].item<int64_t>(), 1);
  EXPECT_EQ(part.factors[0].values[3].item<double>(), 4);
  EXPECT_EQ(part.ids, (std::vector<std::string>{"b", "c", "d", "e"}));
  EXPECT_EQ(part.train_count, 3);
}

TEST(Dataset, SliceOfSparseRowsHoldsTheSameRows) {
  const Dataset set = sparse_table(), part = set.slice(1, 3);
  part.check();
  EXPECT_TRUE(part.examples.rows(at::arange(2, at::kLong)).equal(set.examples.rows(at::arange(1, 3, at::kLong))));
  EXPECT_EQ(part.examples.sparse.values.data_ptr(), static_cast<float*>(set.examples.sparse.values.data_ptr()) + 1);
}

// python3 -c "import xxhash; print(xxhash.xxh3_64_hexdigest(bytes(range(6))))", and the same by `xxhsum -H3`.
TEST(Dataset, ChecksumIsXxh3OfTheBytes) {
  const Dataset set = table(at::arange(6, at::kByte).view({2, 3}));
  EXPECT_EQ(set.checksum(), "a6584d1d9a6ae704");
  EXPECT_NE(set.slice(0, 1).checksum(), set.checksum());
}

TEST(Dataset, CheckNamesTheRowAndColumnOfAValueThatIsNotFinite) {
  Dataset set = table(at::zeros({3, 4}));
  set.feature_names = {"a", "b", "c", "d"};
  set.examples.dense[1][2] = std::nan("");
  EXPECT_RAISES(set.check(), DataError, "row 1 column 2 (c), counted from 0: nan");

  set.examples.dense = at::full({3, 4}, 1e300, at::kDouble);
  EXPECT_RAISES(set.check(), DataError, "too large for single precision");

  set = sparse_table();
  set.examples.sparse.values[2] = INFINITY;
  EXPECT_RAISES(set.check(), DataError, "row 2 column 2");
}

TEST(Dataset, CheckRefusesPartsThatDoNotFit) {
  const auto refused = [](const std::function<void(Dataset&)>& spoil, const std::string& message, bool sparse = false) {
    Dataset set = sparse ? sparse_table() : table(at::zeros({3, 4}));
    set.check();
    spoil(set);
    EXPECT_RAISES(set.check(), DataError, message);
  };
  refused([](Dataset& d) { d.examples.dense = Tensor(); }, "no examples");
  refused([](Dataset& d) { d.examples.dense = at::zeros({0, 4}); }, "empty");
  refused([](Dataset& d) { d.examples.dense = at::zeros({3, 4}, at::kHalf); }, "not supported");
  refused([](Dataset& d) { d.shape = {2, 3}; }, "shape [2, 3]");
  refused([](Dataset& d) { d.kind = Kind::kImage; }, "shape [4]");
  refused([](Dataset& d) { d.labels = at::zeros({2}, at::kLong); }, "2 labels for 3 examples");
  refused([](Dataset& d) { d.labels = at::full({3}, -2, at::kLong); }, "label -2 is negative");
  refused([](Dataset& d) { d.labels = at::full({3}, 1, at::kLong), d.label_names = {"one"}; }, "label 1 has no name");
  refused([](Dataset& d) { d.factors = {{.name = "slant", .values = at::zeros({3}), .value_names = {}}}; },
          "factor 'slant'");
  refused([](Dataset& d) { d.ids = {"a"}; }, "1 ids");
  refused([](Dataset& d) { d.train_count = 4; }, "4 training rows");
  refused([](Dataset& d) { d.feature_names = {"a"}; }, "1 feature names");
  refused(
      [](Dataset& d) {
        d.kind = Kind::kImage, d.shape = {1, 2, 2}, d.examples.dense[0][1] = 2;
      },
      "range of pixels");
  refused([](Dataset& d) { d.examples.sparse.offsets[1] = 4; }, "offsets decrease", true);
  refused([](Dataset& d) { d.examples.sparse.offsets[3] = 4; }, "offsets run from 0 to 4", true);
  refused([](Dataset& d) { d.examples.sparse.columns[2] = 3; }, "column 3 after column 0 of 3", true);
  refused([](Dataset& d) { d.examples.sparse.columns[2] = 0; }, "columns must increase", true);
}

}  // namespace
}  // namespace cleave::data
