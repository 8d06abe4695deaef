#include "cleave/data/readers/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"

namespace cleave::data {
namespace {

using Fields = std::vector<std::string>;

bool contains(const auto& words, const std::string& text) {
  return std::find(words.begin(), words.end(), lower(text)) != words.end();
}

constexpr std::array<std::string_view, 4> kLabelNames = {"label", "class", "target", "y"};
constexpr std::array<std::string_view, 3> kIdNames = {"", "id", "index"};
constexpr std::array<std::string_view, 7> kMissing = {"", "na", "n/a", "nan", "null", "none", "?"};
constexpr std::string_view kTypesetMinus = "\xe2\x88\x92";

/// Text that stands for itself: neither a number nor a mark for a missing one.
bool is_word(const std::string& field) {
  return !parse_number(field) && !is_missing(field);
}

/// Whether a digit comes first, signs aside.
bool starts_as_number(std::string_view text) {
  if (text.starts_with(kTypesetMinus)) text.remove_prefix(kTypesetMinus.size());
  const size_t at = text.find_first_not_of("+-.");
  return at != std::string_view::npos && '0' <= text[at] && text[at] <= '9';
}

/// Whether it is a number with a comparison, marks of thousands or a short unit: <0.01, 1,234.5, 4.2 mm; not a date or
/// a name like 1007_s_at.
bool is_measurement(std::string_view text) {
  if (text.starts_with('<') || text.starts_with('>')) text.remove_prefix(1);
  if (!starts_as_number(text)) return false;
  const size_t unit = text.find_first_not_of("0123456789., ", text.find_first_of("0123456789"));
  if (unit == std::string_view::npos) return true;
  const std::string_view rest = text.substr(unit);
  return rest.size() <= 5 && rest.find_first_of("0123456789_-:;#()[]+") == std::string_view::npos;
}

/// What makes a number of text that is none.
std::string_view remedy(std::string_view text) {
  if (text.starts_with(kTypesetMinus)) return "write the minus sign as -";
  const bool comma = starts_as_number(text) && text.find(',') != text.npos;
  return comma ? "write decimals with a point and thousands without a mark" : "code it as one";
}

/// Why a column is labels or ids: by option, by the header, or by holding words.
enum class Because { kAsked, kNamed, kWords };

/// A column of labels or ids, kept as text. Where words alone make it so, what speaks against it is noted.
struct TextColumn {
  size_t column = 0;
  Because because = Because::kWords;
  Fields texts = {};
  std::string suspect = {};  ///< the first measurement among the words, else the first word
  int64_t suspect_line = 0;
  int64_t surplus = 0;  ///< of measurements over other words
};

/// Which column plays which part.
struct Layout {
  Fields header = {};  ///< empty without one
  bool header_is_row = false;
  size_t columns = 0;
  bool unlabelled = false;  ///< by request
  std::optional<TextColumn> label = {}, id = {};
};

/// Whether names that are numbers stand above columns: a count from 0, as pandas writes it, or at least three
/// different whole numbers, beside a corner left empty above the names of rows.
bool counts_columns(const Fields& first, const Fields& second) {
  const bool corner = first[0].empty() && first.size() == second.size() && !is_missing(second[0]);
  const Fields names(first.begin() + (corner ? 1 : 0), first.end());
  const auto is_whole = [](const auto& name) {
    return !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  };
  const auto counts = [](const Fields& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i] != std::to_string(i)) return false;
    }
    return true;
  };
  if (names.empty() || !std::all_of(names.begin(), names.end(), is_whole)) return false;
  if (!corner) return names.size() >= 3 && counts(names) && !counts(second);
  return counts(names) || (names.size() >= 3 && std::set(names.begin(), names.end()).size() == names.size());
}

