#include "cleave/experiment/mapping.h"

#include <gtest/gtest.h>

#include "cleave/base/files.h"
#include "tests/support/temporary_folder.h"

namespace cleave::experiment {
namespace {

/// A run folder and the points of a map for it.
struct SavedMap : testing::Test {
  static RunConfig some_config() {
    RunConfig config;
    config.method = "kmeans";
    config.data.name = "moons";
    return config;
  }
  tests::TemporaryFolder folder;
  RunFolder run = RunFolder::create(folder / "run", some_config(), Settings::object());
  Tensor points = at::arange(10, at::kFloat).view({5, 2});
};

TEST_F(SavedMap, ComesBackAsItWasKept) {
  EXPECT_FALSE(saved_map(run));
  save_map(run, {points.to(at::kDouble).t().contiguous().t(), "UMAP", {{"neighbours", 15}}});
  const auto map = saved_map(run);
  ASSERT_TRUE(map);
  EXPECT_TRUE(map->points.equal(points));
  EXPECT_EQ(map->method, "UMAP");
  EXPECT_EQ(map->settings, Settings({{"neighbours", 15}}));
}

TEST_F(SavedMap, IsNoneWhenOnlyOneOfItsFilesWasReplaced) {
  save_map(run, {points, "UMAP", Settings::object()});
  const std::string before = read_whole(run.path() / "map.npy", 1 << 20);
  save_map(run, {points + 1, "PCA", Settings::object()});
  EXPECT_EQ(saved_map(run)->method, "PCA");
  write_atomically(run.path() / "map.npy", before);
  EXPECT_FALSE(saved_map(run));
}

TEST_F(SavedMap, OfAnOlderVersionIsBelieved) {
  save_map(run, {points, "UMAP", Settings::object()});
  write_json(run.path() / "map.json", {{"method", "UMAP"}, {"settings", Settings::object()}});
  EXPECT_TRUE(saved_map(run));
}

}  // namespace
}  // namespace cleave::experiment
