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

/// "digit = /facets/4/accuracy_majority", or a place alone, whose last part is the name.
Measure measure_from(const std::string& text) {
  const size_t equals = text.find('=');
  const auto trimmed = [](const std::string& part) {
    const size_t first = part.find_first_not_of(' '), last = part.find_last_not_of(' ');
    return first == std::string::npos ? std::string() : part.substr(first, last - first + 1);
  };
  Measure measure;
  measure.place = trimmed(equals == std::string::npos ? text : text.substr(equals + 1));
  Settings::json_pointer place(measure.place);  // throws for what is none
  measure.name = equals == std::string::npos ? place.back() : trimmed(text.substr(0, equals));
  return measure;
}

void check_keys(const Settings& table, const std::vector<std::string>& known) {
  for (const auto& [key, value] : table.items()) {
    bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    require<ArgumentError>(is_known, "{}", unknown_name("setting", key, known));
  }
}

void check_range(const std::string& which, const Settings& range) {
  bool fine = range.is_array() && range.size() == 2 && range[0].is_number() && range[1].is_number();
  require<ArgumentError>(fine && range[0] <= range[1], "[expect] {}: expected [low, high] but received {}", which,
                         range.dump());
}

/// What is expected of each measure, by name; what stands alone is about the first.
Settings expectations(const Settings& table, const std::vector<Measure>& measures) {
  std::vector<std::string> names, known = {"each", "mean", "sd"};
  for (const Measure& measure : measures)
    names.push_back(measure.name);
  Settings result = Settings::object();
  for (const auto& [key, value] : table.items()) {
    if (!value.is_object()) {
      result[names[0]][key] = value;
      continue;
    }
    require<ArgumentError>(std::find(names.begin(), names.end(), key) != names.end(), "{}",
                           unknown_name("measure", key, names));
    result[key].update(value);
  }
  for (const auto& [name, expected] : result.items()) {
    check_keys(expected, known);
    for (const auto& [which, range] : expected.items())
      check_range(which, range);
  }
  return result;
}

/// One table of [[vary]], crossed.
std::vector<Settings> crossed(const Settings& table) {
  std::vector<Settings> variants = {Settings::object()};
  for (const auto& [name, values] : table.items()) {
    require<ArgumentError>(values.is_array() && !values.empty(), "[[vary]] {}: expected a list of values", name);
    std::vector<Settings> longer;
    for (const Settings& variant : variants) {
      for (const Settings& value : values) {
        longer.push_back(variant);
        longer.back()[name] = value;
      }
    }
    variants = std::move(longer);
  }
  return variants;
}

Claim claim_from(const Settings& all) {
  check_keys(all, {"title", "seeds", "measures", "evaluated", "generator", "pretraining", "method", "data", "training",
                   "vary", "expect", "published"});
  for (const char* part : {"title", "seeds", "measures", "data", "method"})
    require<ArgumentError>(all.contains(part), "'{}' is missing", part);
  Claim claim;
  claim.title = all.at("title").get<std::string>();
  claim.seeds = all.at("seeds").get<int64_t>();
  std::set<std::string> names;
  for (const Settings& text : all.at("measures")) {
    claim.measures.push_back(measure_from(text.get<std::string>()));
    const std::string& name = claim.measures.back().name;
    require<ArgumentError>(names.insert(name).second, "measures: two of them are named '{}'; write NAME = PLACE", name);
  }
  require<ArgumentError>(claim.seeds > 0 && !claim.measures.empty(), "expected a seed and a measure at least");
  claim.evaluated = all.value("evaluated", "");
  const bool known_split = claim.evaluated.empty() || claim.evaluated == "train" || claim.evaluated == "test";
  require<ArgumentError>(known_split, "evaluated: expected train or test but received '{}'", claim.evaluated);
  Settings config = {{"seed", 0}, {"data", all.at("data")}, {"method", all.at("method")}};
  config["training"] = all.value("training", Settings::object());
  claim.config = run_config(config);
  for (const char* part : {"seeds", "measures", "evaluated", "generator", "method", "data", "training", "vary"})
    if (all.contains(part)) claim.asked[part] = all[part];
  claim.generator = all.value("generator", "");
  claim.pretraining = all.value("pretraining", "");
  if (all.contains("vary")) claim.variants.clear();
  for (const Settings& table : all.value("vary", Settings::array())) {
    for (Settings& variant : crossed(table))
      claim.variants.push_back(std::move(variant));
  }
  claim.expect = expectations(all.value("expect", Settings::object()), claim.measures);
  claim.published = all.value("published", Settings::object());
  check_keys(claim.published, {"value", "convention", "source"});
  bool whole =
      claim.published.empty() || (claim.published.size() == 3 && claim.published["value"].is_number() &&
                                  claim.published["convention"].is_string() && claim.published["source"].is_string());
  require<ArgumentError>(whole, "[published]: expected value, a number, and convention and source, texts");
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
  auto fine = [&](const char* which, const char* low, const char* high) {
    return !expect.contains(which) || within(claimed[low], claimed[high], expect[which]);
  };
  return fine("mean", "mean", "mean") && fine("sd", "sd", "sd") && fine("each", "min", "max");
}

