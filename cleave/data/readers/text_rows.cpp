#include <algorithm>

#include "cleave/base/text.h"
#include "cleave/data/readers/csv.h"

namespace cleave::data {
namespace {

constexpr char kWhiteSpace = ' ';
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Calls `piece` for each part of the text between characters for which `is_separator` holds, outside quotes.
template <class IsSeparator, class Piece>
void split_outside_quotes(std::string_view text, IsSeparator is_separator, Piece piece) {
  bool quoted = false;
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted || !is_separator(text[at])) continue;
    piece(text.substr(begin, at - begin));
    begin = at + 1;
  }
  piece(text.substr(begin));
}

/// Whether the text is UTF-8, as far as the number of bytes of each character tells.
bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto first = static_cast<uint8_t>(text[at++]);
    if (first < 0x80) continue;
    int64_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : -1;
    if (more < 0 || first > 0xf4) return false;
    for (; more > 0; --more, ++at) {
      if (at >= text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

/// The text in UTF-8, where it is not taken for Latin-1, which older spreadsheets write.
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

char find_delimiter(std::string_view record) {
  for (char candidate : {'\t', ';', ','}) {
    int64_t pieces = 0;
    split_outside_quotes(
        trim(record), [&](char c) { return c == candidate; }, [&](auto) { ++pieces; });
    if (pieces > 1) return candidate;
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
    std::string_view record = next_record();
    bool comment = delimiter_ == 0 && trim(record).starts_with('#');
    if (comment || trim(record).empty()) continue;
    if (delimiter_ == 0) delimiter_ = find_delimiter(record);
    split_record(record, fields);
    return true;
  }
  return false;
}

/// Takes one record off the text: a line, or several when a quoted field holds line breaks.
std::string_view TextRows::next_record() {
  line_ = next_line_;
  bool quoted = false;
  size_t end = 0;
  for (; end < rest_.size() && (quoted || rest_[end] != '\n'); ++end) {
    if (rest_[end] == '"') quoted = !quoted;
    if (rest_[end] == '\n') ++next_line_;
  }
  require<DataError>(!quoted, "{}:{}: a quote is never closed", name_, line_);
  ++next_line_;
  std::string_view record = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return record;
}

void TextRows::split_record(std::string_view record, std::vector<std::string>& fields) const {
  fields.clear();
  if (delimiter_ == kWhiteSpace) {
    auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    split_outside_quotes(record, is_space, [&](std::string_view piece) {
      if (!piece.empty()) fields.push_back(unquote(piece));
    });
  } else {
    auto is_delimiter = [this](char c) { return c == delimiter_; };
    split_outside_quotes(record, is_delimiter, [&](std::string_view piece) {
      fields.push_back(delimiter_ == ';' ? with_decimal_point(unquote(piece)) : unquote(piece));
    });
  }
}

}  // namespace cleave::data
