// `cleave cluster DATA`: train with the method that suits the data.
#include "apps/cli/engine/choice_table.h"
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/analysis/answers.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/classical/hdbscan.h"
#include "cleave/experiment/choosing_k.h"
#include "cleave/experiment/recommend.h"

namespace cleave::cli::verbs {

namespace {

constexpr int64_t kSmallest = 5;  ///< examples that HDBSCAN may call a cluster

/// How many clusters HDBSCAN finds by itself, none smaller than a hundredth of the sample; 0 where there are too few
/// examples for any.
experiment::OwnCount count_of_hdbscan(const Tensor& sample) {
  if (sample.size(0) < kSmallest) return {"HDBSCAN", 0};
  auto found = classical::hdbscan(sample, {.min_cluster_size = std::max<int64_t>(kSmallest, sample.size(0) / 100)});
  return {"HDBSCAN", found.births.size(0)};
}

Randomness randomness(const experiment::RunConfig& config) {
  return Randomness(static_cast<uint64_t>(config.seed)).child("choosing_k");
}

/// Some of the data as distances see them, for choices that must not take long.
Tensor sample(const experiment::RunConfig& config, const data::Dataset& dataset) {
  data::View view(
      dataset, data::Pipeline::fit(split(config.data.transform, ','), dataset, randomness(config).child("transforms")));
  return view.rows(analysis::stratified_rows(dataset.size(), experiment::ChoosingOptions{}.most_examples));
}

/// The number of clusters that the criteria agree on, on a sample of the data as distances see them.
experiment::ChoiceOfK choose_clusters(const Tensor& rows, const experiment::RunConfig& config,
                                      const data::Dataset& dataset, const Console& console) {
  std::unique_ptr<Progress> line;
  auto say = [&](int64_t done, int64_t all) {
    if (!line) line = std::make_unique<Progress>(console, "choosing the number of clusters", all);
    line->at(done);
  };
  // Methods that count for themselves go into the last argument: {"HDBSCAN", clusters of the sample}.
  experiment::ChoiceOfK choice =
      experiment::choose_k(rows, {}, randomness(config), interrupted, say, {count_of_hdbscan});
  line.reset();
  if (std::string columns = choice_table(choice); !columns.empty()) {
    console.print(fmt::format("What speaks for which number of clusters, judged on {} of {} examples without labels:\n",
                              choice.examples, dataset.size()));
    console.print(columns);
  }
  console.print(choice.reason + ". (-k takes another number.)\n");
  return choice;
}

}  // namespace

void cluster(const Invocation& invocation, const Console& console) {
  experiment::RunConfig config;
  config.data = data_config(invocation);
  config.seed = invocation.option<int64_t>("seed");
  data::Dataset dataset = config.data.open();
  auto clusters = invocation.option<int64_t>("clusters");
  const bool given = !config.data.augmentation().none(), altered = given || invocation.option<bool>("augment");
  require<ArgumentError>(!altered || dataset.kind == data::Kind::kImage,
                         "--augment and its kin are for images, and {} holds none; leave them out", dataset.name);
  experiment::Recommendation advice = experiment::recommend(dataset, clusters, altered);
  config.method = advice.method;
  if (!given) config.data = configure(advice.data, config.data);
  std::filesystem::path run = run_folder(invocation, config);
  experiment::RunFolder::require_unused(run);
  catch_interrupts(console.quiet());

  std::optional<experiment::ChoiceOfK> choice;
  if (clusters == 0) {
    choice = choose_clusters(sample(config, dataset), config, dataset, console);
    clusters = choice->chosen;
    advice = experiment::recommend(dataset, clusters, altered);
  }
  config.settings = advice.settings;
  if (config.method == "gmm") {
    config.settings["covariance"] =
        experiment::favoured_covariance(sample(config, dataset), clusters, randomness(config), interrupted);
  }
  console.note(advice.reason);
  console.note("the same as: " + experiment::train_line(config));
  RunHost host(console);
  // The choice is kept before the fit, which may be stopped and go on without this verb.
  const Settings choosing_k = choice ? experiment::as_settings(*choice) : Settings();
  experiment::Progress progress =
      experiment::train(config, dataset, run, circumstances(invocation), host, std::nullopt, choosing_k);
  conclude(run, progress, console);
}

}  // namespace cleave::cli::verbs
