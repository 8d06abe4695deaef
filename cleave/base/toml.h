// TOML texts, read without the parser's assertions being able to end the process.
#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/base/fields.h"

// Some malformed texts trip the assertions of toml++ 3.3.0 ("[[[" for one); here they are exceptions instead.
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw std::invalid_argument("not TOML"))
#define TOML_HEADER_ONLY 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wterminate"  // some of the assertions stand in noexcept functions, none that parses
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace cleave {

/// Whether a key may have more parts than a thousand: each is a table inside the one before, and the parser, which goes
/// from one to the next by recursion, would end the process on some ten thousand.
inline bool has_long_key(const std::string& text) {
  constexpr int kMostParts = 1000;
  int dots = 0;
  for (char c : text) {
    if (c == '.') ++dots;
    if (dots >= kMostParts) return true;
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '#') dots = 0;
  }
  return false;
}

/// Throws ArgumentError as "ORIGIN:LINE:COLUMN: what is wrong" for a text that is not TOML.
inline toml::table parse_toml(const std::string& text, const std::string& origin) {
  require<ArgumentError>(!has_long_key(text), "{}: a key of a thousand parts or more", origin);
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    const auto& place = error.source().begin;
    throw ArgumentError(fmt::format("{}:{}:{}: {}", origin, place.line, place.column, error.description()));
  } catch (const std::invalid_argument& error) {
    throw ArgumentError(fmt::format("{}: {}", origin, error.what()));
  }
}

/// A table, list, text, number or truth value as settings. Throws ArgumentError with the line of anything else.
inline Settings settings_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Settings result = Settings::object();
    for (const auto& [key, value] : *table)
      result[std::string(key.str())] = settings_of(value);
    return result;
  }
  if (const auto* array = node.as_array()) {
    Settings result = Settings::array();
    for (const auto& value : *array)
      result.push_back(settings_of(value));
    return result;
  }
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* value = node.as_integer()) return value->get();
  if (const auto* value = node.as_floating_point()) return value->get();
  if (const auto* value = node.as_boolean()) return value->get();
  throw ArgumentError(
      fmt::format("line {}: expected text, a number, true or false, a list or a table", node.source().begin.line));
}

}  // namespace cleave
