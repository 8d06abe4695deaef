// A data set in memory, as it was stored: uint8 stays uint8, sparse stays sparse.
//
// Axes: N examples, X features of one example. An image is stored flat, channel by channel and row by row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cleave/base/tensor.h"

namespace cleave::data {

/// Compressed sparse rows.
struct SparseRows {
  Tensor offsets;  ///< [N + 1] int64, the first 0, not decreasing
  Tensor columns;  ///< [entries] int32, in [0, width), increasing within a row
  Tensor values;   ///< [entries] float32
  int64_t width = 0;
};

/// The examples themselves: either dense or sparse.
struct Examples {
  Tensor dense;  ///< [N, X] uint8, int32, float32 or float64; undefined when sparse
  SparseRows sparse;

  bool is_sparse() const { return !dense.defined(); }
  int64_t size() const { return is_sparse() ? sparse.offsets.size(0) - 1 : dense.size(0); }
  int64_t width() const { return is_sparse() ? sparse.width : dense.size(1); }
  uint64_t bytes() const;

  /// The examples at `indices` ([B] int64) as float32 [B, X], values as stored.
  Tensor rows(const Tensor& indices) const;
};

/// What the numbers are, which decides the recommended transform and likelihood.
enum class Kind {
  kImage,   ///< pixels
  kCounts,  ///< non-negative whole numbers with uneven totals: reads per gene
  kText,    ///< weighted term frequencies
  kTable,   ///< anything else
};

std::string kind_name(Kind kind);  ///< "image", "counts", "text", "table"

/// A ground-truth factor of variation. Used by evaluation only.
struct Factor {
  std::string name;
  Tensor values;  ///< [N] float64; class indices when categorical
  bool categorical = false;
  std::vector<std::string> value_names;  ///< per class, may be empty
};

struct Dataset {
  std::string name;  ///< registered name or file name
  Kind kind = Kind::kTable;
  Examples examples;
  std::vector<int64_t> shape;  ///< of one example: {channels, height, width} for images, else {X}
  double largest = 1;          ///< for images, the value that means full intensity (255 for bytes)

  Tensor labels;                         ///< [N] int64, class index or -1 where unknown; undefined without labels
  std::vector<std::string> label_names;  ///< per class
  std::vector<Factor> factors;
  std::vector<std::string> feature_names;  ///< [X] or empty
  std::vector<std::string> ids;            ///< [N] or empty: file names, cell barcodes
  int64_t train_count = 0;                 ///< the first rows that the publisher calls training data; 0 without a split

  int64_t size() const { return examples.size(); }
  int64_t width() const { return examples.width(); }
  bool has_labels() const { return labels.defined(); }

  /// The rows [first, last) as a data set of their own, sharing memory.
  Dataset slice(int64_t first, int64_t last) const;

  /// XXH3-64 of the examples' bytes, as 16 hexadecimal digits: what provenance records.
  std::string checksum() const;

  /// Throws DataError when the parts do not fit each other or a value is not finite (naming row and column).
  void check() const;
};

/// The columns of values [N, X] that single precision, in which methods compute, would make constant or coarse: they
/// differ by less than sixteen of its steps at their size, and by more than rounding to float64 leaves. Values that are
/// stored as bytes or in single precision have none.
std::vector<int64_t> blurred_columns(const Tensor& values);

}  // namespace cleave::data
