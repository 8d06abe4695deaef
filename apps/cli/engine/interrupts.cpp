#include "apps/cli/engine/interrupts.h"

#include <csignal>
#include <string_view>

#include <unistd.h>

namespace cleave::cli {

namespace {

constexpr int kInterruptedCode = 130;
constexpr std::string_view kNotice = "\ncleave: stopping after this step; once more stops at once\n";

volatile std::sig_atomic_t asked = 0;
volatile std::sig_atomic_t silent = 0;

void on_signal(int) {
  if (asked != 0) _exit(kInterruptedCode);
  asked = 1;
  if (silent == 0 && write(STDERR_FILENO, kNotice.data(), kNotice.size()) < 0) return;  // nobody listens: no matter
}

}  // namespace

void catch_interrupts(bool quiet) {
  silent = quiet ? 1 : 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (int signal : {SIGINT, SIGTERM})
    sigaction(signal, &action, nullptr);
}

bool interrupted() {
  return asked != 0;
}

}  // namespace cleave::cli
