// events.jsonl: one JSON object per line, in the order in which things happened.
//
//   {"event":"start","schema":1,"method":"vade","data":"mnist","n":70000,"seed":0}
//   {"event":"stage","stage":0,"name":"pretrain","epochs":30}
//   {"event":"epoch","stage":"pretrain","epoch":3,"step":1234,"seconds":41.2,"learning_rate":0.001,
//    "terms":{"reconstruction":{"nats":81.2,"weight":1.0}},"information":[...],
//    "facets":[{"layer":0,"occupancy":[...],"accuracy_hungarian":0.81,"nmi_arithmetic":0.7}]}
//   {"event":"iteration","stage":"mixture","iteration":4,"step":1240,"seconds":43.0,"values":{"log_likelihood":-31.2}}
//   {"event":"note","step":1500,"text":"cluster 3 has been empty for 4 epochs"}
//   {"event":"end","steps":21000,"seconds":301.5}
//
// Epochs, iterations and steps count from 0 and name the last one done. What does not apply is absent.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cleave/base/fields.h"

namespace cleave::experiment {

class EventLog {
 public:
  /// Goes on after the first `keep` bytes and forgets the rest; 0 begins anew. Throws RunError when the file cannot be
  /// written, CorruptFileError when it has fewer bytes.
  EventLog(const std::filesystem::path& path, uint64_t keep);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Writes one line, whole, at once. Throws RunError.
  void append(const Settings& event);

  /// Brings all lines to the disk and returns their length in bytes. Throws RunError.
  uint64_t sync();

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t length_ = 0;
};

/// All events. A last line that a killed run left unfinished is passed over; throws CorruptFileError naming the line
/// for any other damage.
std::vector<Settings> read_events(const std::filesystem::path& path);

}  // namespace cleave::experiment
