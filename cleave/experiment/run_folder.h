// The folder of a run. Nothing is written outside it, and no file in it is ever half-written.
//
//   config.toml          what was asked, every setting resolved
//   provenance.json      what it ran with: version, machine, threads, seed, command, checksum of the data
//   events.jsonl         what happened, one line each
//   checkpoints/         what a stopped run goes on from
//   model.safetensors    the fitted method and its transforms: all that new data need
//   assignments.csv      cluster and confidence of each example
//   embedding.npy        code of each example
//   map.npy map.json     a map of the codes in the plane, and what drew it
//   evaluation.json      every metric that applies
//   choosing_k.json      what spoke for which number of clusters, where that was asked
//   figures/ report.html what to look at
#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "cleave/base/fields.h"
#include "cleave/base/files.h"
#include "cleave/experiment/run_config.h"

namespace cleave::experiment {

class RunFolder {
 public:
  /// Makes a folder for a new run and writes config.toml, provenance.json and, unless it is null, choosing_k.json into
  /// it. The folder is locked (files.h) until what is returned and all its copies are gone. Throws ArgumentError when
  /// the folder holds anything already, RunError when it cannot be written or another process works in it.
  static RunFolder create(const std::filesystem::path& path, const RunConfig& config, const Settings& provenance,
                          const Settings& choosing_k = {});

  /// Throws ArgumentError unless `path` is free for a new run: absent, or an empty folder.
  static void require_unused(const std::filesystem::path& path);

  /// A run that is there. Throws ArgumentError when there is no such folder, CorruptFileError naming the file and the
  /// reason when it is not a run or its config or provenance is damaged.
  static RunFolder open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  const RunConfig& config() const { return config_; }
  const Settings& provenance() const { return provenance_; }

  /// Notes in provenance.json that a build of that commit goes on with the run, unless it is noted there already.
  void add_commit(const std::string& commit) const;

  /// The commits of all builds that fitted it.
  std::set<std::string> commits() const;

  /// Whether these are the examples that it was started on, by their checksum.
  bool was_started_on(const data::Dataset& dataset) const;

  /// True when training has come to its end.
  bool finished() const { return std::filesystem::exists(model_file()); }

  std::filesystem::path events() const { return path_ / "events.jsonl"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path model_file() const { return path_ / "model.safetensors"; }
  std::filesystem::path assignments() const { return path_ / "assignments.csv"; }
  std::filesystem::path embedding() const { return path_ / "embedding.npy"; }
  std::filesystem::path evaluation() const { return path_ / "evaluation.json"; }
  std::filesystem::path choosing_k() const { return path_ / "choosing_k.json"; }
  std::filesystem::path figures() const { return path_ / "figures"; }
  std::filesystem::path report() const { return path_ / "report.html"; }

 private:
  RunFolder(std::filesystem::path path, RunConfig config, Settings provenance)
      : path_(std::move(path)), config_(std::move(config)), provenance_(std::move(provenance)) {}

  std::filesystem::path path_;
  RunConfig config_;
  Settings provenance_;
  std::shared_ptr<const FolderLock> claim_;  ///< of the process that made the folder; empty for one that was there
};

/// The JSON value in a file. Throws CorruptFileError naming the file and the place.
Settings read_json(const std::filesystem::path& path);

/// Writes a JSON value, indented, atomically. Throws RunError.
void write_json(const std::filesystem::path& path, const Settings& value);

}  // namespace cleave::experiment
