#include "cleave/data/readers/byte_source.h"

#include <algorithm>
#include <fstream>

#include <zlib.h>

#include "cleave/base/text.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSmallestStep = 1 << 16;  // bytes of output made room for at once, at least
constexpr uint64_t kLargestStep = 1 << 30;   // zlib counts in 32 bits

constexpr int kGzipFraming = 15 + 16;
constexpr int kZlibFraming = 15;
constexpr int kNoFraming = -15;

/// zlib's inflation of one input.
class Inflation {
 public:
  Inflation(ByteView input, int framing, std::string name) : rest_(input), name_(std::move(name)) {
    require<RunError>(inflateInit2(&stream_, framing) == Z_OK, "zlib could not be started");
  }
  ~Inflation() { inflateEnd(&stream_); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  /// What of the input is not consumed yet.
  ByteView rest() const { return rest_; }

  /// Appends one whole stream to `output`, which may grow to `limit` bytes.
  void append_to(Bytes& output, uint64_t limit) {
    inflateReset(&stream_);
    uint64_t filled = output.size();
    for (int status = Z_OK; status != Z_STREAM_END;) {
      if (filled == output.size()) output.resize(std::min(limit + 1, std::max(filled + kSmallestStep, 2 * filled)));
      ByteView input = rest_.first(std::min<uint64_t>(rest_.size(), kLargestStep));
      uint64_t room = std::min(output.size() - filled, kLargestStep);
      stream_.next_in = const_cast<Bytef*>(input.data());
      stream_.avail_in = static_cast<uInt>(input.size());
      stream_.next_out = output.data() + filled;
      stream_.avail_out = static_cast<uInt>(room);
      status = inflate(&stream_, Z_NO_FLUSH);
      rest_ = rest_.subspan(input.size() - stream_.avail_in);
      filled += room - stream_.avail_out;
      // There is always room, so that zlib can only lack input.
      require<DataError>(status != Z_BUF_ERROR, "{}: truncated: the compressed data ends too early", name_);
      require<DataError>(status == Z_OK || status == Z_STREAM_END, "{}: the compressed data is damaged ({})", name_,
                         stream_.msg ? stream_.msg : "needs a dictionary");
      require<DataError>(filled <= limit, "{}: decompresses to more than {}, which no real data of this size does",
                         name_, byte_count(limit));
    }
    output.resize(filled);
  }

 private:
  z_stream stream_{};
  ByteView rest_;
  std::string name_;
};

}  // namespace

uint64_t decompressed_limit(uint64_t compressed) {
  return std::max<uint64_t>(uint64_t{256} << 20, 100 * compressed);
}

Bytes read_file(const fs::path& path) {
  std::string name = path.string();
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  require<DataError>(fs::exists(status), "{}: no such file", name);
  require<DataError>(!fs::is_directory(status), "{}: a folder, not a file", name);
  require<DataError>(fs::is_regular_file(status), "{}: not a regular file", name);
  std::ifstream file(path, std::ios::binary);
  require<DataError>(file.is_open(), "{}: cannot be opened: is reading permitted?", name);
  uint64_t size = fs::file_size(path, error);
  require<DataError>(!error, "{}: its size cannot be read: {}", name, error.message());
  require<DataError>(size > 0, "{}: the file is empty", name);
  Bytes bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  require<DataError>(file.good(), "{}: reading stopped after {} of {} bytes", name, file.gcount(), size);
  return bytes;
}

Bytes read_decompressed(const fs::path& path) {
  Bytes bytes = read_file(path);
  return is_gzip(bytes) ? gunzip(bytes, path.string()) : bytes;
}

bool is_gzip(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

Bytes gunzip(ByteView compressed, const std::string& name, uint64_t limit) {
  if (limit == 0) limit = decompressed_limit(compressed.size());
  Inflation inflation(compressed, kGzipFraming, name);
  Bytes output;
  do
    inflation.append_to(output, limit);
  while (is_gzip(inflation.rest()));
  ByteView rest = inflation.rest();
  bool only_padding = std::all_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte == 0; });
  require<DataError>(only_padding, "{}: {} bytes follow the compressed data", name, rest.size());
  require<DataError>(!output.empty(), "{}: the file is empty once decompressed", name);
  return output;
}

Bytes inflate_raw(ByteView compressed, uint64_t size, const std::string& name) {
  Inflation inflation(compressed, kNoFraming, name);
  Bytes output;
  inflation.append_to(output, size);
  require<DataError>(output.size() == size, "{}: {} bytes announced, {} found", name, size, output.size());
  return output;
}

Bytes inflate_zlib(ByteView compressed, uint64_t limit, const std::string& name) {
  Inflation inflation(compressed, kZlibFraming, name);
  Bytes output;
  inflation.append_to(output, limit);
  return output;
}

int64_t checked_product(std::span<const int64_t> sizes, const std::string& name) {
  constexpr int64_t kLargest = int64_t{1} << 62;
  int64_t product = 1, strides = 1;  // an axis of 0 leaves the strides of the others to be counted
  for (int64_t size : sizes) {
    require<DataError>(size >= 0, "{}: a size of {} in the shape", name, size);
    require<DataError>(strides <= kLargest / std::max<int64_t>(size, 1), "{}: the shape is too large to exist", name);
    strides *= std::max<int64_t>(size, 1);
    product *= size;
  }
  return product;
}

}  // namespace cleave::data
