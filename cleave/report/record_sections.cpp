#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cleave/base/text.h"
#include "cleave/report/axis.h"
#include "cleave/report/conventions.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

/// A JSON value as a person writes it: no quotes around text, lists with commas.
std::string plain(const Settings& value) {
  if (value.is_string()) return value == "" ? "\u2013" : value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  if (!value.is_array()) return value.dump(-1, ' ', false, Settings::error_handler_t::replace);
  std::vector<std::string> parts;
  for (const Settings& part : value)
    parts.push_back(plain(part));
  return join(parts);
}

/// Every value below an object, with dotted names.
void flatten(const Settings& object, const std::string& prefix, Facts& list) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.items()) {
    if (value.is_object())
      flatten(value, prefix + name + ".", list);
    else
      list.emplace_back(prefix + name, text(plain(value)));
  }
}

/// "0.945", or "-98.31 +- 0.12" where a standard error stands beside the value.
Html measured(const Settings& values, const std::string& key) {
  double value = values[key].get<double>();
  std::string digits = std::abs(value) < 10 ? fmt::format("{:.4f}", value) : fmt::format("{:.2f}", value);
  if (values.contains(key + "_se")) digits += fmt::format(" \u00b1 {:.2g}", values[key + "_se"].get<double>());
  return text(digits);
}

void add_row(Table& content, const std::string& name, const std::string& about, const Html& value,
             const std::string& key) {
  // A convention is explained once.
  bool known = !content.rows.empty() && content.rows.back()[0].markup == text(name).markup;
  content.rows.push_back({text(name), text(about), value, text(known ? "" : convention(key))});
}

/// What a facet's measures are about: "layer 2, 50 clusters, against label".
std::string subject(const Settings& facet) {
  std::vector<std::string> parts;
  if (facet.value("layer", 0) != 0) parts.push_back(fmt::format("layer {}", plain(facet["layer"])));
  if (facet.contains("k")) parts.push_back(fmt::format("{} clusters", plain(facet["k"])));
  if (facet.contains("against")) parts.push_back("against " + plain(facet["against"]));
  return join(parts);
}

void add_facet(Table& content, const Settings& facet) {
  if (!facet.is_object()) return;
  for (const auto& [key, value] : facet.items()) {
    if (!value.is_number() || key == "layer" || key == "k" || key == "examples") continue;
    add_row(content, metric_name(key), subject(facet), measured(facet, key), key);
  }
}

/// The silhouette's value stands under "value".
void add_silhouettes(Table& content, const Settings& list) {
  if (!list.is_array()) return;
  for (const Settings& facet : list) {
    if (!facet.is_object() || !facet.contains("value") || !facet["value"].is_number()) continue;
    std::string about = subject(facet);
    if (facet.contains("examples")) about += fmt::format(", {} examples", grouped(facet["examples"].get<double>()));
    add_row(content, metric_name("silhouette"), about, measured(facet, "value"), "silhouette");
  }
}

void add_knn(Table& content, const Settings& evaluation) {
  if (!evaluation.contains("knn_error") || !evaluation["knn_error"].is_object()) return;
  std::string split = evaluation.contains("knn_split") ? ", " + plain(evaluation["knn_split"]) : "";
  for (const auto& [neighbours, error] : evaluation["knn_error"].items()) {
    if (!error.is_number()) continue;
    add_row(content, metric_name("knn_error"), fmt::format("k = {}{}", neighbours, split),
            measured(evaluation["knn_error"], neighbours), "knn_error");
  }
}

void add_bounds(Table& content, const Settings& bounds) {
  if (!bounds.is_object()) return;
  std::string examples = bounds.contains("examples") ? grouped(bounds["examples"].get<double>()) + " examples"
                                                     : std::string("nats per example");
  for (const char* key : {"elbo", "iwae"}) {
    if (!bounds.contains(key) || !bounds[key].is_number()) continue;
    bool weighted = std::string_view(key) == "iwae" && bounds.contains("iwae_samples");
    std::string about = examples + (weighted ? fmt::format(", {} draws", plain(bounds["iwae_samples"])) : "");
    add_row(content, metric_name(key), about, measured(bounds, key), key);
  }
}

/// The words of a command line, each in its quotes.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  char before = ' ';
  for (char c : command) {
    if (c == '\'' && (quoted || before != '\\')) quoted = !quoted;
    if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
    before = c;
  }
  return words;
}

/// The words without --out: its folder is taken.
std::string elsewhere(const std::vector<std::string>& words) {
  std::vector<std::string> kept;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = std::string_view(words[i]).substr(words[i].starts_with('\'') ? 1 : 0);
    if (word == "--out" || word == "-o")
      ++i;  // its value
    else if (!word.starts_with("--out=") && !word.starts_with("-o"))
      kept.push_back(words[i]);
  }
  return join(kept, " ");
}

}  // namespace

Html metrics(const Findings& findings) {
  const Settings& evaluation = findings.input.evaluation;
  if (!evaluation.is_object()) return {};
  Table content{{"metric", "about", "value", "what it says"}, {}};
  auto part = [&](const char* key) { return evaluation.contains(key) ? evaluation[key] : Settings(); };
  for (const Settings& facet : part("facets"))
    add_facet(content, facet);
  add_silhouettes(content, part("silhouette"));
  add_knn(content, evaluation);
  add_bounds(content, part("bounds"));
  add_facet(content, part("disentanglement"));
  if (content.rows.empty()) return {};
  const Taught by = taught(findings);
  if (by.labels) {
    return table(content) + paragraph(text("The method learned from labels. Examples whose label it was given count in "
                                           "these measures like all others."));
  }
  Html source;
  if (!by.clusters.empty()) source = text("The method learned from the clusters of ") + code(by.clusters) + text(". ");
  const bool apart = by.clusters.empty() && by.drawn.empty();  // from every run that may have learned from labels
  return table(content) +
         paragraph(source + text("Labels and factors are used for these measures only; no choice in training, stopping "
                                 "or selection has " +
                                 (apart ? "seen them." : "been given any" + by.drawn + ".")));
}

Html settings(const Findings& findings) {
  Facts list;
  flatten(findings.input.config, "", list);
  if (list.empty()) return {};
  return paragraph(text("Every setting as it was resolved, defaults included.")) + facts(list);
}

Html provenance(const Findings& findings) {
  Facts list;
  flatten(findings.input.provenance, "", list);
  std::erase_if(list, [](const auto& fact) { return fact.first == "command"; });
  return list.empty() ? Html{} : facts(list);
}

Html how_to_repeat(const Findings& findings) {
  const Settings& provenance = findings.input.provenance;
  if (!provenance.is_object() || !provenance.contains("command")) return {};
  return paragraph(
             text("On the same machine, build, number of threads and precision, this gives the same result to the "
                  "last bit (--out names a folder where the default one is taken):")) +
         code_block(elsewhere(words_of(plain(provenance["command"]))));
}

}  // namespace cleave::report
