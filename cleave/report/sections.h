// The sections of a run's report, in order. Each returns nothing where it does not apply.
#pragma once

#include "cleave/report/findings.h"

namespace cleave::report {

// headline.cpp
std::string report_title(const Findings& findings);
std::string report_subtitle(const Findings& findings);
Html headline(const Findings& findings);

// cluster_sections.cpp
Html clusters_at_a_glance(Findings& findings, const FacetFindings& facet);
Html confusion(Findings& findings, const FacetFindings& facet);

// tree_section.cpp
Html tree_of_merges(Findings& findings);

// map_section.cpp
Html flat_map(Findings& findings);

// choosing_k_section.cpp
Html how_many_clusters(Findings& findings);

// graph_section.cpp
Html neighbour_graph(Findings& findings);

// variance_section.cpp
Html explained_variance(Findings& findings);

// training_section.cpp
Html training_curves(Findings& findings);
Html training_notes(const Findings& findings);

// generation_sections.cpp
Html samples_per_cluster(Findings& findings, const FacetFindings& facet);
Html prior_samples(Findings& findings);
Html reconstructions(Findings& findings);
Html traversals(Findings& findings);
Html interpolations(Findings& findings);

// factor_sections.cpp
Html facets_against_factors(Findings& findings);
Html layers(Findings& findings);
Html categories(Findings& findings, const FacetFindings& facet);
Html factors_of_classes(Findings& findings);
Html information_of_latents(Findings& findings);
Html prior_and_posterior(Findings& findings);

// record_sections.cpp
Html metrics(const Findings& findings);
Html settings(const Findings& findings);
Html provenance(const Findings& findings);
Html how_to_repeat(const Findings& findings);

}  // namespace cleave::report
