// Running a library that is not safe against hostile files in a child process of its own.
//
// HDF5 trusts what it reads: a damaged file can make it crash, loop or ask for all memory. A child process with bounded
// memory and processor time turns each of these into one error here. docs/decisions/hdf5_in_a_child_process.md says
// why.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "cleave/base/error.h"

namespace cleave::data {

/// One end of a pipe that carries messages: the child sends, the parent receives.
class Channel {
 public:
  Channel(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  void send(std::span<const uint8_t> message);
  void send_error(const std::string& text);

  /// The next message, of at most `limit` bytes. Throws what the child threw as DataError, Stopped when it is gone.
  std::string receive(uint64_t limit);
  /// The next messages, which together must fill `into` exactly.
  void receive(std::span<uint8_t> into);

  /// The child ended without a word.
  struct Stopped {};

 private:
  uint64_t receive_size();
  void read_exactly(void* into, uint64_t size);
  void write_exactly(const void* from, uint64_t size);

  int descriptor_;
  std::string name_;
};

/// Runs `produce` in a child process and `consume` in this one, with a channel from the first to the second. The child
/// may use `memory` bytes beyond what this process has mapped now, and `seconds` of processor time; what it writes to
/// standard output and error is lost, and what it changes in memory stays with it.
/// Throws DataError with the child's own error, or one that tells how it ended; RunError when no process can start.
void run_confined(const std::string& name, uint64_t memory, double seconds,
                  const std::function<void(Channel&)>& produce, const std::function<void(Channel&)>& consume);

}  // namespace cleave::data
