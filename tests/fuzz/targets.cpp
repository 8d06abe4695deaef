#include "tests/fuzz/targets.h"

#include <algorithm>
#include <iterator>

#include <zlib.h>

#include "cleave/data/readers/csv.h"
#include "cleave/data/readers/hdf5.h"
#include "cleave/data/readers/idx.h"
#include "cleave/data/readers/image_file.h"
#include "cleave/data/readers/images.h"
#include "cleave/data/readers/mat.h"
#include "cleave/data/readers/matrix_market.h"
#include "cleave/data/readers/npy.h"
#include "tests/data/files.h"
#include "tests/support/hdf5_writer.h"
#include "tests/support/mat_writer.h"
#include "tests/support/pictures.h"

namespace cleave::fuzz {
namespace {

using namespace cleave::tests;
using data::Dataset;

const Bytes kPixels = [] {
  Bytes pixels(8 * 8 * 8);
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<uint8_t>(i * 37);
  return pixels;
}();

/// Checksums of PNG chunks put right, as far as the chunks can be followed.
void repair_png(Bytes& file) {
  auto number = [&](size_t at) {
    return uint32_t{file[at]} << 24 | uint32_t{file[at + 1]} << 16 | uint32_t{file[at + 2]} << 8 | file[at + 3];
  };
  for (uint64_t chunk = 8; chunk + 12 <= file.size();) {
    const uint64_t end = chunk + 8 + number(chunk);
    if (end + 4 > file.size()) return;
    auto checksum = static_cast<uint32_t>(crc32(0, file.data() + chunk + 4, static_cast<uInt>(end - chunk - 4)));
    for (size_t i = 0; i < 4; ++i)
      file[end + i] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
    chunk = end + 4;
  }
}

std::vector<Bytes> png_seeds() {
  Bytes some(kPixels.begin(), kPixels.begin() + 64);
  Bytes indices(64);
  for (size_t i = 0; i < indices.size(); ++i)
    indices[i] = i % 3;
  return {make_png(8, 8, PNG_COLOR_TYPE_GRAY, 8, some),
          make_png(8, 8, PNG_COLOR_TYPE_GRAY, 8, some, {}, true),
          make_png(4, 4, PNG_COLOR_TYPE_RGB_ALPHA, 8, some),
          make_png(8, 4, PNG_COLOR_TYPE_GRAY, 16, some),
          make_png(8, 8, PNG_COLOR_TYPE_PALETTE, 8, indices, {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}),
          make_png(8, 8, PNG_COLOR_TYPE_GRAY, 1, {1, 2, 4, 8, 16, 32, 64, 128})};
}

std::vector<Bytes> jpeg_seeds() {
  return {make_jpeg(8, 8, 1, kPixels), make_jpeg(16, 8, 3, kPixels), make_jpeg(8, 16, 3, kPixels, true)};
}

std::vector<Bytes> pnm_seeds() {
  return {bytes_of("P2\n# grey\n3 2\n15\n1 2 3\n4 5 6\n"), bytes_of("P3 1 2 255 1 2 3 40 50 60"),
          bytes_of("P5\n3 2\n255\nabcdef"), bytes_of("P5\n1 2\n40000\nabcd"), bytes_of("P6\n1 2\n255\nabcdef")};
}

std::vector<Bytes> image_zip_seeds() {
  return {data::make_zip({{"a/1.pgm", pnm_seeds()[0], true}, {"b/2.pgm", pnm_seeds()[2]}}),
          data::make_zip({{"a/1.png", png_seeds()[0]}, {"a/2.png", png_seeds()[1], true}, {"readme", {1, 2, 3}}})};
}

std::vector<Bytes> mat_seeds() {
  std::vector<Bytes> seeds;
  for (bool big_endian : {false, true}) {
    for (bool compressed : {false, true}) {
      MatWriter file(big_endian);
      file.array<double>("X", 6, 9, {2, 3}, {1, 2, 3, 4, 5, 6}, compressed);
      file.array<int16_t>("other", 10, 3, {2, 1, 2}, {1, 2, 3, 4}, compressed);
      file.array<uint8_t>("y", 9, 2, {2, 1}, {1, 2}, compressed);
      seeds.push_back(file.bytes());
    }
  }
  return seeds;
}

std::vector<Bytes> matrix_market_seeds() {
  return {bytes_of("%%MatrixMarket matrix coordinate real general\n% c\n3 4 3\n3 1 5\n1 4 -2.5\n1 2 1e1\n"),
          bytes_of("%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n3 1\n2 2\n"),
          bytes_of("%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n4\n"),
          bytes_of("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2.5\n3\n")};
}

Bytes annotated_seed() {
  Hdf5Writer file;
  file.group("/X");
  file.attribute("/X", "encoding-type", "csr_matrix");
  file.attribute("/X", "shape", std::vector<int64_t>{3, 2});
  file.array<float>("/X/data", H5T_NATIVE_FLOAT, {3}, {2, 3, 4});
  file.array<int32_t>("/X/indices", H5T_NATIVE_INT32, {3}, {1, 0, 1});
  file.array<int32_t>("/X/indptr", H5T_NATIVE_INT32, {4}, {0, 1, 1, 3});
  file.group("/obs");
  file.words("/obs/_index", {"a", "b", "c"});
  file.attribute("/obs", "_index", "_index");
  file.words("/obs/type", {"B", "T", "B"});
  file.group("/var");
  file.words("/var/_index", {"g", "h"});
  file.attribute("/var", "_index", "_index");
  return file.bytes();
}

std::vector<Bytes> hdf5_seeds() {
  std::vector<Bytes> seeds = {annotated_seed()};
  {
    Hdf5Writer file;
    file.array<int32_t>("/X", H5T_NATIVE_INT32, {2, 3}, {1, 2, 3, 4, 5, 6});
    file.array<double>("/Y", H5T_NATIVE_DOUBLE, {2}, {1, 2});
    seeds.push_back(file.bytes());
  }
  Hdf5Writer file;
  for (const char* group : {"/train", "/test"}) {
    file.group(group);
    file.array<uint8_t>(std::string(group) + "/data", H5T_NATIVE_UINT8, {8, 8}, kPixels, {4, 8});
    file.array<int64_t>(std::string(group) + "/target", H5T_NATIVE_INT64, {8}, {1, 2, 3, 4, 1, 2, 3, 4});
  }
  seeds.push_back(file.bytes());
  return seeds;
}

std::vector<Bytes> idx_seeds() {
  return {bytes_of(std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x01"
                               "abcd",
                               20)),
          bytes_of(std::string("\0\0\x0d\x02\0\0\0\x01\0\0\0\x02\x3f\x80\0\0\x40\0\0\0", 20))};
}

std::vector<Bytes> csv_seeds() {
  return {bytes_of("a,b,label\n1,2.5,x\n3,-4e2,y\n"),
          bytes_of("# c\n1\t2\n3\t4\n"),
          bytes_of("1 2 3\r\n4 5 6\r\n"),
          bytes_of("id;\"a;b\";c\n\"x\"\"y\";1;2\nz;3;4\n"),
          bytes_of("x,y\n1,4\n2,4.5\n"),
          bytes_of("a,L\xe4nge\n1,NA\n2,B\n")};
}

Bytes npy(const std::string& type, const std::string& shape, std::string_view values, bool fortran = false) {
  std::string header =
      "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n";
  const char start[] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<char>(header.size()), 0};
  return bytes_of(std::string(start, sizeof(start)) + header + std::string(values));
}

