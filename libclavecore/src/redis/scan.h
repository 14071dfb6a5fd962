// A walk over the keys of one node.
#pragma once

#include <string>

#include "redis/commands.h"

namespace clave::redis {

// An empty cursor begins. Nothing but digits is one: it goes into a command.
bool is_scan_cursor(std::string_view cursor) noexcept;
Command scan_command(const std::string& cursor, const std::string& pattern);
// Errors: Code::store, for whatever is no answer to it.
Result<KeyPage> read_scan(const Result<Value>& reply);

}  // namespace clave::redis
