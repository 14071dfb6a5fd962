#include "login/login_state.h"

#include <algorithm>
#include <array>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/encoding.h"
#include "policy/requirement_record.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;

constexpr unsigned kStepUp = 8;
constexpr unsigned kForm = 16;
constexpr unsigned kFormOfPerson = 32;
constexpr unsigned kEpoch = 64;
constexpr unsigned kKnownFlags = kRequirementFlags | kStepUp | kForm | kFormOfPerson | kEpoch;

std::uint8_t flags_of(const LoginState& state) {
    unsigned flags = requirement_flags(state.requirement);
    flags |= state.step_up ? kStepUp : 0U;
    flags |= state.form ? kForm : 0U;
    flags |= state.form && state.form->person ? kFormOfPerson : 0U;
    flags |= state.epoch != 0 ? kEpoch : 0U;
    return static_cast<std::uint8_t>(flags);
}

template <std::size_t N>
void read_bytes(FieldReader& reader, std::array<std::byte, N>& out) {
    const auto bytes = reader.raw(N);
    std::copy(bytes.begin(), bytes.end(), out.begin());
}

std::vector<std::byte> encode(const LoginState& state) {
    FieldWriter writer;
    writer.u8(kVersion);
    writer.u8(flags_of(state));
    writer.time(state.begun);
    writer.text(state.target);
    writer.text(state.request_id);
    write_requirement(writer, state.requirement);
    if (state.step_up) {
        writer.raw(state.step_up->session);
        writer.raw(state.step_up->person);
    }
    if (state.form) {
        writer.raw(state.form->token);
        writer.text(state.form->target);
        if (state.form->person) {
            writer.raw(*state.form->person);
        }
    }
    if (state.epoch != 0) {
        writer.i64(static_cast<std::int64_t>(state.epoch));
    }
    return writer.take();
}

std::optional<LoginState> decode(std::span<const std::byte> bytes) {
    FieldReader reader(bytes);
    if (reader.u8() != kVersion) {
        return std::nullopt;
    }
    LoginState state;
    const unsigned flags = reader.u8();
    set_requirement_flags(state.requirement, flags);
    state.begun = reader.time();
    state.target = reader.text();
    state.request_id = reader.text();
    const bool nobodys_form = (flags & (kForm | kFormOfPerson)) == kFormOfPerson;
    const bool valid =
        read_requirement(reader, state.requirement) && !nobodys_form && (flags & ~kKnownFlags) == 0;
    if ((flags & kStepUp) != 0) {
        SteppedUp& step_up = state.step_up.emplace();
        read_bytes(reader, step_up.session);
        read_bytes(reader, step_up.person);
    }
    if ((flags & kForm) != 0) {
        WaitingForm& form = state.form.emplace();
        read_bytes(reader, form.token);
        form.target = reader.text();
        if ((flags & kFormOfPerson) != 0) {
            read_bytes(reader, form.person.emplace());
        }
    }
    if ((flags & kEpoch) != 0) {
        state.epoch = static_cast<std::uint64_t>(reader.i64());
    }
    const bool no_epoch_told = (flags & kEpoch) != 0 && state.epoch == 0;
    if (!valid || no_epoch_told || !reader.complete()) {
        return std::nullopt;
    }
    return state;
}

}  // namespace

std::optional<std::string> seal_state(const KeyRing& key, Random& random, std::string_view context,
                                      const LoginState& state) {
    const auto sealed = seal(key, random, context, encode(state));
    if (!sealed) {
        return std::nullopt;
    }
    return base64url_encode(*sealed);
}

std::optional<LoginState> open_state(const KeyRing& key, std::string_view context,
                                     std::string_view sealed, Time now) {
    const auto bytes = base64url_decode(sealed);
    if (!bytes) {
        return std::nullopt;
    }
    const auto plain = open(key, context, *bytes);
    if (!plain) {
        return std::nullopt;
    }
    auto state = decode(*plain);
    if (!state) {
        return std::nullopt;
    }
    // The browser's Max-Age is a courtesy, this is the limit.
    const bool young = guard("state age", now - state->begun <= kLoginLifetime);
    const bool past = state->begun - now <= kClockTolerance;
    if (!young || !past) {
        return std::nullopt;
    }
    return state;
}

std::string state_cookie_name(const Site& site, std::string_view suffix) {
    return site.cookie + "-st-" + std::string(suffix);
}

std::string state_context(const Site& site, std::string_view suffix) {
    return state_cookie_name(site, suffix) + "\n" + site.service();
}

std::string ticket_context(const Site& site) {
    return "ticket\n" + site.service();
}

std::optional<std::string> make_suffix(Random& random) {
    std::array<std::byte, 16> bytes{};
    if (!random.fill(bytes)) {
        return std::nullopt;
    }
    return base64url_encode(bytes);
}

bool is_suffix(std::string_view text) noexcept {
    return text.size() == kSuffixLength && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

Digest person_digest(const MasterKey& key, std::string_view nif, std::string_view id) {
    // Two name spaces: the identifier of a European citizen may look like a NIF.
    const std::string who = nif.empty() ? "id:" + std::string(id) : "nif:" + std::string(nif);
    return hmac_sha256(key, as_bytes(who));
}

}  // namespace clave
