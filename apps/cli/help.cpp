#include "apps/cli/help.h"

#include <algorithm>

#include <fmt/format.h>

#include "apps/cli/catalogue.h"
#include "apps/cli/console.h"
#include "cleave/base/text.h"
#include "cleave/base/version.h"

namespace cleave::cli {

namespace {

constexpr size_t kIndent = 2;
constexpr size_t kWidestLeft = 36;

size_t page_width() {
  return static_cast<size_t>(std::clamp(terminal_width(), 60, 110));
}

/// Lines of at most `width` characters, broken between words.
std::vector<std::string> wrapped(const std::string& text, size_t width) {
  std::vector<std::string> lines(1);
  for (const std::string& word : split(text, ' ')) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

std::string default_text(const Field& field) {
  auto number = [](const Settings& value) { return fmt::format("{}", value.get<double>()); };
  const Settings& value = field.preset;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return number(value);
  if (!value.is_array()) return value.dump();
  std::vector<std::string> entries;
  for (const Settings& entry : value)
    entries.push_back(number(entry));
  return join(entries, ",");
}

std::string value_name(const Option& option) {
  if (option.names == Names::kFile) return " FILE";
  if (option.names == Names::kFolder) return " DIR";
  if (option.names == Names::kPreset) return " NAME";
  const std::string& type = option.field.type;
  if (type == "bool") return "";
  if (type == "text") return option.field.range.choices.empty() ? " TEXT" : " WORD";
  if (type == "int") return " INT";
  if (type == "float") return " NUMBER";
  return type == "int list" ? " INT,..." : " NUMBER,...";
}

std::string explanation(const Field& field) {
  std::vector<std::string> facts;
  if (std::string range = field.range_text(); !range.empty()) facts.push_back(range);
  std::string preset = default_text(field);
  if (!preset.empty() && preset != "false") facts.push_back("default " + preset);
  return facts.empty() ? field.meaning : fmt::format("{} ({})", field.meaning, join(facts, "; "));
}

std::string usage(const Command& command) {
  std::string line = "cleave " + command.name;
  for (const Positional& positional : command.positionals) {
    line += positional.count == Count::kOptional ? fmt::format(" [{}]", positional.name) : " " + positional.name;
    if (positional.count == Count::kMany) line += "...";
  }
  return line + " [OPTIONS]";
}

std::string section(const std::string& title, const std::string& body) {
  return fmt::format("\n{}\n{}", heading(title + ":"), body);
}

std::string list_of(const std::vector<const Command*>& commands) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command* command : commands)
    rows.emplace_back(command->name, command->summary);
  return columns(rows);
}

std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    if (names.empty() || names.back() != command.family) names.push_back(command.family);
  }
  return names;
}

}  // namespace

std::string columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  size_t left = 0;
  for (const auto& [name, text] : rows)
    left = std::max(left, std::min(name.size(), kWidestLeft));
  size_t width = page_width() - left - 2 * kIndent;
  std::string result;
  for (const auto& [name, text] : rows) {
    std::string lead = name;
    if (name.size() > kWidestLeft) {
      result += fmt::format("{:{}}{}\n", "", kIndent, name);
      lead.clear();
    }
    for (const std::string& line : wrapped(text, width)) {
      result += fmt::format("{:{}}{:{}}{:{}}{}\n", "", kIndent, lead, left, "", kIndent, line);
      lead.clear();
    }
  }
  return result;
}

std::string options_page(const Group& group) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Option& option : group.options) {
    std::string letter = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "";
    rows.emplace_back(letter + option.field.flag() + value_name(option), explanation(option.field));
  }
  return columns(rows);
}

std::string overview() {
  std::string text = fmt::format(
      "cleave {}: find clusters and factors of variation in data with few labels or none\n\nusage: cleave VERB ...\n",
      kVersion);
  for (const std::string& family : families()) {
    std::vector<const Command*> members;
    for (const Command& command : all_commands()) {
      if (command.family == family) members.push_back(&command);
    }
    text += section(family, list_of(members));
  }
  text += section("Examples", columns({{"cleave cluster photos/ -k 12", "a folder of images into 12 clusters"},
                                       {"cleave train vade mnist", "fit one method to one data set"},
                                       {"cleave report runs/a", "figures and tables of a run"}}));
  return text + "\ncleave VERB --help shows the options and examples of a verb; cleave --version the version.\n";
}

std::string overview_of_parts(const std::string& word) {
  return fmt::format(
      "usage: cleave {0} VERB ...\n{1}\ncleave {0} VERB --help shows the options and examples of each.\n", word,
      section("Verbs", list_of(parts_of(word))));
}

std::string page(const Command& command) {
  std::string text = fmt::format("{}\n\nusage: {}\n", command.summary, usage(command));
  if (!command.details.empty()) text += "\n" + join(wrapped(command.details, page_width()), "\n") + "\n";
  if (!command.positionals.empty()) {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const Positional& positional : command.positionals) {
      std::string choices = positional.choices.empty() ? "" : " (" + join(positional.choices, " | ") + ")";
      rows.emplace_back(positional.name, positional.meaning + choices);
    }
    text += section("Arguments", columns(rows));
  }
  bool lists_settings = false;
  for (const Group& group : command.groups) {
    if (!group.options.empty()) text += section(group.title, options_page(group));
    lists_settings = lists_settings || group.section == "method";
  }
  if (command.method_settings && !lists_settings) {
    text += section("Settings of the method",
                    columns({{"METHOD", fmt::format("cleave {} METHOD --help lists them; methods: {}", command.name,
                                                    join(method_names()))}}));
  }
  std::vector<std::pair<std::string, std::string>> examples;
  for (const Example& example : command.examples)
    examples.emplace_back(example.command, example.effect);
  return text + section("Examples", columns(examples));
}

}  // namespace cleave::cli
