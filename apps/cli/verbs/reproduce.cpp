// `cleave reproduce CLAIM`: one run per seed (and per variant of a study), each begun, continued or left as it is, and
// what they give together.
#include <algorithm>
#include <optional>
#include <set>

#include <ATen/Parallel.h>

#include "apps/cli/engine/evaluation_table.h"
#include "apps/cli/engine/interrupts.h"
#include "apps/cli/engine/requests.h"
#include "apps/cli/engine/run_host.h"
#include "apps/cli/engine/side_by_side.h"
#include "apps/cli/engine/table.h"
#include "apps/cli/engine/verbs.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/base/threads.h"
#include "cleave/experiment/claim.h"
#include "cleave/report/study_report.h"

namespace cleave::cli::verbs {

namespace fs = std::filesystem;

namespace {

/// A folder, or the name of one in reproduction/. Throws ArgumentError where there is no claim of that name.
fs::path claim_folder(const std::string& argument) {
  const fs::path claims = "reproduction";
  for (const fs::path& folder : {fs::path(argument), claims / argument}) {
    if (fs::exists(folder / "claim.toml")) return folder;
  }
  const bool path = fs::exists(argument) || argument.find('/') != std::string::npos;
  require<ArgumentError>(!path, "{}: no such file; name a folder that has one, or a claim",
                         (fs::path(argument) / "claim.toml").string());
  require<ArgumentError>(fs::is_directory(claims),
                         "{}: claims are looked for in ./{}, and there is no such folder here; run this from the root "
                         "of the repository, or name the folder of a claim",
                         argument, claims.string());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(claims)) {
    if (fs::exists(entry.path() / "claim.toml")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  throw ArgumentError(fmt::format("./{}: {}", claims.string(), unknown_name("claim", argument, names)));
}

/// The claim in a folder, its data looked for where this call says.
experiment::Claim claim_at(const fs::path& folder, const Invocation& invocation) {
  experiment::Claim claim = experiment::read_claim(folder);
  claim.config.data.data_root = absolute(invocation.data["data_root"].get<std::string>());
  return claim;
}

/// The claims whose runs of the same seed a claim goes on from.
struct Foundations {
  std::optional<experiment::Claim> generator, pretraining;
};

Foundations foundations_of(const experiment::Claim& claim, const fs::path& folder, const Invocation& invocation) {
  auto read = [&](const std::string& name) -> std::optional<experiment::Claim> {
    if (name.empty()) return std::nullopt;
    experiment::Claim other = claim_at(fs::absolute(folder).lexically_normal().parent_path() / name, invocation);
    require<ArgumentError>(other.generator.empty() && other.pretraining.empty() && other.variants[0].empty(),
                           "{}: a claim that others go on from may have no generator, pretraining and [[vary]] itself",
                           name);
    return other;
  };
  return {read(claim.generator), read(claim.pretraining)};
}

/// What is written last of a run: a run that has it is done.
const char* last_file(const Invocation& invocation) {
  return invocation.option<bool>("no-reports") ? "evaluation.json" : "report.html";
}

/// Brings the run to its end from wherever it is. `pretrained`, if any, is the run whose first stage it takes over.
void finish(const experiment::RunConfig& config, const data::Dataset& dataset, const fs::path& run,
            const std::optional<experiment::RunFolder>& pretrained, const Invocation& invocation,
            const Console& console) {
  RunHost host(console);
  experiment::Progress progress;
  if (!fs::exists(run / "config.toml")) {
    progress = experiment::train(config, dataset, run, circumstances(invocation), host, pretrained);
  } else {
    experiment::RunFolder folder = experiment::RunFolder::open(run);
    experiment::require_same_request(config, folder);
    if (folder.finished() && fs::exists(run / last_file(invocation))) return;
    ThreadScope restored(at::get_num_threads());  // for the seeds that are yet to begin
    take_threads(folder, invocation, console);
    progress = experiment::resume(folder, dataset, host);
  }
  const experiment::FinishedRun finished = complete(run, progress, console);
  console.note(evaluation_table(experiment::read_json(finished.folder.evaluation())));
  if (!invocation.option<bool>("no-reports")) report_on(finished, console);
}

/// Where the run of a seed lies.
fs::path run_of(const fs::path& runs, int64_t seed) {
  return runs / fmt::format("seed-{}", seed);
}

/// The part of a sweep that is this process's: of all its runs, one variant's seeds after the other's, every `jobs`th
/// from `share` on.
struct Share {
  int64_t share = 0;
  int64_t jobs = 1;

  /// The first seed that is this process's of a variant with so many runs before it.
  int64_t first_seed(int64_t runs_before) const { return (share - runs_before % jobs + jobs) % jobs; }
};

/// Where a sweep has its runs, and what is kept of each that is finished: with it beside the claim, a sweep that is
/// recorded goes on where its run folders are gone.
struct Places {
  fs::path runs;      ///< runs/CLAIM
  fs::path kept;      ///< reproduction/CLAIM/finished; empty: nothing is kept
  Settings settings;  ///< of the variant

  fs::path run(int64_t seed) const { return run_of(runs / experiment::variant_folder(settings), seed); }
  fs::path outcome(int64_t seed) const {
    return run_of(kept / experiment::variant_folder(settings), seed).concat(".json");
  }

  /// What is kept of a seed's run, or null.
  Settings kept_outcome(const experiment::Claim& claim, int64_t seed) const {
    if (kept.empty() || !fs::exists(outcome(seed))) return nullptr;
    Settings found = experiment::read_json(outcome(seed));
    return experiment::is_of(claim, found) ? found : nullptr;
  }
};

/// One run per seed, and what each gave; what they go on from lies beside, in runs of the other claims' names.
std::vector<Settings> sweep(const experiment::Claim& claim, const Foundations& foundations, int64_t seeds, Share own,
                            int64_t runs_before, const Places& places, const Invocation& invocation,
                            const Console& console) {
  const auto& [generator, pretraining] = foundations;
  const fs::path beside = fs::absolute(places.runs).lexically_normal().parent_path();
  std::optional<data::Dataset> dataset;
  /// The finished run of another claim.
  auto founded = [&](const experiment::Claim& other, int64_t seed, const char* what) {
    const fs::path run = run_of(beside / other.name, seed);
    console.note(fmt::format("seed {}, {}: {}", seed, what, run.string()));
    const experiment::RunConfig config = experiment::with_seed(other, seed);
    finish(config, config.data.open(), run, std::nullopt, invocation, console);
    return run;
  };
  std::vector<Settings> outcomes;
  for (int64_t seed = own.first_seed(runs_before); seed < seeds; seed += own.jobs) {
    outcomes.push_back(places.kept_outcome(claim, seed));
    if (!outcomes.back().is_null()) {
      console.note(fmt::format("seed {}: {}", seed, places.outcome(seed).string()));
      continue;
    }
    experiment::RunConfig config = experiment::with_seed(claim, seed);
    if (generator) config.data.artificial = founded(*generator, seed, "what draws its examples").string();
    if (generator || !dataset) dataset = config.data.open();
    std::optional<experiment::RunFolder> pretrained;
    if (pretraining) pretrained = experiment::RunFolder::open(founded(*pretraining, seed, "its first stage"));
    console.note(fmt::format("seed {}: {}", seed, places.run(seed).string()));
    finish(config, *dataset, places.run(seed), pretrained, invocation, console);
    const experiment::RunFolder run = experiment::RunFolder::open(places.run(seed));
    experiment::evaluate_for(claim, run);
    outcomes.back() = experiment::run_outcome(claim, run);
    if (places.kept.empty()) continue;
    fs::create_directories(places.outcome(seed).parent_path());
    experiment::write_json(places.outcome(seed), outcomes.back());
  }
  return outcomes;
}

/// All the runs of the claim side by side, each named when it is finished.
void sweep_side_by_side(const experiment::Claim& claim, int64_t seeds, Places places, int64_t jobs,
                        const Invocation& invocation, const Console& console) {
  std::vector<std::pair<fs::path, fs::path>> paths;  // of each run, and the last file of it
  for (const Settings& settings : claim.variants) {
    places.settings = settings;
    for (int64_t seed = 0; seed < seeds; ++seed) {
      const bool kept = !places.kept_outcome(claim, seed).is_null();
      paths.emplace_back(places.run(seed), kept ? places.outcome(seed) : places.run(seed) / last_file(invocation));
    }
  }
  std::set<fs::path> finished;
  side_by_side(invocation, jobs, [&] {
    for (const auto& [run, last] : paths) {
      if (finished.contains(run) || !fs::exists(last)) continue;
      finished.insert(run);
      console.note(fmt::format("{} of {} runs: {}", finished.size(), paths.size(), run.string()));
    }
  });
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
  for (const auto& [measure, ranges] : expect.items()) {
    for (const auto& [of, range] : ranges.items())
      text += fmt::format("\nexpected   {} of {} in {} to {}", of, measure, range[0].dump(), range[1].dump());
  }
  if (outcome.contains("held")) text += outcome["held"] ? ": held" : ": MISSED";
  return text;
}

std::string study_in_words(const Settings& outcome) {
  std::vector<std::string> header = {"settings"};
  for (const auto& [measure, summary] : outcome["points"][0]["measures"].items())
    header.push_back(measure + " (mean +- sd)");
  std::vector<std::vector<std::string>> rows;
  for (const Settings& point : outcome["points"]) {
    rows.push_back({experiment::variant_folder(point["settings"])});
    for (const auto& [measure, summary] : point["measures"].items())
      rows.back().push_back(
          fmt::format("{:.4f} +- {:.4f}", summary["mean"].get<double>(), summary["sd"].get<double>()));
  }
  return outcome["title"].get<std::string>() + "\n" + table(header, rows);
}

}  // namespace

void reproduce(const Invocation& invocation, const Console& console) {
  const fs::path folder = claim_folder(invocation.argument("claim"));
  const experiment::Claim claim = claim_at(folder, invocation);
  const auto asked = invocation.option<int64_t>("seeds");
  const int64_t seeds = asked > 0 ? asked : claim.seeds;
  const bool record = invocation.option<bool>("record");
  require<ArgumentError>(seeds == claim.seeds || !record, "--record: the claim is about {} seeds, not {}", claim.seeds,
                         seeds);
  const auto out = invocation.option<std::string>("out");
  Places places;
  places.runs = out.empty() ? fs::path("runs") / claim.name : fs::path(out);
  if (record) places.kept = folder / "finished";
  const Foundations foundations = foundations_of(claim, folder, invocation);

  catch_interrupts(console.quiet());
  Share own;
  auto jobs = invocation.option<int64_t>("jobs");
  if (jobs == 0) jobs = at::get_num_threads();
  // Variants that go on from the same other runs are not done at the same time.
  const bool is_founded = foundations.generator || foundations.pretraining;
  jobs = std::min(jobs, is_founded ? seeds : seeds * std::ssize(claim.variants));
  const bool is_part = invocation.options.contains("share");
  if (is_part) own = {invocation.option<int64_t>("share"), jobs};
  if (jobs > 1 && !is_part) sweep_side_by_side(claim, seeds, places, jobs, invocation, console);
  std::vector<Settings> outcomes;
  int64_t runs_before = 0;
  for (const Settings& settings : claim.variants) {
    experiment::Claim variant = claim;
    variant.config.settings.update(settings);
    places.settings = settings;
    const auto found = sweep(variant, foundations, seeds, own, runs_before, places, invocation, console);
    if (!is_founded) runs_before += seeds;
    if (!is_part) outcomes.push_back(experiment::outcome(variant, found));
  }
  if (is_part) return;
  const bool study = !claim.variants[0].empty();
  const Settings outcome = study ? experiment::study_outcome(claim, outcomes) : outcomes[0];
  fs::create_directories(places.runs);
  experiment::write_json(places.runs / "result.json", outcome);
  if (record) {
    experiment::write_json(folder / "result.json", outcome);
    fs::remove_all(places.kept);
  }
  if (study) {
    const report::Report page = report::study_report(outcome);
    report::write_report(page, places.runs);
    console.note("report: " + (places.runs / "report.html").string());
  }
  console.print(study ? study_in_words(outcome) : in_words(outcome));
  console.result(outcome);
}

}  // namespace cleave::cli::verbs
