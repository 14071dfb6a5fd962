// jansson's values as text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

struct json_t;

namespace clave {

// nullopt if there was no memory. json_dumps() would not always say so: it does not look whether a
// key of an object was written, and goes on without it.
std::optional<std::string> dumped_json(const json_t* json, std::size_t flags);

}  // namespace clave
