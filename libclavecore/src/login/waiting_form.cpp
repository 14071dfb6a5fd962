#include "login/waiting_form.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/encoding.h"
#include "login/browser.h"
#include "login/form_record.h"
#include "login/set_cookie.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;

using Token = decltype(WaitingForm::token);

Digest shelf_key(const Token& token) {
    return sha256(token);
}

// That somebody has been here: a page that is loaded twice is no lost form.
Digest fetched_key(const Token& token) {
    return sha256("fetched" + std::string(as_text(token)));
}

// Without the token, no key of ours opens it.
MasterKey sealing_key(const MasterKey& key, const Token& token) {
    return MasterKey(hmac_sha256(key, token));
}

std::string form_context(const Site& site) {
    return "form\n" + site.service();
}

std::string claim_context(const Site& site) {
    return claim_cookie_name(site) + "\n" + site.service();
}

struct Claim {
    Token token{};
    Digest session{};
    Digest target{};
    Time issued{};
};

std::optional<Claim> open_claim(const LoginServices& services, const Site& site,
                                std::string_view cookie) {
    const auto bytes = base64url_decode(cookie);
    const auto plain = bytes ? open(services.form_key, claim_context(site), *bytes) : std::nullopt;
    if (!plain) {
        return std::nullopt;
    }
    FieldReader reader(*plain);
    const bool known = reader.u8() == kVersion;
    Claim claim;
    const auto read = [&](auto& out) {
        const auto value = reader.raw(out.size());
        std::copy(value.begin(), value.end(), out.begin());
    };
    read(claim.token);
    read(claim.session);
    read(claim.target);
    claim.issued = reader.time();
    return known && reader.complete() ? std::optional(claim) : std::nullopt;
}

// The session that the login has made, alive; the address that the form was sent to; soon.
bool is_good(const LoginServices& services, const Request& request, const Identified& who,
             const Claim& claim) {
    const Seconds age = services.clock.now() - claim.issued;
    const bool theirs = who.lookup == Lookup::hit && who.key == claim.session;
    return guard("form claim session", theirs) &&
           guard("form claim target", sha256(request.raw_target) == claim.target) &&
           guard("form claim age", age <= kClaimLifetime && -age <= kClockTolerance);
}

}  // namespace

Result<WaitingForm> put_aside(const LoginServices& services, const Site& site,
                              const Request& request, std::optional<Digest> person) {
    WaitingForm form;
    form.target = request.raw_target;
    form.person = person;
    if (!services.random.fill(form.token)) {
        return fail(Code::random);
    }
    std::vector<std::byte> plain = encode_form(request);
    const auto sealed = seal(sealing_key(services.form_key.current(), form.token), services.random,
                             form_context(site), plain);
    wipe(plain);
    if (!sealed) {
        return fail(Code::random);
    }
    const Time now = services.clock.now();
    const Digest source = person.value_or(sha256(request.address));
    if (!services.parcels->put(shelf_key(form.token), source, *sealed, now + kFormLifetime, now)) {
        return fail(Code::post_no_room,
                    "no room for a form of " + std::to_string(request.body.size()) + " bytes");
    }
    return form;
}

bool still_waits(const LoginServices& services, const WaitingForm& form) {
    return services.parcels != nullptr &&
           services.parcels->holds(shelf_key(form.token), services.clock.now());
}

std::string claim_cookie_name(const Site& site) {
    return site.cookie + "-post";
}

std::optional<std::string> seal_claim(const LoginServices& services, const Site& site,
                                      const WaitingForm& form, const Digest& session) {
    FieldWriter writer;
    writer.u8(kVersion);
    writer.raw(form.token);
    writer.raw(session);
    writer.raw(sha256(form.target));
    writer.time(services.clock.now());
    const auto sealed =
        seal(services.form_key, services.random, claim_context(site), writer.take());
    return sealed ? std::optional(base64url_encode(*sealed)) : std::nullopt;
}

tl::expected<PreservedForm, NoForm> fetch(const LoginServices& services, const Site& site,
                                          const Request& request, const Identified& who) {
    const std::string_view cookie = cookies_of(site, request).form;
    if (services.parcels == nullptr || cookie.empty() || request.method != "GET") {
        return tl::unexpected(NoForm::none);
    }
    const auto claim = open_claim(services, site, cookie);
    if (!claim || !is_good(services, request, who, *claim)) {
        return tl::unexpected(NoForm::none);
    }
    Parcels& parcels = *services.parcels;
    const Time now = services.clock.now();
    const Digest key = shelf_key(claim->token);
    const Digest fetched = fetched_key(claim->token);
    if (!parcels.holds(key, now)) {
        return tl::unexpected(parcels.holds(fetched, now) ? NoForm::none : NoForm::lost);
    }
    // Before it is taken, so that nobody finds neither. Where there is no room, a second page load
    // is told too much.
    parcels.put(fetched, fetched, as_bytes("1"), now + kClaimLifetime, now);
    const auto sealed = parcels.take(key, now);
    if (!sealed) {
        return tl::unexpected(NoForm::none);
    }
    for (const MasterKey& master : services.form_key.all()) {
        if (auto plain = open(sealing_key(master, claim->token), form_context(site), *sealed)) {
            if (auto form = decode_form(std::move(*plain))) {
                form->forget_cookie = expired_cookie(claim_cookie_name(site));
                return std::move(*form);
            }
        }
    }
    return tl::unexpected(NoForm::lost);
}

}  // namespace clave
