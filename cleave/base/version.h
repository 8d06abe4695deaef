// What this build is.
#pragma once

namespace cleave {

constexpr const char* kVersion = "0.1.0";

/// The commit that the build was configured from, "unknown" outside a git checkout.
const char* build_commit();

}  // namespace cleave
