// Ctrl-C: the first one asks to stop at a good moment, the second one stops at once.
#pragma once

namespace cleave::cli {

/// From now on the first SIGINT or SIGTERM only sets what interrupted() says, and tells the person so; the second one
/// ends the process with code 130. For verbs that ask interrupted() while they work.
void catch_interrupts(bool quiet);

/// Whether somebody asked to stop.
bool interrupted();

}  // namespace cleave::cli
