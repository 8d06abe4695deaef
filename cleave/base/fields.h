// Settings listed once: a config is a plain struct, and one function that visits its fields gives flags, TOML, JSON,
// ranges, messages and documentation.
//
//   struct VaeConfig {
//     int64_t latent_dim = 10;
//     template <class Self, class Visit>
//     static void fields(Self& c, Visit&& field) {
//       field("latent_dim", c.latent_dim, "Dimension D of z.", at_least(1));
//     }
//   };
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

namespace cleave {

/// Values by field name, in the order in which the fields are listed.
using Settings = nlohmann::ordered_json;

/// What a value may be. For a list the range holds for each entry.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  std::vector<std::string> choices;  ///< for text: the allowed words; empty allows any text
};

inline Range any() {
  return {};
}
inline Range at_least(double low) {
  return {.low = low, .choices = {}};
}
inline Range above(double low) {
  return {.low = low, .low_excluded = true, .choices = {}};
}
inline Range between(double low, double high) {
  return {.low = low, .high = high, .choices = {}};
}
inline Range one_of(std::vector<std::string> words) {
  return {.choices = std::move(words)};
}

/// One setting as front ends show it.
struct Field {
  std::string name;  ///< "latent_dim"; the flag is "--latent-dim"
  std::string type;  ///< "bool", "int", "float", "text", "int list" or "float list"
  Settings preset;   ///< the default value
  Range range;
  std::string meaning;  ///< one sentence

  std::string flag() const;        ///< "--latent-dim"
  std::string range_text() const;  ///< ">= 1", "0 to 1", "a | b"; empty when anything goes
};

/// The JSON value that a text stands for under this field: "500,500,2000" for an int list, "true" for a bool.
/// Throws ArgumentError that names the field, its type and its range.
Settings parse_value(const Field& field, const std::string& text);

/// Throws ArgumentError unless the value has the field's type and lies in its range.
void check_value(const Field& field, const Settings& value);

namespace detail {

template <class T>
std::string type_name() {
  if constexpr (std::is_same_v<T, bool>)
    return "bool";
  else if constexpr (std::is_same_v<T, int64_t>)
    return "int";
  else if constexpr (std::is_same_v<T, double>)
    return "float";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else if constexpr (std::is_same_v<T, std::vector<int64_t>>)
    return "int list";
  else if constexpr (std::is_same_v<T, std::vector<double>>)
    return "float list";
  else
    static_assert(sizeof(T) == 0, "a config field is a bool, int64_t, double, std::string or a list of numbers");
}

/// Throws ArgumentError, with a suggestion, when settings hold a key that no field has.
void reject_unknown_keys(const Settings& settings, const std::vector<Field>& fields);

}  // namespace detail

/// The fields of a config, with its defaults.
template <class Config>
std::vector<Field> describe_fields(const Config& defaults = {}) {
  std::vector<Field> result;
  Config::fields(defaults, [&](const char* name, const auto& value, const char* meaning, Range range = {}) {
    result.push_back({name, detail::type_name<std::decay_t<decltype(value)>>(), value, std::move(range), meaning});
  });
  return result;
}

/// A config with the given settings over its defaults.
/// Throws ArgumentError for a key that is not a field, a value of another type, or one out of range.
template <class Config>
Config configure(const Settings& settings, Config config = {}) {
  std::vector<Field> fields = describe_fields(config);
  detail::reject_unknown_keys(settings, fields);
  auto described = fields.begin();
  Config::fields(config, [&](const char* name, auto& value, const char*, Range = {}) {
    if (auto given = settings.find(name); given != settings.end()) {
      check_value(*described, *given);
      value = given->template get<std::decay_t<decltype(value)>>();
    }
    ++described;
  });
  return config;
}

/// Every field of a config as settings.
template <class Config>
Settings to_settings(const Config& config) {
  Settings result = Settings::object();
  Config::fields(config, [&](const char* name, const auto& value, const char*, Range = {}) { result[name] = value; });
  return result;
}

}  // namespace cleave
