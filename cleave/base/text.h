// Text: suggestions for misspelt names, joining, numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cleave {

/// Items joined by a separator: {"a", "b"} -> "a, b".
std::string join(const std::vector<std::string>& items, std::string_view separator = ", ");

/// The parts of a text between separators; an empty text has no parts.
std::vector<std::string> split(std::string_view text, char separator);

/// The text with A to Z as a to z.
std::string lower(std::string_view text);

/// Text without leading and trailing white space.
std::string_view trim(std::string_view text);

/// The text in UTF-8: as it is, where it is that, else taken for Latin-1, which older spreadsheets write.
std::string in_utf8(std::string_view text);

/// Smallest number of insertions, deletions, replacements and swaps of neighbours that turn a into b.
int64_t edit_distance(std::string_view a, std::string_view b);

/// "unknown KIND 'NAME'; did you mean 'CLOSEST'?" or, when nothing is close, the list of known names.
std::string unknown_name(std::string_view kind, std::string_view name, const std::vector<std::string>& known);

/// The word as a shell takes it: in quotes where it needs them.
std::string shell_word(const std::string& word);

/// Seconds for a person: "0.4 s", "37 s", "12 min 5 s", "3 h 20 min".
std::string duration(double seconds);

/// Bytes for a person: "512 B", "1.4 MiB".
std::string byte_count(uint64_t bytes);

}  // namespace cleave
