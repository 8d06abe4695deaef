// Verbs that ask a finished run.
#include "apps/cli/commands/commands.h"

namespace cleave::cli::commands {

namespace {

constexpr const char* kFamily = "Ask a run";

Positional run(Count count = Count::kOne) {
  return {"RUN", "Run folder.", Names::kRun, count};
}

Positional data(Count count = Count::kOne) {
  return {"DATA",
          "Registered name, or path of a file or folder; by default the run's own, with its options about them.",
          Names::kData, count};
}

Group own(std::vector<Option> options) {
  options.push_back(threads_option());
  return {"Options", "", std::move(options)};
}

Option facet() {
  return option("facet", int64_t{0}, "Which of the clusterings, from 0.", at_least(0));
}

Option pictures_out() {
  return out_option(
      "File to write: .png, .npy for the numbers, .npz for a data set with the rows as labels; by default in "
      "figures/ of the run folder.");
}

}  // namespace

std::vector<Command> asking() {
  return {
      {.name = "evaluate",
       .family = kFamily,
       .summary = "Measure a run against labels and factors, with every metric that applies",
       .positionals = {run(), data(Count::kOptional)},
       .groups = {own({option("iwae_samples", int64_t{100},
                              "Importance samples per example of the bounds; 0: no bounds.", between(0, 100'000)),
                       seed_option()}),
                  data_options()},
       .examples = {{"cleave evaluate runs/a", "on the data that the run was fitted to"},
                    {"cleave evaluate runs/a --split test --json", "on their held-out part, for a program"}}},
      {.name = "assign",
       .family = kFamily,
       .summary = "Write the cluster of every example as csv",
       .positionals = {run(), data(Count::kOptional)},
       .groups = {own({out_option(
                           "File to write (.csv); by default standard output, with --json a file in the run folder."),
                       option("soft", false, "Also the probability of every cluster.")}),
                  data_options()},
       .examples = {{"cleave assign runs/a new.csv --out clusters.csv", "clusters of new examples"}}},
      {.name = "embed",
       .family = kFamily,
       .summary = "Write the code of every example as npy or csv",
       .positionals = {run(), data(Count::kOptional)},
       .groups = {own({out_option("File to write: .npy or .csv; by default embedding.npy in the run folder.")}),
                  data_options()},
       .examples = {{"cleave embed runs/a mnist --out codes.npy", "[N, D] float32"}}},
      {.name = "sample",
       .family = kFamily,
       .summary = "Draw examples, cluster by cluster, as a picture",
       .positionals = {run()},
       .groups = {own({option("count", int64_t{10}, "Examples per cluster.", between(1, 100'000)), facet(),
                       option("spread", 1.0, "Standard deviation of the draws, in units of the prior's.", at_least(0)),
                       seed_option(), pictures_out()})},
       .examples = {{"cleave sample runs/a --out samples.png", "ten per cluster"},
                    {"cleave sample runs/a --spread 1.4", "further from the centres"},
                    {"cleave sample runs/a --count 6000 --out artificial.npz", "a data set, the clusters its labels"}}},
      {.name = "traverse",
       .family = kFamily,
       .summary = "Move along one latent at a time, as a picture; the most informative come first",
       .positionals = {run()},
       .groups = {own(
           {option("index", int64_t{0}, "Example of the run's data to start from.", at_least(0)),
            option("latents", int64_t{10}, "How many latents.", at_least(1)),
            option("steps", int64_t{9}, "Pictures per latent.", between(2, 101)),
            option("span", 2.0, "Furthest value, in standard deviations of the codes.", above(0)),
            option("layers", false, "One row per layer instead: that layer drawn from the prior, the others held."),
            option("seed", int64_t{0}, "Seed of those draws.", at_least(0)), pictures_out()})},
       .examples = {{"cleave traverse runs/a --index 7", "around example 7"},
                    {"cleave traverse runs/ladder --layers", "what each layer of a ladder decides"}}},
      {.name = "interpolate",
       .family = kFamily,
       .summary = "Walk from one example to another through the latent space, as a picture",
       .positionals = {run()},
       .groups = {own({option("from", int64_t{0}, "Example to start from.", at_least(0)),
                       option("to", int64_t{1}, "Example to arrive at.", at_least(0)),
                       option("steps", int64_t{9}, "Pictures on the way.", between(2, 101)), pictures_out()})},
       .examples = {{"cleave interpolate runs/a --from 3 --to 18", "from example 3 to example 18"}}},
      {.name = "edit",
       .family = kFamily,
       .summary = "Add to examples what sets one group apart from another (a - b + c), as a picture",
       .positionals = {run()},
       .groups = {own({option("example", std::string("0"), "Examples to change: rows, or factor=value, or label=name."),
                       option("minus", std::string(), "Examples that lack the feature: rows, or factor=value."),
                       option("plus", std::string(), "Examples that have the feature: rows, or factor=value."),
                       option("strength", 1.0, "How much of the difference to add in the end."),
                       option("steps", int64_t{9}, "Pictures on the way.", between(2, 101)), pictures_out()})},
       .examples = {{"cleave edit runs/faces --example 3,40 --minus eyes=open --plus eyes=sunglasses",
                     "puts sunglasses on two faces"},
                    {"cleave edit runs/a --example 7 --minus 5,9 --plus 12,31", "by rows of the data"}}},
      {.name = "map",
       .family = kFamily,
       .summary = "Draw a two-dimensional map of the codes of a run, or of data",
       .positionals = {{"WHAT", "Run folder, or data: a registered name or a path.", Names::kData}},
       .groups =
           {own({option("projection", std::string("umap"), "Method that draws it.",
                        one_of({"pca", "sne", "symmetric-sne", "tsne", "umap"})),
                 option("perplexity", 0.0, "tsne and its kin: neighbours to keep, about; 0: the method's default.",
                        at_least(0)),
                 option("neighbours", int64_t{0}, "umap: neighbours to keep; 0: the method's default.", at_least(0)),
                 out_option("Picture (.svg) or coordinates (.npy); of a run by default its map.npy."), seed_option()}),
            data_options()},
       .examples = {{"cleave map runs/a", "draws the codes of a run, and shows the map in its report"},
                    {"cleave map runs/a --projection tsne --perplexity 50", "with another method"},
                    {"cleave map usps --out map.svg", "the data themselves"}}},
      {.name = "report",
       .family = kFamily,
       .summary = "Write report.html: figures and tables of a run in one file that opens offline",
       .positionals = {run()},
       .groups = {own({})},
       .examples = {{"cleave report runs/a", "writes runs/a/report.html"}}},
      {.name = "compare",
       .family = kFamily,
       .summary = "Put the results of several runs side by side",
       .positionals = {run(Count::kMany)},
       .groups = {own(
           {out_option("Page to write, .html: measures and the figures that all runs have.", Names::kFile)})},
       .examples = {{"cleave compare runs/a runs/b", "one line per run"},
                    {"cleave compare runs/n-vae runs/vae --out both.html", "samples of both, beside each other"}}},
  };
}

}  // namespace cleave::cli::commands
