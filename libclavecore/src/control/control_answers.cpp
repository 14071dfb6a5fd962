#include "control/control_answers.h"

#include <jansson.h>

#include <algorithm>
#include <memory>

#include "clave/audit.h"
#include "clave/identity.h"
#include "clave/iso_time.h"

namespace clave::control {
namespace {

constexpr std::size_t kMostPerson = 512;  // as identity.h

struct JsonFree {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};

// A NIF without what people put between its parts; anything else as it is.
std::string tidied(std::string_view text) {
    std::string nif;
    for (const char c : text) {
        if (c >= 'a' && c <= 'z') {
            nif += static_cast<char>(c - 'a' + 'A');
        } else if (c != ' ' && c != '.' && c != '-') {
            nif += c;
        }
    }
    return is_valid_nif(nif) ? nif : std::string(text);
}

}  // namespace

Reply answer(int status, const JsonObject& json) {
    Reply reply;
    reply.status = status;
    reply.content_type = "application/json";
    reply.body = json.dump() + "\n";
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    return reply;
}

Reply refusal(int status, std::string_view word) {
    JsonObject json;
    json.text("error", word);
    return answer(status, json);
}

Reply store_fails(std::string_view reason) {
    JsonObject json;
    json.text("error", "store").text("reason", reason);
    return answer(503, json);
}

JsonObject shown(const Digest& key, const SessionView& session, TimeLeft left) {
    // "PROVIDER@ORIGIN", and a provider's name may hold an @
    const std::size_t at = session.service.rfind('@');
    const bool whole = at != std::string_view::npos;
    JsonObject json;
    json.text("session", session_hash(key))
        .text("service", whole ? session.service.substr(0, at) : session.service)
        .text("origin", whole ? session.service.substr(at + 1) : std::string_view())
        .text("level", session.level)
        .text("method", name(session.credential.method))
        .text("loa", name(session.credential.loa))
        .text("nif", masked_nif(session.nif))
        .text("since", format_utc(session.created))
        .number("idle", left.idle.count())
        .number("absolute", left.absolute.count());
    return json;
}

std::optional<std::string> person_in(std::string_view body) {
    const std::unique_ptr<json_t, JsonFree> json(
        json_loadb(body.data(), body.size(), JSON_REJECT_DUPLICATES, nullptr));
    const json_t* nif = json_object_get(json.get(), "nif");
    const std::size_t size = json_is_string(nif) ? json_string_length(nif) : 0;
    if (size == 0 || size > kMostPerson) {
        return std::nullopt;
    }
    return tidied({json_string_value(nif), size});
}

bool is_session_hash(std::string_view text) noexcept {
    return text.size() >= 16 && text.size() <= 64 &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace clave::control
