#include "apps/cli/engine/side_by_side.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ATen/Parallel.h>

#include "apps/cli/engine/interrupts.h"
#include "cleave/base/error.h"

extern "C" int cleave_execute(const char* text);

namespace cleave::cli {

namespace {

/// What a process of `jobs` does; it ends when its parent does.
[[noreturn]] void carry_out(Invocation invocation, int64_t share, int64_t jobs, pid_t parent) {
  setpgid(0, 0);  // a terminal's Ctrl-C goes to the parent, which passes it on
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  invocation.options["share"] = share;
  invocation.options["jobs"] = jobs;
  const int64_t threads = std::max<int64_t>(at::get_num_threads() / jobs, 1);
  if (invocation.option<int64_t>("threads") > 0)
    invocation.options["threads"] = threads;
  else  // nobody has asked for a number: a run that was begun goes on with its own
    at::set_num_threads(static_cast<int>(threads));
  invocation.options["quiet"] = true;
  invocation.options["json"] = false;
  _exit(cleave_execute(to_json(invocation).dump().c_str()));
}

}  // namespace

void side_by_side(const Invocation& invocation, int64_t jobs, const std::function<void()>& look) {
  std::vector<pid_t> running;
  const pid_t parent = getpid();
  for (int64_t share = 0; share < jobs; ++share) {
    const pid_t child = fork();
    if (child == 0) carry_out(invocation, share, jobs, parent);
    if (child > 0) running.push_back(child);
  }
  int64_t failed = jobs - std::ssize(running);
  for (bool told = false; !running.empty(); std::this_thread::sleep_for(std::chrono::milliseconds(200))) {
    if (interrupted() && !told) {
      for (pid_t child : running)
        kill(child, SIGTERM);
      told = true;
    }
    std::erase_if(running, [&](pid_t child) {
      int status = 0;
      if (waitpid(child, &status, WNOHANG) == 0) return false;
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed;
      return true;
    });
    look();
  }
  if (interrupted()) throw Interrupted("stopped; everything is saved, and the same command goes on");
  require<RunError>(failed == 0,
                    "{} of {} processes did not reach their end; what they said stands above, and what is finished is "
                    "kept",
                    failed, jobs);
}

}  // namespace cleave::cli
