// NumPy's formats: npy, one array; npz, a zip archive of them. No pickled object is ever read.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <string>
#include <vector>

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// An array of numbers or of words.
struct NpyArray {
  std::vector<int64_t> shape;
  Tensor numbers;                  ///< of `shape`; undefined for words. Unsigned types of 2 to 8 bytes are widened.
  std::vector<std::string> words;  ///< UTF-8, in row-major order

  bool is_words() const { return !numbers.defined(); }
};

/// An npy file of version 1 to 3: C or Fortran order, either byte order; bool, whole numbers of 1 to 8 bytes, floats of
/// 2 to 8, text. Throws DataError when it is damaged or holds anything else.
NpyArray read_npy_array(ByteView bytes, const std::string& name);

/// The examples that an npy file holds. Throws DataError when it does not hold numbers.
Dataset read_npy(ByteView bytes, const std::string& name);

/// The data set that an npz file holds:
///   examples     the array x, data, features, images, fea or examples, or the only array of two axes or more;
///                or x_train and x_test, which sets train_count;
///                or compressed sparse rows data, indices, indptr, shape (as scipy writes them)
///   labels       y, target, targets, label, labels or gnd, or y_train and y_test, with names in label_names;
///                or `label_column`
///   the rest     n_train, feature_names or vocab, ids, kind, image_shape, largest; factor/NAME, factor/NAME/names
/// Throws DataError when it is damaged, when none or several arrays could be the examples, or without `label_column`.
Dataset read_npz(ByteView bytes, const std::string& name, const std::string& label_column = "");

}  // namespace cleave::data
