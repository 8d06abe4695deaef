#include "cleave/training/optimizer.h"

#include "cleave/base/error.h"

namespace cleave::training {

namespace {

std::vector<Tensor> pick(const std::vector<Tensor>& from, const std::vector<size_t>& which) {
  std::vector<Tensor> picked;
  picked.reserve(which.size());
  for (size_t i : which)
    picked.push_back(from[i]);
  return picked;
}

std::vector<Tensor> gradients(const std::vector<Tensor>& parameters, const std::vector<size_t>& which) {
  std::vector<Tensor> result;
  result.reserve(which.size());
  for (size_t i : which)
    result.push_back(parameters[i].grad());
  return result;
}

}  // namespace

Optimizer::Optimizer(model::Model& model, const model::Stage& stage)
    : groups_(stage.optimise.size()), epsilon_(stage.epsilon) {
  for (size_t g = 0; g < groups_.size(); ++g)
    groups_[g].learning_rate = stage.optimise[g].learning_rate;
  for (const auto& item : model.named_parameters()) {
    for (size_t g = groups_.size(); g-- > 0;) {
      if (!item.key().starts_with(stage.optimise[g].parameters)) continue;
      Group& group = groups_[g];
      group.names.push_back(item.key());
      group.parameters.push_back(item.value());
      group.first_moments.push_back(at::zeros_like(item.value()).requires_grad_(false));
      group.second_moments.push_back(at::zeros_like(item.value()).requires_grad_(false));
      group.counts.push_back(at::zeros({}, at::kFloat));
      break;
    }
  }
  for (size_t g = 0; g < groups_.size(); ++g) {
    require<ArgumentError>(!groups_[g].names.empty(), "[stage {}] no parameter's name begins with '{}'", stage.name,
                           stage.optimise[g].parameters);
  }
}

void Optimizer::zero_gradients() {
  for (Group& group : groups_) {
    for (Tensor& parameter : group.parameters)
      parameter.mutable_grad().reset();
  }
}

double Optimizer::clip_gradients(double largest) {
  double squares = 0;
  for (const Group& group : groups_) {
    for (const Tensor& p : group.parameters) {
      if (p.grad().defined()) squares += p.grad().square().sum().item<double>();
    }
  }
  double norm = std::sqrt(squares);
  if (norm > largest) {
    for (const Group& group : groups_) {
      for (const Tensor& p : group.parameters) {
        if (p.grad().defined()) p.grad().mul_(largest / norm);
      }
    }
  }
  return norm;
}

void Optimizer::step(const model::Step& at) {
  at::NoGradGuard no_grad;
  for (const Group& group : groups_) {
    std::vector<size_t> active;  // a parameter that the objective did not use has no gradient and stays
    for (size_t i = 0; i < group.parameters.size(); ++i) {
      if (group.parameters[i].grad().defined()) active.push_back(i);
    }
    if (active.empty()) continue;
    adam(group, active, group.learning_rate(at));
  }
}

void Optimizer::adam(const Group& group, const std::vector<size_t>& active, double rate) const {
  std::vector<Tensor> counts = pick(group.counts, active);
  for (Tensor& count : counts)
    count.add_(1);
  at::_fused_adam_(pick(group.parameters, active), gradients(group.parameters, active),
                   pick(group.first_moments, active), pick(group.second_moments, active), /*max_exp_avg_sqs=*/{},
                   counts, rate, /*beta1=*/0.9,
                   /*beta2=*/0.999, /*weight_decay=*/0, epsilon_, /*amsgrad=*/false, /*maximize=*/false);
}

double Optimizer::learning_rate(const model::Step& at) const {
  return groups_.front().learning_rate(at);
}

std::map<std::string, Tensor> Optimizer::state() const {
  std::map<std::string, Tensor> state;
  for (const Group& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      state[group.names[i] + ".first_moment"] = group.first_moments[i];
      state[group.names[i] + ".count"] = group.counts[i];
      state[group.names[i] + ".second_moment"] = group.second_moments[i];
    }
  }
  return state;
}

void Optimizer::restore(const std::map<std::string, Tensor>& saved) {
  for (auto& [name, tensor] : state()) {
    auto found = saved.find(name);
    require<CorruptFileError>(found != saved.end() && found->second.sizes() == tensor.sizes(),
                              "the checkpoint's optimiser has no fitting '{}'; it belongs to another model", name);
    Tensor target = tensor;
    target.copy_(found->second);
  }
}

}  // namespace cleave::training
