#include "cleave/base/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "cleave/base/error.h"
#include "cleave/base/text.h"

namespace cleave {

namespace {

bool has_type(const Settings& value, std::string_view type) {
  auto all = [&](auto&& predicate) { return value.is_array() && std::all_of(value.begin(), value.end(), predicate); };
  if (type == "bool") return value.is_boolean();
  if (type == "int") return value.is_number_integer();
  if (type == "float") return value.is_number();
  if (type == "text") return value.is_string();
  if (type == "int list") return all([](const Settings& v) { return v.is_number_integer(); });
  return all([](const Settings& v) { return v.is_number(); });
}

bool in_range(const Settings& value, const Range& range) {
  if (value.is_string()) {
    return range.choices.empty() ||
           std::find(range.choices.begin(), range.choices.end(), value.get<std::string>()) != range.choices.end();
  }
  if (value.is_array()) {
    return std::all_of(value.begin(), value.end(), [&](const Settings& entry) { return in_range(entry, range); });
  }
  if (!value.is_number()) return true;
  double number = value.get<double>();
  return std::isfinite(number) && number <= range.high &&
         (range.low_excluded ? number > range.low : number >= range.low);
}

std::string expected(const Field& field) {
  std::string range = field.range_text();
  std::string type = field.type == "int"        ? "a whole number"
                     : field.type == "float"    ? "a number"
                     : field.type == "bool"     ? "true or false"
                     : field.type == "text"     ? "text"
                     : field.type == "int list" ? "whole numbers separated by commas"
                                                : "numbers separated by commas";
  if (range.empty()) return type;
  return field.type == "text" ? "one of " + range : fmt::format("{} ({})", type, range);
}

[[noreturn]] void reject(const Field& field, std::string_view received) {
  throw ArgumentError(fmt::format("{}: expected {} but received '{}'", field.flag(), expected(field), received));
}

template <class Number>
Number parse_number(const Field& field, std::string_view whole, std::string_view text) {
  text = trim(text);
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) reject(field, whole);
  return number;
}

}  // namespace

std::string Field::flag() const {
  std::string text = "--" + name;
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string Field::range_text() const {
  if (!range.choices.empty()) return join(range.choices, " | ");
  bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  if (low && high) return fmt::format("{} to {}", range.low, range.high);
  if (low) return fmt::format("{} {}", range.low_excluded ? ">" : ">=", range.low);
  if (high) return fmt::format("<= {}", range.high);
  return "";
}

Settings parse_value(const Field& field, const std::string& text) {
  Settings value;
  if (field.type == "text") {
    value = text;
  } else if (field.type == "bool") {
    if (text != "true" && text != "false") reject(field, text);
    value = text == "true";
  } else if (field.type == "int") {
    value = parse_number<int64_t>(field, text, text);
  } else if (field.type == "float") {
    value = parse_number<double>(field, text, text);
  } else {
    value = Settings::array();
    for (const std::string& entry : split(text, ',')) {
      if (field.type == "int list")
        value.push_back(parse_number<int64_t>(field, text, entry));
      else
        value.push_back(parse_number<double>(field, text, entry));
    }
  }
  check_value(field, value);
  return value;
}

void check_value(const Field& field, const Settings& value) {
  if (has_type(value, field.type) && in_range(value, field.range)) return;
  reject(field, value.is_string() ? value.get<std::string>() : value.dump());
}

void detail::reject_unknown_keys(const Settings& settings, const std::vector<Field>& fields) {
  std::vector<std::string> known;
  for (const Field& field : fields)
    known.push_back(field.name);
  for (const auto& [key, value] : settings.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw ArgumentError(unknown_name("setting", key, known));
  }
}

}  // namespace cleave
