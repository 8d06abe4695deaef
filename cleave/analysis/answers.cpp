#include "cleave/analysis/answers.h"

#include <algorithm>
#include <functional>

#include <ATen/core/grad_mode.h>

#include "cleave/base/random.h"
#include "cleave/model/blocks.h"

namespace cleave::analysis {
namespace {

constexpr int64_t kBlock = 2048;  // examples at a time: bounds memory for wide data

/// f(block of indices) for all blocks in order.
void for_blocks(const Tensor& indices, const std::function<void(const Tensor&)>& f) {
  at::NoGradGuard no_grad;
  for (int64_t first = 0; first < indices.size(0); first += kBlock) {
    f(indices.narrow(0, first, std::min(kBlock, indices.size(0) - first)));
  }
}

}  // namespace

Tensor evenly_spread(int64_t size, int64_t count) {
  if (count >= size) return at::arange(size, at::kLong);
  return ((at::arange(count, at::kDouble) + 0.5) * (static_cast<double>(size) / static_cast<double>(count)))
      .to(at::kLong);
}

Tensor stratified_rows(int64_t size, int64_t count) {
  if (count >= size) return at::arange(size, at::kLong);
  Tensor rows = at::empty({count}, at::kLong);
  Sequence draw(static_cast<uint64_t>(size));
  double stretch = static_cast<double>(size) / static_cast<double>(count);
  int64_t next = 0;  // rounding must not give a row twice
  for (int64_t i = 0; i < count; ++i) {
    auto row = static_cast<int64_t>((static_cast<double>(i) + draw.uniform()) * stretch);
    next = std::clamp(row, next, size - count + i);
    rows.data_ptr<int64_t>()[i] = next++;
  }
  return rows;
}

Tensor Answers::code() const {
  if (codes.empty()) return {};
  return codes.size() == 1 ? codes[0] : at::cat(codes, /*dim=*/1);
}

Tensor Answers::assignment(size_t facet) const {
  auto [largest, cluster] = responsibilities.at(facet).max(/*dim=*/1);
  return cluster.masked_fill(largest <= 0, -1);
}

Answers ask(model::Model& model, const data::View& view, const Tensor& indices) {
  Answers answers;
  answers.indices = indices.defined() ? indices : at::arange(view.size(), at::kLong);
  const model::GatheredRows none(answers.indices.size(0));
  std::vector<model::GatheredRows> codes,
      responsibilities(model.abilities().clusters ? model.facets().size() : 0, none);
  for_blocks(answers.indices, [&](const Tensor& block) {
    const model::Answer answer = model.answer(view.rows(block));
    codes.resize(answer.latents.z.size(), none);
    for (size_t layer = 0; layer < codes.size(); ++layer)
      codes[layer].add(answer.latents.z[layer]);
    for (size_t facet = 0; facet < responsibilities.size(); ++facet)
      responsibilities[facet].add(answer.responsibilities[facet]);
  });
  for (const model::GatheredRows& rows : codes)
    answers.codes.push_back(rows.all());
  for (const model::GatheredRows& rows : responsibilities)
    answers.responsibilities.push_back(rows.all());
  return answers;
}

Tensor hidden_features(model::Model& model, const data::View& view) {
  at::NoGradGuard no_grad;
  if (!model.hidden_features(view.rows(at::zeros({1}, at::kLong))).defined()) return {};
  return model::over_blocks(view, [&](const Tensor& x) { return model.hidden_features(x); });
}

namespace {

Tensor information_of(model::Model& model, const data::View& view, const Tensor& indices) {  // [N, D]
  if (!model.abilities().has_bound) return {};
  std::vector<Tensor> parts;
  for_blocks(indices, [&](const Tensor& block) { parts.push_back(model.information(view.rows(block))); });
  return parts.empty() || !parts[0].defined() ? Tensor() : at::cat(parts);
}

}  // namespace

Tensor mean_information(model::Model& model, const data::View& view, const Tensor& indices) {
  Tensor nats = information_of(model, view, indices);
  return nats.defined() ? nats.mean(0) : nats;
}

Tensor information_by_class(model::Model& model, const data::View& view, const Tensor& indices, const Tensor& classes,
                            int64_t class_count) {
  Tensor known = classes.ge(0).nonzero().flatten();
  Tensor members = at::one_hot(classes.index_select(0, known), class_count).to(at::kFloat);
  Tensor nats = information_of(model, view, indices.index_select(0, known));
  return nats.defined() ? members.t().mm(nats) / members.sum(0).unsqueeze(1) : nats;
}

}  // namespace cleave::analysis
