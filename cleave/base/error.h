// The kinds of failure, and the exit code that each one ends a program with.
//
// A message says what is wrong, where, and what to do; it never needs the source code to be understood.
#pragma once

#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace cleave {

/// Base of every error that the library throws on purpose.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, int exit_code) : std::runtime_error(message), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// The run itself failed: numbers, collapse, a full disk. Exit code 1.
struct RunError : Error {
  explicit RunError(const std::string& message) : Error(message, 1) {}
};

/// A term of the objective stopped being finite. Exit code 1.
struct NumericalError : RunError {
  using RunError::RunError;
};

/// The caller asked for something that cannot be: an unknown name, a value out of range. Exit code 2.
struct ArgumentError : Error {
  explicit ArgumentError(const std::string& message) : Error(message, 2) {}
};

/// A data file or its content is unusable. Exit code 3.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(message, 3) {}
};

/// A run folder or a model file is damaged. Exit code 4.
struct CorruptFileError : Error {
  explicit CorruptFileError(const std::string& message) : Error(message, 4) {}
};

/// The user asked to stop; what was done so far is safe. Exit code 130.
struct Interrupted : Error {
  explicit Interrupted(const std::string& message) : Error(message, 130) {}
};

/// Throws E with a formatted message unless the condition holds:
/// `require<DataError>(n > 0, "{}: the file is empty", path)`.
template <class E, class... Args>
void require(bool condition, fmt::format_string<Args...> format, Args&&... args) {
  if (!condition) throw E(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace cleave
