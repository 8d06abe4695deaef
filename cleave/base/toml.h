// TOML texts, read without the parser's assertions being able to end the process.
#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "cleave/base/error.h"

// Some malformed texts trip the assertions of toml++ 3.3.0 ("[[[" for one); here they are exceptions instead.
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : throw std::invalid_argument("not TOML"))
#define TOML_HEADER_ONLY 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wterminate"  // some of the assertions stand in noexcept functions, none that parses
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace cleave {

/// Throws ArgumentError as "ORIGIN:LINE:COLUMN: what is wrong" for a text that is not TOML.
inline toml::table parse_toml(const std::string& text, const std::string& origin) {
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    const auto& place = error.source().begin;
    throw ArgumentError(fmt::format("{}:{}:{}: {}", origin, place.line, place.column, error.description()));
  } catch (const std::invalid_argument& error) {
    throw ArgumentError(fmt::format("{}: {}", origin, error.what()));
  }
}

}  // namespace cleave
