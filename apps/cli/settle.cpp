#include "apps/cli/settle.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "apps/cli/catalogue.h"
#include "apps/cli/config.h"
#include "apps/cli/parse.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave::cli {

namespace {

/// The table with the settings of all methods, to sort the words before it is known which method they name.
Command with_all_settings(Command command) {
  Group all{"", "method", {}};
  for (const MethodEntry& method : methods()) {
    for (const Field& field : method.fields) {
      auto same = [&](const Option& option) { return option.field.name == field.name; };
      bool listed = std::any_of(all.options.begin(), all.options.end(), same);
      if (!listed) all.options.push_back({field});
    }
  }
  command.groups.push_back(std::move(all));
  return command;
}

/// The configuration files in rising precedence: preset, then file.
std::vector<ConfigFile> files_of(const Typed& typed) {
  std::vector<ConfigFile> files;
  if (auto preset = typed.flags.find("preset"); preset != typed.flags.end())
    files.push_back(read_preset(preset->second));
  if (auto config = typed.flags.find("config"); config != typed.flags.end())
    files.push_back(read_config(config->second));
  return files;
}

/// The positionals that files name, the later file winning.
Settings names_in(const std::vector<ConfigFile>& files) {
  Settings names = Settings::object();
  for (const ConfigFile& file : files) {
    if (std::string method = file.method_name(); !method.empty()) names["method"] = method;
    if (std::string data = file.data_name(); !data.empty()) names["data"] = data;
  }
  return names;
}

/// An unknown flag, refused: with the methods that do have it, or with the closest flag.
[[noreturn]] void refuse(const std::string& word, const Command& command) {
  std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> owners;
  for (const MethodEntry& method : methods()) {
    for (const Field& field : method.fields) {
      if (field.flag() == flag) owners.push_back(method.name);
    }
  }
  if (command.method_settings && !owners.empty()) {
    throw ArgumentError(fmt::format("{} is a setting of {}, not of this method", flag, join(owners)));
  }
  throw ArgumentError(unknown_name("option", flag, flags_of(command)));
}

/// A word without slash or dot that is no file must be a registered name; anything else is left to the readers.
void check_data_name(const std::string& name) {
  bool path = name.find_first_of("/.") != std::string::npos || std::filesystem::exists(name);
  const auto& known = data_names();
  bool fine = path || known.empty() || std::find(known.begin(), known.end(), name) != known.end();
  require<ArgumentError>(fine, "{}, and there is no file of that name", unknown_name("data set", name, known));
}

void check_names(const Command& command, const Settings& arguments) {
  for (const Positional& positional : command.positionals) {
    std::string key = key_of(positional);
    if (!arguments.contains(key)) continue;
    if (positional.names == Names::kMethod) find_method(arguments[key]);
    if (positional.names == Names::kData) check_data_name(arguments[key]);
  }
}

/// $CLEAVE_DATA, else the user's cache; "" where there is not even a home.
std::string default_data_root() {
  auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (std::string root = variable("CLEAVE_DATA"); !root.empty()) return root;
  if (std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache + "/cleave";
  if (std::string home = variable("HOME"); !home.empty()) return home + "/.cache/cleave";
  return "";
}

void fill_defaults(const Command& command, Invocation& invocation) {
  for (const Group& group : command.groups) {
    if (group.section == "method") continue;
    for (const Option& option : group.options)
      invocation.section(group.section)[option.field.name] = option.field.preset;
  }
  if (invocation.data.contains("data_root")) invocation.data["data_root"] = default_data_root();
}

void apply_file(const ConfigFile& file, const Command& command, Invocation& invocation) {
  Settings values = file.checked(command);
  for (const auto& [section, settings] : values.items())
    invocation.section(section).update(settings);
}

void apply_flags(const Typed& typed, const Command& command, Invocation& invocation) {
  for (const Group& group : command.groups) {
    for (const Option& option : group.options) {
      auto given = typed.flags.find(option.field.name);
      if (given != typed.flags.end()) {
        const Settings value = parse_value(option.field, given->second);
        invocation.section(group.section)[option.field.name] = value;
        if (group.section == "data") invocation.given[option.field.name] = value;
      }
    }
  }
}

/// A preset that belongs to another method is a mistake worth stopping at.
void check_method_of(const std::vector<ConfigFile>& files, const std::string& method) {
  for (const ConfigFile& file : files) {
    std::string meant = file.method_name();
    require<ArgumentError>(meant.empty() || meant == method, "{} is for the method {}, not for {}", file.origin, meant,
                           method);
  }
}

}  // namespace

Request settle(const Command& table, const std::vector<std::string>& words) {
  Request request{table, false, {}};
  Command every_setting = table.method_settings ? with_all_settings(table) : table;
  Typed typed = parse(every_setting, words);
  request.help = typed.help;
  // First of all: the value behind an unknown flag would pass for a positional.
  if (!typed.help && !typed.unknown.empty()) refuse(typed.unknown.front(), every_setting);
  std::vector<ConfigFile> files = typed.help ? std::vector<ConfigFile>{} : files_of(typed);
  Settings named = names_in(files);
  if (table.method_settings) {
    bool typed_method = typed.positionals.size() >= (named.contains("method") ? table.positionals.size() : 1);
    std::string method = typed_method ? typed.positionals.front() : named.value("method", "");
    if (!method.empty()) {
      request.command = with_settings_of(table, find_method(method));
      check_method_of(files, method);
    }
  }
  if (typed.help) return request;
  typed = parse(request.command, words);
  if (!typed.unknown.empty()) refuse(typed.unknown.front(), request.command);

  Invocation& invocation = request.invocation;
  invocation.verb = table.name;
  invocation.arguments = named_positionals(table, typed.positionals, named);
  check_names(table, invocation.arguments);
  fill_defaults(request.command, invocation);
  for (const ConfigFile& file : files)
    apply_file(file, request.command, invocation);
  apply_flags(typed, request.command, invocation);
  return request;
}

}  // namespace cleave::cli
