#include <algorithm>

#include "cleave/base/text.h"
#include "cleave/data/readers/csv.h"

namespace cleave::data {
namespace {

constexpr std::string_view kDelimiters = "\t;,";  // the likeliest first
constexpr char kWhiteSpace = ' ';
constexpr char kAnyDelimiter = 'a';
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Where quotes hold: only one that begins a field opens them, so that 5" is a length.
class Quotes {
 public:
  explicit Quotes(char delimiter) : delimiter_(delimiter) {}

  bool separates(char c) const {
    if (delimiter_ == kAnyDelimiter) return kDelimiters.find(c) != kDelimiters.npos;
    return delimiter_ == kWhiteSpace ? is_blank(c) : c == delimiter_;
  }

  /// Goes past one character; whether it stands outside quotes.
  bool outside(char c) {
    if (c == '"' && (quoted_ || may_open_)) {
      quoted_ = !quoted_;
      may_open_ = true;  // a second quote at once stands for one in the text
    } else if (!quoted_) {
      may_open_ = separates(c) || c == '\n' || (may_open_ && is_blank(c));
    }
    return !quoted_;
  }

 private:
  char delimiter_;
  bool quoted_ = false, may_open_ = true;
};

/// The fields of a record, as they stand there.
std::vector<std::string_view> split_outside_quotes(std::string_view record, char delimiter) {
  std::vector<std::string_view> fields;
  Quotes quotes(delimiter);
  size_t begin = 0;
  for (size_t at = 0; at < record.size(); ++at) {
    if (!quotes.outside(record[at]) || !quotes.separates(record[at])) continue;
    fields.push_back(record.substr(begin, at - begin));
    begin = at + 1;
  }
  fields.push_back(record.substr(begin));
  return fields;
}

/// The length of the first record: a line, or several when a quoted field holds line breaks; nothing where a quote is
/// never closed.
std::optional<size_t> record_length(std::string_view text, char delimiter) {
  Quotes quotes(delimiter);
  bool outside = true;
  for (size_t at = 0; at < text.size(); ++at) {
    outside = quotes.outside(text[at]);
    if (outside && text[at] == '\n') return at;
  }
  return outside ? std::optional(text.size()) : std::nullopt;
}

/// A field without surrounding white space and quotes.
std::string unquote(std::string_view field) {
  field = trim(field);
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return in_utf8(field);
  std::string text;
  for (size_t at = 1; at + 1 < field.size(); ++at) {
    text += field[at];
    if (field[at] == '"' && field[at + 1] == '"') ++at;
  }
  return in_utf8(text);
}

/// A number with a decimal comma, with a point; any other text as it is.
std::string with_decimal_point(std::string field) {
  const size_t comma = field.find(',');
  if (comma == std::string::npos) return field;
  std::string number = field;
  number[comma] = '.';
  return parse_number(number) ? number : field;
}

/// That of the first record, for which the text is searched outside quotes.
char find_delimiter(std::string_view text) {
  text = trim(text);
  Quotes quotes(kAnyDelimiter);
  std::string found;
  for (char c : text) {
    if (!quotes.outside(c)) continue;
    if (c == '\n') break;
    if (quotes.separates(c)) found += c;
  }
  for (char candidate : kDelimiters) {
    if (found.find(candidate) != found.npos) return candidate;
  }
  return kWhiteSpace;
}

}  // namespace

TextRows::TextRows(ByteView bytes, std::string name) : rest_(as_text(bytes)), name_(std::move(name)) {
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  bool text = rest_.substr(0, 4096).find('\0') == std::string_view::npos;
  require<DataError>(text, "{}: not text in UTF-8: it holds zero bytes", name_);
}

bool TextRows::next(std::vector<std::string>& fields) {
  while (!rest_.empty()) {
    line_ = next_line_;
    const std::string_view line = trim(rest_.substr(0, rest_.find('\n')));
    const bool comment = delimiter_ == 0 && line.starts_with('#');
    if (line.empty() || comment) {
      if (comment) comment_ = line.substr(1);
      pass(std::min(rest_.find('\n'), rest_.size()));
      continue;
    }
    if (delimiter_ == 0) delimiter_ = find_delimiter(rest_);
    const auto length = record_length(rest_, delimiter_);
    require<DataError>(length.has_value(), "{}:{}: a quote is never closed", name_, line_);
    fields = split_record(rest_.substr(0, *length));
    pass(*length);
    return true;
  }
  return false;
}

/// Takes a record of so many bytes, and the line break behind it, off the text.
void TextRows::pass(size_t length) {
  next_line_ += std::count(rest_.begin(), rest_.begin() + static_cast<ptrdiff_t>(length), '\n') + 1;
  rest_.remove_prefix(std::min(length + 1, rest_.size()));
}

std::vector<std::string> TextRows::split_record(std::string_view record) const {
  std::vector<std::string> fields;
  for (std::string_view field : split_outside_quotes(record, delimiter_)) {
    if (delimiter_ == kWhiteSpace && trim(field).empty()) continue;
    fields.push_back(delimiter_ == ';' ? with_decimal_point(unquote(field)) : unquote(field));
  }
  return fields;
}

std::vector<std::string> TextRows::names_in_comment() const {
  return delimiter_ == 0 ? std::vector<std::string>() : split_record(comment_);
}

}  // namespace cleave::data
