// What this build is.
#pragma once

namespace cleave {

constexpr const char* kVersion = "0.1.0";

/// The commit of the files that were built, with "+changes" where they differ from it; "unknown" outside a git
/// checkout.
const char* build_commit();

}  // namespace cleave
