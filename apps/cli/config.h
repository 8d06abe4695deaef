// Configuration files: TOML with the sections [data], [method] and [training], and the verb's own options on top.
//
//   seed = 3
//   [data]
//   name = "mnist"         # stands in for the positional DATA
//   split = "train"
//   [method]
//   name = "vade"          # stands in for the positional METHOD
//   latent_dim = 10
#pragma once

#include <string>

#include "apps/cli/command.h"

namespace cleave::cli {

/// A file of settings, parsed but not yet checked against the options of a verb.
struct ConfigFile {
  std::string origin;  ///< path, or "preset NAME"
  std::string text;

  std::string method_name() const;  ///< [method] name, or empty
  std::string data_name() const;    ///< [data] name, or empty
  std::string summary() const;      ///< the text of the first line when that is a comment

  /// Values by section and option: {"": {"seed": 3}, "method": {"latent_dim": 10}}.
  /// Throws ArgumentError as "FILE:LINE:COLUMN: ..." for a key, type or range that the table does not allow.
  Settings checked(const Command& command) const;
};

/// Throws ArgumentError with file, line and column for a text that is not TOML, DataError for an unreadable file.
ConfigFile read_config(const std::string& path);

/// A preset by name, or by path when the name ends in .toml or has a slash.
ConfigFile read_preset(const std::string& name_or_path);

}  // namespace cleave::cli
