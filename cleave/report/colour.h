// Colours of pictures: readable by eyes that see fewer of them, on light and on dark paper.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cleave::report {

/// `count` distinguishable colours, "#rrggbb".
///
/// Up to ten are the ten of Petroff, Accessible color sequences for data visualization (2021, arXiv:2107.02270), chosen
/// to stay apart under the common colour vision deficiencies. Further ones go round the hues by the golden angle in
/// Oklab, at three alternating lightnesses; pictures then add a second mark (shape, dashes, a number in place).
std::vector<std::string> categorical_colours(int64_t count);

/// The colour of amounts; pictures vary its opacity, so that zero is the paper.
inline constexpr const char* kAmountColour = "#1f77c9";

/// The colour of what lies above zero where kAmountColour shows what lies below.
inline constexpr const char* kPositiveColour = "#e07b00";

/// Grey for what should step back: noise, inactive latents.
inline constexpr const char* kQuietColour = "#9aa0a6";

}  // namespace cleave::report
