// Adam in one pass over memory, with its state in plain tensors that a checkpoint can hold.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cleave/base/tensor.h"
#include "cleave/model/model.h"

namespace cleave::training {

class Optimizer {
 public:
  /// The optimiser of a gradient stage: Adam (Kingma & Ba 2015, betas 0.9 and 0.999). Each parameter belongs to the
  /// last entry of stage.optimise whose prefix its name has; the others stay as they are. Throws ArgumentError when a
  /// prefix fits no parameter.
  Optimizer(model::Model& model, const model::Stage& stage);

  void zero_gradients();

  /// Scales all gradients so that their norm is at most `largest`; returns the norm before.
  double clip_gradients(double largest);

  /// Moves the parameters; the learning rates are those of `at`.
  void step(const model::Step& at);

  double learning_rate(const model::Step& at) const;  ///< of the first group

  std::map<std::string, Tensor> state() const;               ///< shares memory
  void restore(const std::map<std::string, Tensor>& state);  ///< throws CorruptFileError when names or shapes differ

 private:
  struct Group {
    model::Schedule learning_rate;
    std::vector<std::string> names;
    std::vector<Tensor> parameters, first_moments, second_moments, counts;
  };

  void adam(const Group& group, const std::vector<size_t>& active, double rate) const;

  std::vector<Group> groups_;
  double epsilon_;
};

}  // namespace cleave::training
