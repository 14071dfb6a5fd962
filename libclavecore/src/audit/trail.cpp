#include "clave/audit.h"

#include <array>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/identity.h"
#include "clave/iso_time.h"
#include "login/json.h"

namespace clave {
namespace {

using Milliseconds = std::chrono::milliseconds;
using AuditTime = std::chrono::sys_time<Milliseconds>;

constexpr std::size_t kHashBytes = 16;

std::string in_milliseconds(AuditTime time) {
    const Time whole = std::chrono::floor<Seconds>(time);
    std::string text = format_utc(whole);
    std::string fraction = std::to_string((time - whole).count());
    fraction.insert(0, 3 - fraction.size(), '0');
    text.insert(text.size() - 1, "." + fraction);
    return text;
}

std::string hashed(std::string_view nif, const MasterKey& key) {
    const Digest digest = hmac_sha256(key, std::as_bytes(std::span(nif.data(), nif.size())));
    return hex_encode(std::span(digest).first(kHashBytes));
}

std::string in_form(std::string_view nif, NifForm form, const MasterKey& key) {
    switch (form) {
        case NifForm::masked:
            return masked_nif(nif);
        case NifForm::hashed:
            return hashed(nif, key);
        case NifForm::full:
            return std::string(nif);
    }
    return {};
}

class Line {
  public:
    Line(AuditTime time, std::string_view event) {
        json_.text("time", in_milliseconds(time)).text("event", event);
    }

    Line& text(const char* key, std::string_view value) {
        if (!value.empty()) {
            json_.text(key, value);
        }
        return *this;
    }
    Line& number(const char* key, std::int64_t value) {
        json_.number(key, value);
        return *this;
    }
    Line& scene(const AuditScene& scene) {
        return text("address", scene.address)
            .text("service", scene.service)
            .text("origin", scene.origin);
    }
    Line& who(const Concerned& who, NifForm form, const MasterKey& key) {
        text("level", who.level);
        text("method", who.method ? name(*who.method) : std::string_view());
        text("loa", who.loa ? name(*who.loa) : std::string_view());
        text("session", who.session);
        return text("nif", who.nif.empty() ? std::string() : in_form(who.nif, form, key));
    }
    std::string take() const { return json_.dump() + "\n"; }

  private:
    JsonObject json_;
};

std::string suppressed_line(AuditTime time, std::uint64_t count) {
    return Line(time, "suppressed").number("refusals", static_cast<std::int64_t>(count)).take();
}

}  // namespace

std::string masked_nif(std::string_view nif) {
    std::string text(9, '*');
    if (is_valid_nif(nif)) {
        const std::size_t first_digit = nif[0] >= '0' && nif[0] <= '9' ? 0 : 1;
        text.replace(first_digit + 3, 4, nif.substr(first_digit + 3, 4));
    }
    return text;
}

bool AuditTrail::admits_refusal(std::int64_t second) noexcept {
    if (second != second_) {
        second_ = second;
        refusals_ = 0;
    }
    if (refusals_ < kMostRefusals) {
        ++refusals_;
        return true;
    }
    ++suppressed_;
    ++uncounted_;
    return false;
}

std::vector<std::string> AuditTrail::lines(const Reply& reply, const AuditScene& scene,
                                           const MasterKey& key) {
    std::vector<std::string> lines;
    const auto second = std::chrono::floor<Seconds>(scene.time).time_since_epoch().count();
    if (suppressed_ != 0 && second != second_ &&
        !(reply.refusals.empty() && reply.events.empty())) {
        lines.push_back(last_line(scene.time));
    }
    for (const Refusal& refusal : reply.refusals) {
        if (!admits_refusal(second)) {
            continue;
        }
        Line line(scene.time, "refusal");
        line.text("of", refusal.instead_of ? name(*refusal.instead_of) : std::string_view());
        line.text("ref", refusal.ref).text("code", info(refusal.error.code).word);
        lines.push_back(line.scene(scene).who(refusal.who, form_, key).take());
    }
    for (const Event& event : reply.events) {
        lines.push_back(line(event, scene, key));
    }
    return lines;
}

std::string AuditTrail::line(const Event& event, const AuditScene& scene,
                             const MasterKey& key) const {
    Line line(scene.time, name(event.kind));
    if (event.signature) {
        const SignatureEnd& what = *event.signature;
        line.text("ref", what.number).text("state", word(what.state));
        line.text("reason",
                  what.state == SignState::failed ? word(what.reason) : std::string_view());
        line.text("format", word(what.format)).text("procedure", what.procedure);
    }
    if (event.kind == EventKind::session_end) {
        line.text("reason", word(event.end));
        line.text("ended", event.ended ? format_utc(*event.ended) : std::string());
    }
    return line.scene(scene).who(event.who, form_, key).take();
}

std::string AuditTrail::last_line(AuditTime now) {
    const std::uint64_t count = std::exchange(suppressed_, 0);
    return count == 0 ? std::string() : suppressed_line(now, count);
}

std::uint64_t AuditTrail::take_suppressed() noexcept {
    return std::exchange(uncounted_, 0);
}

}  // namespace clave
