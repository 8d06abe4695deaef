#include "tests/conformance/every_method.h"

namespace cleave::models {
model::Method describe_k_medians();
}

namespace cleave::tests {

// In the library this line is not needed: there the registry's line brings the conformance tests.
INSTANTIATE_TEST_SUITE_P(Example, EveryMethod, ::testing::Values(models::describe_k_medians()), test_name);

TEST(KMedians, CostNeverRisesAndAnOutlierDoesNotMoveTheCentres) {
  data::Dataset dataset = blobs();
  dataset.examples.dense[0].fill_(1e4);
  data::View view(dataset, {});
  model::Method method = models::describe_k_medians();
  auto model = method.make(method.resolve({{"clusters", 4}}, view.describe()), view.describe(), Randomness(3));
  TemporaryFolder folder;
  MemoryRecorder recorder;
  training::train(*model, view, {}, Randomness(3), recorder, folder.path());
  for (size_t i = 1; i < recorder.iterations.size(); ++i) {
    EXPECT_LE(recorder.iterations[i].values[0].second, recorder.iterations[i - 1].values[0].second);
  }
  Tensor centres = model->named_buffers()["centres"];
  EXPECT_LE((centres.abs() > 100).any(-1).sum().item<int64_t>(), 1);  // at most the outlier's own cluster
}

}  // namespace cleave::tests
