#include "apps/cli/commands/commands.h"
#include "cleave/experiment/data_options.h"
#include "cleave/training/config.h"

namespace cleave::cli::commands {

using Text = std::string;

namespace {

Group with(Group group, const std::vector<Option>& more) {
  group.options.insert(group.options.end(), more.begin(), more.end());
  return group;
}

/// The settings of the data that have these names.
std::vector<Option> data_settings(const std::vector<std::string>& names) {
  std::vector<Option> options;
  for (const std::string& name : names) {
    for (Field& field : describe_fields<experiment::DataOptions>()) {
      if (field.name == name) options.push_back({std::move(field)});
    }
  }
  return options;
}

}  // namespace

Group data_root_options() {
  Group group = {"Data", "data", data_settings({"data_root"})};
  group.options[0].names = Names::kFolder;
  return group;
}

Group data_options() {
  return with(data_root_options(), data_settings({"split", "label_column", "size", "data_seed", "drawn_noise"}));
}

Group fitted_data_options() {
  std::vector<Option> options =
      data_settings({"artificial", "artificial_share", "artificial_spread", "artificial_recognised", "transform",
                     "augment_rotation", "augment_shift", "augment_scale"});
  options[0].names = Names::kRun;
  return with(data_options(), options);
}

Group labelled_data_options() {
  return with(fitted_data_options(), data_settings({"labels", "labels_per_class", "label_seed"}));
}

Group training_options() {
  Group group{"Training", "training", {}};
  for (Field& field : describe_fields<training::TrainConfig>())
    group.options.push_back({std::move(field)});
  return group;
}

std::vector<Option> settings_files() {
  return {
      option("preset", Text(), "Name or path of a preset; `cleave models METHOD` lists them.", any(), Names::kPreset),
      option("config", Text(), "TOML file of settings; flags win over it, it wins over a preset.", any(),
             Names::kFile)};
}

Group output_options() {
  return {"Output",
          "",
          {option("json", false, "Print one JSON object on stdout; everything else goes to stderr."),
           option("quiet", false, "No progress, no notes: only results, warnings and errors.")}};
}

Option seed_option() {
  return option("seed", int64_t{0}, "Seed of everything that is drawn.", at_least(0));
}

Option threads_option() {
  return option("threads", int64_t{0}, "Threads of the computation; 0 takes one per core.", between(0, 4096));
}

Option threads_to_go_on_option() {
  return option("threads", int64_t{0},
                "Threads of the computation; 0 takes as many as the run was started with, by which it ends as it would "
                "have.",
                between(0, 4096));
}

Option out_option(std::string meaning, Names names) {
  return option("out", Text(), std::move(meaning), any(), names, 'o');
}

}  // namespace cleave::cli::commands
