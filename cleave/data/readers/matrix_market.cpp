#include "cleave/data/readers/matrix_market.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "cleave/base/text.h"
#include "cleave/data/readers/arrays.h"
#include "cleave/data/readers/sparse.h"

namespace cleave::data {
namespace {

constexpr std::string_view kBanner = "%%MatrixMarket";

/// Numbers in lines; comments and blank lines are passed over.
class NumberLines {
 public:
  NumberLines(std::string_view text, std::string name) : rest_(text), name_(std::move(name)) {}

  std::string_view banner() { return take_line(); }

  /// Moves to the next line with content; false at the end of the file.
  bool next() {
    while (!rest_.empty()) {
      line_text_ = trim(take_line());
      if (!line_text_.empty() && line_text_.front() != '%') return true;
    }
    return false;
  }

  /// The next number of the line.
  template <class T>
  T number() {
    line_text_ = trim(line_text_);
    if (line_text_.starts_with('+')) line_text_.remove_prefix(1);
    T value{};
    auto [end, error] = std::from_chars(line_text_.data(), line_text_.data() + line_text_.size(), value);
    size_t length = static_cast<size_t>(end - line_text_.data());
    bool whole = length == line_text_.size() || std::isspace(static_cast<unsigned char>(line_text_[length]));
    const bool tiny =
        error == std::errc::result_out_of_range && line_text_.substr(0, length).find('-', 1) != line_text_.npos;
    if (tiny) error = std::errc();  // below what the type holds: the 0 that it is
    require<DataError>(error == std::errc() && whole, "{}: expected a number but found '{}'", where(),
                       line_text_.substr(0, 40));
    line_text_.remove_prefix(length);
    return value;
  }

  float finite_value() {
    float value = number<float>();
    require<DataError>(std::isfinite(value), "{}: the value is not finite", where());
    return value;
  }

  void expect_end_of_line() {
    require<DataError>(trim(line_text_).empty(), "{}: '{}' follows the last number", where(),
                       trim(line_text_).substr(0, 40));
  }

  uint64_t bytes_left() const { return rest_.size(); }
  std::string where() const { return fmt::format("{}:{}", name_, line_); }

 private:
  std::string_view take_line() {
    size_t length = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, length);
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    ++line_;
    return line;
  }

