// The ID of a request proves by itself that we made it, when, and for which login or logout:
// nothing has to be remembered between the request and its answer (product.md 8.1, S-50).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/key_ring.h"
#include "clave/saml.h"

namespace clave {

inline constexpr Seconds kRequestLifetime{600};

// '_' and base64url of: time, 16 random bytes, a MAC over both and the service, and a second MAC
// over all that and `suffix`. Two MACs, so that an ID that is not ours (E-IRT) and one of ours that
// comes back with the RelayState of another login (E-RELAY) are told apart. nullopt without
// randomness.
std::optional<std::string> make_request_id(const KeyRing& ring, Random& random, Time now,
                                           std::string_view suffix, std::string_view service);

// Owns what it needs: it goes to the worker pool with the message.
class RequestIdProof final : public saml::RequestProof {
  public:
    RequestIdProof(const KeyRing& ring, std::string relay_state, std::string service, Time now)
        : ring_(ring),
          relay_state_(std::move(relay_state)),
          service_(std::move(service)),
          now_(now) {}

    Result<Time> issued_at(std::string_view request_id) const override;

  private:
    KeyRing ring_;
    std::string relay_state_;
    std::string service_;
    Time now_;
};

}  // namespace clave
