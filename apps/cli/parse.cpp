#include "apps/cli/parse.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

std::string negated(const Field& field) {
  return "--no-" + field.flag().substr(2);
}

/// "--flag false" as "--flag=false": CLI11 reads a flag's value only behind an equals sign.
std::vector<std::string> with_values_attached(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> result;
  for (const std::string& word : words) {
    bool value = (word == "true" || word == "false") && !result.empty() && result.back().rfind("--", 0) == 0;
    if (value) {
      std::string name = result.back().substr(2);
      std::replace(name.begin(), name.end(), '-', '_');
      const Option* option = command.find(name);
      value = option != nullptr && option->field.type == "bool";
    }
    if (value)
      result.back() += "=" + word;
    else
      result.push_back(word);
  }
  return result;
}

CLI::Option* declare(CLI::App& app, const Option& option) {
  std::string letter = option.letter != 0 ? std::string(",-") + option.letter : "";
  if (option.field.type == "bool") {
    return app.add_flag(option.field.flag() + letter + "{true}," + negated(option.field) + "{false}");
  }
  return app.add_option(option.field.flag() + letter)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string value_of(const CLI::Option& parsed, const Field& field) {
  require<ArgumentError>(parsed.count() == 1, "{} is given {} times", field.flag(), parsed.count());
  std::string value = parsed.results().front();
  require<ArgumentError>(value.rfind("--", 0) != 0, "{} needs a value, and '{}' is an option", field.flag(), value);
  return value;
}

}  // namespace

std::string key_of(const Positional& positional) {
  return lower(positional.name);
}

Typed parse(const Command& command, const std::vector<std::string>& words) {
  Typed typed;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("--help,-h", typed.help);
  app.add_option("positionals", typed.positionals);
  std::vector<std::pair<CLI::Option*, const Field*>> declared;
  for (const Group& group : command.groups) {
    for (const Option& option : group.options)
      declared.emplace_back(declare(app, option), &option.field);
  }
  std::vector<std::string> reversed = with_values_attached(command, words);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& mismatch) {
    throw ArgumentError(std::string(split(mismatch.what(), ':').front()) + " needs a value");
  } catch (const CLI::ParseError& error) {
    throw ArgumentError(error.what());
  }
  for (auto [parsed, field] : declared) {
    if (parsed->count() > 0) typed.flags[field->name] = value_of(*parsed, *field);
  }
  typed.unknown = app.remaining();
  return typed;
}

Settings named_positionals(const Command& command, const std::vector<std::string>& words,
                           const Settings& already_known) {
  Settings named = Settings::object();
  size_t next = 0;
  // Those that a file names are passed over when there are too few words for all.
  size_t missing = command.positionals.size() > words.size() ? command.positionals.size() - words.size() : 0;
  for (const Positional& positional : command.positionals) {
    std::string key = key_of(positional);
    if (missing > 0 && already_known.contains(key)) {
      named[key] = already_known[key];
      --missing;
      continue;
    }
    if (next == words.size() && positional.count == Count::kOptional) continue;
    require<ArgumentError>(next < words.size(), "{} is missing: {}", positional.name, positional.meaning);
    if (positional.count == Count::kMany) {
      named[key] = std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(next), words.end());
      next = words.size();
      continue;
    }
    const auto& choices = positional.choices;
    bool allowed = choices.empty() || std::find(choices.begin(), choices.end(), words[next]) != choices.end();
    if (!allowed) throw ArgumentError(unknown_name(key, words[next], choices));
    named[key] = words[next++];
  }
  require<ArgumentError>(next == words.size(), "'{}' is one word too many", next < words.size() ? words[next] : "");
  return named;
}

std::vector<std::string> flags_of(const Command& command) {
  std::vector<std::string> flags = {"--help"};
  for (const Group& group : command.groups) {
    for (const Option& option : group.options) {
      flags.push_back(option.field.flag());
      if (option.field.type == "bool") flags.push_back(negated(option.field));
    }
  }
  return flags;
}

}  // namespace cleave::cli
