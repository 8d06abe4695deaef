#include <algorithm>

#include <fmt/format.h>

#include "cleave/base/text.h"
#include "cleave/report/axis.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

/// The last event of a kind, or null.
const Settings* last_event(const Findings& findings, const std::string& kind) {
  auto found = std::find_if(findings.input.events.rbegin(), findings.input.events.rend(), [&](const Settings& event) {
    return event.is_object() && event.contains("event") && event["event"] == kind;
  });
  return found == findings.input.events.rend() ? nullptr : &*found;
}

double seconds_taken(const Findings& findings) {
  double seconds = 0;
  for (const Settings& event : findings.input.events) {
    if (event.is_object() && event.contains("seconds") && event["seconds"].is_number()) {
      seconds = std::max(seconds, event["seconds"].get<double>());
    }
  }
  return seconds;
}

/// A metric of the first facet against the labels; NaN where there is none.
double metric(const Findings& findings, const std::string& key) {
  const Settings& evaluation = findings.input.evaluation;
  if (!evaluation.is_object() || !evaluation.contains("facets")) return std::nan("");
  for (const Settings& facet : evaluation["facets"]) {
    if (facet.value("against", "label") == "label" && facet.contains(key)) return facet[key].get<double>();
  }
  return std::nan("");
}

std::string share_of(const FacetFindings& facet, int64_t rank) {
  return percent(facet.share(facet.order[rank].item<int64_t>()));
}

/// Whether the settings ask for so many clusters, or the method has found the number by itself.
bool asked_for(const Findings& findings, const FacetFindings& facet, int64_t clusters) {
  const Settings& config = findings.input.config;
  Settings asked = config.is_object() ? config.value("clusters", Settings()) : Settings();
  const auto layer = static_cast<size_t>(findings.input.model.facets()[facet.facet].layer);
  if (asked.is_array()) asked = layer < asked.size() ? asked[layer] : Settings();
  return asked == clusters;
}

Html clusters_in_words(const Findings& findings, const FacetFindings& facet) {
  int64_t clusters = facet.gallery.sizes.size(0), filled = facet.gallery.sizes.gt(0).sum().item<int64_t>();
  std::string words = fmt::format("It found {} cluster{}{}", filled, filled == 1 ? "" : "s", facet.suffix);
  if (filled < clusters && asked_for(findings, facet, clusters)) {
    words += fmt::format(" ({} of the {} asked for are empty)", clusters - filled, clusters);
  } else if (filled < clusters && filled > 0) {  // as cliques, whose members all lie in others too
    words += fmt::format(" ({} more {} the most probable one of no example)", clusters - filled,
                         clusters - filled == 1 ? "is" : "are");
  }
  if (filled > 1) {
    words += fmt::format(": the largest holds {} of the {}, the smallest {}", share_of(facet, 0), findings.examples(),
                         share_of(facet, filled - 1));
  }
  int64_t noise = facet.assignment.lt(0).sum().item<int64_t>();
  if (noise > 0) words += fmt::format("; {} belong to none", grouped(static_cast<double>(noise)));
  return paragraph(text(words + "."));
}

Html code_in_words(const Findings& findings) {
  if (findings.answers.codes.empty() || !findings.facets.empty()) return {};
  return paragraph(text(fmt::format("It describes each of the {} by a code of {} numbers.", findings.examples(),
                                    findings.answers.code().size(1))));
}

/// Whether the clusters come from labels, before they are compared with them.
Html taught_in_words(const Findings& findings) {
  const Taught by = taught(findings);
  if (by.labels) return text("It learned from labels; those that it was given count here like all others: ");
  if (!by.clusters.empty()) {
    return text("It learned from the clusters of ") + code(by.clusters) +
           text(" and was given no labels" + by.drawn + "; compared with labels afterwards: ");
  }
  return text("Compared afterwards with the labels, which the method " +
              (by.drawn.empty() ? "never saw" : "was not given" + by.drawn) + ": ");
}

Html agreement_in_words(const Findings& findings) {
  double accuracy = metric(findings, "accuracy_hungarian"), labelled = metric(findings, "examples");
  if (!std::isfinite(accuracy)) return {};
  std::string whom = findings.examples();
  if (labelled < static_cast<double>(findings.input.dataset.size())) {
    whom = fmt::format("{} {} whose label is known", grouped(labelled), whom);
  }
  return paragraph(
      taught_in_words(findings) + strong(percent(accuracy)) +
      text(fmt::format(" of the {} lie in the cluster matched with their label, each cluster being matched "
                       "with one label (",
                       whom)) +
      code("accuracy_hungarian") + text("). The table of metrics gives the other conventions."));
}

}  // namespace

std::string report_title(const Findings& findings) {
  return fmt::format("{} on {}", findings.input.method.name, findings.input.dataset.name);
}

std::string report_subtitle(const Findings& findings) {
  const model::Method& method = findings.input.method;
  return method.source.empty() ? method.title : fmt::format("{}. {}", method.title, method.source);
}

Html headline(const Findings& findings) {
  const data::Dataset& dataset = findings.input.dataset;
  std::string features = findings.images ? fmt::format("{} x {} pixels", dataset.shape[1], dataset.shape[2])
                                         : fmt::format("{} features", grouped(static_cast<double>(dataset.width())));
  if (findings.images && dataset.shape[0] > 1) features += fmt::format(" in {} channels", dataset.shape[0]);
  double seconds = seconds_taken(findings);
  std::string done =
      fmt::format("{} was fitted to {} {} of {}, each of {}", findings.input.method.title,
                  grouped(static_cast<double>(dataset.size())), findings.examples(), dataset.name, features);
  if (seconds > 0) done += ", in " + duration(seconds);

  std::vector<KeyFigure> figures;
  auto add_share = [&](const char* key, const char* name, const char* remark) {
    if (double value = metric(findings, key); std::isfinite(value)) figures.push_back({percent(value), name, remark});
  };
  auto add_index = [&](const char* key, const char* name, const char* remark) {
    if (double value = metric(findings, key); std::isfinite(value)) {
      figures.push_back({fmt::format("{:.3f}", value), name, remark});
    }
  };
  add_share("accuracy_hungarian", "accuracy", "one-to-one matching (Hungarian)");
  add_index("nmi_arithmetic", "NMI", "normalised by the arithmetic mean");
  add_index("ari", "adjusted Rand index", "0 by chance, 1 at best");
  if (!findings.facets.empty()) {
    const FacetFindings& facet = findings.facets[0];
    figures.push_back(
        {std::to_string(facet.gallery.sizes.gt(0).sum().item<int64_t>()), "clusters", "largest " + share_of(facet, 0)});
  }
  if (!findings.answers.codes.empty()) {
    figures.push_back({std::to_string(findings.answers.code().size(1)), "latent dimensions", "length of the code"});
  }
  const Settings* end = last_event(findings, "end");
  const double count = end && end->contains("steps") ? (*end)["steps"].get<double>() : 0;
  std::string steps = count > 1 ? grouped(count) + " steps" : "";  // one says nothing
  if (seconds > 0) figures.push_back({duration(seconds), "to fit", steps});

  Html clusters;
  for (const FacetFindings& facet : findings.facets)
    clusters += clusters_in_words(findings, facet);
  return paragraph(text(done + ".")) + clusters + code_in_words(findings) + agreement_in_words(findings) +
         key_figures(figures);
}

}  // namespace cleave::report