std::vector<Bytes> npy_seeds() {
  const std::string values(48, '\0');
  return {npy("|u1", "(3, 4)", values.substr(0, 12)), npy("<f8", "(2, 3)", values, true),
          npy(">f2", "(2, 3)", values.substr(0, 12)), npy("<i8", "(6, 1)", values)};
}

std::vector<Bytes> npz_seeds() {
  const std::string values(48, '\1');
  Bytes x = npy("|u1", "(3, 4)", values.substr(0, 12)), y = npy("|u1", "(3,)", std::string("\0\1\0", 3));
  Bytes names = npy("<U1", "(2,)", std::string("a\0\0\0b\0\0\0", 8));
  Bytes pointers = npy("<i4", "(3,)", std::string("\0\0\0\0\1\0\0\0\2\0\0\0", 12));
  Bytes columns = npy("<i4", "(2,)", std::string("\1\0\0\0\0\0\0\0", 8));
  Bytes shape = npy("<i4", "(2,)", std::string("\2\0\0\0\2\0\0\0", 8));
  return {data::make_zip({{"x.npy", x}, {"y.npy", y}, {"label_names.npy", names}}),
          data::make_zip({{"x.npy", x, true}}),
          data::make_zip({{"data.npy", npy("<f4", "(2,)", values.substr(0, 8))},
                          {"indices.npy", columns},
                          {"indptr.npy", pointers},
                          {"shape.npy", shape}})};
}

