#include "cleave/data/open.h"

#include "cleave/base/text.h"
#include "cleave/data/drawn.h"
#include "cleave/data/readers/formats.h"
#include "cleave/data/registered.h"

namespace cleave::data {
namespace {

namespace fs = std::filesystem;

Dataset take_split(Dataset dataset, const std::string& split) {
  require<ArgumentError>(split == "all" || split == "train" || split == "test",
                         "unknown split '{}'; known: all, train, test", split);
  if (split == "all") return dataset;
  require<ArgumentError>(dataset.train_count > 0, "{} has no split into training and test data; use --split all",
                         dataset.name);
  dataset =
      split == "train" ? dataset.slice(0, dataset.train_count) : dataset.slice(dataset.train_count, dataset.size());
  require<DataError>(dataset.size() > 0, "{}: there are no {} data; use --split all", dataset.name, split);
  return dataset;
}

bool is_drawn(const std::string& name) {
  return std::find(drawn_names().begin(), drawn_names().end(), name) != drawn_names().end();
}

Dataset read_by_name_or_path(const std::string& name_or_path, const OpenOptions& options) {
  if (const RegisteredSet* set = find_registered(name_or_path)) return read_registered(*set, options.root);
  if (is_drawn(name_or_path)) return draw(name_or_path, options.size, options.seed, options.noise);
  if (fs::exists(name_or_path)) return read_path(name_or_path, options);
  bool meant_as_path = name_or_path.find_first_of("/.") != std::string::npos;
  require<DataError>(!meant_as_path, "{}: no such file or folder", name_or_path);
  std::vector<std::string> names = registered_names();
  names.insert(names.end(), drawn_names().begin(), drawn_names().end());
  throw ArgumentError(unknown_name("data set", name_or_path, names) + " (nor is there a file of that name)");
}

}  // namespace

bool is_known_name(const std::string& name) {
  return find_registered(name) != nullptr || is_drawn(name);
}

Dataset open(const std::string& name_or_path, const OpenOptions& options) {
  Dataset dataset = read_by_name_or_path(name_or_path, options);
  dataset.check();
  return take_split(std::move(dataset), options.split);
}

}  // namespace cleave::data
