// The front of the command: understands the words, answers what needs no computing, and loads the engine for the rest.
// It does not link libtorch, whose start alone takes longer than a help page should.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>

#include <fcntl.h>

#include "apps/cli/completion.h"
#include "apps/cli/engine_library.h"
#include "apps/cli/front_verbs.h"
#include "apps/cli/help.h"
#include "apps/cli/settle.h"
#include "cleave/base/error.h"
#include "cleave/base/text.h"
#include "cleave/base/version.h"

namespace cleave::cli {

namespace {

using Words = std::vector<std::string>;

bool asks_for_help(const std::string& word) {
  return word == "--help" || word == "-h" || word == "help";
}

int print(const std::string& text) {
  fmt::print("{}", text);
  return 0;
}

int carry_out(Invocation invocation, const Words& words) {
  Words line = {"cleave"};
  line.insert(line.end(), words.begin(), words.end());
  invocation.command_line = shell_line(line);
  Console console(invocation.option<bool>("json"), invocation.option<bool>("quiet"));
  if (invocation.verb == "models") return show_models(invocation, console), 0;
  if (invocation.verb == "completion") return show_completion(invocation, console), 0;
  return run_in_engine(invocation);
}

/// Where a person finds what the words might have been.
std::string help_of(const Words& words) {
  std::string verb;
  try {
    if (!words.empty()) verb = find_command(words).command->name + " ";
  } catch (const ArgumentError&) {
  }
  return fmt::format("see cleave {}--help", verb);
}

int answer(Words words) {
  if (words.empty()) return print(overview());
  if (words[0] == "--candidates") return print(join(candidates({words.begin() + 1, words.end()}), "\n") + "\n");
  if (words[0] == "--version") return print(fmt::format("cleave {} ({})\n", kVersion, build_commit()));
  if (asks_for_help(words[0])) {
    if (words.size() == 1) return print(overview());
    std::rotate(words.begin(), words.begin() + 1, words.end());  // help VERB is VERB --help
    words.back() = "--help";
  }
  if (!parts_of(words[0]).empty() && (words.size() == 1 || asks_for_help(words[1]))) {
    return print(overview_of_parts(words[0]));
  }
  Found found = find_command(words);
  Request request = settle(*found.command, {words.begin() + static_cast<std::ptrdiff_t>(found.words), words.end()});
  return request.help ? print(page(request.command)) : carry_out(std::move(request.invocation), words);
}

int run(const Words& words) {
  bool json = std::find(words.begin(), words.end(), "--json") != words.end();
  try {
    return answer(words);
  } catch (const ArgumentError& error) {
    report_error(json, "usage", fmt::format("{}\n  {}", error.what(), help_of(words)));
    return error.exit_code();
  } catch (const Error& error) {
    report_error(json, error.exit_code() == 3 ? "data" : "run", error.what());
    return error.exit_code();
  } catch (const std::filesystem::filesystem_error& error) {
    report_error(json, "run", in_words(error));
    return 1;
  } catch (const std::exception& error) {
    report_error(json, "internal", error.what());
    return 1;
  }
}

/// A stream that is closed would give its number to the next file that is opened, and its text to that file. What
/// stands in for it can be read, at once to its end, but not written: standard output that goes nowhere is an error.
void fill_closed_streams() {
  for (int descriptor : {0, 1, 2}) {
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  }
}

}  // namespace

}  // namespace cleave::cli

int main(int count, char** words) {
  cleave::cli::fill_closed_streams();
  int code = cleave::cli::run({words + 1, words + count});
  const bool flushed = std::fflush(stdout) == 0;
  if (!flushed || std::ferror(stdout) != 0) {  // of an earlier failure the reason is forgotten
    const std::string reason = flushed ? "" : fmt::format(": {}", std::strerror(errno));
    cleave::cli::say(fmt::format("cleave: standard output cannot be written{}\n", reason));
    return code == 0 ? 1 : code;
  }
  return code;
}
