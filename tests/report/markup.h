// A minimal reader of markup, for tests: elements nest and close, text and attributes are escaped.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cleave/base/random.h"

namespace cleave::report {

inline int64_t count_of(std::string_view text, std::string_view part) {
  int64_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

/// The page with its scripts empty: their text is no markup.
inline std::string without_scripts(std::string page) {
  for (size_t at = page.find("<script>"); at != std::string::npos; at = page.find("<script>", at + 1)) {
    at += std::string_view("<script>").size();
    page.erase(at, page.find("</script>", at) - at);
  }
  return page;
}

/// What is wrong with the markup; empty when every element is closed in order.
inline std::string markup_error(std::string_view markup) {
  static const std::set<std::string> kVoid = {"meta", "img", "br", "hr", "input", "link"};
  std::vector<std::string> open;
  for (size_t at = 0; at < markup.size(); ++at) {
    if (markup[at] != '<') continue;
    if (markup.substr(at).starts_with("<!DOCTYPE")) continue;
    size_t end = at + 1;
    for (char quote = 0; end < markup.size() && (quote || markup[end] != '>'); ++end) {
      if (quote ? markup[end] == quote : markup[end] == '"') quote = quote ? 0 : markup[end];
    }
    if (end >= markup.size()) return "an element that does not end: " + std::string(markup.substr(at, 60));
    std::string_view inside = markup.substr(at + 1, end - at - 1);
    bool closes = inside.starts_with('/'), empty = inside.ends_with('/');
    std::string name(inside.substr(closes, inside.find_first_of(" />\n", closes) - closes));
    if (name.empty() || !std::isalpha(static_cast<unsigned char>(name[0]))) {
      return "not an element: <" + std::string(inside.substr(0, 40));
    }
    if (closes) {
      if (open.empty() || open.back() != name)
        return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (!empty && !kVoid.contains(name)) {
      open.push_back(name);
      if (name == "style") at = markup.find("</style>", end) - 1;
      if (name == "style") continue;
    }
    at = std::max(at, end);
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

}  // namespace cleave::report