/// The commits of the builds that fitted it, its first stage and what drew its examples.
std::set<std::string> commits_behind(const RunFolder& run) {
  std::set<std::string> commits = run.commits();
  for (const std::string& other : {run.provenance().value("pretrained", ""), run.config().data.artificial}) {
    if (!other.empty()) commits.merge(commits_behind(RunFolder::open(other)));
  }
  return commits;
}

/// The provenance of one run after that of others: a list where not all had as many threads or the same machine; every
/// commit.
Settings joined(const Settings& others, Settings provenance) {
  auto commits = others.value("commits", std::set<std::string>());
  commits.merge(provenance.at("commits").get<std::set<std::string>>());
  provenance["commits"] = commits;
  for (const char* which : {"threads", "machine"}) {
    Settings values = Settings::array();
    for (const Settings& part : {others, provenance}) {
      const Settings there = part.value(which, Settings::array());
      for (const Settings& value : there.is_array() ? there : Settings::array({there})) {
        if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
      }
    }
    if (values.size() > 1) provenance[which] = values;
  }
  return provenance;
}

/// What is asked of each run, however many seeds and variants there are.
Settings asked_of_each_run(const Claim& claim) {
  Settings asked = claim.asked;
  asked.erase("seeds");
  asked.erase("vary");
  return asked;
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

std::string variant_folder(const Settings& variant) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : variant.items())
    parts.push_back(fmt::format("{}={}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  return join(parts, ",");
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

Settings run_outcome(const Claim& claim, const RunFolder& run) {
  const fs::path measured = evaluation_file(claim, run);
  require<ArgumentError>(fs::exists(measured), "{}: not evaluated yet; run `cleave evaluate {}`", run.path().string(),
                         shell_word(run.path().string()));
  const Settings evaluation = read_json(measured);
  const std::vector<Settings> events = read_events(run.events());
  Settings figures = {{"seed", run.config().seed}};
  if (!events.empty() && events.back().contains("seconds")) figures["seconds"] = events.back()["seconds"];
  for (const auto& [name, at] : claim.measures) {
    Settings::json_pointer place(at);
    bool there = evaluation.contains(place) && evaluation[place].is_number();
    require<ArgumentError>(there, "{}: its evaluation has no number at {}", run.path().string(), at);
    figures[name] = evaluation[place];
  }
  Settings provenance = run.provenance();
  std::set<std::string> commits = commits_behind(run);
  if (evaluation.contains("commit")) commits.insert(evaluation["commit"].get<std::string>());
  for (const char* of_one_run : {"seed", "command", "started", "commit", "resumed_by", "pretrained"})
    provenance.erase(of_one_run);
  provenance["commits"] = commits;
  return {{"asked", asked_of_each_run(claim)}, {"figures", std::move(figures)}, {"provenance", std::move(provenance)}};
}

bool is_of(const Claim& claim, const Settings& run) {
  return run.is_object() && run.value("asked", Settings()) == asked_of_each_run(claim);
}

Settings outcome(const Claim& claim, const std::vector<Settings>& runs) {
  Settings result = {{"claim", claim.name}, {"title", claim.title}, {"asked", claim.asked}};
  Settings provenance = Settings::object();
  for (const Settings& run : runs) {
    result["runs"].push_back(run["figures"]);
    provenance = joined(provenance, run["provenance"]);
  }
  for (const auto& [name, place] : claim.measures) {
    std::vector<double> values;
    for (const Settings& run : runs)
      values.push_back(run["figures"][name].get<double>());
    result["measures"][name] = summary(values);
  }
  if (!claim.expect.empty()) {
    result["expect"] = claim.expect;
    result["held"] = true;
    for (const auto& [name, expected] : claim.expect.items())
      result["held"] = result["held"].get<bool>() && held(expected, result["measures"][name]);
  }
  if (!claim.published.empty()) result["published"] = claim.published;
  result["provenance"] = std::move(provenance);
  return result;
}

Settings study_outcome(const Claim& claim, const std::vector<Settings>& outcomes) {
  Settings result = {
      {"claim", claim.name}, {"title", claim.title}, {"asked", claim.asked}, {"points", Settings::array()}};
  for (size_t i = 0; i < outcomes.size(); ++i) {
    result["points"].push_back(
        {{"settings", claim.variants[i]}, {"measures", outcomes[i]["measures"]}, {"runs", outcomes[i]["runs"]}});
    result["provenance"] = joined(result.value("provenance", Settings::object()), outcomes[i]["provenance"]);
  }
  return result;
}

}  // namespace cleave::experiment
