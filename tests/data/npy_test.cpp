#include "cleave/data/readers/npy.h"

#include <gtest/gtest.h>

#include "cleave/data/readers/zip.h"
#include "tests/data/files.h"
#include "tests/support/raises.h"

namespace cleave::data {
namespace {

using Words = std::vector<std::string>;

Bytes reference(const std::string& name) {
  return read_file(std::filesystem::path(CLEAVE_SOURCE_DIR) / "tests" / "reference" / name);
}

/// An npy file of version 1.
Bytes npy(std::string_view header, ByteView values = {}) {
  std::string text = "\x93NUMPY\x01" + std::string(1, '\0');
  text += static_cast<char>(header.size());
  text += '\0';
  text += header;
  text += as_text(values);
  return {text.begin(), text.end()};
}

const std::string kTwoBytes = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }\n";

/// Reads one array of the file that numpy wrote (tests/reference/numpy_files.py).
NpyArray numpy_array(const std::string& name) {
  Bytes bytes = reference("numpy_types.npz");
  ZipArchive zip(bytes, "numpy_types.npz");
  return read_npy_array(zip.read(*zip.find(name + ".npy")), name);
}

TEST(Npy, ReadsEveryTypeThatNumpyWrites) {
  Tensor grid = at::arange(6, at::kDouble).view({2, 3});
  for (const char* type : {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "big_u2", "big_i4",
                           "big_i8", "big_f2", "big_f4", "big_f8"}) {
    std::string name = type;
    bool shifted = name[0] == 'i' || name[0] == 'f';
    EXPECT_TRUE(at::equal(numpy_array(name).numbers.to(at::kDouble), shifted ? grid - 2 : grid)) << name;
  }
  EXPECT_TRUE(at::equal(numpy_array("bool").numbers, grid.remainder(2) == 1));
  EXPECT_EQ(numpy_array("scalar").numbers.item<int64_t>(), 7);
}

TEST(Npy, FortranOrderIsTurnedIntoRows) {
  EXPECT_TRUE(at::equal(numpy_array("fortran").numbers, at::arange(24, at::kInt).view({2, 3, 4})));
}

TEST(Npy, ImagesOfTruthValuesHaveFullIntensityOne) {
  const Bytes values = {0, 1, 1, 0};
  const Dataset dataset =
      read_npy(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (1, 2, 2), }", values), "b.npy");
  EXPECT_EQ(dataset.kind, Kind::kImage);
  EXPECT_EQ(dataset.largest, 1);
}

TEST(Npy, WordsAreUtf8) {
  EXPECT_EQ(numpy_array("words").words, (Words{"gr\xc3\xbcn", "", "money-fx", "\xf0\x9f\x98\x80"}));
  EXPECT_EQ(numpy_array("big_words").words, (Words{"ab", "c"}));
  EXPECT_EQ(numpy_array("bytes").words, (Words{"ab", "c"}));
}

TEST(Npy, UnsignedNumbersAboveTheSignedRangeKeepTheirValue) {
  Bytes ff(8, 0xff);
  auto array = [&](const std::string& type, size_t width) {
    Bytes file = npy("{'descr': '<" + type + "', 'fortran_order': False, 'shape': (1,), }", ByteView(ff).first(width));
    return read_npy_array(file, "a.npy").numbers;
  };
  EXPECT_EQ(array("u2", 2).item<int64_t>(), 65535);
  EXPECT_EQ(array("u4", 4).item<int64_t>(), 4294967295);
  EXPECT_RAISES(array("u8", 8), DataError, "a.npy: a number passes 2^63");
}

TEST(Npy, SaysWhatIsWrong) {
  Bytes two = {5, 6};
  EXPECT_EQ(read_npy(npy(kTwoBytes, two), "a.npy").size(), 2);
  auto header = [](const std::string& descr, const std::string& shape) {
    return npy("{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }");
  };
  EXPECT_RAISES(read_npy(as_bytes("not numpy"), "a.npy"), DataError, "a.npy: not an npy file");
  EXPECT_RAISES(read_npy(as_bytes("\x93NUM"), "a.npy"), DataError, "a.npy: truncated");
  EXPECT_RAISES(read_npy(as_bytes("\x93NUMPY\x09\x01\x01\x01"), "a.npy"), DataError, "a.npy: npy version 9");
  EXPECT_RAISES(read_npy(npy(kTwoBytes, ByteView(two).first(1)), "a.npy"), DataError,
                "a.npy: truncated: its header announces 2 bytes of values, 1 are there");
  EXPECT_RAISES(read_npy(npy(kTwoBytes, Bytes(3)), "a.npy"), DataError, "a.npy: too long");
  EXPECT_RAISES(read_npy(header("'<f8'", "(4611686018427387904, 4)"), "a.npy"), DataError,
                "a.npy: the shape is too large to exist");
  EXPECT_RAISES(read_npy(header("'<f8'", "(99999999999999999999,)"), "a.npy"), DataError, "a size of '9999");
  EXPECT_RAISES(read_npy(header("'<f8'", "(-1, 2)"), "a.npy"), DataError, "a.npy: the npy header has a size of '-1'");
  EXPECT_RAISES(read_npy(header("'|O'", "(2,)"), "a.npy"), DataError, "a.npy: holds pickled Python objects");
  EXPECT_RAISES(read_npy(header("[('a', '<f4')]", "(2,)"), "a.npy"), DataError, "a.npy: holds records");
  EXPECT_RAISES(read_npy(header("'<c8'", "(2,)"), "a.npy"), DataError, "a.npy: element type '<c8' cannot be read");
  EXPECT_RAISES(read_npy(header("'<f3'", "(2,)"), "a.npy"), DataError, "elements of type f3 cannot be read");
  EXPECT_RAISES(read_npy(header("'<U0'", "(1000000000000,)"), "a.npy"), DataError, "a.npy: empty words only");
  EXPECT_RAISES(read_npy(npy("{'descr': '|u1'}"), "a.npy"), DataError, "a.npy: the npy header has no 'fortran_order'");
}

/// An npz archive of small npy files.
Dataset npz(const std::vector<std::pair<std::string, Bytes>>& arrays) {
  std::vector<ZipContent> contents;
  for (const auto& [name, bytes] : arrays)
    contents.push_back({name + ".npy", bytes, true});
  return read_npz(make_zip(contents), "a.npz");
}

Bytes column(Bytes values) {
  return npy(fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, 1), }}", values.size()), values);
}

