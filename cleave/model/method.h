// What the registry knows of a method.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cleave/base/fields.h"
#include "cleave/data/view.h"
#include "cleave/model/model.h"

namespace cleave::model {

struct Method {
  std::string name;     ///< "vade"
  std::string title;    ///< "Variational deep embedding"
  std::string summary;  ///< one sentence for a list
  std::string source;   ///< author, title, venue, year, arXiv number
  Abilities abilities = {};
  std::vector<Field> fields = {};
  bool learns_from_labels = false;  ///< only then batches hold labels
  Settings tiny = {};  ///< settings that fit 200 examples of 6 features in a second, for the conformance tests

  /// Every field's value: the given ones over the defaults, "auto" decided from the facts about the data.
  /// Throws ArgumentError for an unknown key, type or range.
  std::function<Settings(const Settings& given, const data::Description&)> resolve = {};

  /// The method with its networks initialised from stream "initialisation".
  std::function<std::shared_ptr<Model>(const Settings& resolved, const data::Description&, const Randomness&)> make =
      {};

  /// True when the method models raw counts, which decides what the transform "auto" stands for.
  std::function<bool(const Settings& given, data::Kind)> wants_raw_counts = [](const Settings&, data::Kind) {
    return false;
  };
};

/// The parts of a Method that a model class implies. M has a nested Config with fields() and, where settings may be
/// "auto", `Config resolved(const data::Description&) const`; its constructor takes (Config, Description, Randomness).
template <class M>
Method describe_method(Method method) {
  using Config = typename M::Config;
  method.fields = describe_fields<Config>();
  method.abilities = M::kAbilities;
  method.resolve = [](const Settings& given, const data::Description& data) {
    Config config = configure<Config>(given);
    if constexpr (requires { config.resolved(data); }) config = config.resolved(data);
    return to_settings(config);
  };
  method.make = [](const Settings& resolved, const data::Description& data, const Randomness& random) {
    return std::make_shared<M>(configure<Config>(resolved), data, random.child("initialisation"));
  };
  return method;
}

}  // namespace cleave::model
