// What has happened, as a Reply carries it to whoever keeps count and books (metrics.h, audit.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/host.h"
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
    session_end,       // by another login, or because its time is over; see EndReason
    signature,         // there is one, the application has it, or there will be none
    operator_end,      // by whoever runs the service (control.h)
};
inline constexpr std::size_t kEventKinds = static_cast<std::size_t>(EventKind::operator_end) + 1;

// "login", "step_up", …; never fails.
std::string_view name(EventKind kind) noexcept;

// Why a session ended that its person has not ended.
enum class EndReason {
    login,     // another one, in the same browser
    step_up,   // the stronger login that was asked for, or somebody else came back from it
    idle,      // nobody used it for as long as clave_session_timeout says
    absolute,  // or it was as old as that says, or as the gateway has set
    limit,     // its person has newer ones, as many as clave_session_limit says
    evicted,   // there was no room
};
inline constexpr std::size_t kEndReasons = static_cast<std::size_t>(EndReason::evicted) + 1;

// "login", "idle", …; never fails.
std::string_view word(EndReason reason) noexcept;

// Words of product.md section 5.
struct SignatureEnd {
    std::string number;  // as the receipt and the error log have it
    std::string procedure;
    SignFormat format = SignFormat::cades;
    SignState state = SignState::finished;
    SignReason reason = SignReason::gateway;  // of SignState::failed
};

struct Refusal;  // request.h

struct Event {
    EventKind kind = EventKind::login;
    Concerned who{};
    std::optional<SignatureEnd> signature{};  // of EventKind::signature
    EndReason end = EndReason::login;         // of EventKind::session_end
    std::optional<Time> ended{};              // of the same, if that was before it was noticed
};

// Hears of what cannot be taken back as soon as it is done, or on its way, and of what has come to
// nothing: whoever has asked for it may be gone before there is a Reply. Called while the Task of
// that request runs or is destroyed.
struct EventWitness {
    virtual ~EventWitness() = default;
    virtual void happened(const Event& event) noexcept = 0;
    virtual void refused(const Refusal& refusal) noexcept = 0;
};

// The `info` line of the error log: "login level=… method=… loa=… session=…"; nobody's name.
std::string event_line(const Event& event);

}  // namespace clave
