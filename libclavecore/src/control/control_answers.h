// What a control answers with, and how it understands what it is asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/request.h"
#include "clave/session.h"
#include "clave/store.h"
#include "login/json.h"

namespace clave::control {

Reply answer(int status, const JsonObject& json);
Reply refusal(int status, std::string_view word);
// 503, with what the log says of it; nobody but operators is answered.
Reply store_fails(std::string_view reason);

// A session as the operator sees it.
JsonObject shown(const Digest& key, const SessionView& session, TimeLeft left);

// {"nif": …}, as whoever types it may write it: "00.000.000-t". nullopt if it is not that.
std::optional<std::string> person_in(std::string_view body);

// 16 to 64 lower-case hexadecimal digits.
bool is_session_hash(std::string_view text) noexcept;

}  // namespace clave::control