/// A first line with a name that labels go by, or with a word above a number. Beside numbers a word like 4.2mm or <0.01
/// is no name; without any, a name may stand above such a word.
bool is_header(const Fields& first, const Fields& second) {
  const bool numbers = std::any_of(first.begin(), first.end(), parse_number);
  bool any_word = false;
  for (size_t i = 0; i < first.size(); ++i) {
    if (contains(kLabelNames, first[i])) return true;
    if (!is_word(first[i])) continue;
    any_word = true;
    if (i >= second.size()) continue;
    const bool plain = !starts_as_number(first[i]) && first[i][0] != '<' && first[i][0] != '>';
    if (parse_number(second[i]) ? plain || !numbers : plain && !numbers && starts_as_number(second[i])) return true;
  }
  return second.empty() ? any_word : counts_columns(first, second);
}

/// The names of the columns, empty without any: of the first line, of one that has no name for those of the rows, as R
/// writes it, or of a comment with a word for every column, as numpy.savetxt does.
Fields find_header(const TextRows& rows, Fields& first, const Fields& second) {
  if (second.size() == first.size() + 1) {
    Fields with_corner = first;
    with_corner.insert(with_corner.begin(), "");
    if (is_header(with_corner, second)) return first = with_corner;
  }
  if (is_header(first, second)) return first;
  Fields comment = rows.names_in_comment();
  const bool names = comment.size() == first.size() && std::all_of(comment.begin(), comment.end(), is_word);
  return names ? comment : Fields();
}

size_t asked_label(const Layout& layout, const std::string& wanted, const std::string& name) {
  const auto begin = layout.header.begin(), end = layout.header.end();
  const auto same = std::count(begin, end, wanted);
  require<ArgumentError>(same < 2, "{}: {} columns are named '{}'; give the index of the one with labels, from 0", name,
                         same, wanted);
  if (same == 1) return std::find(begin, end, wanted) - begin;
  std::optional<double> index = parse_number(wanted);
  bool valid = index && *index >= 0 && *index < static_cast<double>(layout.columns) && std::floor(*index) == *index;
  require<ArgumentError>(valid, "{}: {}; or give an index from 0 to {}", name,
                         unknown_name("label column", wanted, layout.header), layout.columns - 1);
  return static_cast<size_t>(*index);
}

/// What may be labels unasked, the likeliest first: y, also the name of a coordinate, after a last column of words.
std::vector<TextColumn> likely_labels(const Fields& header, const Fields& sample) {
  const bool named = !header.empty() && contains(kLabelNames, header.back());
  const bool last = sample.size() > 1 && is_word(sample.back()) && !named;
  std::vector<TextColumn> likely;
  for (std::string_view name : kLabelNames) {
    if (last && name == "y") likely.push_back({sample.size() - 1, Because::kWords});
    auto found = std::find_if(header.begin(), header.end(), [&](const auto& column) { return lower(column) == name; });
    if (found != header.end()) likely.push_back({static_cast<size_t>(found - header.begin()), Because::kNamed});
  }
  return likely;
}

/// The first and the last column are judged by their first value that is not missing. As many likely labels as
/// `passed_over` are known to be none.
Layout find_layout(ByteView bytes, const std::string& name, const std::string& label_column, size_t passed_over) {
  TextRows rows(bytes, name);
  Fields first, second;
  require<DataError>(rows.next(first), "{}: no row of numbers", name);
  rows.next(second);
  Layout layout{.header = find_header(rows, first, second), .columns = first.size()};
  layout.header_is_row = !layout.header.empty() && layout.header == first;
  require<DataError>(!layout.header_is_row || !second.empty(), "{}: no row of numbers under the header", name);
  Fields sample = layout.header_is_row ? second : first;
  sample.resize(layout.columns);
  for (Fields row = second; is_missing(sample.front()) || is_missing(sample.back());) {
    for (size_t i : {size_t{0}, sample.size() - 1}) {
      if (is_missing(sample[i]) && i < row.size()) sample[i] = row[i];
    }
    if (!rows.next(row)) break;
  }

  layout.unlabelled = label_column == kNoLabels && !contains(layout.header, label_column);
  if (!label_column.empty() && !layout.unlabelled) {
    layout.label = {asked_label(layout, label_column, name), Because::kAsked};
  } else if (!layout.unlabelled) {
    std::vector<TextColumn> likely = likely_labels(layout.header, sample);
    if (passed_over < likely.size()) layout.label = likely[passed_over];
  }
  const bool named_id = !layout.header.empty() && contains(kIdNames, first[0]);
  const bool first_is_label = layout.label && layout.label->column == 0;
  if (layout.columns > 1 && !first_is_label && (named_id || is_word(sample[0])))
    layout.id = {0, named_id ? Because::kNamed : Because::kWords};
  return layout;
}

