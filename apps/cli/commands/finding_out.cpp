// What there is, what a file holds, and what is wrong with this machine.
#include "apps/cli/commands/commands.h"

namespace cleave::cli::commands {

namespace {

constexpr const char* kFamily = "Find out";

Group own(std::vector<Option> options) {
  return {"Options", "", std::move(options)};
}

Positional data(std::string meaning = "Registered name, or path of a file or folder.") {
  return {"DATA", std::move(meaning), Names::kData};
}

}  // namespace

std::vector<Command> finding_out() {
  return {
      {.name = "models",
       .family = kFamily,
       .summary = "List the methods, or show one: abilities, source, settings, presets",
       .positionals = {{"METHOD", "Show this method only.", Names::kMethod, Count::kOptional}},
       .examples = {{"cleave models", "every method, one line each"},
                    {"cleave models kmeans", "its settings with defaults and ranges"},
                    {"cleave models --json", "the whole catalogue for a program"}}},
      {.name = "data list",
       .family = kFamily,
       .summary = "List the registered data sets and say which are at hand",
       .groups = {data_root_options()},
       .examples = {{"cleave data list", "names, and whether they are at hand"},
                    {"cleave data list --data-root ~/data --json", "the same for another folder, for a program"}}},
      {.name = "data fetch",
       .family = kFamily,
       .summary = "Download a registered data set from its official source and check it",
       .positionals = {{"NAME", "Registered name.", Names::kData}},
       .groups = {data_root_options(),
                  own({option("from", std::string(), "Copy from this local mirror instead of downloading.", any(),
                              Names::kFolder)})},
       .examples = {{"cleave data fetch mnist", "into the data folder, checksums verified"},
                    {"cleave data fetch mnist --from /mnt/mirror", "from a local copy"}}},
      {.name = "data inspect",
       .family = kFamily,
       .summary = "Read a data set and describe it: shape, values, labels, factors",
       .positionals = {data()},
       .groups = {data_options()},
       .examples = {{"cleave data inspect mnist", "sizes, range of values, examples per label"},
                    {"cleave data inspect counts.h5ad --json", "the same for a file, for a program"}}},
      {.name = "data convert",
       .family = kFamily,
       .summary = "Write a data set as npz, which every verb reads back",
       .positionals = {data(), {"FILE", "What to write: a name that ends in .npz.", Names::kFile}},
       .groups = {data_options()},
       .examples = {{"cleave data convert mnist mnist.npz", "examples, labels and factors in one file"},
                    {"cleave data convert glyphs glyphs.npz --size 1000", "a drawn set of that size"}}},
      {.name = "inspect",
       .family = kFamily,
       .summary = "Say what a file holds: a data file, a model file or a run folder",
       .positionals = {{"FILE", "Path of a file or folder.", Names::kFile}},
       .examples = {{"cleave inspect runs/a", "method, data, settings and state of a run"},
                    {"cleave inspect runs/a/model.safetensors", "tensors with shapes and types"}}},
      {.name = "doctor",
       .family = kFamily,
       .summary = "Examine this machine and say in words what is wrong with it",
       .groups = {data_root_options(), own({threads_option()})},
       .examples = {{"cleave doctor", "libraries, processor, speed, memory, disk, data"},
                    {"cleave doctor --json", "the same for a program"}}},
      {.name = "completion",
       .family = kFamily,
       .summary = "Print a script that completes cleave's words in your shell",
       .positionals = {{"SHELL", "Which shell.", Names::kText, Count::kOne, {"bash", "zsh", "fish"}}},
       .examples = {{"source <(cleave completion bash)", "in this shell; put it into ~/.bashrc to keep it"},
                    {"cleave completion fish > ~/.config/fish/completions/cleave.fish", "for every fish to come"}}},
  };
}

}  // namespace cleave::cli::commands
