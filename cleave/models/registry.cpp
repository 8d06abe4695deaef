#include "cleave/models/registry.h"

#include "cleave/base/error.h"
#include "cleave/base/text.h"

// One line per method, alphabetical. A line without its file does not link.
#define CLEAVE_METHODS(X) \
  X(ae_gmm)               \
  X(ae_kmeans)            \
  X(agglomerative)        \
  X(autoencoder)          \
  X(aux_cluster)          \
  X(classifier)           \
  X(dbscan)               \
  X(gm_dgm)               \
  X(gmm)                  \
  X(graph)                \
  X(hdbscan)              \
  X(kmeans)               \
  X(n2d)                  \
  X(n_vae)                \
  X(pca)                  \
  X(pca_kmeans)           \
  X(self_label)           \
  X(simple_gm)            \
  X(sne)                  \
  X(symmetric_sne)        \
  X(tsne)                 \
  X(umap)                 \
  X(umap_gmm)             \
  X(vade)                 \
  X(vae)                  \
  X(vae_gmm)              \
  X(vlac)                 \
  X(vlae)

namespace cleave::models {

#define CLEAVE_DECLARE(name) model::Method describe_##name();
CLEAVE_METHODS(CLEAVE_DECLARE)
#undef CLEAVE_DECLARE

const std::vector<model::Method>& all_methods() {
#define CLEAVE_CALL(name) describe_##name(),
  static const std::vector<model::Method> methods = {CLEAVE_METHODS(CLEAVE_CALL)};
#undef CLEAVE_CALL
  return methods;
}

const model::Method& find_method(const std::string& name) {
  std::vector<std::string> known;
  for (const model::Method& method : all_methods()) {
    if (method.name == name) return method;
    known.push_back(method.name);
  }
  throw ArgumentError(unknown_name("method", name, known));
}

}  // namespace cleave::models
