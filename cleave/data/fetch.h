// Getting published data sets: from a local mirror or from their official source, checked before they are used.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cleave::data {

/// Gets what lies at an address into a file that does not exist yet. Throws RunError when it cannot.
using Download = std::function<void(const std::string& address, const std::filesystem::path& file)>;

/// Runs the program `curl`. Throws RunError with its exit code when it fails or is not installed.
void download_with_curl(const std::string& address, const std::filesystem::path& file);

/// Brings the files of a registered set into `root`/folder and returns their paths. A file that is there already, with
/// the right checksum, stays. With a `mirror` (a data root, or one folder with the files) files are copied from it;
/// without one they are downloaded. A file is checked before it takes its name, so that none is ever half there.
/// Throws ArgumentError for an unknown name, DataError for a file that is absent from the mirror, cannot be had by
/// downloading, or has the wrong checksum.
std::vector<std::filesystem::path> fetch(const std::string& name, const std::filesystem::path& root,
                                         const std::filesystem::path& mirror = {},
                                         const Download& download = download_with_curl);

/// "md5:..." or "sha256:..." of a file, in hexadecimal digits. Throws DataError when it cannot be read.
std::string file_digest(const std::filesystem::path& file, const std::string& algorithm);

}  // namespace cleave::data
