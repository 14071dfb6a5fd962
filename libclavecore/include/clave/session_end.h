// The end of a session that nobody has asked for, as the store that ends it tells it: the audit log
// has a line of it all the same.
//
// Told once, by the process that takes the session away: at the latest when somebody asks for it,
// or when its room is needed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "clave/event.h"
#include "clave/host.h"
#include "clave/secret.h"

namespace clave {

struct UnaskedEnd {
    Digest key{};
    EndReason why = EndReason::idle;
    std::optional<Time> at{};  // of idle, absolute: may be long ago
    // The record's beginning, as far as session_holder() reads it. Personal data.
    std::span<const std::byte> record{};
};

// Hears of it after the store's mutex is free again, within the call that has ended the session.
struct SessionWitness {
    virtual ~SessionWitness() = default;
    virtual void session_ended(const UnaskedEnd& end) noexcept = 0;
};

// Whose audit log hears of it is decided by the service that the session was for.
struct EndedSession {
    std::string service;  // as in Session; empty: the record could not be read
    Event event;
};
EndedSession ended_session(const UnaskedEnd& end);

}  // namespace clave
