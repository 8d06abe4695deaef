// Which factors of variation the latents hold, for which classes, and how the codes lie in their prior.
#include <algorithm>

#include <fmt/format.h>

#include "cleave/analysis/generation.h"
#include "cleave/analysis/images.h"
#include "cleave/report/axis.h"
#include "cleave/report/charts.h"
#include "cleave/report/sections.h"

namespace cleave::report {
namespace {

constexpr int64_t kDraws = 12, kMoves = 7, kClassesMoved = 10, kTransferred = 6, kTransferTargets = 16;
constexpr int64_t kMostLatents = 48;
constexpr int64_t kDots = 3000;
constexpr double kUsesNats = 0.1;  // a class that spends less on a latent says nothing with it

/// Whether the decoder is told the cluster of a facet.
bool decodes_cluster(Findings& findings, size_t facet) {
  Tensor x = analysis::transfers(findings.input.model, examples_at(findings, at::zeros({1}, at::kLong)), facet);
  return x.size(1) > 1 && !x.select(1, 0).equal(x.select(1, 1));
}

}  // namespace

Html facets_against_factors(Findings& findings) {
  const Settings& evaluation = findings.input.evaluation;
  if (!evaluation.is_object() || !evaluation.contains("facet_factors")) return {};
  HeatMap map{.title = "Normalised mutual information of facets and factors", .x_label = "factor", .y_label = ""};
  std::vector<Tensor> rows;
  for (const Settings& facet : evaluation["facet_factors"]) {
    map.row_names.push_back(
        fmt::format("layer {}, {} clusters", facet["layer"].get<int64_t>(), facet["k"].get<int64_t>()));
    map.column_names.clear();
    map.texts.emplace_back();
    std::vector<double> row;
    for (const auto& [factor, nmi] : facet["nmi"].items()) {
      map.column_names.push_back(factor);
      row.push_back(nmi.get<double>());
      map.texts.back().push_back(fmt::format("{:.2f}", row.back()));
    }
    rows.push_back(at::tensor(row));
  }
  map.amounts = at::stack(rows);
  return figure(findings.keep("facets_against_factors", draw(map)),
                text("How much each clustering says of each known factor of variation (arithmetic NMI; 1 is all, 0 "
                     "nothing). Continuous factors are cut into ten classes of equal size, which no ten clusters can "
                     "match exactly. Training sees no factors, only labels where a method was given some."));
}

Html layers(Findings& findings) {
  if (!decodes_images(findings) || !findings.input.model.abilities().generates) return {};
  if (findings.answers.codes.size() < 2) return {};
  Tensor position = analysis::stratified_rows(findings.answers.indices.size(0), 1);
  Tensor x = analysis::resampled_layers(findings.input.model, examples_at(findings, position), kDraws, findings.random);
  std::vector<Html> labels;
  for (int64_t layer = 0; layer < x.size(0); ++layer)
    labels.push_back(strong(fmt::format("layer {}", layer)));
  Tensor original = analysis::stored_images(findings.input.dataset,
                                            findings.rows(position).unsqueeze(1).expand({x.size(0), 1}).contiguous());
  return figure(
      labelled_grids(labels, {{findings.keep("layers_from", image_grid(original)), "from", "The example"},
                              {decoded_grid(findings, "layers", x), "this layer drawn anew", "Layers"}}),
      text("One example, decoded with the latents of a single layer drawn from the prior and all others held. "
           "What changes along a row is what that layer decides."));
}

Html categories(Findings& findings, const FacetFindings& facet) {
  if (!decodes_images(findings) || !decodes_cluster(findings, facet.facet)) return {};
  Tensor positions = most_typical(facet, kTransferred);
  Tensor x = analysis::transfers(findings.input.model, examples_at(findings, positions), facet.facet);
  x = x.narrow(1, 0, std::min(x.size(1), kTransferTargets)).contiguous();
  std::vector<Html> labels;
  for (int64_t i = 0; i < positions.size(0); ++i)
    labels.push_back(text(fmt::format("row {}", findings.rows(positions[i]).item<int64_t>())));
  Tensor originals = analysis::stored_images(findings.input.dataset, findings.rows(positions.unsqueeze(1)));
  ImageGrid from = findings.keep("categories_from" + facet.suffix, image_grid(originals));
  return figure(
      labelled_grids(labels, {{from, "from", "Examples"},
                              {decoded_grid(findings, "categories" + facet.suffix, x), "as cluster 0, 1, 2, ...",
                               "The same latents in every cluster"}}),
      text("Examples decoded with their own latents, but as if they were of each cluster in turn: the style stays, the "
           "kind changes."));
}

Html factors_of_classes(Findings& findings) {
  if (!decodes_images(findings) || findings.facets.empty() || findings.answers.codes.size() < 2) return {};
  const FacetFindings& facet = findings.facets[0];
  if (!decodes_cluster(findings, facet.facet)) return {};
  model::Model& model = findings.input.model;
  Tensor asked = asked_positions(findings), codes = findings.answers.code().index_select(0, asked);
  Tensor nats = mean_information(findings);
  if (!nats.defined()) return {};
  Tensor positions = most_typical(facet, kClassesMoved);

  std::vector<LabelledGrid> grids;
  int64_t first = 0;
  for (const Tensor& of_layer : findings.answers.codes) {
    Tensor of_this = at::full_like(nats, -1);
    of_this.narrow(0, first, of_layer.size(1)).copy_(nats.narrow(0, first, of_layer.size(1)));
    std::vector<Tensor> rows;
    int64_t latent = 0;
    for (int64_t i = 0; i < positions.size(0); ++i) {
      Tensor base = examples_at(findings, positions.narrow(0, i, 1));
      analysis::Traversals moved = analysis::traverse(model, base, codes, of_this, 1, kMoves);
      latent = moved.order[0].item<int64_t>();
      rows.push_back(moved.decoded[0]);
    }
    grids.push_back({decoded_grid(findings, fmt::format("factors_layer_{}", grids.size()), at::stack(rows)),
                     fmt::format("latent {}, of layer {}", latent, grids.size()),
                     "The most telling latent of a layer, moved in every class"});
    first += of_layer.size(1);
  }
  std::vector<Html> labels;
  for (int64_t i = 0; i < positions.size(0); ++i)
    labels.push_back(strong(facet.names[static_cast<size_t>(facet.order[i].item<int64_t>())]));
  return figure(
      labelled_grids(labels, grids),
      text("A typical example of each class while the most telling latent of a layer moves from the 1 % to the 99 % "
           "quantile of the codes. A factor that all classes share does the same in every row; one of a class "
           "may do something else in each."));
}

Html information_of_latents(Findings& findings) {
  if (findings.facets.empty() || findings.answers.codes.empty()) return {};
  const FacetFindings& facet = findings.facets[0];
  const int64_t clusters = facet.gallery.sizes.size(0);
  Tensor asked = asked_positions(findings);
  Tensor nats = analysis::information_by_class(findings.input.model, findings.input.view, findings.rows(asked),
                                               facet.assignment.index_select(0, asked), clusters);
  if (!nats.defined() || clusters < 2) return {};
  // Of a cluster without members among those asked nothing is known.
  Tensor known = nats.isnan().all(1).logical_not(), filled = facet.order.index({known.index_select(0, facet.order)});
  filled = filled.narrow(0, 0, std::min(filled.size(0), kMostClusters));
  if (filled.size(0) == 0) return {};
  Tensor latents = std::get<0>(std::get<0>(nats.nan_to_num().max(0))
                                   .argsort(/*stable=*/true, 0, /*descending=*/true)
                                   .narrow(0, 0, std::min(nats.size(1), kMostLatents))
                                   .sort());
  nats = nats.index_select(0, filled).index_select(1, latents);

  HeatMap map{.title = "Mean KL of each latent in each cluster, nats", .x_label = "latent", .y_label = ""};
  for (int64_t i = 0; i < filled.size(0); ++i) {
    map.row_names.push_back(facet.names[static_cast<size_t>(filled[i].item<int64_t>())]);
    map.texts.emplace_back();
    for (int64_t l = 0; l < latents.size(0); ++l)
      map.texts.back().push_back(fmt::format("{:.1f}", nats[i][l].item<double>()));
  }
  for (int64_t l = 0; l < latents.size(0); ++l)
    map.column_names.push_back(std::to_string(latents[l].item<int64_t>()));
  map.amounts = nats / nats.max().clamp_min(1e-6);
  map.cell_width = latents.size(0) > 20 ? 20 : 36;
  map.cell_height = 22;

  Tensor uses = nats.gt(kUsesNats), by = uses.sum(0);
  std::string some;
  for (int64_t l = 0; l < latents.size(0); ++l) {
    const auto count = by[l].item<int64_t>();
    if (count == 0 || count == filled.size(0)) continue;
    some += fmt::format("{}{} ({} of {})", some.empty() ? "" : ", ", latents[l].item<int64_t>(), count, filled.size(0));
  }
  std::string verdict =
      some.empty()
          ? fmt::format(
                "No latent is used by some clusters and left by others, where use "
                "means more than {:.1f} nats.",
                kUsesNats)
          : fmt::format("Latents that only some clusters use, with more than {:.1f} nats: {}.", kUsesNats, some);
  return figure(findings.keep("information", draw(map)),
                text("How much each cluster's examples say with each latent: the mean divergence of posterior from "
                     "prior. A latent that only some clusters use stands for a factor that only they have. " +
                     verdict));
}

Html prior_and_posterior(Findings& findings) {
  model::Model& model = findings.input.model;
  if (!model.abilities().generates || !model.abilities().has_bound || findings.answers.codes.empty()) return {};
  Tensor asked = asked_positions(findings);
  Tensor nats = mean_information(findings);
  if (!nats.defined() || nats.size(0) < 2) return {};
  Tensor two = nats.argsort(/*stable=*/true, 0, /*descending=*/true).narrow(0, 0, 2);
  asked = asked.narrow(0, 0, std::min(asked.size(0), kDots));
  at::NoGradGuard no_grad;
  model::Latents q = model.sample_posterior(examples_at(findings, asked), findings.random.stream("posterior"));
  model::Latents p = model.sample_prior(asked.size(0), std::nullopt, 0, findings.random.stream("prior"));
  auto plane = [&](const model::Latents& h) { return at::cat(h.z, 1).index_select(1, two); };
  Scatter chart{.title = "Codes of the data and draws from the prior",
                .x_label = fmt::format("latent {}", two[0].item<int64_t>()),
                .y_label = fmt::format("latent {}", two[1].item<int64_t>())};
  const int64_t count = asked.size(0);
  chart.points = at::cat({plane(p), plane(q)});
  chart.classes = at::cat({at::zeros({count}, at::kLong), at::ones({count}, at::kLong)});
  chart.names = {"prior", "codes"};
  return figure(
      findings.keep("prior_and_posterior", draw(chart)),
      text("The two most telling latents: draws from the prior, and draws from the posterior of the data. "
           "Where they do not cover each other, samples from the prior decode from places that the data never "
           "taught, or leave out what the data hold."));
}

}  // namespace cleave::report
