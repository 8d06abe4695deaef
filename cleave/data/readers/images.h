// Many pictures as one data set: a folder of image files, or a zip archive of them.
#pragma once

#include <filesystem>

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// The pictures of a folder and its sub-folders (.png, .jpg, .jpeg, .pgm, .ppm, .pnm), sorted by path, which become the
/// ids. Below the folders that all share, the first folder of a path is the label; without such folders there are no
/// labels. Hidden files and __MACOSX are passed over. Grey and colour together become colour.
/// Throws DataError when there are no pictures, when one cannot be decoded (see decode_picture), or when two differ in
/// size, naming both.
Dataset read_image_folder(const std::filesystem::path& folder);

/// The same of a zip archive. Throws DataError as ZipArchive does, too.
Dataset read_image_zip(ByteView bytes, const std::string& name);

}  // namespace cleave::data