/// Rows of a text table on their way to a data set.
class Table {
 public:
  Table(Layout layout, std::string name) : layout_(std::move(layout)), name_(std::move(name)) {}

  /// False, and nothing is taken, where a column that is only named as labels are holds a number that is not whole.
  bool append(Fields& row, int64_t line) {
    require<DataError>(row.size() == layout_.columns, "{}:{}: {} columns, where the first line has {}", name_, line,
                       row.size(), layout_.columns);
    if (layout_.label && layout_.label->because == Because::kNamed) {
      std::optional<double> number = parse_number(row[layout_.label->column]);
      if (number && *number - std::floor(*number) > 0) return false;
    }
    ++size_;
    for (size_t column = 0; column < row.size(); ++column) {
      if (is(layout_.label, column))
        keep(*layout_.label, row[column], line);
      else if (is(layout_.id, column))
        keep(*layout_.id, row[column], line);
      else
        values_.push_back(value(row[column], line, column));
    }
    return true;
  }

  Dataset finish() {
    for (const auto* words : {&layout_.id, &layout_.label}) {
      if (*words && (*words)->surplus > 0) refuse((*words)->suspect, (*words)->suspect_line, (*words)->column);
    }
    require<DataError>(size_ > 0 && !values_.empty(), "{}: no column of numbers", name_);
    if (layout_.id && layout_.id->because == Because::kWords) tell_labels_from_ids();
    Tensor values = at::from_blob(values_.data(), {size_, static_cast<int64_t>(values_.size()) / size_}, at::kDouble);
    constexpr double kLargest = std::numeric_limits<int32_t>::max();
    bool whole = (values == values.round()).all().item<bool>() && values.abs().max().item<double>() <= kLargest;
    const bool loses_columns = !whole && !blurred_columns(values).empty();
    Dataset dataset =
        dataset_of_array(loses_columns ? values.clone() : values.to(whole ? at::kInt : at::kFloat), name_);
    if (layout_.label) label(dataset, layout_.label->texts);
    for (size_t i = 0; i < layout_.header.size(); ++i) {
      if (!is(layout_.label, i) && !is(layout_.id, i)) dataset.feature_names.push_back(layout_.header[i]);
    }
    if (layout_.id) dataset.ids = std::move(layout_.id->texts);
    return dataset;
  }

 private:
  static bool is(const std::optional<TextColumn>& text, size_t column) { return text && text->column == column; }

  void label(Dataset& dataset, Fields& texts) const {
    if (std::any_of(texts.begin(), texts.end(), is_word)) {
      for (std::string& text : texts) {
        if (is_missing(text)) text.clear();
      }
      return set_labels(dataset, texts);
    }
    Tensor numbers = at::full({size_}, std::nan(""), at::kDouble);
    for (int64_t row = 0; row < size_; ++row) {
      if (auto parsed = parse_number(texts[row])) numbers.data_ptr<double>()[row] = *parsed;
    }
    set_labels(dataset, numbers);
  }

