// The readers under attack, each with small valid files to start from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cleave/data/readers/byte_source.h"

namespace cleave::fuzz {

using data::Bytes;
using data::ByteView;

struct Target {
  std::string name;
  std::function<void(ByteView)> read;
  std::vector<Bytes> seeds;
  std::function<void(Bytes&)> repair = nullptr;  ///< puts checksums right, so that damage behind them is reached
};

/// Every reader, in a fixed order.
const std::vector<Target>& targets();

/// Gives the bytes to a reader. Every error that the library throws on purpose is fine; anything else passes through.
void attack(const Target& target, ByteView bytes);

}  // namespace cleave::fuzz