TEST(Npz, FindsExamplesAndLabelsByName) {
  Dataset dataset = npz({{"other", column({1, 2})}, {"X", column({3, 4})}, {"labels", column({9, 7})}});
  EXPECT_TRUE(at::equal(dataset.examples.dense, at::tensor({3, 4}, at::kByte).view({2, 1})));
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({1, 0}, at::kLong)));
  EXPECT_EQ(dataset.label_names, (Words{"7", "9"}));
}

TEST(Npz, TakesTheArrayThatIsCalledTheLabels) {
  const Bytes word = npy("{'descr': '|S1', 'fortran_order': False, 'shape': (2,), }", Bytes{'a', 'b'});
  const Bytes archive = make_zip({{"x.npy", column({3, 4}), true},
                                  {"y.npy", column({0, 1}), true},
                                  {"label_names.npy", word, true},
                                  {"batch.npy", column({9, 7}), true}});
  EXPECT_EQ(read_npz(archive, "a.npz").label_names, (Words{"a", "b"}));
  EXPECT_EQ(read_npz(archive, "a.npz", "y").label_names, (Words{"a", "b"}));
  EXPECT_EQ(read_npz(archive, "a.npz", "batch").label_names, (Words{"7", "9"}));
  EXPECT_RAISES(read_npz(archive, "a.npz", "bach"), DataError, "a.npz: unknown array 'bach'; did you mean 'batch'?");
}

TEST(Npz, TakesTheOnlyMatrix) {
  EXPECT_EQ(npz({{"codes", column({1, 2, 3})}}).size(), 3);
}

TEST(Npz, AsksWhichArrayHoldsTheExamples) {
  EXPECT_RAISES(npz({{"a", column({1})}, {"b", column({2, 3})}}), DataError,
                "a.npz: which array holds the examples? Name it x. Found: a (1 x 1), b (2 x 1)");
}

TEST(Npz, JoinsTrainingAndTestArrays) {
  Dataset dataset =
      npz({{"x_train", column({1, 2})}, {"x_test", column({3})}, {"y_train", column({0, 1})}, {"y_test", column({1})}});
  EXPECT_EQ(dataset.train_count, 2);
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({0, 1, 1}, at::kLong)));
}

TEST(Npz, LabelsMayBeTextOrUnknownAndIdsNumbers) {
  const auto words = [](const char* text) {
    return npy(fmt::format("{{'descr': '|S1', 'fortran_order': False, 'shape': ({},), }}", std::strlen(text)),
               Bytes(text, text + std::strlen(text)));
  };
  Dataset split =
      npz({{"x_train", column({1, 2})}, {"x_test", column({3})}, {"y_train", words("ba")}, {"y_test", words("b")}});
  EXPECT_TRUE(at::equal(split.labels, at::tensor({1, 0, 1}, at::kLong)));
  EXPECT_RAISES(
      npz({{"x_train", column({1, 2})}, {"x_test", column({3})}, {"y_train", words("ba")}, {"y_test", column({1})}}),
      DataError, "one is text, the other numbers");
  const Bytes labels = npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", Bytes{0, 0x3c, 0, 0x7e});
  Dataset dataset = npz({{"x", column({3, 4})}, {"y", labels}, {"label_names", words("ab")}, {"ids", column({7, 9})}});
  EXPECT_TRUE(at::equal(dataset.labels, at::tensor({1, -1}, at::kLong)));
  EXPECT_EQ(dataset.ids, (Words{"7", "9"}));
  const Bytes large = npy("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
                          Bytes{1, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x10});
  EXPECT_EQ(npz({{"x", column({3, 4})}, {"ids", large}}).ids, (Words{"1152921504606846977", "1152921504606846976"}));
}

TEST(Npz, ReadsSparseRowsAndColumnsAsScipyWritesThem) {
  for (const char* file : {"scipy_sparse.npz", "scipy_columns.npz"}) {
    Dataset dataset = read_npz(reference(file), file);
    ASSERT_TRUE(dataset.examples.is_sparse());
    Tensor expected = at::tensor({0., 1.5, 0., 2., 0., 0., 0., 0., 0., 0., 0., -3.}, at::kFloat).view({4, 3});
    EXPECT_TRUE(at::equal(dataset.examples.rows(at::arange(4)), expected)) << file;
  }
}

TEST(Npz, SaysWhatIsWrong) {
  EXPECT_RAISES(read_npz(make_zip({{"readme.txt", Bytes(3), false}}), "a.npz"), DataError,
                "a.npz: holds no npy arrays");
  EXPECT_RAISES(npz({{"x", column({1, 2})}, {"y", column({1})}}), DataError, "a.npz: 1 labels for 2 examples");
  EXPECT_RAISES(npz({{"x", Bytes(20)}}), DataError, "x in a.npz: not an npy file");
}

}  // namespace
}  // namespace cleave::data