  void keep(TextColumn& text, std::string& field, int64_t line) const {
    if (text.because == Because::kWords && !is_missing(field)) {
      if (parse_number(field)) refuse(text.suspect, text.suspect_line, text.column);
      const bool measurement = is_measurement(field);
      text.surplus += measurement ? 1 : -1;
      if (text.suspect.empty() || (measurement && !is_measurement(text.suspect))) {
        text.suspect = field;
        text.suspect_line = line;
      }
    }
    text.texts.push_back(std::move(field));
  }

  double value(const std::string& field, int64_t line, size_t column) const {
    std::optional<double> number = parse_number(field);
    if (!number || !(std::abs(*number) <= std::numeric_limits<float>::max())) refuse(field, line, column);
    return *number;
  }

  [[noreturn]] void refuse(const std::string& field, int64_t line, size_t column) const {
    std::string where = fmt::format("{}:{} column {}", name_, line, column + 1);
    if (!layout_.header.empty()) where += fmt::format(" (\"{}\")", layout_.header[column]);
    require<DataError>(!is_missing(field),
                       "{}: the value is missing (\"{}\"); fill it in, or leave out the row or the column", where,
                       field);
    require<DataError>(parse_number(field).has_value(), "{}: \"{}\" is not a number; {}, leave the column out, {}",
                       where, field, remedy(field),
                       column == 0 ? "call it the labels by --label-column, or the ids by naming it id"
                                   : "or call it the labels by --label-column");
    require<DataError>(!starts_as_number(field), "{}: {} is beyond what 32-bit numbers hold; scale the column", where,
                       field);
    throw DataError(fmt::format("{}: \"{}\" is not finite", where, field));
  }

  /// Words that come again name groups, not examples: labels, where no other column is.
  void tell_labels_from_ids() {
    const Fields& words = layout_.id->texts;
    const size_t different = std::set<std::string_view>(words.begin(), words.end()).size();
    if (2 * different > words.size()) return;
    require<DataError>(!layout_.label && !layout_.unlabelled,
                       "{}: the words of the first column come again ({} different ones in {} rows), so they name no "
                       "examples; code them as numbers, leave them out, or call them the labels by --label-column",
                       name_, different, size_);
    std::swap(layout_.label, layout_.id);
  }

  Layout layout_;
  std::string name_;
  int64_t size_ = 0;
  std::vector<double> values_;
};

/// Nothing where the labels of the layout turn out to be measured.
std::optional<Dataset> read_table(ByteView bytes, const std::string& name, Layout layout) {
  TextRows rows(bytes, name);
  Fields row;
  if (layout.header_is_row) rows.next(row);
  Table table(std::move(layout), name);
  while (rows.next(row)) {
    if (!table.append(row, rows.line())) return std::nullopt;
  }
  return table.finish();
}

}  // namespace

bool is_missing(const std::string& field) {
  return contains(kMissing, field);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    const bool tiny = text.find("e-") != text.npos || text.find("E-") != text.npos;
    value = tiny ? 0 : std::numeric_limits<double>::infinity();
  } else if (error != std::errc()) {
    return std::nullopt;
  }
  if (end != text.data() + text.size()) return std::nullopt;
  return value;
}

Dataset read_csv(ByteView bytes, const std::string& name, const std::string& label_column) {
  for (size_t passed_over = 0;; ++passed_over) {
    auto dataset = read_table(bytes, name, find_layout(bytes, name, label_column, passed_over));
    if (dataset) return std::move(*dataset);
  }
}

std::map<std::string, std::vector<std::string>> read_text_columns(ByteView bytes, const std::string& name) {
  TextRows rows(bytes, name);
  Fields header, row;
  require<DataError>(rows.next(header), "{}: no header", name);
  std::map<std::string, std::vector<std::string>> columns;
  while (rows.next(row)) {
    require<DataError>(row.size() == header.size(), "{}:{}: {} columns, where the first line has {}", name, rows.line(),
                       row.size(), header.size());
    for (size_t i = 0; i < row.size(); ++i)
      columns[header[i]].push_back(std::move(row[i]));
  }
  return columns;
}

}  // namespace cleave::data
