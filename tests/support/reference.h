// Stored reference values (tests/reference/*.json), and comparison of tensors.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

namespace cleave::tests {

/// The content of tests/reference/<name>.json.
inline nlohmann::json reference(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(CLEAVE_SOURCE_DIR "/tests/reference/" + name + ".json"));
}

namespace detail {

template <class T>
void flatten(const nlohmann::json& value, size_t depth, std::vector<int64_t>& shape, std::vector<T>& values) {
  if (!value.is_array()) return values.push_back(value.get<T>());
  if (shape.size() == depth) shape.push_back(static_cast<int64_t>(value.size()));
  for (const auto& entry : value)
    flatten(entry, depth + 1, shape, values);
}

}  // namespace detail

/// Nested arrays as a float64 tensor (T = double) or an int64 one (T = int64_t).
template <class T = double>
at::Tensor tensor_of(const nlohmann::json& value) {
  std::vector<int64_t> shape;
  std::vector<T> values;
  detail::flatten(value, 0, shape, values);
  return at::tensor(values).reshape(shape);
}

/// Succeeds when the shapes are equal and no entry differs by more than the tolerance.
inline testing::AssertionResult near(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  if (!a.sizes().equals(b.sizes()))
    return testing::AssertionFailure() << "shapes " << a.sizes() << " and " << b.sizes();
  double difference = a.numel() == 0 ? 0 : (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
  if (difference <= tolerance) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "entries differ by up to " << difference;
}

}  // namespace cleave::tests
