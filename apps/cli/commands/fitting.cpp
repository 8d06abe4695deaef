// Verbs that fit a method.
#include "apps/cli/commands/commands.h"

namespace cleave::cli::commands {

namespace {

constexpr const char* kFamily = "Fit";

std::vector<Option> joined(std::vector<Option> options, std::vector<Option> more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

Positional data() {
  return {"DATA", "Registered name, or path of a file or folder.", Names::kData};
}

}  // namespace

std::vector<Command> fitting() {
  return {
      {.name = "cluster",
       .family = kFamily,
       .summary = "Find clusters with the recommended method for the kind of data, and report them",
       .details =
           "Images: neighbours are told by a distance that forgives small deformations, a map is drawn that keeps "
           "them, and a Gaussian mixture is fitted to the map (umap-gmm); with --augment a network that can also "
           "draw then learns the clusters on altered copies (self-label), which makes them no better. Counts: the "
           "same on logarithms of counts per size of the row, or k-means on their principal components "
           "(pca-kmeans) for fewer than 1000 rows. Text (weighted frequencies of words: the Reuters sets, or npz with "
           "the kind text): a generative model that starts from the map (simple-gm). "
           "Tables: a mixture (gmm), its components stretched along the columns or in any direction, as BIC favours; "
           "or "
           "the map where there are more than 10 columns and at least 1000 rows. No label is looked at, and the "
           "`cleave train` line that does the same is shown before the fit.",
       .positionals = {data()},
       .groups = {{"Options",
                   "",
                   {option("clusters", int64_t{0},
                           "Number of clusters; 0 compares what several criteria favour. Labels are not looked at.",
                           at_least(0), Names::kText, 'k'),
                    option(
                        "augment", false,
                        "Images: teach a network on altered copies, by default slightly altered ones; a network that "
                        "names and draws, its clusters no better where that was measured. --augment-rotation and its "
                        "kin choose "
                        "that network too, and then only what they name is altered."),
                    out_option("Run folder to write; by default runs/METHOD-DATA-SEED.", Names::kFolder), seed_option(),
                    threads_option()}},
                  fitted_data_options()},
       .examples = {{"cleave cluster photos/ -k 12", "a folder of images into 12 clusters"},
                    {"cleave cluster counts.h5ad", "single cells; first a table of what speaks for which number"},
                    {"cleave cluster table.csv --label-column 0", "column 0 is kept for evaluation only"}}},
      {.name = "train",
       .family = kFamily,
       .summary = "Fit a method to data and write a run folder",
       .positionals = {{"METHOD", "A method; `cleave models` lists them.", Names::kMethod}, data()},
       .groups = {{"Options", "",
                   joined(
                       {out_option("Run folder to write; by default runs/METHOD-DATA-SEED.", Names::kFolder),
                        option("pretrained", std::string(),
                               "Finished run whose first stage this one shares (same data, seed and settings of it): "
                               "it is taken over instead of done again.",
                               any(), Names::kRun),
                        seed_option(), threads_option()},
                       settings_files())},
                  labelled_data_options(),
                  training_options()},
       .examples = {{"cleave train vade mnist --out runs/a", "the method's own settings"},
                    {"cleave train vade --help", "the settings of vade"},
                    {"cleave train vade mnist --latent-dim 5 --seed 3", "with a setting and a seed"},
                    {"cleave train n2d mnist --pretrained runs/ae-kmeans-mnist-0", "on the autoencoder of that run"}},
       .method_settings = true},
      {.name = "resume",
       .family = kFamily,
       .summary = "Continue a stopped run exactly where its last checkpoint stands",
       .positionals = {{"RUN", "Run folder.", Names::kRun}},
       .groups = {{"Options", "", {threads_to_go_on_option()}}},
       .examples = {{"cleave resume runs/a", "with the settings that the run was started with"}}},
      {.name = "reproduce",
       .family = kFamily,
       .summary = "Obtain a figure of this project again, over all its seeds, beside the published one",
       .positionals = {{"CLAIM", "Folder with a claim.toml, or the name of one in reproduction/."}},
       .groups = {{"Options",
                   "",
                   {option("seeds", int64_t{0}, "Seeds 0, 1, ...; 0 takes as many as the claim is about.", at_least(0)),
                    out_option("Folder of the runs; by default runs/CLAIM.", Names::kFolder),
                    option("record", false,
                           "Also keep the result beside the claim, as result.json; until the last seed is done, what "
                           "each has given, "
                           "from which the sweep goes on where its runs are gone."),
                    option("no-reports", false,
                           "Only measure each run; `cleave report RUN` draws its map and report afterwards."),
                    option("jobs", int64_t{1},
                           "Runs that go side by side, in processes that share the threads; 0 takes one per core.",
                           at_least(0)),
                    threads_option()}},
                  data_root_options()},
       .examples = {{"cleave reproduce mnist-kmeans", "stopped at any time, it goes on where it was"},
                    {"cleave reproduce mnist-kmeans --seeds 2 --json", "a first look, for a program"}}},
  };
}

}  // namespace cleave::cli::commands
