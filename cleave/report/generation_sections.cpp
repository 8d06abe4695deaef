#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/generation.h"
#include "cleave/analysis/images.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kSamples = 12, kReconstructions = 14, kLatents = 16, kSteps = 11, kPairs = 5;

/// Positions of examples that stand for the data: the most typical of each cluster, largest first, or evenly spread.
Tensor representatives(const Findings& findings, int64_t count) {
  Tensor typical = findings.facets.empty() ? at::empty({0}, at::kLong) : most_typical(findings.facets[0], count);
  return typical.numel() > 0 ? typical : analysis::stratified_rows(findings.answers.indices.size(0), count);
}

}  // namespace

Html samples_per_cluster(Findings& findings, const FacetFindings& facet) {
  const model::Abilities& abilities = findings.input.model.abilities();
  if (!findings.images || !abilities.generates || !abilities.decodes) return {};
  Tensor x = analysis::draw_samples(findings.input.model, facet.facet, kSamples, /*spread=*/1,
                                    findings.random.child("facet", facet.facet));
  x = x.narrow(0, 0, std::min(x.size(0), kMostClusters));
  std::vector<Html> labels;
  for (int64_t k = 0; k < x.size(0); ++k)
    labels.push_back(strong(facet.names[static_cast<size_t>(k)]));
  return figure(
      labelled_grids(labels, {{decoded_grid(findings, "samples" + facet.suffix, x), "drawn from the model",
                               "Samples from every cluster"}}),
      text("New images, none of them from the data: codes drawn from each cluster's part of the prior, and decoded. "
           "Rows that look alike are clusters that share a kind of image. A column has the same draw in every row, and "
           "the same latents of other layers."));
}

Html prior_samples(Findings& findings) {
  const model::Abilities& abilities = findings.input.model.abilities();
  if (!findings.images || !abilities.generates || !abilities.decodes) return {};
  auto drawn = [&](double spread, const char* name, const char* heading) {
    Tensor x = analysis::prior_samples(findings.input.model, 5 * kSamples, spread, findings.random);
    return LabelledGrid{decoded_grid(findings, name, x.view({5, kSamples, -1})), heading, "Samples from the prior"};
  };
  return figure(labelled_grids(std::vector<Html>(5), {drawn(1, "prior_samples", "drawn from the prior"),
                                                      drawn(1.4, "prior_samples_wide", "drawn 1.4 times as far out")}),
                text("New images, none of them from the data: codes drawn from the prior, and decoded. Right: the same "
                     "codes, 1.4 times as far from the prior's mean, where a code with holes falls apart first."));
}

Html reconstructions(Findings& findings) {
  if (!decodes_images(findings)) return {};
  Tensor rows = findings.answers.indices.index_select(
      0, analysis::stratified_rows(findings.answers.indices.size(0), kReconstructions));
  Tensor decoded = analysis::reconstructions(findings.input.model, findings.input.view.rows(rows));
  Tensor pairs = at::stack({analysis::stored_images(findings.input.dataset, rows),
                            analysis::decoded_images(findings.input.dataset, findings.input.view, decoded)});
  ImageGrid grid = findings.keep("reconstructions", image_grid(pairs));
  return figure(
      labelled_grids({text("original"), text("decoded")}, {{grid, "", "Originals above reconstructions"}}),
      text("Examples, evenly spread over the data, above what the decoder makes of their codes. What is lost did "
           "not fit into the code."));
}

Html traversals(Findings& findings) {
  if (!decodes_images(findings)) return {};
  model::Model& model = findings.input.model;
  Tensor sample = asked_positions(findings);
  Tensor nats = mean_information(findings);
  Tensor base = examples_at(findings, representatives(findings, 1));
  analysis::Traversals moved =
      analysis::traverse(model, base, findings.answers.code().index_select(0, sample), nats, kLatents, kSteps);

  Tensor active = moved.active();
  std::vector<Html> labels;
  std::vector<bool> quiet;
  for (int64_t l = 0; l < moved.order.size(0); ++l) {
    int64_t latent = moved.order[l].item<int64_t>();
    std::string amount =
        fmt::format("{:.2f} {}", moved.amounts[latent].item<double>(), moved.in_nats ? "nats" : "variance");
    std::string range =
        fmt::format("{:.1f} to {:.1f}", moved.low[latent].item<double>(), moved.high[latent].item<double>());
    labels.push_back(strong(fmt::format("latent {}", latent)) + Html{"<small>"} + text(amount + "; " + range) +
                     Html{"</small>"});
    quiet.push_back(!active[latent].item<bool>());
  }
  int64_t idle = active.logical_not().sum().item<int64_t>(), all = active.size(0);
  std::string order = moved.in_nats
                          ? "Latents by the information they carry, in nats (divergence of posterior from prior), "
                            "the most telling first."
                          : "Latents by the variance of the code, largest first.";
  std::string rest = idle == 0 ? " All carry information."
                               : fmt::format(" {} of {} carry next to nothing; such rows are faded.", idle, all);
  if (moved.order.size(0) < all) order += fmt::format(" The first {} of {} are shown.", moved.order.size(0), all);
  return figure(
      labelled_grids(labels,
                     {{decoded_grid(findings, "traversals", moved.decoded),
                       "from the 1 % to the 99 % quantile of the codes", "Traversals of the latents"}},
                     quiet),
      text("One typical example, decoded while a single latent moves over the range it takes in the data and all "
           "others stay. " +
           order + rest));
}

Html interpolations(Findings& findings) {
  if (!decodes_images(findings)) return {};
  Tensor positions = representatives(findings, kPairs + 1);
  int64_t pairs = positions.size(0) - 1;
  if (pairs < 1) return {};
  Tensor from = positions.narrow(0, 0, pairs), to = positions.narrow(0, 1, pairs);
  Tensor x =
      analysis::interpolations(findings.input.model, examples_at(findings, from), examples_at(findings, to), kSteps);
  auto ends = [&](const std::string& name, const Tensor& chosen) {
    Tensor images = analysis::stored_images(findings.input.dataset, findings.rows(chosen.unsqueeze(1)));
    return findings.keep(name, image_grid(images));
  };
  std::vector<Html> labels;
  for (int64_t i = 0; i < pairs; ++i) {
    labels.push_back(text(
        fmt::format("rows {} and {}", findings.rows(from[i]).item<int64_t>(), findings.rows(to[i]).item<int64_t>())));
  }
  return figure(
      labelled_grids(labels,
                     {{ends("interpolation_from", from), "from", "Examples to start from"},
                      {decoded_grid(findings, "interpolation", x), "decoded on the straight line", "Interpolations"},
                      {ends("interpolation_to", to), "to", "Examples to end at"}}),
      text("Codes on the straight line between those of two examples, decoded. Smooth, believable steps speak for "
           "a code without holes."));
}

}  // namespace cleave::report
