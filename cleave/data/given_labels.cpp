#include "cleave/data/given_labels.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include "cleave/base/checksum.h"
#include "cleave/base/error.h"
#include "cleave/base/random.h"
#include "cleave/data/readers/csv.h"

namespace cleave::data {

namespace {

std::optional<int64_t> whole_number(const std::string& text) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

size_t column_of(const std::vector<std::string>& header, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<size_t>(found - header.begin());
  }
  return header.size();
}

/// Finds examples by number or by id.
class ExampleNames {
 public:
  ExampleNames(const Dataset& dataset, bool by_id, const std::string& file) : size_(dataset.size()), by_id_(by_id) {
    if (!by_id) return;
    require<DataError>(!dataset.ids.empty(), "{}: has a column filename, but the examples of {} have no names", file,
                       dataset.name);
    for (size_t i = 0; i < dataset.ids.size(); ++i)
      if (!by_name_.emplace(dataset.ids[i], static_cast<int64_t>(i)).second) by_name_[dataset.ids[i]] = kSeveral;
  }

  int64_t find(const std::string& text, const std::string& where) const {
    if (by_id_) {
      auto found = by_name_.find(text);
      require<DataError>(found != by_name_.end(), "{}: there is no example '{}'", where, text);
      require<DataError>(found->second != kSeveral, "{}: several examples are called '{}'; name them by their index",
                         where, text);
      return found->second;
    }
    auto index = whole_number(text);
    require<DataError>(index && *index >= 0 && *index < size_, "{}: there is no example '{}'; they go from 0 to {}",
                       where, text, size_ - 1);
    return *index;
  }

 private:
  static constexpr int64_t kSeveral = -1;

  int64_t size_;
  bool by_id_;
  std::unordered_map<std::string, int64_t> by_name_;
};

/// The class of each label: the data set's, by name or else by number, where all are known, else one per distinct
/// label, numbers by size.
std::map<std::string, int64_t> classes_of(const std::vector<std::string>& labels, const Dataset& dataset,
                                          std::vector<std::string>& names) {
  std::map<std::string, int64_t> by_name, by_number, result;
  for (size_t i = 0; i < dataset.label_names.size(); ++i) {
    by_name.emplace(dataset.label_names[i], static_cast<int64_t>(i));
    by_number.emplace(std::to_string(i), static_cast<int64_t>(i));
  }
  for (const auto& known : {by_name, by_number}) {
    names = dataset.label_names;
    if (std::all_of(labels.begin(), labels.end(), [&](const auto& label) { return known.contains(label); }))
      return known;
  }
  names = labels;
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    auto x = whole_number(a), y = whole_number(b);
    return x && y ? *x < *y : a < b;
  });
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (size_t i = 0; i < names.size(); ++i)
    result.emplace(names[i], static_cast<int64_t>(i));
  return result;
}

}  // namespace

std::string GivenLabels::checksum() const {
  Checksum sum;
  sum.update(classes.const_data_ptr(), classes.nbytes());
  return sum.digest64();
}

GivenLabels own_labels(const Dataset& dataset, int64_t per_class, uint64_t seed) {
  require<DataError>(dataset.has_labels(), "{}: has no labels to learn from; give a csv file of labels", dataset.name);
  GivenLabels given{dataset.labels.clone(), dataset.label_names};
  const int64_t count = std::max<int64_t>(given.class_count(), dataset.labels.max().item<int64_t>() + 1);
  for (int64_t k = given.class_count(); k < count; ++k)
    given.names.push_back(std::to_string(k));
  if (per_class == 0) return given;
  given.classes.fill_(-1);
  for (int64_t k = 0; k < count; ++k) {
    Tensor members = (dataset.labels == k).nonzero().flatten();
    require<DataError>(members.size(0) >= per_class, "{}: {} labels per class asked for, but class '{}' has {}",
                       dataset.name, per_class, given.names[static_cast<size_t>(k)], members.size(0));
    Tensor order =
        at::randperm(members.size(0), Randomness(seed).stream("labels", static_cast<uint64_t>(k)), at::kLong);
    given.classes.index_fill_(0, members.index_select(0, order.slice(0, 0, per_class)), k);
  }
  return given;
}

GivenLabels read_labels(std::span<const uint8_t> bytes, const std::string& name, const Dataset& dataset) {
  TextRows rows(bytes, name);
  std::vector<std::string> fields;
  require<DataError>(rows.next(fields),
                     "{}: is empty; a header `index,label` and a line per labelled example are "
                     "needed",
                     name);
  const size_t by_index = column_of(fields, {"index"}), by_id = column_of(fields, {"filename", "id"});
  const size_t key = std::min(by_index, by_id), value = column_of(fields, {"label", "cluster"}), width = fields.size();
  require<DataError>(key < width && value < width,
                     "{}, line {}: the header must have a column index or filename, and a column label", name,
                     rows.line());
  const ExampleNames examples(dataset, key == by_id, name);
  const auto& known = dataset.label_names;
  auto is_label = [&](const std::string& text) {
    return text != "-1" && (!is_missing(text) || std::find(known.begin(), known.end(), text) != known.end());
  };
  std::vector<std::string> labels;
  std::unordered_map<int64_t, std::pair<std::string, int64_t>> given;  // example -> label, line
  while (rows.next(fields)) {
    const std::string where = fmt::format("{}, line {}", name, rows.line());
    require<DataError>(fields.size() == width, "{}: {} fields where the header has {}", where, fields.size(), width);
    const int64_t example = examples.find(fields[key], where);
    const std::string& label = fields[value];
    auto [before, is_new] = given.try_emplace(example, label, rows.line());
    require<DataError>(is_new || before->second.first == label, "{}: example {} is '{}' here and '{}' on line {}",
                       where, fields[key], label, before->second.first, before->second.second);
    require<DataError>(is_new, "{}: example {} was labelled on line {} already", where, fields[key],
                       before->second.second);
    if (is_label(label)) labels.push_back(label);
  }
  require<DataError>(!labels.empty(), "{}: no example is labelled", name);
  GivenLabels result{at::full({dataset.size()}, -1, at::kLong), {}};
  const auto classes = classes_of(labels, dataset, result.names);
  auto* of_example = result.classes.data_ptr<int64_t>();
  for (const auto& [example, label_and_line] : given) {
    const std::string& label = label_and_line.first;
    if (is_label(label)) of_example[example] = classes.at(label);
  }
  return result;
}

}  // namespace cleave::data
