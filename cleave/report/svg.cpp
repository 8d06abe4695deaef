#include "cleave/report/svg.h"

#include <fmt/format.h>

namespace cleave::report {

std::string escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return safe;
}

std::string coordinate(double pixels) {
  std::string digits = fmt::format("{:.1f}", pixels + 0.0);
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return digits == "-0" ? "0" : digits;
}

Svg::Svg(double width, double height, std::string_view title) {
  std::string w = coordinate(width), h = coordinate(height);
  markup_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" "
      "font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n<title>{}</title>\n",
      w, h, w, h, escaped(title));
}

void Svg::close(std::string_view element, std::string_view hint) {
  if (hint.empty())
    markup_ += "/>\n";
  else
    markup_ += fmt::format("><title>{}</title></{}>\n", escaped(hint), element);
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view style) {
  markup_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {}/>\n", coordinate(x1), coordinate(y1),
                         coordinate(x2), coordinate(y2), style);
}

void Svg::rectangle(double x, double y, double width, double height, std::string_view style, std::string_view hint) {
  markup_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {}", coordinate(x), coordinate(y),
                         coordinate(width), coordinate(height), style);
  close("rect", hint);
}

void Svg::path(std::string_view commands, std::string_view style, std::string_view hint) {
  markup_ += fmt::format("<path d=\"{}\" {}", commands, style);
  close("path", hint);
}

void Svg::text(double x, double y, std::string_view content, std::string_view style) {
  markup_ +=
      fmt::format("<text x=\"{}\" y=\"{}\" {}>{}</text>\n", coordinate(x), coordinate(y), style, escaped(content));
}

}  // namespace cleave::report
