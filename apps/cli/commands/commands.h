// The tables of the verbs, and the groups of options that several of them share.
#pragma once

#include "apps/cli/command.h"

namespace cleave::cli::commands {

std::vector<Command> fitting();      ///< cluster, train, resume, reproduce
std::vector<Command> asking();       ///< what a finished run is asked: evaluate, embed, sample, report, ...
std::vector<Command> finding_out();  ///< models, data, inspect, doctor, completion

/// Where data lie.
Group data_root_options();
/// Where data lie and which part of them is meant.
Group data_options();
/// data_options() and how examples are changed before a method sees them.
Group fitted_data_options();
/// fitted_data_options() and what a method that learns from labels is given.
Group labelled_data_options();
/// The fields of training::TrainConfig.
Group training_options();
/// --preset and --config.
std::vector<Option> settings_files();
/// --json, --quiet: every verb has them.
Group output_options();

Option seed_option();
Option threads_option();
Option threads_to_go_on_option();  ///< of a run that was begun
/// --out, for what `meaning` says.
Option out_option(std::string meaning, Names names = Names::kFile);

}  // namespace cleave::cli::commands
