#include "cleave/experiment/claim.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>

#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/base/toml.h"
#include "cleave/experiment/evaluate.h"
#include "cleave/experiment/event_log.h"

namespace cleave::experiment {

namespace fs = std::filesystem;

namespace {

std::string last_part(const std::string& place) {
  return place.substr(place.rfind('/') + 1);
}

void check_keys(const Settings& table, const std::vector<std::string>& known) {
  for (const auto& [key, value] : table.items()) {
    bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    require<ArgumentError>(is_known, "{}", unknown_name("setting", key, known));
  }
}

void check_range(const Settings& expect, const char* which) {
  if (!expect.contains(which)) return;
  const Settings& range = expect[which];
  bool fine = range.is_array() && range.size() == 2 && range[0].is_number() && range[1].is_number();
  require<ArgumentError>(fine && range[0] <= range[1], "[expect] {}: expected [low, high] but received {}", which,
                         range.dump());
}

Claim claim_from(const Settings& all) {
  check_keys(all, {"title", "seeds", "measures", "evaluated", "method", "data", "training", "expect", "published"});
  Claim claim;
  claim.title = all.at("title").get<std::string>();
  claim.seeds = all.at("seeds").get<int64_t>();
  claim.measures = all.at("measures").get<std::vector<std::string>>();
  require<ArgumentError>(claim.seeds > 0 && !claim.measures.empty(), "expected a seed and a measure at least");
  std::set<std::string> names;
  for (const std::string& measure : claim.measures) {
    Settings::json_pointer place(measure);  // throws for what is none
    require<ArgumentError>(names.insert(place.back()).second, "measures: '{}' is the last part of two of them",
                           place.back());
  }
  claim.evaluated = all.value("evaluated", "");
  const bool known_split = claim.evaluated.empty() || claim.evaluated == "train" || claim.evaluated == "test";
  require<ArgumentError>(known_split, "evaluated: expected train or test but received '{}'", claim.evaluated);
  Settings config = {{"seed", 0}, {"data", all.at("data")}, {"method", all.at("method")}};
  config["training"] = all.value("training", Settings::object());
  claim.config = run_config(config);
  claim.expect = all.value("expect", Settings::object());
  claim.published = all.value("published", Settings::object());
  check_keys(claim.expect, {"each", "mean"});
  check_keys(claim.published, {"value", "convention", "source"});
  bool whole =
      claim.published.empty() || (claim.published.size() == 3 && claim.published["value"].is_number() &&
                                  claim.published["convention"].is_string() && claim.published["source"].is_string());
  require<ArgumentError>(whole, "[published]: expected value, a number, and convention and source, texts");
  check_range(claim.expect, "each");
  check_range(claim.expect, "mean");
  return claim;
}

Settings summary(const std::vector<double>& values) {
  auto n = static_cast<double>(values.size());
  double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (double value : values)
    squares += (value - mean) * (value - mean);
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {{"mean", mean}, {"sd", n > 1 ? std::sqrt(squares / (n - 1)) : 0.0}, {"min", *low}, {"max", *high}};
}

bool within(const Settings& low, const Settings& high, const Settings& range) {
  return range[0] <= low && high <= range[1];
}

fs::path evaluation_file(const Claim& claim, const RunFolder& run) {
  return claim.evaluated.empty() ? run.evaluation() : run.path() / fmt::format("evaluation_{}.json", claim.evaluated);
}

bool held(const Settings& expect, const Settings& claimed) {
  bool mean = !expect.contains("mean") || within(claimed["mean"], claimed["mean"], expect["mean"]);
  return mean && (!expect.contains("each") || within(claimed["min"], claimed["max"], expect["each"]));
}

}  // namespace

Claim read_claim(const fs::path& folder) {
  fs::path file = fs::absolute(folder / "claim.toml").lexically_normal();
  std::ifstream stream(file);
  std::ostringstream text;
  require<ArgumentError>(stream && text << stream.rdbuf(), "{}: cannot be read; name a folder of reproduction/",
                         file.string());
  try {
    Claim claim = claim_from(settings_of(parse_toml(text.str(), file.string())));
    claim.name = file.parent_path().filename().string();
    return claim;
  } catch (const std::exception& error) {  // ours already names the file where the text is not TOML at all
    std::string reason = error.what();
    throw ArgumentError(reason.starts_with(file.string()) ? reason : fmt::format("{}: {}", file.string(), reason));
  }
}

RunConfig with_seed(const Claim& claim, int64_t seed) {
  RunConfig config = claim.config;
  config.seed = seed;
  if (config.data.labels_per_class > 0) config.data.label_seed = seed;
  return config;
}

void evaluate_for(const Claim& claim, const RunFolder& run) {
  if (claim.evaluated.empty() || fs::exists(evaluation_file(claim, run))) return;
  DataConfig other = claim.config.data;
  other.split = claim.evaluated;
  write_json(evaluation_file(claim, run), evaluate(open_finished(run.path(), other)));
}

void require_same_request(const RunConfig& config, const RunFolder& run) {
  const RunConfig& there = run.config();
  auto compare = [&](const std::string& section, const Settings& asked, const Settings& found) {
    for (const auto& [name, value] : asked.items()) {
      bool same = value == "auto" || (found.contains(name) && found[name] == value);
      require<ArgumentError>(same, "{} was run with another {} of {}; name a new folder with --out",
                             run.path().string(), name, section);
    }
  };
  compare("[method]", {{"name", config.method}}, {{"name", there.method}});
  compare("[method]", config.settings, there.settings);
  Settings data = to_settings(config.data);
  data.erase("data_root");  // the folder may move; resuming compares the data themselves
  compare("[data]", data, to_settings(there.data));
  compare("[training]", to_settings(config.training), to_settings(there.training));
  compare("the run", {{"seed", config.seed}}, {{"seed", there.seed}});
}

Settings outcome(const Claim& claim, const std::vector<fs::path>& paths) {
  Settings runs = Settings::array();
  std::vector<std::vector<double>> values(claim.measures.size());
  std::set<std::string> commits;
  Settings provenance;
  for (const fs::path& path : paths) {
    RunFolder run = RunFolder::open(path);
    const fs::path measured = evaluation_file(claim, run);
    require<ArgumentError>(fs::exists(measured), "{}: not evaluated yet; run `cleave evaluate {}`", path.string(),
                           path.string());
    Settings evaluation = read_json(measured);
    std::vector<Settings> events = read_events(run.events());
    Settings row = {{"seed", run.config().seed}};
    if (!events.empty() && events.back().contains("seconds")) row["seconds"] = events.back()["seconds"];
    for (size_t i = 0; i < claim.measures.size(); ++i) {
      Settings::json_pointer place(claim.measures[i]);
      bool there = evaluation.contains(place) && evaluation[place].is_number();
      require<ArgumentError>(there, "{}: its evaluation has no number at {}", path.string(), claim.measures[i]);
      values[i].push_back(evaluation[place].get<double>());
      row[last_part(claim.measures[i])] = values[i].back();
    }
    runs.push_back(std::move(row));
    provenance = run.provenance();
    commits.insert(provenance.value("commit", "unknown"));
  }
  for (const char* of_one_run : {"seed", "command", "started", "commit"})
    provenance.erase(of_one_run);
  provenance["commits"] = commits;

  Settings result = {{"claim", claim.name}, {"title", claim.title}, {"runs", std::move(runs)}};
  for (size_t i = 0; i < claim.measures.size(); ++i)
    result["measures"][last_part(claim.measures[i])] = summary(values[i]);
  if (!claim.expect.empty()) {
    result["expect"] = claim.expect;
    result["held"] = held(claim.expect, summary(values[0]));
  }
  if (!claim.published.empty()) result["published"] = claim.published;
  result["provenance"] = std::move(provenance);
  return result;
}

}  // namespace cleave::experiment
