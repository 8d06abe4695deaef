// Files for tests of readers: gzip and zip made by hand, the text of an error.
#pragma once

#include <string>

#include <zlib.h>

#include "cleave/data/readers/byte_source.h"
#include "tests/support/temporary_folder.h"

namespace cleave::data {

using tests::TemporaryFolder;

/// What zlib makes of bytes: window_bits 31 for gzip, -15 for the raw stream that a zip archive holds.
inline Bytes deflated(ByteView bytes, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 1, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  Bytes output(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = output.data();
  stream.avail_out = static_cast<uInt>(output.size());
  deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  return output;
}
inline Bytes gzip(ByteView bytes) {
  return deflated(bytes, 31);
}

struct ZipContent {
  std::string name;
  Bytes bytes;
  bool deflate = false;
};

/// A zip archive with these entries, in this order.
inline Bytes make_zip(const std::vector<ZipContent>& contents) {
  Bytes archive, table;
  auto append = [](Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); };
  auto number = [&](Bytes& to, uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8)
      to.push_back(static_cast<uint8_t>(value));
  };
  for (const ZipContent& content : contents) {
    Bytes stored = content.deflate ? deflated(content.bytes, -15) : content.bytes;
    Bytes shared;  // what both headers of an entry hold
    number(shared, content.deflate ? 8 : 0, 2);
    number(shared, 0, 4);
    number(shared, static_cast<uint32_t>(crc32_z(0, content.bytes.data(), content.bytes.size())), 4);
    number(shared, static_cast<uint32_t>(stored.size()), 4);
    number(shared, static_cast<uint32_t>(content.bytes.size()), 4);
    number(shared, static_cast<uint32_t>(content.name.size()), 2);
    number(shared, 0, 2);
    number(table, 0x02014b50, 4);
    number(table, 20 << 16 | 20, 4);
    number(table, 0, 2);
    append(table, shared);
    number(table, 0, 10);
    number(table, static_cast<uint32_t>(archive.size()), 4);
    append(table, as_bytes(content.name));
    number(archive, 0x04034b50, 4);
    number(archive, 20, 4);
    append(archive, shared);
    append(archive, as_bytes(content.name));
    append(archive, stored);
  }
  auto table_begin = static_cast<uint32_t>(archive.size());
  append(archive, table);
  number(archive, 0x06054b50, 4);
  number(archive, 0, 4);
  number(archive, static_cast<uint32_t>(contents.size()), 2);
  number(archive, static_cast<uint32_t>(contents.size()), 2);
  number(archive, static_cast<uint32_t>(table.size()), 4);
  number(archive, table_begin, 4);
  number(archive, 0, 2);
  return archive;
}

}  // namespace cleave::data
