#include "cleave/data/readers/images.h"

#include "cleave/data/readers/image_file.h"
#include "tests/data/files.h"
#include "tests/support/pictures.h"
#include "tests/support/raises.h"
#include "tests/support/real_data.h"
#include "tests/support/values.h"

namespace cleave::data {
namespace {

using cleave::tests::bytes_of;
using cleave::tests::make_jpeg;
using cleave::tests::make_png;
using cleave::tests::values;
using ::testing::ElementsAre;

Bytes pixels_of(const Bytes& file) {
  return decode_picture(file, "a").pixels;
}

/// The header's width or height as another number, with the checksum that belongs to it.
Bytes with_png_size(Bytes png, uint32_t width, uint32_t height) {
  for (int i = 0; i < 4; ++i) {
    png[16 + i] = static_cast<uint8_t>(width >> (24 - 8 * i));
    png[20 + i] = static_cast<uint8_t>(height >> (24 - 8 * i));
  }
  uint32_t checksum = static_cast<uint32_t>(crc32(0, png.data() + 12, 17));
  for (int i = 0; i < 4; ++i)
    png[29 + i] = static_cast<uint8_t>(checksum >> (24 - 8 * i));
  return png;
}

TEST(Picture, ReadsEveryKindOfPng) {
  EXPECT_THAT(pixels_of(make_png(2, 2, PNG_COLOR_TYPE_GRAY, 8, {1, 2, 3, 4})), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(pixels_of(make_png(2, 2, PNG_COLOR_TYPE_GRAY, 8, {1, 2, 3, 4}, {}, true)), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(pixels_of(make_png(2, 1, PNG_COLOR_TYPE_GRAY, 1, {0x40})), ElementsAre(0, 255));
  EXPECT_THAT(pixels_of(make_png(2, 1, PNG_COLOR_TYPE_GRAY, 16, {0xff, 0xff, 0x80, 0x80})), ElementsAre(255, 128));
  EXPECT_THAT(pixels_of(make_png(1, 1, PNG_COLOR_TYPE_RGB, 8, {1, 2, 3})), ElementsAre(1, 2, 3));
  EXPECT_THAT(pixels_of(make_png(1, 1, PNG_COLOR_TYPE_RGB_ALPHA, 8, {200, 100, 0, 51})), ElementsAre(40, 20, 0));
  EXPECT_THAT(pixels_of(make_png(1, 1, PNG_COLOR_TYPE_GRAY_ALPHA, 8, {200, 0})), ElementsAre(0));
  EXPECT_THAT(pixels_of(make_png(2, 1, PNG_COLOR_TYPE_PALETTE, 8, {1, 0}, {{1, 2, 3}, {4, 5, 6}})),
              ElementsAre(4, 5, 6, 1, 2, 3));
}

TEST(Picture, ReadsJpegToWithinItsLoss) {
  for (bool progressive : {false, true}) {
    Picture grey = decode_picture(make_jpeg(8, 16, 1, Bytes(128, 77), progressive), "a.jpg");
    EXPECT_THAT((std::vector<int64_t>{grey.channels, grey.height, grey.width}), ElementsAre(1, 16, 8));
    EXPECT_THAT(grey.pixels, ::testing::Each(::testing::AllOf(::testing::Ge(75), ::testing::Le(79))));
    EXPECT_EQ(decode_picture(make_jpeg(8, 8, 3, Bytes(192, 77), progressive), "a.jpg").channels, 3);
  }
}

TEST(Picture, ReadsPlainAndBinaryPnm) {
  EXPECT_THAT(pixels_of(bytes_of("P2 # grey\n2 1\n# largest\n9\n3 9")), ElementsAre(3, 9));
  EXPECT_THAT(pixels_of(bytes_of("P3\n1 1\n255\n10 20 30\n")), ElementsAre(10, 20, 30));
  EXPECT_THAT(pixels_of(bytes_of("P5\n2 1\n158\n\x20\x0a")), ElementsAre(0x20, 0x0a));
  EXPECT_THAT(pixels_of(bytes_of(std::string("P5\n2 1\n65535\n\xff\xff\x80\x80", 17))), ElementsAre(255, 128));
  EXPECT_THAT(pixels_of(bytes_of("P6\n1 1\n255\nabc")), ElementsAre('a', 'b', 'c'));
}

TEST(Picture, RefusesMorePixelsThanTheFileHasRoomFor) {
  Bytes png = make_png(2, 2, PNG_COLOR_TYPE_GRAY, 8, {1, 2, 3, 4});
  EXPECT_RAISES(decode_picture(with_png_size(png, 40000, 25000), "a.png"), DataError,
                "a.png: 40000 x 25000 pixels are more than");
  EXPECT_RAISES(decode_picture(with_png_size(png, 8000, 8000), "a.png"), DataError,
                "a.png: 8000 x 8000 pixels claimed, but the file has room for");
  EXPECT_RAISES(decode_picture(with_png_size(png, 0, 1), "a.png"), DataError, "a.png: a picture of 0 x 1");
  Bytes jpeg = make_jpeg(8, 8, 1, Bytes(64, 1));
  size_t frame = 0;
  while (jpeg[frame] != 0xff || jpeg[frame + 1] != 0xc0)
    ++frame;
  std::fill_n(jpeg.begin() + static_cast<ptrdiff_t>(frame) + 5, 4, 0xff);
  EXPECT_RAISES(decode_picture(jpeg, "a.jpg"), DataError, "a.jpg: ");
  EXPECT_RAISES(decode_picture(bytes_of("P5\n30000 30000\n255\nab"), "a.pgm"), DataError, "more than");
  EXPECT_RAISES(decode_picture(bytes_of("P5\n2 2\n255\nabc"), "a.pgm"), DataError, "room for 3");
}

TEST(Picture, RefusesDamagedFiles) {
  Bytes png = make_png(2, 2, PNG_COLOR_TYPE_GRAY, 8, {1, 2, 3, 4});
  EXPECT_RAISES(decode_picture(ByteView(png).first(45), "a.png"), DataError, "not a usable PNG file");
  EXPECT_RAISES(decode_picture(ByteView(png).first(10), "a.png"), DataError, "a.png: truncated");
  png[45] ^= 0xff;
  EXPECT_RAISES(decode_picture(png, "a.png"), DataError, "a.png: byte ");
  Bytes jpeg = make_jpeg(64, 64, 3, Bytes(64 * 64 * 3, 9));
  EXPECT_RAISES(decode_picture(ByteView(jpeg).first(jpeg.size() / 2), "a.jpg"), DataError, "not a usable JPEG file");
  EXPECT_RAISES(decode_picture(make_jpeg(8, 8, 4, Bytes(256, 9)), "a.jpg"), DataError, "4 components");
  EXPECT_RAISES(decode_picture(bytes_of("P2\n1 1\n9\nx"), "a.pgm"), DataError, "a.pgm: byte 9: expected a number");
  EXPECT_RAISES(decode_picture(bytes_of("P2\n1 1\n9\n12"), "a.pgm"), DataError, "value 0 is 12, but 9 is the largest");
  EXPECT_RAISES(decode_picture(bytes_of("P5\n1 1\n70000\n12"), "a.pgm"), DataError, "a largest value of 70000");
  EXPECT_RAISES(decode_picture(bytes_of("GIF89a"), "a.png"), DataError, "neither PNG, JPEG, PGM nor PPM");
  EXPECT_RAISES(decode_picture({}, "a.png"), DataError, "a.png: the file is empty");
}

TEST(ImageFolder, TakesFoldersAsLabelsInSortedOrder) {
  TemporaryFolder folder;
  folder.write("digits/seven/b.PGM", "P2 1 1 9 7");
  folder.write("digits/one/c.pgm", "P2 1 1 9 1");
  folder.write("digits/seven/a.pgm", "P2 1 1 9 6");
  folder.write("digits/readme.txt", "no picture");
  folder.write("digits/seven/.hidden.pgm", "damaged");
  folder.write("__MACOSX/seven/a.pgm", "damaged");
  Dataset dataset = read_image_folder(folder.path());
  EXPECT_THAT(values(dataset.examples.dense), ElementsAre(1, 6, 7));
  EXPECT_THAT(values(dataset.labels), ElementsAre(0, 1, 1));
  EXPECT_THAT(dataset.label_names, ElementsAre("one", "seven"));
  EXPECT_THAT(dataset.ids, ElementsAre("digits/one/c.pgm", "digits/seven/a.pgm", "digits/seven/b.PGM"));
  EXPECT_EQ(dataset.kind, Kind::kImage);
  EXPECT_THAT(dataset.shape, ElementsAre(1, 1, 1));
}

TEST(ImageFolder, HasNoLabelsWithoutSubFolders) {
  TemporaryFolder folder;
  folder.write("a.pgm", "P2 1 1 9 7");
  EXPECT_FALSE(read_image_folder(folder.path()).has_labels());
}

TEST(ImageFolder, NamesBothPicturesOfDifferentSize) {
  TemporaryFolder folder;
  folder.write("a.pgm", "P2 1 1 9 7");
  folder.write("b.pgm", "P2 2 1 9 7 7");
  EXPECT_RAISES(read_image_folder(folder.path()), DataError,
                "a.pgm is 1 x 1 pixels but b.pgm is 2 x 1; scale all pictures to one size");
}

TEST(ImageFolder, NamesTheDamagedPicture) {
  TemporaryFolder folder;
  folder.write("a.pgm", "P2 1 1 9");
  EXPECT_RAISES(read_image_folder(folder.path()), DataError, "a.pgm: byte 8");
  EXPECT_RAISES(read_image_folder(folder.path() / "absent"), DataError, "the folder cannot be read");
  std::filesystem::remove(folder.path() / "a.pgm");
  EXPECT_RAISES(read_image_folder(folder.path()), DataError, "holds no pictures");
}

TEST(ImageFolder, FollowsLinksButNeverBackNorIntoRuns) {
  TemporaryFolder folder, elsewhere;
  folder.write("a/1.pgm", "P2 1 1 9 1");
  elsewhere.write("2.pgm", "P2 1 1 9 2");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "b");
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "a" / "back");
  for (const char* file : {"config.toml", "provenance.json", "figures/codes.pgm"})
    folder.write(std::string("run/") + file, "no picture");
  Dataset dataset = read_image_folder(folder.path());
  EXPECT_THAT(dataset.ids, ElementsAre("a/1.pgm", "b/2.pgm"));
  EXPECT_THAT(dataset.label_names, ElementsAre("a", "b"));
}

TEST(ImageFolder, NamesThatAreNoUtf8AreTakenForLatin1) {
  TemporaryFolder folder;
  folder.write("\xe4.pgm", "P2 1 1 9 7");
  EXPECT_THAT(read_image_folder(folder.path()).ids, ElementsAre("\xc3\xa4.pgm"));
}

TEST(ImageZip, MakesColourOfGreyAndColour) {
  Bytes zip = make_zip({{"x/b.ppm", bytes_of("P3 1 1 9 1 2 3"), true},
                        {"__MACOSX/x/._b.ppm", bytes_of("resource fork")},
                        {"y/a.pgm", bytes_of("P2 1 1 9 5")}});
  Dataset dataset = read_image_zip(zip, "a.zip");
  EXPECT_THAT(values(dataset.examples.dense), ElementsAre(1, 2, 3, 5, 5, 5));
  EXPECT_THAT(dataset.shape, ElementsAre(3, 1, 1));
  EXPECT_THAT(dataset.label_names, ElementsAre("x", "y"));
}

TEST(ImageZip, ReadsCmuFaces) {
  CLEAVE_REAL_FILE(path, "cmu-faces/cmu_faces_64x60.zip");
  Dataset dataset = read_image_zip(read_file(path), "cmu.zip");
  EXPECT_EQ(dataset.size(), 624);
  EXPECT_THAT(dataset.shape, ElementsAre(1, 60, 64));
  EXPECT_EQ(dataset.label_names.size(), 20u);
}

TEST(ImageZip, ReadsCroppedYale) {
  CLEAVE_REAL_FILE(path, "yaleb/CroppedYale.zip");
  Dataset dataset = read_image_zip(read_file(path), "yale.zip");
  EXPECT_EQ(dataset.size(), 2414);
  EXPECT_THAT(dataset.shape, ElementsAre(1, 192, 168));
  EXPECT_EQ(dataset.label_names.size(), 38u);
}

}  // namespace
}  // namespace cleave::data
