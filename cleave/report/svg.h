// A drawing under construction. It inherits the text colour of the page it stands in, so it suits light and dark ones.
#pragma once

#include <string>
#include <string_view>

namespace cleave::report {

/// Text made safe for HTML, SVG and quoted attributes: & < > " ' become entities, other control characters spaces.
std::string escaped(std::string_view text);

/// A pixel coordinate with one decimal at most: "12", "12.5".
std::string coordinate(double pixels);

class Svg {
 public:
  /// `title` is what a screen reader says in place of the picture.
  Svg(double width, double height, std::string_view title);

  // `style` is a list of SVG attributes written in the code, never text from data.
  void line(double x1, double y1, double x2, double y2, std::string_view style);
  void rectangle(double x, double y, double width, double height, std::string_view style, std::string_view hint = {});
  void path(std::string_view commands, std::string_view style, std::string_view hint = {});
  void text(double x, double y, std::string_view content, std::string_view style = {});

  /// The finished drawing: a stand-alone file and an inline element alike.
  std::string finish() const { return markup_ + "</svg>\n"; }

 private:
  void close(std::string_view element, std::string_view hint);

  std::string markup_;
};

// Styles that all charts share.
inline constexpr const char* kAxisStyle = "stroke=\"currentColor\" stroke-opacity=\".55\"";
inline constexpr const char* kGridStyle = "stroke=\"currentColor\" stroke-opacity=\".12\"";
inline constexpr const char* kMarkStyle = "stroke=\"currentColor\" stroke-opacity=\".45\" stroke-dasharray=\"2 3\"";

}  // namespace cleave::report
