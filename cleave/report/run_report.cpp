#include "cleave/report/run_report.h"

#include "cleave/base/files.h"
#include "cleave/report/findings.h"
#include "cleave/report/sections.h"

namespace cleave::report {

Report run_report(const ReportInput& input) {
  Findings findings(input);
  Page page(report_title(findings), report_subtitle(findings));
  page.section("Summary", headline(findings));
  page.section("How many clusters", how_many_clusters(findings));
  for (const FacetFindings& facet : findings.facets) {
    page.section("Clusters at a glance" + facet.suffix, clusters_at_a_glance(findings, facet));
  }
  page.section("Tree of merges", tree_of_merges(findings));
  page.section("Map", flat_map(findings));
  page.section("Graph", neighbour_graph(findings));
  page.section("Variance", explained_variance(findings));
  for (const FacetFindings& facet : findings.facets) {
    page.section("Clusters against labels" + facet.suffix, confusion(findings, facet));
  }
  page.section("Clusters against factors", facets_against_factors(findings));
  page.section("Training", training_curves(findings));
  for (const FacetFindings& facet : findings.facets) {
    page.section("Samples per cluster" + facet.suffix, samples_per_cluster(findings, facet));
  }
  page.section("Samples", prior_samples(findings));
  page.section("Reconstructions", reconstructions(findings));
  page.section("Latents, one at a time", traversals(findings));
  page.section("Layers, one at a time", layers(findings));
  for (const FacetFindings& facet : findings.facets) {
    page.section("One example as every cluster" + facet.suffix, categories(findings, facet));
  }
  page.section("Shared factors and factors of a class", factors_of_classes(findings));
  page.section("What each cluster says with each latent", information_of_latents(findings));
  page.section("Codes beside the prior", prior_and_posterior(findings));
  page.section("Between two examples", interpolations(findings));
  page.section("Metrics", metrics(findings));
  page.section("Notes from training", training_notes(findings));
  page.section("Settings", settings(findings));
  page.section("Provenance", provenance(findings));
  page.section("Do it again", how_to_repeat(findings));
  return {page.finish(), std::move(findings.figures)};
}

void write_report(const Report& report, const std::filesystem::path& folder) {
  if (!report.figures.empty()) std::filesystem::create_directories(folder / "figures");
  for (const Figure& figure : report.figures)
    write_atomically(folder / "figures" / figure.name, figure.bytes);
  write_atomically(folder / "report.html", report.html);
}

}  // namespace cleave::report
