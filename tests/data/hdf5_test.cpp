#include "cleave/data/readers/hdf5.h"

#include <algorithm>

#include "tests/support/hdf5_writer.h"
#include "tests/support/raises.h"
#include "tests/support/real_data.h"

namespace cleave::data {
namespace {

using cleave::tests::Hdf5Writer;
using ::testing::ElementsAre;

std::vector<double> row(const Dataset& dataset, int64_t index) {
  Tensor values = dataset.examples.dense[index].to(at::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

std::vector<int64_t> labels(const Dataset& dataset) {
  return {dataset.labels.data_ptr<int64_t>(), dataset.labels.data_ptr<int64_t>() + dataset.labels.numel()};
}

/// Three examples of two features in groups of an AnnData file; X is left to the test.
void write_annotations(Hdf5Writer& file) {
  file.group("/obs");
  file.words("/obs/_index", {"AAC", "AAG", "AAT"});
  file.attribute("/obs", "_index", "_index");
  file.group("/obs/cell_type");
  file.array<int8_t>("/obs/cell_type/codes", H5T_NATIVE_INT8, {3}, {1, -1, 0});
  file.words("/obs/cell_type/categories", {"B", "T"});
  file.words("/obs/batch", {"two", "one", "two"});
  file.group("/var");
  file.words("/var/gene", {"Actb", "Gapdh"});
  file.attribute("/var", "_index", "gene");
}

/// The matrix {{0, 2}, {0, 0}, {3, 4}}.
void write_sparse(Hdf5Writer& file, const char* encoding) {
  bool by_row = std::string(encoding) == "csr_matrix";
  file.group("/X");
  file.attribute("/X", "encoding-type", encoding);
  file.attribute("/X", "shape", std::vector<int64_t>{3, 2});
  file.array<float>("/X/data", H5T_NATIVE_FLOAT, {3},
                    by_row ? std::vector<float>{2, 3, 4} : std::vector<float>{3, 2, 4});
  file.array<int32_t>("/X/indices", H5T_NATIVE_INT32, {3},
                      by_row ? std::vector<int32_t>{1, 0, 1} : std::vector<int32_t>{2, 0, 2});
  if (by_row)
    file.array<int32_t>("/X/indptr", H5T_NATIVE_INT32, {4}, {0, 1, 1, 3});
  else
    file.array<int32_t>("/X/indptr", H5T_NATIVE_INT32, {3}, {0, 1, 3});
}

TEST(Hdf5, TruthValuesAreNumbers) {
  Hdf5Writer file;
  hid_t boolean = H5Tenum_create(H5T_NATIVE_INT8);
  for (int8_t value : {0, 1})
    H5Tenum_insert(boolean, value == 0 ? "FALSE" : "TRUE", &value);
  file.array<int8_t>("/X", boolean, {2, 2}, {1, 0, 0, 1});
  EXPECT_THAT(row(read_hdf5(file.bytes(), "a.h5"), 0), ElementsAre(1, 0));
  H5Tclose(boolean);
}

TEST(Hdf5, ReadsExamplesAndLabelsByName) {
  Hdf5Writer file;
  file.array<int32_t>("/X", H5T_NATIVE_INT32, {2, 3}, {1, 2, 3, 4, 5, 6});
  file.array<double>("/Y", H5T_NATIVE_DOUBLE, {2}, {7, 3});
  Dataset dataset = read_hdf5(file.bytes(), "a.h5");
  EXPECT_EQ(dataset.examples.dense.scalar_type(), at::kInt);
  EXPECT_THAT(row(dataset, 1), ElementsAre(4, 5, 6));
  EXPECT_THAT(labels(dataset), ElementsAre(1, 0));
  EXPECT_THAT(dataset.label_names, ElementsAre("3", "7"));
}

TEST(Hdf5, TakesTheOnlyMatrixWhateverItsName) {
  Hdf5Writer file;
  file.array<double>("/measurements", H5T_NATIVE_DOUBLE, {2, 1}, {0.5, 0.25});
  file.array<double>("/weights", H5T_NATIVE_DOUBLE, {2}, {1, 1});
  EXPECT_THAT(row(read_hdf5(file.bytes(), "a.h5"), 0), ElementsAre(0.5));
}

TEST(Hdf5, ReadsCompressedChunksInBlocks) {
  const hsize_t rows = 3000, width = 701;  // more than one block, and neither divides by the chunk
  std::vector<float> values(rows * width);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 1013);
  Hdf5Writer file;
  file.array<float>("/x", H5T_NATIVE_FLOAT, {rows, width}, values, {37, 100});
  Tensor dense = read_hdf5(file.bytes(), "a.h5").examples.dense;
  EXPECT_TRUE(std::equal(values.begin(), values.end(), dense.data_ptr<float>()));
}

TEST(Hdf5, PutsTrainBeforeTest) {
  Hdf5Writer file;
  for (const char* group : {"/train", "/test"}) {
    bool train = std::string(group) == "/train";
    file.group(group);
    file.array<uint8_t>(std::string(group) + "/data", H5T_NATIVE_UINT8, {1, 2},
                        train ? std::vector<uint8_t>{1, 2} : std::vector<uint8_t>{3, 4});
    file.array<int64_t>(std::string(group) + "/target", H5T_NATIVE_INT64, {1}, {train ? 5 : 4});
  }
  Dataset dataset = read_hdf5(file.bytes(), "a.h5");
  EXPECT_EQ(dataset.train_count, 1);
  EXPECT_THAT(row(dataset, 0), ElementsAre(1, 2));
  EXPECT_THAT(row(dataset, 1), ElementsAre(3, 4));
  EXPECT_THAT(labels(dataset), ElementsAre(1, 0));
}

TEST(Hdf5, ReadsImagesWithChannelsLast) {
  Hdf5Writer file;
  file.array<uint8_t>("/images", H5T_NATIVE_UINT8, {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  Dataset dataset = read_hdf5(file.bytes(), "a.h5");
  EXPECT_EQ(dataset.kind, Kind::kImage);
  EXPECT_THAT(dataset.shape, ElementsAre(3, 2, 1));
  EXPECT_THAT(row(dataset, 0), ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(Hdf5, ReadsBigEndianAndWideIntegers) {
  Hdf5Writer file;
  hid_t big_endian = H5T_STD_I16BE;
  file.array<uint8_t>("/x", big_endian, {1, 2}, {0, 1, 255, 254});
  EXPECT_THAT(row(read_hdf5(file.bytes(), "a.h5"), 0), ElementsAre(1, -2));
  Hdf5Writer wide;
  wide.array<int64_t>("/x", H5T_NATIVE_INT64, {1, 2}, {int64_t{1} << 40, 1});
  EXPECT_EQ(read_hdf5(wide.bytes(), "a.h5").examples.dense.scalar_type(), at::kDouble);
}

TEST(Hdf5, ReadsAnnotatedDenseCells) {
  Hdf5Writer file;
  file.array<float>("/X", H5T_NATIVE_FLOAT, {3, 2}, {0, 1, 2, 3, 4, 5});
  write_annotations(file);
  Dataset dataset = read_hdf5(file.bytes(), "cells.h5ad", "cell_type");
  EXPECT_THAT(row(dataset, 2), ElementsAre(4, 5));
  EXPECT_THAT(dataset.ids, ElementsAre("AAC", "AAG", "AAT"));
  EXPECT_THAT(dataset.feature_names, ElementsAre("Actb", "Gapdh"));
  EXPECT_THAT(labels(dataset), ElementsAre(1, -1, 0));
  EXPECT_THAT(dataset.label_names, ElementsAre("B", "T"));
  EXPECT_FALSE(read_hdf5(file.bytes(), "cells.h5ad").has_labels());
  EXPECT_THAT(read_hdf5(file.bytes(), "cells.h5ad", "batch").label_names, ElementsAre("one", "two"));
}

TEST(Hdf5, ReadsSparseCellsByRowAndByColumn) {
  for (const char* encoding : {"csr_matrix", "csc_matrix"}) {
    Hdf5Writer file;
    write_sparse(file, encoding);
    write_annotations(file);
    SparseRows rows = read_hdf5(file.bytes(), "cells.h5ad").examples.sparse;
    EXPECT_TRUE(rows.offsets.equal(at::tensor({0, 1, 1, 3}, at::kLong))) << encoding;
    EXPECT_TRUE(rows.columns.equal(at::tensor({1, 0, 1}, at::kInt))) << encoding;
    EXPECT_TRUE(rows.values.equal(at::tensor({2.f, 3.f, 4.f}))) << encoding;
    EXPECT_EQ(rows.width, 2);
  }
}

TEST(Hdf5, NamesWhatIsMissing) {
  Hdf5Writer file;
  file.array<float>("/first", H5T_NATIVE_FLOAT, {2}, {0, 1});
  EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "a.h5: found no examples among: first; name");
  Hdf5Writer cells;
  cells.array<float>("/X", H5T_NATIVE_FLOAT, {3, 2}, {0, 1, 2, 3, 4, 5});
  write_annotations(cells);
  EXPECT_RAISES(read_hdf5(cells.bytes(), "c.h5ad", "cell_tpe"), DataError, "did you mean 'cell_type'");
}

TEST(Hdf5, RefusesLabelsThatDoNotFit) {
  Hdf5Writer file;
  file.array<float>("/X", H5T_NATIVE_FLOAT, {2, 1}, {0, 1});
  file.array<float>("/Y", H5T_NATIVE_FLOAT, {3}, {0, 1, 2});
  EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "a.h5: 3 labels for 2 examples");
}

TEST(Hdf5, RefusesArraysWithoutValues) {
  for (std::vector<hsize_t> shape : {std::vector<hsize_t>{5, 0}, {0, 5}}) {
    Hdf5Writer file;
    file.array<float>("/X", H5T_NATIVE_FLOAT, shape, {});
    EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "a.h5: the array holds no values");
  }
}

TEST(Hdf5, RefusesTextAsExamples) {
  Hdf5Writer file;
  file.words("/X", {"a", "b"});
  EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "a.h5/X: expected numbers");
}

TEST(Hdf5, RefusesAShapeBeyondTheFile) {
  Hdf5Writer file;  // chunks that were never written: a few bytes claim a terabyte
  file.array<float>("/X", H5T_NATIVE_FLOAT, {1 << 20, 1 << 18}, {}, {16, 16});
  EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "more than the file can hold");
  Hdf5Writer overflowing;
  hsize_t huge = hsize_t{1} << 40;
  overflowing.array<float>("/X", H5T_NATIVE_FLOAT, {huge, huge}, {}, {16, 16});
  EXPECT_RAISES(read_hdf5(overflowing.bytes(), "a.h5"), DataError, "a.h5");
}

TEST(Hdf5, RefusesLinksToOtherFiles) {
  Hdf5Writer file;
  H5Lcreate_external("/etc/hostname", "/X", file.file(), "X", 0, 0);
  EXPECT_RAISES(read_hdf5(file.bytes(), "a.h5"), DataError, "found no examples");
}

TEST(Hdf5, RefusesTruncatedAndForeignFiles) {
  Hdf5Writer file;
  file.array<float>("/X", H5T_NATIVE_FLOAT, {2, 1}, {0, 1});
  std::vector<uint8_t> bytes = file.bytes();
  EXPECT_RAISES(read_hdf5(ByteView(bytes).first(600), "a.h5"), DataError, "a.h5: HDF5 says: ");
  EXPECT_RAISES(read_hdf5(as_bytes("not at all"), "a.h5"), DataError, "not an HDF5 file");
  EXPECT_RAISES(read_hdf5({}, "a.h5"), DataError, "not an HDF5 file");
}

TEST(Hdf5, ReadsUspsWithItsSplit) {
  CLEAVE_REAL_FILE(path, "usps/usps.h5");
  Dataset dataset = read_hdf5(read_file(path), "usps.h5");
  EXPECT_THAT(dataset.examples.dense.sizes(), ElementsAre(9298, 256));
  EXPECT_EQ(dataset.train_count, 7291);
  Tensor train_counts = at::bincount(dataset.labels.slice(0, 0, 7291));
  EXPECT_TRUE(train_counts.equal(at::tensor({1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644}, at::kLong)));
}

TEST(Hdf5, ReadsSingleCellCounts) {
  CLEAVE_REAL_FILE(path, "scrna-mouse-bladder/mouse_bladder_cell_select_2100.h5");
  Dataset dataset = read_hdf5(read_file(path), "bladder.h5");
  EXPECT_THAT(dataset.examples.dense.sizes(), ElementsAre(2100, 20670));
  EXPECT_EQ(dataset.kind, Kind::kCounts);
  EXPECT_EQ(dataset.label_names.size(), 16u);
  double filled = dataset.examples.dense.count_nonzero().item<double>() / (2100.0 * 20670);
  EXPECT_NEAR(filled, 0.051, 0.0005);
}

}  // namespace
}  // namespace cleave::data
