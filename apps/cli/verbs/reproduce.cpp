// `cleave reproduce CLAIM`: one run per seed, each begun, continued or left as it is, and what they give together.
#include <ATen/Parallel.h>

#include "apps/cli/engine/evaluation_table.h"
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/table.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"
#include "cleave/base/threads.h"
#include "cleave/experiment/claim.h"

namespace cleave::cli::verbs {

namespace fs = std::filesystem;

namespace {

/// A folder, or the name of one in reproduction/.
fs::path claim_folder(const std::string& argument) {
  fs::path named = fs::path("reproduction") / argument;
  return fs::exists(fs::path(argument) / "claim.toml") || !fs::exists(named) ? fs::path(argument) : named;
}

/// Brings the run to its end from wherever it is.
void finish(const experiment::RunConfig& config, const data::Dataset& dataset, const fs::path& run,
            const Invocation& invocation, const Console& console) {
  RunHost host(console);
  experiment::Progress progress;
  if (!fs::exists(run / "config.toml")) {
    progress = experiment::train(config, dataset, run, circumstances(invocation), host);
  } else {
    experiment::RunFolder folder = experiment::RunFolder::open(run);
    experiment::require_same_request(config, folder);
    if (folder.finished() && fs::exists(folder.report())) return;  // the report is what is written last
    ThreadScope restored(at::get_num_threads());                   // for the seeds that are yet to begin
    take_threads(folder, invocation, console);
    progress = experiment::resume(folder, dataset, host);
  }
  console.note(evaluation_table(complete(run, progress, console)));
}

std::string in_words(const Settings& outcome) {
  std::vector<std::string> header = {"seed"};
  std::vector<std::vector<std::string>> rows;
  for (const auto& [measure, summary] : outcome["measures"].items())
    header.push_back(measure);
  header.push_back("seconds");
  for (const Settings& run : outcome["runs"]) {
    std::vector<std::string> row = {std::to_string(run["seed"].get<int64_t>())};
    for (size_t i = 1; i < header.size(); ++i)
      row.push_back(run.contains(header[i]) ? fmt::format("{:.4f}", run[header[i]].get<double>()) : "-");
    rows.push_back(std::move(row));
  }
  for (const char* figure : {"mean", "sd"}) {
    std::vector<std::string> row = {figure};
    for (const auto& [measure, summary] : outcome["measures"].items())
      row.push_back(fmt::format("{:.4f}", summary[figure].get<double>()));
    row.push_back("");
    rows.push_back(std::move(row));
  }
  std::string text = outcome["title"].get<std::string>() + "\n" + table(header, rows);
  if (outcome.contains("published")) {
    const Settings& published = outcome["published"];
    text += fmt::format("\npublished  {} {} ({})", published["value"].dump(),
                        published["convention"].get<std::string>(), published["source"].get<std::string>());
  }
  const Settings expect = outcome.value("expect", Settings::object());
  for (const auto& [of, range] : expect.items())
    text += fmt::format("\nexpected   {} in {} to {}", of, range[0].dump(), range[1].dump());
  if (outcome.contains("held")) text += outcome["held"] ? ": held" : ": MISSED";
  return text;
}

}  // namespace

void reproduce(const Invocation& invocation, const Console& console) {
  fs::path folder = claim_folder(invocation.argument("claim"));
  experiment::Claim claim = experiment::read_claim(folder);
  claim.config.data.data_root = fs::absolute(invocation.data["data_root"].get<std::string>()).string();
  const auto asked = invocation.option<int64_t>("seeds");
  const int64_t seeds = asked > 0 ? asked : claim.seeds;
  require<ArgumentError>(seeds == claim.seeds || !invocation.option<bool>("record"),
                         "--record: the claim is about {} seeds, not {}", claim.seeds, seeds);
  const auto out = invocation.option<std::string>("out");
  const fs::path runs = out.empty() ? fs::path("runs") / claim.name : fs::path(out);

  catch_interrupts(console.quiet());
  data::Dataset dataset = claim.config.data.open();
  std::vector<fs::path> paths;
  for (int64_t seed = 0; seed < seeds; ++seed) {
    paths.push_back(runs / fmt::format("seed-{}", seed));
    console.note(fmt::format("seed {}: {}", seed, paths.back().string()));
    finish(experiment::with_seed(claim, seed), dataset, paths.back(), invocation, console);
    experiment::evaluate_for(claim, experiment::RunFolder::open(paths.back()));
  }
  Settings outcome = experiment::outcome(claim, paths);
  experiment::write_json(runs / "result.json", outcome);
  if (invocation.option<bool>("record")) experiment::write_json(folder / "result.json", outcome);
  console.print(in_words(outcome));
  console.result(outcome);
}

}  // namespace cleave::cli::verbs
