// What the front hands to the engine: a command line, understood and checked.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/fields.h"

namespace cleave::cli {

struct Invocation {
  std::string verb;  ///< "train", "data fetch"
  Settings arguments =
      Settings::object();                 ///< by positional: {"method": "vade", "data": "mnist"}; absent when not given
  Settings options = Settings::object();  ///< every option of the verb's own, defaults included: {"out": "", "seed": 0}
  Settings data = Settings::object();     ///< the same of section [data]
  Settings given = Settings::object();    ///< those of `data` that flags gave
  Settings training = Settings::object();  ///< the same of section [training]
  Settings method = Settings::object();    ///< what was given of section [method]: the method knows its defaults
  std::string command_line;                ///< for provenance: as typed, quoted for a shell

  /// The settings of a section: "data", "training", "method", or "" for the verb's own options.
  Settings& section(const std::string& name);

  bool has(const std::string& argument) const { return arguments.contains(argument); }
  /// A positional, or an option of the verb's own. The tables promise that it is there and of that type.
  std::string argument(const std::string& name) const { return arguments.at(name).get<std::string>(); }
  template <class T>
  T option(const std::string& name) const {
    return options.at(name).get<T>();
  }
};

Settings to_json(const Invocation& invocation);
Invocation invocation_from(const Settings& json);

/// Words as a shell reads them back, in quotes where they need them.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace cleave::cli
