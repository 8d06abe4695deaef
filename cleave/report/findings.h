// What the sections of a run's report share: everything asked of the method once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cleave/analysis/clusters.h"
#include "cleave/base/random.h"
#include "cleave/report/html.h"
#include "cleave/report/run_report.h"

namespace cleave::report {

/// One clustering of the data, with names and colours for its clusters.
struct FacetFindings {
  size_t facet = 0;
  std::string suffix;  ///< for titles: " (layer 2)"; empty when there is one facet
  Tensor assignment;   ///< [N] int64, -1: none
  analysis::Gallery gallery;
  Tensor order;                      ///< [K] int64, clusters from the largest to the smallest
  std::vector<std::string> names;    ///< "cluster 3"
  std::vector<std::string> colours;  ///< per cluster

  /// Of all examples, those of the cluster; of -1, those of none.
  double share(int64_t cluster) const;

  // Where there are labels:
  Tensor counts;   ///< [K, L] int64 examples of each cluster and label
  Tensor matched;  ///< [K] int64, the label matched with each cluster one to one; -1: none left
};

struct Findings {
  explicit Findings(const ReportInput& report_input);

  const ReportInput& input;
  Randomness random;
  bool images;
  bool labelled;                         ///< at least one example has a label
  std::vector<std::string> label_names;  ///< by the data set, or numbers
  analysis::Answers answers;
  std::vector<FacetFindings> facets;
  std::vector<Figure> figures;  ///< filled by the sections
  std::optional<Tensor> nats;   ///< filled by mean_information()

  /// Row numbers of the data set for positions in the answers; -1 stays -1.
  Tensor rows(const Tensor& positions) const;

  /// Keeps a copy of a picture as a file, and returns it for the page.
  Html keep(const std::string& name, const std::string& svg);
  ImageGrid keep(const std::string& name, ImageGrid grid);

  /// "images", "cells", "documents", "examples": what an example is called.
  std::string examples() const;
};

/// What a run learned from besides its examples, as its settings say.
struct Taught {
  bool labels = false;        ///< the data's own, or those of a file
  std::string clusters = "";  ///< the run whose clusters stood for labels; empty: none
  std::string drawn = "";     ///< " (...)", a reservation about labels where another run drew examples; else empty
};
Taught taught(const Findings& findings);

/// What the picture of examples measures distances in: the code where there is one, else the transformed features.
/// positions [B] -> [B, R].
analysis::Representation representation(const Findings& findings, size_t facet);

/// Whether pictures can be decoded from codes.
bool decodes_images(const Findings& findings);

/// A picture of decoded examples x [rows, columns, X], kept under a name.
ImageGrid decoded_grid(Findings& findings, const std::string& name, const Tensor& x);

/// Positions of the most typical example of each of the largest clusters, [<= count].
Tensor most_typical(const FacetFindings& facet, int64_t count);

/// Positions that ranges and information are estimated on, at most 5000.
Tensor asked_positions(const Findings& findings);

/// Mean KL of each latent over those, [D] nats, asked of the method once; undefined where it has none.
Tensor mean_information(Findings& findings);

/// The transformed examples at positions of the answers, [B, X].
Tensor examples_at(const Findings& findings, const Tensor& positions);

inline constexpr int64_t kMostClusters = 40;  ///< rows of a gallery; further, smaller clusters are only counted

}  // namespace cleave::report
