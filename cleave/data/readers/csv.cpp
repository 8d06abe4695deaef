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

std::string lower(std::string text) {
  for (char& c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool contains(const auto& words, const std::string& text) {
  return std::find(words.begin(), words.end(), lower(text)) != words.end();
}

constexpr std::array<std::string_view, 4> kLabelNames = {"label", "class", "target", "y"};
constexpr std::array<std::string_view, 3> kIdNames = {"", "id", "index"};
constexpr std::array<std::string_view, 7> kMissing = {"", "na", "n/a", "nan", "null", "none", "?"};

/// Text that stands for itself: neither a number nor a mark for a missing one.
bool is_word(const std::string& field) {
  return !parse_number(field) && !contains(kMissing, field);
}

/// Which column plays which part.
struct Layout {
  Fields header;  // empty without one
  size_t columns = 0;
  std::optional<size_t> label;
  std::optional<size_t> id;
  bool named_id = false;  ///< by the header; elsewhere `id` is any first column of words
};

bool is_header(const Fields& first, const Fields& second) {
  bool any_word = false;
  for (size_t i = 0; i < first.size(); ++i) {
    if (contains(kLabelNames, first[i])) return true;
    any_word |= is_word(first[i]);
    if (is_word(first[i]) && i < second.size() && parse_number(second[i])) return true;
  }
  return any_word && second.empty();
}

std::optional<size_t> find_label(const Layout& layout, const Fields& row, const std::string& wanted,
                                 const std::string& name) {
  if (!wanted.empty()) {
    auto named = std::find(layout.header.begin(), layout.header.end(), wanted);
    if (named != layout.header.end()) return named - layout.header.begin();
    std::optional<double> index = parse_number(wanted);
    bool valid = index && *index >= 0 && *index < static_cast<double>(layout.columns) && std::floor(*index) == *index;
    require<ArgumentError>(valid, "{}: {}; or give an index from 0 to {}", name,
                           unknown_name("label column", wanted, layout.header), layout.columns - 1);
    return static_cast<size_t>(*index);
  }
  for (size_t i = 0; i < layout.header.size(); ++i) {
    if (contains(kLabelNames, layout.header[i])) return i;
  }
  if (row.size() > 1 && is_word(row.back())) return row.size() - 1;
  return std::nullopt;
}

Layout find_layout(ByteView bytes, const std::string& name, const std::string& label_column) {
  TextRows rows(bytes, name);
  Fields first, second;
  require<DataError>(rows.next(first), "{}: no row of numbers", name);
  rows.next(second);
  Layout layout{.header = is_header(first, second) ? first : Fields{}, .columns = first.size(), .label = {}, .id = {}};
  require<DataError>(layout.header.empty() || !second.empty(), "{}: no row of numbers under the header", name);
  const Fields& row = layout.header.empty() ? first : second;
  layout.label = find_label(layout, row, label_column, name);
  layout.named_id = !layout.header.empty() && contains(kIdNames, first[0]);
  if (layout.columns > 1 && layout.label != 0 && (layout.named_id || is_word(row[0]))) layout.id = 0;
  return layout;
}

/// Rows of a text table on their way to a data set.
class Table {
 public:
  Table(Layout layout, std::string name) : layout_(std::move(layout)), name_(std::move(name)) {}

  void append(Fields& row, int64_t line) {
    require<DataError>(row.size() == layout_.columns, "{}:{}: {} columns, where the first line has {}", name_, line,
                       row.size(), layout_.columns);
    ++size_;
    for (size_t column = 0; column < row.size(); ++column) {
      if (layout_.label == column)
        labels_.push_back(std::move(row[column]));
      else if (layout_.id == column)
        ids_.push_back(std::move(row[column]));
      else
        values_.push_back(value(row[column], line, column));
    }
  }

  Dataset finish() {
    require<DataError>(size_ > 0 && !values_.empty(), "{}: no column of numbers", name_);
    if (layout_.id && !layout_.named_id) tell_labels_from_ids();
    Tensor values = at::from_blob(values_.data(), {size_, static_cast<int64_t>(values_.size()) / size_}, at::kDouble);
    constexpr double kLargest = std::numeric_limits<int32_t>::max();
    bool whole = (values == values.round()).all().item<bool>() && values.abs().max().item<double>() <= kLargest;
    Dataset dataset = dataset_of_array(values.to(whole ? at::kInt : at::kFloat), name_);
    if (layout_.label) label(dataset);
    dataset.ids = std::move(ids_);
    for (size_t i = 0; i < layout_.header.size(); ++i) {
      if (layout_.label != i && layout_.id != i) dataset.feature_names.push_back(layout_.header[i]);
    }
    return dataset;
  }

 private:
  void label(Dataset& dataset) const {
    if (std::any_of(labels_.begin(), labels_.end(), is_word)) return set_labels(dataset, labels_);
    Tensor numbers = at::full({size_}, std::nan(""), at::kDouble);
    for (int64_t row = 0; row < size_; ++row) {
      if (auto parsed = parse_number(labels_[row])) numbers.data_ptr<double>()[row] = *parsed;
    }
    set_labels(dataset, numbers);
  }

  double value(const std::string& field, int64_t line, size_t column) const {
    require<DataError>(!contains(kMissing, field),
                       "{}:{} column {}: the value is missing (\"{}\"); fill it in, or leave out the row or the column",
                       name_, line, column + 1, field);
    std::optional<double> parsed = parse_number(field);
    require<DataError>(parsed.has_value(),
                       "{}:{} column {}: \"{}\" is not a number; code it as one, leave the column out, or call it the "
                       "labels by --label-column",
                       name_, line, column + 1, field);
    require<DataError>(std::isfinite(*parsed), "{}:{} column {}: \"{}\" is not finite", name_, line, column + 1, field);
    return *parsed;
  }

  /// Words that come again name groups, not examples: labels, where no other column is.
  void tell_labels_from_ids() {
    const size_t different = std::set<std::string_view>(ids_.begin(), ids_.end()).size();
    if (2 * different > ids_.size()) return;
    require<DataError>(!layout_.label,
                       "{}: the words of the first column come again ({} different ones in {} rows), so they name no "
                       "examples; code them as numbers, leave them out, or call them the labels by --label-column",
                       name_, different, size_);
    std::swap(layout_.label, layout_.id);
    std::swap(labels_, ids_);
  }

  Layout layout_;
  std::string name_;
  int64_t size_ = 0;
  std::vector<double> values_;
  Fields labels_, ids_;
};

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Dataset read_csv(ByteView bytes, const std::string& name, const std::string& label_column) {
  Layout layout = find_layout(bytes, name, label_column);
  bool has_header = !layout.header.empty();
  Table table(std::move(layout), name);
  TextRows rows(bytes, name);
  Fields row;
  if (has_header) rows.next(row);
  while (rows.next(row))
    table.append(row, rows.line());
  return table.finish();
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
