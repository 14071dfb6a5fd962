// Text of others, such as the name of a file, as it may be shown to whoever decides by it (F-06).
#pragma once

#include <string>
#include <string_view>

namespace clave::pages {

// What cannot be seen, or turns around what can be seen, is written out: "report[U+202E]fdp.exe".
// That is control characters, those that set the direction, invisible ones and line separators.
// U+FFFD stands for bytes that are no UTF-8. Letters that look alike stay.
std::string visible_text(std::string_view text);

}  // namespace clave::pages
