// The words of a configuration line: lists, key=value, "did you mean".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clave {

// One part more than there are separators; parts may be empty.
std::vector<std::string_view> split(std::string_view text, char separator);

// "key=value" → value, if `text` begins with "key=".
std::optional<std::string_view> value_of(std::string_view text, std::string_view key);

// The candidate nearest to `word`, if any is near enough to be a slip of the pen: `; did you mean
// "x"?`, else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

// Where `word` is what a blank has cut off `before`, "title=Alta" or what follows it: that the
// parameter has to be quoted. Else empty.
std::string quote_it(std::string_view word, std::string_view before);

// `"a", "b", "c"`
std::string quoted(const std::vector<std::string_view>& words);

}  // namespace clave
