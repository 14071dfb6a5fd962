#include "login/request_id.h"

#include <array>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "login/login_state.h"

namespace clave {
namespace {

constexpr std::size_t kNonce = 16;
constexpr std::size_t kMac = 16;
constexpr std::size_t kAuthored = 8 + kNonce;  // time and nonce

using Mac = std::array<std::byte, kMac>;

// A label keeps the two MACs apart; the length prefixes of the writer keep the parts apart.
Mac mac(const MasterKey& key, std::string_view label, std::span<const std::byte> authored,
        std::string_view service, std::string_view suffix) {
    FieldWriter message;
    message.text(label);
    message.raw(authored);
    message.text(service);
    message.text(suffix);
    const Digest digest = hmac_sha256(key, message.take());
    Mac truncated{};
    std::copy_n(digest.begin(), kMac, truncated.begin());
    return truncated;
}

Mac authorship(const MasterKey& key, std::span<const std::byte> authored,
               std::string_view service) {
    return mac(key, "authorship", authored, service, "");
}

Mac binding(const MasterKey& key, std::span<const std::byte> authored, std::string_view service,
            std::string_view suffix) {
    return mac(key, "binding", authored, service, suffix);
}

}  // namespace

std::optional<std::string> make_request_id(const KeyRing& ring, Random& random, Time now,
                                           std::string_view suffix, std::string_view service) {
    std::array<std::byte, kNonce> nonce{};
    if (!random.fill(nonce)) {
        return std::nullopt;
    }
    FieldWriter authored_writer;
    authored_writer.time(now);
    authored_writer.raw(nonce);
    const auto authored = authored_writer.take();

    FieldWriter id;
    id.raw(authored);
    id.raw(authorship(ring.current(), authored, service));
    id.raw(binding(ring.current(), authored, service, suffix));
    return "_" + base64url_encode(id.take());
}

Result<Time> RequestIdProof::issued_at(std::string_view request_id) const {
    if (!request_id.starts_with('_')) {
        return fail(Code::in_response_to, "not an ID of ours");
    }
    const auto bytes = base64url_decode(request_id.substr(1));
    if (!bytes || bytes->size() != kAuthored + 2 * kMac) {
        return fail(Code::in_response_to, "not an ID of ours");
    }
    FieldReader reader(*bytes);
    const auto authored = reader.raw(kAuthored);
    const auto claimed_authorship = reader.raw(kMac);
    const auto claimed_binding = reader.raw(kMac);

    if (!guard("request MAC", verify_mac(ring_, claimed_authorship, [&](const MasterKey& key) {
                   return authorship(key, authored, service_);
               }))) {
        return fail(Code::in_response_to, "ID not made by this service");
    }
    const Time issued = FieldReader(authored.first(8)).time();
    if (!guard("request age", now_ - issued <= kRequestLifetime)) {
        return fail(Code::in_response_to, "request is over ten minutes old");
    }
    if (issued - now_ > kClockTolerance) {
        return fail(Code::in_response_to, "request of the future");
    }
    if (relay_state_.empty()) {
        return fail(Code::relay_state, "no RelayState");
    }
    if (!guard("request relay state", verify_mac(ring_, claimed_binding, [&](const MasterKey& key) {
                   return binding(key, authored, service_, relay_state_);
               }))) {
        return fail(Code::relay_state, "RelayState of another login");
    }
    return issued;
}

}  // namespace clave
