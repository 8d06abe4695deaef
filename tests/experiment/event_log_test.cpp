#include "cleave/experiment/event_log.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cleave/base/error.h"
#include "cleave/experiment/monitor.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::TemporaryFolder;

Settings event(int number) {
  return {{"event", "epoch"}, {"epoch", number}};
}

TEST(EventLog, LinesAreReadableAsSoonAsTheyAreWritten) {
  TemporaryFolder folder;
  EventLog log(folder / "e", 0);
  log.append(event(0));
  log.append(event(1));
  EXPECT_THAT(read_events(folder / "e"), ElementsAre(event(0), event(1)));
}

TEST(EventLog, GoesOnWhereACheckpointStood) {
  TemporaryFolder folder;
  uint64_t kept = 0;
  {
    EventLog log(folder / "e", 0);
    log.append(event(0));
    kept = log.sync();
    log.append(event(7));
  }
  EventLog log(folder / "e", kept);
  log.append(event(1));
  EXPECT_EQ(log.sync(), std::filesystem::file_size(folder / "e"));
  EXPECT_THAT(read_events(folder / "e"), ElementsAre(event(0), event(1)));
}

TEST(EventLog, AShorterFileThanTheCheckpointKnowsIsDamage) {
  TemporaryFolder folder;
  EXPECT_THROW(EventLog(folder / "absent", 10), CorruptFileError);
  { EventLog(folder / "e", 0).append(event(0)); }
  EXPECT_THROW(EventLog(folder / "e", 1000), CorruptFileError);
}

TEST(EventLog, AnUnfinishedLastLineIsPassedOverAndOtherDamageNamed) {
  TemporaryFolder folder;
  { EventLog(folder / "e", 0).append(event(0)); }
  std::ofstream(folder / "e", std::ios::app) << R"({"event":"epo)";
  EXPECT_THAT(read_events(folder / "e"), ElementsAre(event(0)));
  std::ofstream(folder / "e", std::ios::app) << "\n";
  try {
    read_events(folder / "e");
    ADD_FAILURE() << "nothing was thrown";
  } catch (const CorruptFileError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("/e:2:"));
  }
}

Settings shares(std::vector<double> occupancy) {
  return {{"facets", {{{"layer", 0}, {"occupancy", occupancy}}}}};
}

TEST(CollapseWatch, SpeaksOnceWhenAClusterStaysEmpty) {
  CollapseWatch watch;
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_THAT(watch.observe(shares({0.5, 0.5, 0})), IsEmpty());
  EXPECT_THAT(watch.observe(shares({1, 0, 0})), ElementsAre("cluster 2 has been empty for 4 epochs"));
  EXPECT_THAT(watch.observe(shares({1, 0, 0})), IsEmpty());
  watch.observe(shares({0.5, 0.5, 0}));
  watch.observe(shares({1, 0, 0}));
}

TEST(CollapseWatch, ARefilledClusterStartsAnew) {
  CollapseWatch watch;
  for (int epoch = 0; epoch < 3; ++epoch)
    watch.observe(shares({0, 1, 0}));
  watch.observe(shares({0.1, 0.9, 0}));
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_THAT(watch.observe(shares({0, 1, 0})), IsEmpty());
  EXPECT_THAT(watch.observe(shares({0, 1, 0})), ElementsAre("cluster 0 has been empty for 4 epochs"));
}

TEST(CollapseWatch, CountsLatentsThatCarryNothing) {
  CollapseWatch watch;
  Settings measures = {{"information", {0.001, 2.0, 0.009, 0.02}}};
  for (int epoch = 0; epoch < 3; ++epoch)
    EXPECT_THAT(watch.observe(measures), IsEmpty());
  CollapseWatch resumed;
  resumed.restore(Settings::parse(watch.state().dump()));
  EXPECT_THAT(resumed.observe(measures), ElementsAre("2 of 4 latents carry no information (< 0.01 nats)"));
  auto after_four = [&](const std::vector<double>& information) {
    std::vector<std::string> said;
    for (int epoch = 0; epoch < 4; ++epoch) {
      for (const std::string& text : resumed.observe({{"information", information}}))
        said.push_back(text);
    }
    return said;
  };
  EXPECT_THAT(after_four({0, 0, 0, 2}), IsEmpty()) << "one more is not worth a word";
  EXPECT_THAT(after_four({0, 0, 0, 0}), ElementsAre("4 of 4 latents carry no information (< 0.01 nats)"));
}

}  // namespace
}  // namespace cleave::experiment
