#include "cleave/base/safetensors.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "tests/support/temporary_folder.h"

namespace cleave {
namespace {

using testing::HasSubstr;
using tests::TemporaryFolder;

TensorFile example() {
  TensorFile content;
  Tensor base = at::arange(12, at::kFloat).view({3, 4});
  content.tensors = {{"float", base + 0.5},
                     {"double", at::full({2}, std::nan(""), at::kDouble)},
                     {"half/\"quoted\"", base.to(at::kBFloat16)},
                     {"long", at::full({}, std::numeric_limits<int64_t>::min(), at::kLong)},
                     {"int", base.to(at::kInt).t()},
                     {"small", base.to(at::kChar)},
                     {"byte", base.to(at::kByte)},
                     {"bool", base.gt(5)},
                     {"empty", at::empty({0, 7}, at::kFloat)}};
  content.metadata = {{"format", "1"}, {"note", "caf\xc3\xa9"}};
  return content;
}

/// A file with this header text and these data bytes.
std::string raw_file(std::string header, const std::string& data) {
  uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

TEST(Safetensors, EveryTypeComesBackBitForBit) {
  TemporaryFolder folder;
  TensorFile before = example();
  save_tensors(folder / "m", before);
  TensorFile after = load_tensors(folder / "m");
  EXPECT_EQ(after.metadata, before.metadata);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (const auto& [name, tensor] : before.tensors) {
    const Tensor& loaded = after.tensors.at(name);
    EXPECT_EQ(loaded.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_EQ(loaded.sizes(), tensor.sizes()) << name;
    std::string_view a(static_cast<const char*>(loaded.data_ptr()), loaded.nbytes());
    Tensor contiguous = tensor.contiguous();
    EXPECT_EQ(a, std::string_view(static_cast<const char*>(contiguous.data_ptr()), contiguous.nbytes())) << name;
  }
}

TEST(Safetensors, EqualContentGivesEqualBytesAndAlignedTensors) {
  TemporaryFolder folder;
  save_tensors(folder / "a", example());
  save_tensors(folder / "b", example());
  std::string bytes = read_whole(folder / "a", 1 << 20);
  EXPECT_EQ(bytes, read_whole(folder / "b", 1 << 20));
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0);
  EXPECT_LT(bytes.find("\"double\""), bytes.find("\"float\""));
}

TEST(Safetensors, NoTensorsAndNoMetadataIsAFileToo) {
  TemporaryFolder folder;
  save_tensors(folder / "m", {});
  EXPECT_TRUE(load_tensors(folder / "m").tensors.empty());
}

TEST(Safetensors, TypesThatTheFormatLacksAreRefusedBeforeAnythingIsWritten) {
  TemporaryFolder folder;
  EXPECT_THROW(save_tensors(folder / "m", {{{"a", at::zeros({1}, at::kShort)}}, {}}), ArgumentError);
  EXPECT_THROW(save_tensors(folder / "m", {{{"a", Tensor()}}, {}}), ArgumentError);
  EXPECT_FALSE(std::filesystem::exists(folder / "m"));
}

struct Bad {
  const char* header;
  const char* complaint;
};

// Each is one broken rule; the data are always the 8 bytes 0 to 7.
const Bad kBad[] = {
    {R"([])", "must start with '{'"},
    {R"({"a":)", "not JSON"},
    {"{\"\xff\":1}", "not JSON"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})",
     "'a' twice"},
    {R"({"a":{"dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8]}})", "'dtype' twice"},
    {R"({"a":{"dtype":"F64","shape":[[[1]]],"data_offsets":[0,8]}})", "nested too deep"},
    {R"({"a":{"dtype":"F64","shape":[1]}})", "exactly dtype, shape and data_offsets"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8],"more":1}})", "exactly dtype"},
    {R"({"a":3})", "exactly dtype"},
    {R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", "unknown type \"C64\""},
    {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})", "unknown type 7"},
    {R"({"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}})", "whole numbers"},
    {R"({"a":{"dtype":"F64","shape":[1.0],"data_offsets":[0,8]}})", "whole numbers"},
    {R"({"a":{"dtype":"F64","shape":1,"data_offsets":[0,8]}})", "must be a list"},
    {R"({"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,8]}})", "overflows"},
    {R"({"a":{"dtype":"F64","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}})", "overflows"},
    {R"({"a":{"dtype":"F64","shape":[18446744073709551615],"data_offsets":[0,8]}})", "whole numbers"},
    {R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})", "needs 16 bytes but its span has 8"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,9]}})", "outside the file"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}})", "outside the file"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[-8,0]}})", "two whole numbers"},
    {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "but the file has"},
    {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "starts at byte 4"},
    {R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})",
     "starts at byte 0"},
    {R"({"a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]}})", "must be 0 or 1"},
    {R"({"__metadata__":{"k":1},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", "must be text"},
    {R"({"__metadata__":[],"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", "must be an object"},
};

TEST(Safetensors, EveryBrokenRuleIsNamed) {
  TemporaryFolder folder;
  for (const auto& [header, complaint] : kBad) {
    write_atomically(folder / "m", raw_file(header, {"\0\1\2\3\4\5\6\7", 8}));
    try {
      load_tensors(folder / "m", Writer::kAny);
      ADD_FAILURE() << header;
    } catch (const CorruptFileError& error) {
      EXPECT_THAT(error.what(), HasSubstr(complaint)) << header;
      EXPECT_THAT(error.what(), HasSubstr((folder / "m").string()));
    }
  }
}

TEST(Safetensors, TheHeaderIsBoundedByTheFile) {
  TemporaryFolder folder;
  for (uint64_t length : {uint64_t{3}, uint64_t{99'999'999}, uint64_t{1} << 40, ~uint64_t{0}}) {
    write_atomically(folder / "m", std::string(reinterpret_cast<const char*>(&length), 8) + "{}");
    EXPECT_THROW(load_tensors(folder / "m"), CorruptFileError) << length;
  }
  write_atomically(folder / "m", "short");
  EXPECT_THROW(load_tensors(folder / "m"), CorruptFileError);
}

TEST(Safetensors, AFileWithoutAChecksumIsReadOnlyWhenAnyWriterWillDo) {
  TemporaryFolder folder;
  const char* header = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  write_atomically(folder / "m", raw_file(header, std::string(8, '\0')));
  EXPECT_EQ(load_tensors(folder / "m", Writer::kAny).tensors.at("a").numel(), 2);
  EXPECT_THROW(load_tensors(folder / "m"), CorruptFileError);
}

TEST(Safetensors, MutatedFilesAreRefused) {
  TemporaryFolder folder;
  save_tensors(folder / "m", example());
  const std::string whole = read_whole(folder / "m", 1 << 20);
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 1000; ++trial) {
    std::string bytes = whole;
    for (uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      uint64_t at = random() % (random() % 2 ? bytes.size() : std::min<size_t>(bytes.size(), 700));
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1 + random() % 9);
          break;
        case 2:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40));
          break;
        default:
          bytes[at] ^= static_cast<char>(1 << random() % 8);
      }
    }
    std::ofstream(folder / "x", std::ios::binary) << bytes;
    if (bytes == whole) continue;
    EXPECT_THROW(load_tensors(folder / "x"), CorruptFileError) << trial;
  }
}

}  // namespace
}  // namespace cleave
