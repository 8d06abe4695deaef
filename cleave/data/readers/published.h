// From the files of a published data set, in one folder, to the data set. Each throws DataError for unusable files.
#pragma once

#include <filesystem>

#include "cleave/data/dataset.h"

namespace cleave::data {

Dataset read_mnist(const std::filesystem::path& folder);          ///< 60000 + 10000 images of 1 x 28 x 28
Dataset read_fashion_mnist(const std::filesystem::path& folder);  ///< the same shape, clothes
Dataset read_optdigits(const std::filesystem::path& folder);      ///< 3823 + 1797 images of 1 x 8 x 8, values 0 to 16

}  // namespace cleave::data
