// Zip archives in memory: stored and deflated entries, everything bounds-checked. Zip64 and encryption are refused.
#pragma once

#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// True when the bytes begin as a zip archive does.
bool is_zip(ByteView bytes);

class ZipArchive {
 public:
  struct Entry {
    std::string name;   ///< path inside the archive, with '/'; folders are not listed
    uint64_t size = 0;  ///< bytes once decompressed
    uint64_t compressed_size = 0;
    uint32_t crc = 0;
    uint16_t method = 0;  ///< 0 stored, 8 deflated
    uint64_t offset = 0;  ///< of the entry's own header
  };

  /// Reads the table of contents. The bytes must outlive the archive.
  /// Throws DataError when they are not a zip archive, or one that is damaged or of an unknown kind.
  ZipArchive(ByteView bytes, std::string name);

  const std::string& name() const { return name_; }
  const std::vector<Entry>& entries() const { return entries_; }  ///< in the order of the table of contents

  /// The entry of that name, or nullptr.
  const Entry* find(std::string_view entry_name) const;

  /// The content of an entry. Throws DataError when it is larger than `limit` bytes (0: decompressed_limit), truncated,
  /// or does not match its checksum.
  Bytes read(const Entry& entry, uint64_t limit = 0) const;

 private:
  void read_contents(uint64_t begin, uint64_t count);

  ByteView bytes_;
  std::string name_;
  std::vector<Entry> entries_;
};

}  // namespace cleave::data