  std::string_view rest_, line_text_;
  std::string name_;
  int64_t line_ = 0;
};

struct Header {
  bool coordinate = false, pattern = false, symmetric = false;
};

Header parse_banner(std::string_view line, const std::string& name) {
  std::vector<std::string> words;
  for (const std::string& word : split(lower(trim(line)), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  require<DataError>(words.size() == 5 && words[1] == "matrix", "{}:1: expected '{} matrix FORMAT TYPE SYMMETRY'", name,
                     kBanner);
  auto one_of = [&](const std::string& word, std::initializer_list<const char*> known) {
    bool found = std::any_of(known.begin(), known.end(), [&](const char* k) { return word == k; });
    std::vector<std::string> list(known.begin(), known.end());
    require<DataError>(found, "{}:1: '{}' is not read here; expected one of: {}", name, word, join(list));
  };
  one_of(words[2], {"coordinate", "array"});
  one_of(words[3], {"real", "double", "integer", "unsigned-integer", "pattern"});
  one_of(words[4], {"general", "symmetric"});
  Header header = {words[2] == "coordinate", words[3] == "pattern", words[4] == "symmetric"};
  require<DataError>(header.coordinate || !header.pattern, "{}:1: an array cannot be a pattern", name);
  return header;
}

int64_t index_below(NumberLines& lines, int64_t limit, const char* axis) {
  int64_t index = lines.number<int64_t>();
  require<DataError>(index >= 1 && index <= limit, "{}: {} {} lies outside of 1 to {}", lines.where(), axis, index,
                     limit);
  return index - 1;
}

SparseRows read_coordinates(NumberLines& lines, const Header& header, int64_t rows, int64_t columns,
                            const std::string& name) {
  constexpr uint64_t kShortestEntry = 4;  // "1 1\n"
  int64_t announced = lines.number<int64_t>();
  lines.expect_end_of_line();
  require<DataError>(announced >= 0 && static_cast<uint64_t>(announced) <= lines.bytes_left() / kShortestEntry + 1,
                     "{}: {} entries announced, but only {} bytes follow", lines.where(), announced,
                     lines.bytes_left());
  check_sparse_shape(rows, columns, announced, name);
  Coordinates entries;
  auto add = [&](int64_t row, int64_t column, float value) {
    entries.row.push_back(row);
    entries.column.push_back(static_cast<int32_t>(column));
    entries.value.push_back(value);
  };
  for (int64_t i = 0; i < announced; ++i) {
    bool there = lines.next();
    require<DataError>(there, "{}: truncated: {} of {} entries", lines.where(), i, announced);
    int64_t row = index_below(lines, rows, "row");
    int64_t column = index_below(lines, columns, "column");
    float value = header.pattern ? 1 : lines.finite_value();
    lines.expect_end_of_line();
    add(row, column, value);
    if (header.symmetric && row != column) add(column, row, value);
  }
  return compress(entries, rows, columns);
}

/// [rows, columns] float32, stored column by column; of a symmetric matrix only the part on and below the diagonal.
Tensor read_array(NumberLines& lines, const Header& header, int64_t rows, int64_t columns, const std::string& name) {
  constexpr uint64_t kShortestValue = 2;  // "1\n"
  lines.expect_end_of_line();
  std::vector<int64_t> shape = {rows, columns};
  uint64_t values = static_cast<uint64_t>(checked_product(shape, name)) / (header.symmetric ? 2 : 1);
  require<DataError>(rows > 0 && columns > 0 && values <= lines.bytes_left() / kShortestValue + 1,
                     "{}: a matrix of {} x {}, but only {} bytes follow", lines.where(), rows, columns,
                     lines.bytes_left());
  Tensor by_column = at::empty({columns, rows}, at::kFloat);
  float* value = by_column.mutable_data_ptr<float>();
  for (int64_t column = 0; column < columns; ++column) {
    for (int64_t row = header.symmetric ? column : 0; row < rows; ++row) {
      bool there = lines.next();
      require<DataError>(there, "{}: truncated at row {} column {}", lines.where(), row + 1, column + 1);
      float stored = lines.finite_value();
      lines.expect_end_of_line();
      value[column * rows + row] = stored;
      if (header.symmetric) value[row * rows + column] = stored;
    }
  }
  return by_column.t();
}

}  // namespace

bool is_matrix_market(ByteView bytes) {
  return as_text(bytes).starts_with(kBanner);
}

Dataset read_matrix_market(ByteView bytes, const std::string& name) {
  require<DataError>(is_matrix_market(bytes), "{}:1: not a Matrix Market file: it does not begin with '{}'", name,
                     kBanner);
  NumberLines lines(as_text(bytes), name);
  Header header = parse_banner(lines.banner(), name);
  bool sized = lines.next();
  require<DataError>(sized, "{}: truncated: the line of sizes is missing", lines.where());
  int64_t rows = lines.number<int64_t>(), columns = lines.number<int64_t>();
  require<DataError>(!header.symmetric || rows == columns, "{}: a symmetric matrix of {} x {}", lines.where(), rows,
                     columns);
  Dataset dataset;
  if (header.coordinate) {
    dataset.name = name;
    dataset.examples.sparse = read_coordinates(lines, header, rows, columns, name);
    dataset.kind = guess_kind(dataset.examples);
    dataset.shape = {columns};
  } else {
    dataset = dataset_of_array(read_array(lines, header, rows, columns, name), name);
  }
  bool more = lines.next();
  require<DataError>(!more, "{}: more entries than announced", lines.where());
  return dataset;
}

}  // namespace cleave::data
