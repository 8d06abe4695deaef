// From the files of a published data set, in one folder, to the data set. Each throws DataError for unusable files.
#pragma once

#include <filesystem>

#include "cleave/data/dataset.h"

namespace cleave::data {

Dataset read_mnist(const std::filesystem::path& folder);          ///< 60000 + 10000 images of 1 x 28 x 28
Dataset read_fashion_mnist(const std::filesystem::path& folder);  ///< the same shape, clothes
Dataset read_optdigits(const std::filesystem::path& folder);      ///< 3823 + 1797 images of 1 x 8 x 8, values 0 to 16
Dataset read_usps(const std::filesystem::path& folder);           ///< 7291 + 2007 images of 1 x 16 x 16, values 0 to 1
Dataset read_svhn(const std::filesystem::path& folder);           ///< 73257 + 26032 images of 3 x 32 x 32
Dataset read_reuters_r8(const std::filesystem::path& folder);     ///< 5485 + 2189 documents, 2000 terms, sparse
Dataset read_reuters_10k(const std::filesystem::path& folder);    ///< 10000 documents, 2000 terms
Dataset read_mouse_bladder(const std::filesystem::path& folder);  ///< 2100 cells, counts of 20670 genes, 16 types

/// 2414 faces of 38 people, 1 x 32 x 32 or, full size, 1 x 192 x 168. Factors: person, azimuth and elevation of the
/// light in degrees.
Dataset read_yale_b(const std::filesystem::path& folder);
Dataset read_yale_b_full(const std::filesystem::path& folder);

/// 624 faces, 1 x 60 x 64; labels are the 20 people. Factors: person, pose, expression, eyes.
Dataset read_cmu_faces(const std::filesystem::path& folder);

}  // namespace cleave::data
