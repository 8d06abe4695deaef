#include "cleave/report/html.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include <fmt/format.h>

#include "cleave/base/error.h"
#include "cleave/report/svg.h"

namespace cleave::report {
namespace {

Html element(std::string_view tag, const Html& content, std::string_view attributes = {}) {
  return {fmt::format("<{}{}{}>{}</{}>\n", tag, attributes.empty() ? "" : " ", attributes, content.markup, tag)};
}

/// True for a number with its unit sign or error, not for words that begin with one.
bool is_numeric(const Html& cell) {
  const std::string& content = cell.markup;
  if (content.empty() || std::string_view("0123456789-+.").find(content[0]) == std::string_view::npos) return false;
  auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return std::adjacent_find(content.begin(), content.end(), [&](char a, char b) { return letter(a) && letter(b); }) ==
         content.end();
}

/// A picture of the page itself: bytes inside the address.
Html embedded(const ImageGrid& grid, std::string_view description) {
  return {fmt::format("<img alt=\"{}\" width=\"{}\" height=\"{}\" src=\"data:image/png;base64,{}\">",
                      escaped(description), grid.width * grid.scale, grid.height * grid.scale, base64(grid.png))};
}

}  // namespace

Html text(std::string_view plain) {
  return {escaped(plain)};
}
Html paragraph(const Html& content) {
  return element("p", content);
}
Html strong(std::string_view plain) {
  return {fmt::format("<strong>{}</strong>", escaped(plain))};
}
Html code(std::string_view plain) {
  return {fmt::format("<code>{}</code>", escaped(plain))};
}
Html code_block(std::string_view plain) {
  return element("pre", code(plain));
}
Html subheading(std::string_view plain) {
  return element("h3", text(plain));
}
Html note(const Html& content) {
  return element("p", content, "class=\"note\"");
}
Html drawing(const std::string& svg) {
  return {svg};
}

Html facts(const Facts& list) {
  Html items;
  for (const auto& [name, value] : list)
    items += element("div", element("dt", text(name)) + element("dd", value));
  return element("dl", items, "class=\"facts\"");
}

Html key_figures(const std::vector<KeyFigure>& figures) {
  Html items;
  for (const KeyFigure& f : figures) {
    items +=
        element("div", element("b", text(f.value)) + element("span", text(f.name)) + element("small", text(f.remark)));
  }
  return element("div", items, "class=\"key-figures\"");
}

Html table(const Table& content) {
  std::vector<bool> numeric(content.header.size(), !content.rows.empty());
  for (const auto& row : content.rows) {
    require<ArgumentError>(row.size() == content.header.size(), "[table] a row of {} cells under {} headings",
                           row.size(), content.header.size());
    for (size_t i = 0; i < row.size(); ++i)
      numeric[i] = numeric[i] && (row[i].markup.empty() || is_numeric(row[i]));
  }
  auto attributes = [&](size_t column) { return numeric[column] ? "class=\"number\"" : ""; };
  Html head, body;
  for (size_t i = 0; i < content.header.size(); ++i)
    head += element("th", text(content.header[i]), attributes(i));
  for (const auto& row : content.rows) {
    Html cells;
    for (size_t i = 0; i < row.size(); ++i)
      cells += element("td", row[i], attributes(i));
    body += element("tr", cells);
  }
  Html whole = element("table", element("thead", element("tr", head)) + element("tbody", body));
  return element("div", whole, "class=\"scroll\"");
}

Html figure(const Html& picture, const Html& caption) {
  return element("figure", element("div", picture, "class=\"scroll\"") + element("figcaption", caption));
}

Html side_by_side(const std::vector<Html>& pictures, bool small) {
  Html all;
  for (const Html& one : pictures)
    all += element("div", one);
  return element("div", all, small ? "class=\"side-by-side small\"" : "class=\"side-by-side\"");
}

Html labelled_grids(const std::vector<Html>& row_labels, const std::vector<LabelledGrid>& grids,
                    const std::vector<bool>& quiet_rows) {
  Html labels, veils;
  for (size_t row = 0; row < row_labels.size(); ++row) {
    bool quiet = row < quiet_rows.size() && quiet_rows[row];
    labels += element("div", element("span", row_labels[row]), quiet ? "class=\"quiet\"" : "");
    veils += element("i", {}, quiet ? "class=\"veil\"" : "");
  }
  Html parts =
      element("div", element("div", text(" "), "class=\"heading\"") + element("div", labels, "class=\"labels\""),
              "class=\"part names\"");
  for (const LabelledGrid& part : grids) {
    require<ArgumentError>(part.grid.rows == static_cast<int64_t>(row_labels.size()),
                           "[labelled grids] {} labels for {} rows", row_labels.size(), part.grid.rows);
    Html sheet = embedded(part.grid, part.description);
    if (!quiet_rows.empty()) sheet += element("div", veils, "class=\"veils\"");
    // Parts shrink in proportion to their width, so rows stay in line on narrow pages and on paper.
    parts += element("div",
                     element("div", text(part.heading), "class=\"heading\"") + element("div", sheet, "class=\"sheet\""),
                     fmt::format("class=\"part\" style=\"flex-basis:{}px\"", part.grid.width * part.grid.scale));
  }
  return element("div", parts, "class=\"grids\"");
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  encoded.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      encoded += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return encoded;
}

void Page::section(const std::string& heading, const Html& content) {
  if (!content.markup.empty()) sections_.emplace_back(heading, content);
}

std::string Page::finish() const {
  Html contents, body;
  for (size_t i = 0; i < sections_.size(); ++i) {
    const auto& [heading, content] = sections_[i];
    contents += element("li", Html{fmt::format("<a href=\"#s{}\">{}</a>", i + 1, escaped(heading))});
    body += element("section", element("h2", text(heading)) + content, fmt::format("id=\"s{}\"", i + 1));
  }
  Html header = element("header", element("h1", text(title_)) + element("p", text(subtitle_)));
  Html nav = element("nav", element("ol", contents), "aria-label=\"Contents\"");
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n"
      "{}{}{}</body>\n</html>\n",
      escaped(title_), page_style(), header.markup, nav.markup, element("main", body).markup);
}

}  // namespace cleave::report
