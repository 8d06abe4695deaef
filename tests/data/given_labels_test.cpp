#include "cleave/data/given_labels.h"

#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "tests/support/raises.h"
#include "tests/support/values.h"

namespace cleave::data {
namespace {

using ::testing::ElementsAre;
using tests::values;

Dataset four_animals() {
  Dataset dataset;
  dataset.name = "animals";
  dataset.examples.dense = at::zeros({4, 2});
  dataset.shape = {2};
  dataset.labels = at::tensor({0, 1, 1, 2}, at::kLong);
  dataset.label_names = {"ant", "bee", "cat"};
  dataset.ids = {"a.png", "b.png", "c.png", "d.png"};
  return dataset;
}

GivenLabels read(const std::string& text, const Dataset& dataset = four_animals()) {
  return read_labels({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, "labels.csv", dataset);
}

TEST(OwnLabels, AllOrSoManyOfEachClass) {
  Dataset dataset = four_animals();
  EXPECT_TRUE(own_labels(dataset, 0, 0).classes.equal(dataset.labels));
  dataset.labels = at::arange(300) % 3;
  dataset.examples.dense = at::zeros({300, 2});
  GivenLabels some = own_labels(dataset, 5, 1);
  EXPECT_EQ(some.classes.ge(0).sum().item<int64_t>(), 15);
  EXPECT_TRUE(some.classes.masked_select(some.classes.ge(0)).bincount().eq(5).all().item<bool>());
  EXPECT_TRUE(at::where(some.classes.ge(0), some.classes, dataset.labels).equal(dataset.labels));
  EXPECT_EQ(some.checksum(), own_labels(dataset, 5, 1).checksum());
  EXPECT_NE(some.checksum(), own_labels(dataset, 5, 2).checksum());
  EXPECT_RAISES(own_labels(dataset, 101, 1), DataError, "class 'ant' has 100");
  dataset.labels = Tensor();
  EXPECT_RAISES(own_labels(dataset, 0, 0), DataError, "no labels");
}

TEST(ReadLabels, ByIndexOrByNameWithBlanks) {
  EXPECT_THAT(values(read("index,label\n3,cat\n0,ant\n1,\n").classes), ElementsAre(0, -1, -1, 2));
  EXPECT_THAT(values(read("filename,label\nb.png,2\na.png,0\n").classes), ElementsAre(0, 2, -1, -1));
  EXPECT_THAT(read("index,label\n0,ant\n").names, ElementsAre("ant", "bee", "cat"));
}

TEST(ReadLabels, AMarkForAMissingOneIsNoLabelUnlessAClassIsCalledSo) {
  EXPECT_THAT(values(read("index,label\n3,cat\n0,NA\n1,nan\n").classes), ElementsAre(-1, -1, -1, 2));
  Dataset dataset = four_animals();
  dataset.label_names = {"ant", "bee", "none"};
  EXPECT_THAT(values(read("index,label\n3,none\n0,ant\n", dataset).classes), ElementsAre(0, -1, -1, 2));
}

TEST(ReadLabels, NamesThatAreNumbersAreNames) {
  Dataset dataset = four_animals();
  dataset.label_names = {"1", "2", "3"};
  EXPECT_THAT(values(read("index,label\n0,1\n1,2\n3,3\n", dataset).classes), ElementsAre(0, 1, -1, 2));
  EXPECT_THAT(values(read("index,label\n0,0\n1,1\n3,2\n", dataset).classes), ElementsAre(0, 1, -1, 2));
  EXPECT_THAT(values(read("index,label\n0,0\n1,1\n3,3\n", dataset).classes), ElementsAre(0, 1, -1, 2));
  EXPECT_THAT(read("index,label\n0,0\n1,1\n3,3\n", dataset).names, ElementsAre("0", "1", "3"));
}

TEST(ReadLabels, AssignmentsOfARunAreLabels) {
  GivenLabels given = read("index,cluster,confidence\n0,10,1\n1,9,0.5\n2,-1,0\n3,10,1\n");
  EXPECT_THAT(values(given.classes), ElementsAre(1, 0, -1, 1));
  EXPECT_THAT(given.names, ElementsAre("9", "10")) << "numbers in the order of their size";
}

TEST(ReadLabels, NamesTheLineThatIsWrong) {
  EXPECT_RAISES(read("index,label\n0,ant\n4,bee\n"), DataError, "labels.csv, line 3: there is no example '4'");
  EXPECT_RAISES(read("filename,label\nz.png,ant\n"), DataError, "line 2: there is no example 'z.png'");
  EXPECT_RAISES(read("index,label\n0,ant\n0,bee\n"), DataError, "line 3: example 0 is 'bee' here and 'ant' on line 2");
  EXPECT_RAISES(read("index,label\n0,ant\n0,ant\n"), DataError, "labelled on line 2 already");
  EXPECT_RAISES(read("index,label\n0,ant,7\n"), DataError, "3 fields");
  EXPECT_RAISES(read("number,label\n0,ant\n"), DataError, "header");
  EXPECT_RAISES(read("index,label\n0,\n"), DataError, "no example is labelled");
  EXPECT_RAISES(read(""), DataError, "is empty");
  Dataset twins = four_animals();
  twins.ids = {"a", "a", "b", "c"};
  EXPECT_THAT(values(read("id,label\nb,ant\n", twins).classes), ElementsAre(-1, -1, 0, -1));
  EXPECT_RAISES(read("id,label\nb,ant\na,bee\n", twins), DataError, "line 3: several examples are called 'a'");
  Dataset nameless = four_animals();
  nameless.ids.clear();
  EXPECT_RAISES(read("filename,label\na.png,ant\n", nameless), DataError, "have no names");
}

}  // namespace
}  // namespace cleave::data
