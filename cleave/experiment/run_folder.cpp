#include "cleave/experiment/run_folder.h"

#include <algorithm>

#include "cleave/base/error.h"
#include "cleave/base/files.h"
#include "cleave/base/text.h"

namespace cleave::experiment {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLargestText = 16 << 20;  // bytes; a config has two thousand, an evaluation some ten thousand

/// Whether the folder is empty but for what comes before its run.
bool holds_nothing(const fs::path& folder) {
  return std::all_of(fs::directory_iterator(folder), fs::directory_iterator(), [](const auto& entry) {
    const fs::path name = entry.path().filename();
    return name == "provenance.json" || name == "choosing_k.json" || name.extension() == ".tmp";
  });
}

}  // namespace

void RunFolder::require_unused(const fs::path& path) {
  std::error_code error;
  fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return;
  require<ArgumentError>(status.type() != fs::file_type::none, "{}: {}; choose another --out", path.string(),
                         error.message());
  require<ArgumentError>(fs::is_directory(status), "{}: there is a file of this name; choose another --out",
                         path.string());
  bool is_run = fs::exists(path / "config.toml");
  require<ArgumentError>(
      holds_nothing(path), "{}: the folder is not empty; {}choose another --out", path.string(),
      is_run ? fmt::format("continue its run with `cleave resume {}`, or ", shell_word(path.string())) : "");
}

void RunFolder::add_commit(const std::string& commit) const {
  if (commits().contains(commit)) return;
  Settings noted = read_json(path_ / "provenance.json");
  noted["resumed_by"].push_back(commit);
  write_json(path_ / "provenance.json", noted);
}

std::set<std::string> RunFolder::commits() const {
  auto commits = provenance_.value("resumed_by", std::set<std::string>());
  commits.insert(provenance_.value("commit", "unknown"));
  return commits;
}

bool RunFolder::was_started_on(const data::Dataset& dataset) const {
  return provenance_.value("/data/xxh3_64"_json_pointer, "") == dataset.checksum();
}

RunFolder RunFolder::create(const fs::path& path, const RunConfig& config, const Settings& provenance,
                            const Settings& choosing_k) {
  require_unused(path);
  std::error_code error;
  fs::create_directories(path, error);
  require<RunError>(!error, "{}: cannot create the run folder: {}", path.string(), error.message());
  RunFolder run(path, config, provenance);
  run.claim_ = std::make_shared<FolderLock>(path);
  require_unused(path);  // still, now that nobody else may begin here
  if (choosing_k.is_null())
    fs::remove(run.choosing_k());  // of a call that was cut off
  else
    write_json(run.choosing_k(), choosing_k);
  // The config comes last: a folder is a run as soon as it has one.
  write_json(path / "provenance.json", provenance);
  write_atomically(path / "config.toml", to_toml(config));
  return run;
}

RunFolder RunFolder::open(const fs::path& path) {
  require<ArgumentError>(fs::is_directory(path), "{}: no such run folder", path.string());
  fs::path config = path / "config.toml";
  require<CorruptFileError>(fs::exists(config), "{}: not a run folder: it has no config.toml", path.string());
  return {path, parse_config(read_whole(config, kLargestText), config.string()), read_json(path / "provenance.json")};
}

Settings read_json(const fs::path& path) {
  try {
    return Settings::parse(read_whole(path, kLargestText));
  } catch (const Settings::exception& error) {
    throw CorruptFileError(fmt::format("{}: not readable as JSON: {}", path.string(), error.what()));
  }
}

void write_json(const fs::path& path, const Settings& value) {
  write_atomically(path, value.dump(2, ' ', false, Settings::error_handler_t::replace) + "\n");
}

}  // namespace cleave::experiment