/// Checksums of stored entries put right in a zip archive's table of contents, as far as it can be followed.
void repair_zip(Bytes& file) {
  auto number = [&](size_t at, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i)
      value |= uint64_t{file[at + i]} << (8 * i);
    return value;
  };
  for (size_t at = 0; at + 46 <= file.size(); ++at) {
    if (number(at, 4) != 0x02014b50 || number(at + 10, 2) != 0) continue;
    const uint64_t size = number(at + 20, 4), header = number(at + 42, 4);
    if (header + 30 > file.size()) continue;
    const uint64_t begin = header + 30 + number(header + 26, 2) + number(header + 28, 2);
    if (begin + size > file.size()) continue;
    auto checksum = static_cast<uint32_t>(crc32_z(0, file.data() + begin, size));
    for (size_t i = 0; i < 4; ++i)
      file[at + 16 + i] = static_cast<uint8_t>(checksum >> (8 * i));
  }
}

void check(const Dataset& dataset) {
  dataset.check();
}

}  // namespace

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"png", [](ByteView bytes) { data::decode_picture(bytes, "file"); }, png_seeds(), repair_png},
      {"jpeg", [](ByteView bytes) { data::decode_picture(bytes, "file"); }, jpeg_seeds()},
      {"pnm", [](ByteView bytes) { data::decode_picture(bytes, "file"); }, pnm_seeds()},
      {"image zip", [](ByteView bytes) { check(data::read_image_zip(bytes, "file")); }, image_zip_seeds(), repair_zip},
      {"npy", [](ByteView bytes) { check(data::read_npy(bytes, "file")); }, npy_seeds()},
      {"npz", [](ByteView bytes) { check(data::read_npz(bytes, "file")); }, npz_seeds(), repair_zip},
      {"mat", [](ByteView bytes) { check(data::read_mat(bytes, "file")); }, mat_seeds()},
      {"mtx", [](ByteView bytes) { check(data::read_matrix_market(bytes, "file")); }, matrix_market_seeds()},
      {"hdf5", [](ByteView bytes) { check(data::read_hdf5(bytes, "file")); }, hdf5_seeds()},
      {"idx", [](ByteView bytes) { check(data::read_idx(bytes, "file")); }, idx_seeds()},
      {"csv", [](ByteView bytes) { check(data::read_csv(bytes, "file")); }, csv_seeds()},
      {"gzip", [](ByteView bytes) { data::gunzip(bytes, "file"); }, {data::gzip(pnm_seeds()[0]), data::gzip(kPixels)}},
  };
  return all;
}

void attack(const Target& target, ByteView bytes) {
  try {
    target.read(bytes);
  } catch (const Error&) {  // the promised way to fail
  }
}

}  // namespace cleave::fuzz
