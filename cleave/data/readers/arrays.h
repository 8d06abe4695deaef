// From the arrays that a file holds to a data set: what all array formats share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cleave/data/dataset.h"

namespace cleave::data {

/// A data set of the rows of an array, its type brought to one that examples may have (int64 becomes int32 where the
/// values allow, else float64). [N, X] is a table or counts; [N, H, W], [N, C, H, W] and [N, H, W, C] with C = 1 or 3
/// are images, flattened channel by channel; anything else of more axes is a table. Throws DataError when the array has
/// no rows, no columns, or one axis only.
Dataset dataset_of_array(const Tensor& array, const std::string& name);

/// Counts when every value is a whole number >= 0, most are zero, there are at least 100 features, and the largest
/// value is not 255, which would tell of pixels; else a table.
Kind guess_kind(const Examples& examples);

/// Sets labels and label_names from one number per example ([N] or [N, 1], any type): class indices by rising value,
/// each named by its value; NaN means unknown. Throws DataError when there is not one whole number per example.
void set_labels(Dataset& dataset, const Tensor& values);

/// The same from one word per example; classes in alphabetic order, an empty word means unknown.
void set_labels(Dataset& dataset, const std::vector<std::string>& words);

/// The name among `present` that `wanted` lists first, whatever its case; empty when there is none.
std::string first_match(const std::vector<std::string>& present, const std::vector<std::string>& wanted);

/// Stands for no labels where a column or array of labels can be named.
inline constexpr std::string_view kNoLabels = "none";

/// How files name their examples and labels: x, data, features, ...; y, target, label, ...
const std::vector<std::string>& example_names();
const std::vector<std::string>& label_names();

}  // namespace cleave::data
