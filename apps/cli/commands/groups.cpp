#include "apps/cli/commands/commands.h"
#include "cleave/training/config.h"

namespace cleave::cli::commands {

using Text = std::string;

namespace {

Group with(Group group, std::vector<Option> more) {
  group.options.insert(group.options.end(), more.begin(), more.end());
  return group;
}

}  // namespace

Group data_root_options() {
  return {
      "Data",
      "data",
      {option("data_root", Text(),
              "Folder of the registered data sets; by default $CLEAVE_DATA, else ~/.cache/cleave (or $XDG_CACHE_HOME).",
              any(), Names::kFolder)}};
}

Group data_options() {
  return with(
      data_root_options(),
      {option("split", Text("all"), "Part of the examples, as the publisher divided them.",
              one_of({"all", "train", "test"})),
       option(
           "label_column", Text(),
           "Column of a text table (its name, or its index from 0) or array of a file that holds the labels; none for "
           "no labels."),
       option("size", int64_t{0}, "Drawn sets: number of examples; 0 takes the set's own default.", at_least(0)),
       option("data_seed", int64_t{0}, "Drawn sets: seed of the drawing.", at_least(0)),
       option("drawn_noise", -1.0, "Drawn points: standard deviation about their curve; below 0 the set's own.")});
}

Group fitted_data_options() {
  return with(
      data_options(),
      {option("artificial", Text(),
              "Folder of a run that generates: its draws and their classes take the place of examples and labels.",
              any(), Names::kRun),
       option("artificial_share", 1.0, "Share of the examples that drawn ones replace.", between(0, 1)),
       option("artificial_spread", 1.0, "How far from the prior's mean they are drawn; 1 is the prior.", above(0)),
       option("artificial_recognised", false,
              "Take those draws only that the run itself names as the class they were drawn of."),
       option("transform", Text("auto"), "Transforms in order, with commas; auto suits the kind of data."),
       option("augment_rotation", 0.0, "Images: largest random rotation, degrees.", between(0, 180)),
       option("augment_shift", 0.0, "Images: largest random shift, pixels.", at_least(0)),
       option("augment_scale", 0.0, "Images: largest random relative change of size.", between(0, 0.9))});
}

Group labelled_data_options() {
  return with(
      fitted_data_options(),
      {option("labels", Text(),
              "For methods that learn from labels: own (the data set's), a csv file with columns index or "
              "filename and label, or a run folder, whose clusters are the labels."),
       option("labels_per_class", int64_t{0}, "With own labels: so many of each class; 0 takes all.", at_least(0)),
       option("label_seed", int64_t{0}, "Which of them: seed of the drawing.", at_least(0))});
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
