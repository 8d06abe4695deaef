// Pieces of a page. Plain text and markup are different types: text becomes markup by being escaped, and in no other
// way.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cleave/report/image_grid.h"

namespace cleave::report {

/// Markup that is safe to put into a page.
struct Html {
  std::string markup;
  Html& operator+=(const Html& next) {
    markup += next.markup;
    return *this;
  }
  friend Html operator+(Html first, const Html& second) { return first += second; }
};

Html text(std::string_view plain);  ///< escaped
Html paragraph(const Html& content);
Html strong(std::string_view plain);      ///< bold
Html code(std::string_view plain);        ///< a word of the command or of a file
Html code_block(std::string_view plain);  ///< lines to copy
Html subheading(std::string_view plain);
Html note(const Html& content);  ///< a paragraph that stands out

/// A list of facts: name and value.
using Facts = std::vector<std::pair<std::string, Html>>;
Html facts(const Facts& list);

/// Large figures at the head of a page: value, what it is, how to read it.
struct KeyFigure {
  std::string value, name, remark;
};
Html key_figures(const std::vector<KeyFigure>& figures);

/// A table. Columns of numbers are set flush right.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<Html>> rows;
};
Html table(const Table& content);

/// A picture with a caption that says how to read it.
Html figure(const Html& picture, const Html& caption);

/// Pictures side by side where the page is wide enough: two in a row, or four or so where they are small.
Html side_by_side(const std::vector<Html>& pictures, bool small = false);

/// A drawing made by `draw`, in place.
Html drawing(const std::string& svg);

/// An image grid with words for it: above the picture, and for screen readers.
struct LabelledGrid {
  ImageGrid grid;
  std::string heading, description;
};

/// Image grids of equal numbers of rows beside each other, rows in line, with a label for each row.
/// A row whose entry in `quiet_rows` is true is shown faded. Throws ArgumentError when the numbers of rows differ.
Html labelled_grids(const std::vector<Html>& row_labels, const std::vector<LabelledGrid>& grids,
                    const std::vector<bool>& quiet_rows = {});

/// Base 64 (RFC 4648) of any bytes.
std::string base64(std::string_view bytes);

/// A page of sections that needs nothing but itself: style, pictures and scripts inside, no link that loads.
class Page {
 public:
  Page(std::string title, std::string subtitle) : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

  /// Adds a section to the page and its table of contents; one without content is left out.
  void section(const std::string& heading, const Html& content);

  std::string finish() const;

 private:
  std::string title_, subtitle_;
  std::vector<std::pair<std::string, Html>> sections_;
};

/// The style sheet of every page.
std::string_view page_style();

}  // namespace cleave::report
