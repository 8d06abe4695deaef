#include "apps/cli/engine/requests.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <ATen/Parallel.h>

#include "apps/cli/engine/data_sets.h"
#include "apps/cli/engine/evaluation_table.h"
#include "apps/cli/engine/machine.h"
#include "apps/cli/engine/run_host.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/data/open.h"
#include "cleave/experiment/evaluate.h"
#include "cleave/experiment/mapping.h"
#include "cleave/experiment/reporting.h"

namespace cleave::cli {

namespace fs = std::filesystem;

namespace {

std::string now_utc() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

/// The files of a run folder that are read again.
constexpr std::array kKept = {"config.toml",     "provenance.json", "events.jsonl", "model.safetensors",
                              "assignments.csv", "embedding.npy",   "map.npy",      "map.json",
                              "evaluation.json", "choosing_k.json", "report.html"};

/// What the invocation reads: its data, and those that its run was fitted to.
std::vector<fs::path> data_read(const Invocation& invocation) {
  std::vector<fs::path> paths;
  if (invocation.has("data")) paths.emplace_back(invocation.argument("data"));
  for (const char* name : {"run", "what"}) {
    if (!invocation.has(name) || !invocation.arguments[name].is_string()) continue;  // of compare: it reads no data
    const fs::path path = invocation.argument(name);
    const bool is_run = fs::exists(path / "config.toml");
    paths.push_back(is_run ? fs::path(experiment::RunFolder::open(path).config().data.name) : path);
  }
  return paths;
}

}  // namespace

std::string absolute(const std::string& path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

experiment::DataConfig data_config(const Invocation& invocation, const std::string& argument) {
  auto config = configure<experiment::DataConfig>(invocation.data);
  config.name = invocation.argument(argument);
  refuse_idle_options(invocation, config.name, !config.artificial.empty());
  if (!data::is_known_name(config.name)) config.name = absolute(config.name);
  config.data_root = absolute(config.data_root);
  config.artificial = absolute(config.artificial);
  if (config.labels != "own") config.labels = absolute(config.labels);
  return config;
}

experiment::FinishedRun open_run(const Invocation& invocation, const std::string& argument) {
  const fs::path run = invocation.argument(argument);
  if (invocation.has("data")) return experiment::open_finished(run, data_config(invocation));
  if (invocation.given.empty()) return experiment::open_finished(run);
  const experiment::DataConfig own = experiment::RunFolder::open(run).config().data;
  experiment::DataConfig asked = configure(invocation.given, own);
  refuse_idle_options(invocation, asked.name, !asked.artificial.empty());
  asked.data_root = absolute(asked.data_root);
  experiment::FinishedRun finished = experiment::open_finished(run, asked);
  asked.data_root = own.data_root;  // the folder may move
  finished.own_data = to_settings(asked) == to_settings(own);
  if (finished.own_data) experiment::require_own_data(finished.folder, finished.dataset);
  return finished;
}

Settings circumstances(const Invocation& invocation) {
  Machine machine = this_machine();
  const std::string folder = shell_line({fs::current_path().string()});  // that relative paths start from
  return {{"command", fmt::format("cd {} && {}", folder, invocation.command_line)},
          {"started", now_utc()},
          {"machine",
           {{"processor", machine.processor},
            {"features", machine.features},
            {"cores", machine.cores},
            {"memory_bytes", machine.memory}}}};
}

fs::path run_folder(const Invocation& invocation, const experiment::RunConfig& config) {
  if (auto out = invocation.option<std::string>("out"); !out.empty()) return out;
  fs::path data = config.data.name;
  if (!data.has_filename()) data = data.parent_path();
  return fs::path("runs") / fmt::format("{}-{}-{}", config.method, data.stem().string(), config.seed);
}

void take_threads(const experiment::RunFolder& run, const Invocation& invocation, const Console& console) {
  int before = run.provenance().value("threads", at::get_num_threads());
  if (invocation.option<int64_t>("threads") == 0)
    at::set_num_threads(before);
  else if (at::get_num_threads() != before) {
    console.warn(
        fmt::format("the run was started with {} threads: with another number the last digits will differ", before));
  }
}

void spare_what_is_kept(const Invocation& invocation, const fs::path& file, const fs::path& own) {
  for (const fs::path& data : data_read(invocation)) {
    std::error_code absent;
    require<ArgumentError>(!fs::equivalent(file, data, absent),
                           "{}: these are the data themselves, which would be lost; name another file", file.string());
  }
  auto place = [](const fs::path& path) { return fs::weakly_canonical(fs::absolute(path)); };
  const fs::path folder = place(file).parent_path();
  const bool kept = fs::exists(folder / "config.toml") &&
                    std::find(kKept.begin(), kKept.end(), place(file).filename()) != kKept.end();
  require<ArgumentError>(!kept || (!own.empty() && place(file) == place(own)),
                         "{}: belongs to the run {}; name another file", file.string(), folder.string());
}

fs::path output_file(const Invocation& invocation, const fs::path& otherwise,
                     const std::vector<std::string>& extensions) {
  auto out = invocation.option<std::string>("out");
  fs::path path = out.empty() ? otherwise : fs::path(out);
  bool known = std::find(extensions.begin(), extensions.end(), path.extension()) != extensions.end();
  require<ArgumentError>(known, "--out: expected a name that ends in {} but received '{}'", join(extensions, " or "),
                         path.string());
  if (!out.empty()) spare_what_is_kept(invocation, path, otherwise);
  return path;
}

experiment::FinishedRun complete(const fs::path& run, const experiment::Progress& progress, const Console& console) {
  if (!progress.finished) {
    throw Interrupted(fmt::format("stopped after {} steps; everything is saved: continue with `cleave resume {}`",
                                  progress.steps, shell_word(run.string())));
  }
  console.note(
      fmt::format("fitted in {}: {} epochs, {} steps", duration(progress.seconds), progress.epochs, progress.steps));
  experiment::FinishedRun finished = experiment::open_finished(run);
  experiment::write_json(finished.folder.evaluation(), experiment::evaluate(finished, {}));
  return finished;
}

void report_on(const experiment::FinishedRun& run, const Console& console) {
  try {
    RunHost host(console);
    experiment::write_report(run, host);
  } catch (const Interrupted&) {
    throw Interrupted(fmt::format("the run is fitted and evaluated; its report is not written: `cleave report {}`",
                                  shell_word(run.folder.path().string())));
  }
}

void conclude(const fs::path& run, const experiment::Progress& progress, const Console& console) {
  const Settings result = {{"run", run.string()},
                           {"seconds", progress.seconds},
                           {"steps", progress.steps},
                           {"epochs", progress.epochs},
                           {"resumable", !progress.finished}};
  try {
    const experiment::FinishedRun finished = complete(run, progress, console);
    const Settings evaluation = experiment::read_json(finished.folder.evaluation());
    if (std::string measures = evaluation_table(evaluation); !measures.empty()) console.print(measures);
    report_on(finished, console);
  } catch (const Interrupted&) {
    console.result(result);
    throw;
  }
  console.print("report: " + (run / "report.html").string());
  console.result(result);
}

}  // namespace cleave::cli
