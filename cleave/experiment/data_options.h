// The settings of the data of a run, without what reads them: the command's front sees them too.
#pragma once

#include <cstdint>
#include <string>

#include "cleave/base/fields.h"

namespace cleave::experiment {

struct DataOptions {
  std::string name;  ///< a registered name or a path
  std::string data_root;
  std::string split = "all";
  std::string label_column;
  int64_t size = 0;
  int64_t data_seed = 0;
  double drawn_noise = -1;
  std::string labels;
  int64_t labels_per_class = 0;
  int64_t label_seed = 0;
  std::string artificial;
  double artificial_share = 1;
  double artificial_spread = 1;
  bool artificial_recognised = false;
  std::string transform = "auto";
  double augment_rotation = 0;
  double augment_shift = 0;
  double augment_scale = 0;

  template <class Self, class Visit>
  static void fields(Self& c, Visit&& field) {
    field("name", c.name, "Registered name, or path of a file or folder.");
    field("data_root", c.data_root,
          "Folder of the registered data sets; by default $CLEAVE_DATA, else ~/.cache/cleave (or $XDG_CACHE_HOME).");
    field("split", c.split, "Part of the examples, as the publisher divided them.", one_of({"all", "train", "test"}));
    field(
        "label_column", c.label_column,
        "Column of a text table (its name, or its index from 0) or array of a file that holds the labels; none for no "
        "labels.");
    field("size", c.size, "Drawn sets: number of examples; 0 takes the set's own default.", at_least(0));
    field("data_seed", c.data_seed, "Drawn sets: seed of the drawing.", at_least(0));
    field("drawn_noise", c.drawn_noise, "Drawn points: standard deviation about their curve; below 0 the set's own.");
    field("labels", c.labels,
          "What a method that learns from labels is given: own (the data set's), a csv file with columns index or "
          "filename and label, or a run folder, whose clusters are the labels.");
    field("labels_per_class", c.labels_per_class, "With own labels: so many examples of each class; 0 takes all.",
          at_least(0));
    field("label_seed", c.label_seed, "Which of them: seed of the drawing.", at_least(0));
    field("artificial", c.artificial,
          "Folder of a run that generates: its draws and their classes take the place of examples and labels.");
    field("artificial_share", c.artificial_share, "Share of the examples that drawn ones replace.", between(0, 1));
    field("artificial_spread", c.artificial_spread, "How far from the prior's mean they are drawn; 1 is the prior.",
          above(0));
    field("artificial_recognised", c.artificial_recognised,
          "Take those draws only that the run itself names as the class they were drawn of.");
    field("transform", c.transform, "Transforms in order, with commas; auto suits the kind of data.");
    field("augment_rotation", c.augment_rotation, "Images: largest random rotation, degrees.", between(0, 180));
    field("augment_shift", c.augment_shift, "Images: largest random shift, pixels.", at_least(0));
    field("augment_scale", c.augment_scale, "Images: largest random relative change of size.", between(0, 0.9));
  }
};

}  // namespace cleave::experiment
