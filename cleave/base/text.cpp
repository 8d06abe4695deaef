#include "cleave/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/ranges.h>

namespace cleave {
namespace {

/// How many bytes the character has that a text begins with; 0 where it is no UTF-8 (Unicode 15, table 3-7).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t at) -> int { return at < text.size() ? static_cast<uint8_t>(text[at]) : 0; };
  const int first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  bool valid = first >= 0xc2 && first <= 0xf4 && byte(1) >= lowest && byte(1) <= highest;
  for (size_t at = 2; at < length; ++at)
    valid = valid && (byte(at) & 0xc0) == 0x80;
  return valid ? length : 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

std::string join(const std::vector<std::string>& items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (size_t begin = 0;;) {
    size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string in_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string result;
  for (char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x80) result += static_cast<char>(0xc0 | byte >> 6);
    result += static_cast<char>(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
  }
  return result;
}

int64_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int64_t>> cost(a.size() + 1, std::vector<int64_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = static_cast<int64_t>(i + j);
        continue;
      }
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known) {
  std::string start = fmt::format("unknown {} '{}'", kind, name);
  if (known.empty()) return start;
  auto distance = [&](const std::string& candidate) { return edit_distance(name, candidate); };
  const std::string& closest = *std::min_element(
      known.begin(), known.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  int64_t length = static_cast<int64_t>(name.size());
  bool close = distance(closest) <= std::max<int64_t>(2, length / 3) && distance(closest) < length;
  if (close) return fmt::format("{}; did you mean '{}'?", start, closest);
  return fmt::format("{}; known: {}", start, join(known));
}

std::string shell_word(const std::string& word) {
  bool plain = word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%") ==
               std::string::npos;
  if (plain && !word.empty()) return word;
  std::string quoted = "'";
  for (char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string duration(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  int64_t whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string byte_count(uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit)
    value /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace cleave
