// Tables as text: comma, semicolon, tab or white space between fields.
#pragma once

#include <map>
#include <optional>

#include "cleave/data/dataset.h"
#include "cleave/data/readers/byte_source.h"

namespace cleave::data {

/// Rows of fields, one after another. Fields may be quoted, with the quote as their first character; lines may end in
/// CRLF; blank lines and comments (#) before the first row are passed over. The delimiter is the first of tab,
/// semicolon, comma that the first row holds, else white space. Between semicolons, where spreadsheets write decimal
/// commas, those become points. A field that is no UTF-8 is taken for Latin-1.
class TextRows {
 public:
  /// The bytes must outlive the rows. Throws DataError when they are not text.
  TextRows(ByteView bytes, std::string name);

  /// Reads the next row into `fields`; false at the end. Throws DataError for a quote that is never closed.
  bool next(std::vector<std::string>& fields);

  /// The line, counted from 1, on which the latest row begins.
  int64_t line() const { return line_; }

  /// The fields of the last comment before the first row, where numpy.savetxt writes a header; read a row first.
  std::vector<std::string> names_in_comment() const;

 private:
  std::vector<std::string> split_record(std::string_view record) const;
  void pass(size_t length);

  std::string_view rest_, comment_;
  std::string name_;
  char delimiter_ = 0;
  int64_t line_ = 0;
  int64_t next_line_ = 1;
};

/// A table of numbers, one example a line.
///   header  a first line with text above a number, with a name that labels go by, or of numbers that count the columns
///           from 0; it may lack the name of the first column. Else a comment with a word for every column
///   labels  the column `label_column` (a name, or an index from 0); without it a column named label, class or target,
///           else a last column of text, else a column named y, else a first one of text of which most words come
///           again. One that is only named so is measured where a number in it is not whole. Missing ones are unknown.
///           "none" stands for no labels, unless a column has that name.
///   ids     a first column without a name, or named id or index, or of text of which most words are different
/// A column of text holds no number, and most of its words are no measurements written badly (4.2 mm, 1,234.5).
/// Whole numbers become int32, others float32. The kind is guessed as for arrays.
/// Throws DataError that names line and column for anything that is not a finite number of 32 bits, and where both a
/// first column of words that come again and another could be the labels; ArgumentError when there is no column
/// `label_column`, or several of that name.
Dataset read_csv(ByteView bytes, const std::string& name, const std::string& label_column = "");

/// The number that a whole field spells, infinite where it is spelt so or too large; nothing for any other text.
std::optional<double> parse_number(std::string_view text);

/// Whether a field stands for a value that is not known: nothing, NA, nan, null, none or ?.
bool is_missing(const std::string& field);

/// The columns of a text table with a header, by name. Throws DataError for a ragged table.
std::map<std::string, std::vector<std::string>> read_text_columns(ByteView bytes, const std::string& name);

}  // namespace cleave::data
