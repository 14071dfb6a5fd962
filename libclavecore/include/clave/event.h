// What has happened, as a Reply carries it to whoever keeps count and books (metrics.h, audit.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/level.h"
#include "clave/sign_words.h"

namespace clave {

// Whom it concerns, as far as that is known. Unlike Error::detail this names a person: it is for
// the audit log, in the form that was configured, and for nothing else.
struct Concerned {
    std::string level;  // that was asked for
    std::optional<Method> method;
    std::optional<Loa> loa;
    std::string session;  // session_hash()
    std::string nif;      // of somebody who has none: the identifier
};

enum class EventKind {
    login,
    step_up,
    logout,
    logout_confirmed,  // by the gateway, after the session here was over
    session_end,       // by another login
    signature,         // there is one, the application has it, or there will be none
    operator_end,      // by whoever runs the service (control.h)
};
inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::operator_end) + 1;

// "login", "step_up", …; never fails.
std::string_view name(EventKind kind) noexcept;

// Words of product.md section 5.
struct SignatureEnd {
    std::string number;  // as the receipt and the error log have it
    std::string procedure;
    SignFormat format = SignFormat::cades;
    SignState state = SignState::finished;
    SignReason reason = SignReason::gateway;  // of SignState::failed
};

struct Event {
    EventKind kind = EventKind::login;
    Concerned who{};
    std::optional<SignatureEnd> signature{};  // of EventKind::signature
};

// The `info` line of the error log: "login level=… method=… loa=… session=…"; nobody's name.
std::string event_line(const Event& event);

}  // namespace clave
