// Everything that a run needs to go on exactly as if it had never stopped.
//
// There is no generator state in it: randomness is a pure function of (seed, stream, step), see base/random.h.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/base/tensor.h"
#include "cleave/model/model.h"

namespace cleave::training {

struct Checkpoint {
  model::Step next;                         ///< the first step that has not been done
  bool stage_begun = false;                 ///< whether begin_stage() of next.stage has been called
  int64_t epochs = 0;                       ///< gradient epochs and closed-form iterations done, over all stages
  std::map<std::string, Tensor> model;      ///< parameters and buffers by name
  std::map<std::string, Tensor> optimizer;  ///< of the stage under way
  Settings epoch_so_far;                    ///< sums of the epoch under way
  Settings recorder;                        ///< Recorder::state()
};

/// Writes folder/<step>/ beside and renames it, then deletes all but the `keep` newest.
/// Throws RunError when the disk is full or the folder cannot be written; what was there stays.
void save_checkpoint(const std::filesystem::path& folder, const Checkpoint& checkpoint, int64_t keep);

/// The newest checkpoint that is whole, judged by its manifest's checksums; nothing when there is none. Damaged ones
/// are passed over, and each is named in `passed_over` with the reason. Throws RunError for a whole one of another
/// format, which another version of cleave can go on from.
std::optional<Checkpoint> load_newest_checkpoint(const std::filesystem::path& folder,
                                                 std::vector<std::string>* passed_over = nullptr);

/// All parameters and buffers, by name. They share memory with the module.
std::map<std::string, Tensor> model_tensors(const torch::nn::Module& module);

/// Puts tensors back. Throws CorruptFileError, naming the tensor, when one is missing or a parameter's shape differs.
void load_model_tensors(torch::nn::Module& module, const std::map<std::string, Tensor>& tensors);

}  // namespace cleave::training
