// A method after fitting, with the transforms that new data must go through: the content of model.safetensors.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cleave/base/fields.h"
#include "cleave/data/view.h"
#include "cleave/model/method.h"

namespace cleave::experiment {

struct FittedModel {
  std::string method;
  Settings settings;                       ///< the method's, resolved
  data::Description description;           ///< of the data it was fitted to
  double largest = 1;                      ///< for images, the stored value that means full intensity
  std::vector<std::string> feature_names;  ///< [X], or empty where the data of the fit had none
  std::vector<std::string> class_names;    ///< per class, where it learned from the data set's own labels
  data::Pipeline pipeline;
  std::shared_ptr<model::Model> model;

  /// Data as the model is asked about them: pixels on the scale of the fit, columns in its order where both have names.
  /// Throws DataError unless the examples have the width, images the shape, and columns the names of the fit.
  data::Dataset adapted(data::Dataset dataset) const;
};

/// Where each of the names stands among others: [names] int64, `absent` for one that is not there.
Tensor places_of(const std::vector<std::string>& names, const std::vector<std::string>& among, int64_t absent);

/// Writes parameters, buffers, the pipeline's fitted state and all that is needed to build the method again.
/// Throws RunError.
void save_fitted_model(const std::filesystem::path& path, const FittedModel& fitted);

/// The method as it was saved. Throws CorruptFileError naming the file and what does not fit.
FittedModel load_fitted_model(const std::filesystem::path& path);

}  // namespace cleave::experiment
