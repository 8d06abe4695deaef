// What a verb takes, as data. Parsing, help, completion and configuration files all read these tables.
#pragma once

#include <string>
#include <vector>

#include "cleave/base/fields.h"

namespace cleave::cli {

/// What a word stands for, which decides how it is checked and completed.
enum class Names { kText, kMethod, kData, kRun, kFile, kFolder, kPreset };

enum class Count { kOne, kOptional, kMany };

struct Positional {
  std::string name;  ///< "DATA"; in the invocation "data"
  std::string meaning;
  Names names = Names::kText;
  Count count = Count::kOne;
  std::vector<std::string> choices = {};  ///< the allowed words; empty allows any
};

struct Option {
  Field field;
  Names names = Names::kText;
  char letter = 0;  ///< 'k' for -k; 0 for none
};

/// Options that belong together, in help and in configuration files.
struct Group {
  std::string title;
  std::string section;  ///< "data", "training" or "method": a TOML section; "" for the verb's own options
  std::vector<Option> options;
};

struct Example {
  std::string command;
  std::string effect;
};

struct Command {
  std::string name;         ///< "train"; "data fetch" for a verb with parts
  std::string family = {};  ///< heading in the list of verbs
  std::string summary = {};
  std::string details = {};  ///< a paragraph on its own page
  std::vector<Positional> positionals = {};
  std::vector<Group> groups = {};
  std::vector<Example> examples = {};
  bool method_settings = false;  ///< takes the settings of the method that is named by the first positional

  /// The option of that name ("latent_dim"), or null.
  const Option* find(const std::string& option) const;
};

/// An option of type T, bool, int64_t, double, std::string or a list of numbers.
template <class T>
Option option(std::string name, T preset, std::string meaning, Range range = {}, Names names = Names::kText,
              char letter = 0) {
  return {{std::move(name), detail::type_name<T>(), std::move(preset), std::move(range), std::move(meaning)},
          names,
          letter};
}

/// Every verb, in the order of the help page.
const std::vector<Command>& all_commands();

/// The verb that begins the words, and how many of them name it ("data fetch": two).
/// Throws ArgumentError, with a suggestion, for an unknown verb.
struct Found {
  const Command* command;
  size_t words;
};
Found find_command(const std::vector<std::string>& words);

/// The verbs that share a first word: "data" -> data list, data fetch, ...; empty for a verb without parts.
std::vector<const Command*> parts_of(const std::string& word);

}  // namespace cleave::cli
