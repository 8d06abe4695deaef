#include "cleave/data/readers/zip.h"

#include <algorithm>

#include <zlib.h>

#include "cleave/base/text.h"

namespace cleave::data {
namespace {

constexpr uint32_t kEntrySignature = 0x04034b50;     // "PK\3\4", before each entry
constexpr uint32_t kContentsSignature = 0x02014b50;  // "PK\1\2", before each line of the table of contents
constexpr uint32_t kEndSignature = 0x06054b50;       // "PK\5\6", after the table
constexpr uint64_t kEndSize = 22;                    // without the comment that may follow it
constexpr uint64_t kLargestComment = 0xffff;

constexpr uint16_t kStored = 0;
constexpr uint16_t kDeflated = 8;
constexpr uint16_t kEncrypted = 1;  // bit of the flags

/// Where the end record begins: searched backwards, since a comment of unknown length follows it.
uint64_t find_end_record(ByteView bytes, const std::string& name) {
  require<DataError>(bytes.size() >= kEndSize, "{}: truncated: too short for a zip archive", name);
  uint64_t last = bytes.size() - kEndSize;
  uint64_t first = last > kLargestComment ? last - kLargestComment : 0;
  for (uint64_t at = last + 1; at-- > first;) {
    if (Cursor(bytes.subspan(at), name).little<uint32_t>() == kEndSignature) return at;
  }
  throw DataError(fmt::format("{}: truncated: the table of contents of the zip archive is missing", name));
}

}  // namespace

bool is_zip(ByteView bytes) {
  return bytes.size() >= 4 && bytes[0] == 'P' && bytes[1] == 'K' && (bytes[2] == 3 || bytes[2] == 5);
}

ZipArchive::ZipArchive(ByteView bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  Cursor end(bytes_, name_);
  end.seek(find_end_record(bytes_, name_) + 4);
  auto disk = end.little<uint16_t>();
  auto disk_of_contents = end.little<uint16_t>();
  require<DataError>(disk == disk_of_contents, "{}: a zip archive in several parts cannot be read", name_);
  end.take(2);
  uint64_t count = end.little<uint16_t>();
  end.take(4);
  uint64_t begin = end.little<uint32_t>();
  require<DataError>(count != 0xffff && begin != 0xffffffff,
                     "{}: zip64 archives cannot be read: repack it with fewer than 65535 entries and below 4 GiB",
                     name_);
  read_contents(begin, count);
}

void ZipArchive::read_contents(uint64_t begin, uint64_t count) {
  Cursor contents(bytes_, name_);
  contents.seek(begin);
  uint64_t compressed_total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    require<DataError>(contents.little<uint32_t>() == kContentsSignature,
                       "{}: the table of contents of the zip archive is damaged at entry {}", name_, i);
    Entry entry;
    contents.take(4);
    auto flags = contents.little<uint16_t>();
    entry.method = contents.little<uint16_t>();
    contents.take(4);
    entry.crc = contents.little<uint32_t>();
    entry.compressed_size = contents.little<uint32_t>();
    entry.size = contents.little<uint32_t>();
    auto name_length = contents.little<uint16_t>();
    auto extra_length = contents.little<uint16_t>();
    auto comment_length = contents.little<uint16_t>();
    contents.take(8);
    entry.offset = contents.little<uint32_t>();
    entry.name = as_text(contents.take(name_length));
    contents.take(extra_length + comment_length);
    if (entry.name.ends_with('/')) continue;
    require<DataError>((flags & kEncrypted) == 0, "{}: entry {} is encrypted", name_, entry.name);
    require<DataError>(entry.size != 0xffffffff && entry.compressed_size != 0xffffffff && entry.offset != 0xffffffff,
                       "{}: entry {} is zip64, which cannot be read: keep entries below 4 GiB", name_, entry.name);
    compressed_total += entry.compressed_size;
    entries_.push_back(std::move(entry));
  }
  // Entries that share bytes are how a small archive claims to hold more than it can.
  require<DataError>(compressed_total <= bytes_.size(), "{}: the entries of the zip archive overlap", name_);
}

const ZipArchive::Entry* ZipArchive::find(std::string_view entry_name) const {
  auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == entry_name; });
  return found == entries_.end() ? nullptr : &*found;
}

Bytes ZipArchive::read(const Entry& entry, uint64_t limit) const {
  std::string name = fmt::format("{} in {}", entry.name, name_);
  if (limit == 0) limit = decompressed_limit(entry.compressed_size);
  require<DataError>(entry.size <= limit, "{}: decompresses to more than {}, which no real data of this size does",
                     name, byte_count(limit));
  Cursor cursor(bytes_, name);
  cursor.seek(entry.offset);
  require<DataError>(cursor.little<uint32_t>() == kEntrySignature, "{}: its header is damaged", name);
  cursor.take(22);
  auto name_length = cursor.little<uint16_t>();
  auto extra_length = cursor.little<uint16_t>();
  cursor.take(name_length + extra_length);
  ByteView stored = cursor.take(entry.compressed_size);

  require<DataError>(entry.method == kStored || entry.method == kDeflated,
                     "{}: compressed by method {}; only stored and deflated entries can be read", name, entry.method);
  Bytes content =
      entry.method == kDeflated ? inflate_raw(stored, entry.size, name) : Bytes(stored.begin(), stored.end());
  require<DataError>(content.size() == entry.size, "{}: {} bytes announced, {} found", name, entry.size,
                     content.size());
  uint32_t crc = static_cast<uint32_t>(crc32_z(0, content.data(), content.size()));
  require<DataError>(crc == entry.crc, "{}: its checksum does not match: the archive is damaged", name);
  return content;
}

}  // namespace cleave::data
