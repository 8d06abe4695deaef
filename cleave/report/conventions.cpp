#include "cleave/report/conventions.h"

#include <algorithm>
#include <array>

namespace cleave::report {
namespace {

struct Entry {
  const char* key;
  const char* name;
  const char* meaning;
};

constexpr std::array kEntries = {
    Entry{"accuracy_hungarian", "accuracy (Hungarian)",
          "Each cluster is matched with at most one label and each label with at most one cluster, so that as many "
          "examples "
          "as possible agree; examples of unmatched clusters count as wrong."},
    Entry{
        "accuracy_majority", "accuracy (majority)",
        "Each cluster takes its most frequent label; several clusters may take the same one. Grows with the number of "
        "clusters."},
    Entry{"accuracy_simple", "accuracy (simple mapping)",
          "Each cluster takes the label of the single example that belongs to it most surely."},
    Entry{"nmi_arithmetic", "NMI (arithmetic)",
          "Mutual information of clusters and labels over the arithmetic mean of their entropies."},
    Entry{"nmi_geometric", "NMI (geometric)", "The same over the geometric mean of the entropies."},
    Entry{"nmi_max", "NMI (max)", "The same over the larger entropy; the strictest of the three."},
    Entry{"ari", "adjusted Rand index",
          "Pairs of examples treated alike by clusters and labels; 0 by chance, 1 at best."},
    Entry{"homogeneity", "homogeneity", "1 when every cluster holds one label only."},
    Entry{"completeness", "completeness", "1 when every label lies in one cluster only."},
    Entry{"silhouette", "silhouette",
          "Mean over examples of how much closer the own cluster is than the next, in the code, in the hidden features "
          "where a method has them, in the data where it has no code but its clusters; -1 to 1. Needs no labels."},
    Entry{"knn_error", "kNN error",
          "Share of examples that the k nearest codes vote a wrong label for; lower is better."},
    Entry{"elbo", "evidence lower bound", "Mean bound on log p(x), nats per example; higher is better."},
    Entry{"iwae", "importance-weighted bound", "A tighter bound on log p(x) from several draws per example, nats."},
    Entry{"mig", "MIG", "Mutual information gap: how far one latent leads the next for each factor."},
    Entry{"sap", "SAP", "Separated attribute predictability: the same lead, in prediction score."},
    Entry{"dci_disentanglement", "DCI disentanglement", "1 when each latent matters for one factor only."},
    Entry{"dci_completeness", "DCI completeness", "1 when each factor is held by one latent only."},
    Entry{"dci_informativeness", "DCI informativeness", "How well the factors are predicted from the code."},
    Entry{"factorvae", "FactorVAE score", "Accuracy of naming the fixed factor from the latent that varies least."},
    Entry{"modularity", "modularity", "1 when each latent shares information with one factor only."},
};

const Entry* find(const std::string& key) {
  auto found = std::find_if(kEntries.begin(), kEntries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == kEntries.end() ? nullptr : &*found;
}

}  // namespace

std::string convention(const std::string& key) {
  const Entry* entry = find(key);
  return entry ? entry->meaning : "";
}

std::string metric_name(const std::string& key) {
  const Entry* entry = find(key);
  return entry ? entry->name : key;
}

}  // namespace cleave::report
