// What the gateway answered, between the POST that brought it and the GET with which the browser
// that began the login picks it up.
//
// It can only be made from what the validator has verified, and only be read by taking it, once.
//
// Nor is it for whoever holds the state cookie alone. An attacker can begin a login, keep the
// cookie and have a citizen's browser post his request to the gateway: the answer is the citizen's,
// and verifies. So the POST that brings the answer gets a receipt, which only its browser learns,
// and `return` has to show it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "clave/identity.h"
#include "clave/saml.h"
#include "clave/session.h"
#include "clave/store.h"
#include "clave/task.h"

namespace clave {

inline constexpr Seconds kOutcomeLifetime{60};

class KeptOutcome {
  public:
    struct Person {
        Identity identity;
        Credential credential;
        std::optional<Time> session_end;
        LoginProof proof;
    };
    struct Refused {
        Code code = Code::status;  // as SignedRefusal::code()
        std::string status;        // printable
    };

    // Errors: Code::store; Code::attribute if it is larger than a session may be. A second answer
    // to the same request takes the place of the first, so that one signed refusal, posted again
    // and again, fills one record and not the store. `response`: SHA-256 of the message that it is.
    static Task<Result<void>> keep(Store& store, const saml::Outcome& outcome,
                                   const Digest& response, const std::string& service,
                                   std::string_view receipt, Time now);
    // None: not there, taken already, of another service, or brought by another browser. Errors:
    // Code::store, also for one that a newer version of ours has kept: that stays.
    static Task<Result<std::optional<KeptOutcome>>> take(Store& store,
                                                         const std::string& request_id,
                                                         const std::string& service,
                                                         std::string_view receipt, Time now);
    // Store::epoch() of the outcome of this request.
    static Task<Result<std::uint64_t>> epoch(Store& store, const std::string& request_id);

    const Person* person() const noexcept { return std::get_if<Person>(&what_); }
    const Refused* refused() const noexcept { return std::get_if<Refused>(&what_); }

  private:
    explicit KeptOutcome(std::variant<Person, Refused> what) : what_(std::move(what)) {}
    static std::optional<KeptOutcome> decode(std::span<const std::byte> record,
                                             std::string_view service, std::string_view receipt);

    std::variant<Person, Refused> what_;
};

}  // namespace clave
