// A session as it lies in the store: what can be read is what would be written again.
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "clave/session.h"
#include "clave/zone.h"
#include "target.h"

namespace clave::fuzz {
namespace {

std::string_view take(std::string_view& from) {
    require(from.size() >= 2, "attributes are pairs of whole texts");
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(from[i]); };
    const std::size_t length = static_cast<std::size_t>(byte(0)) << 8U | byte(1);
    require(length <= from.size() - 2, "attributes are not cut off");
    const std::string_view text = from.substr(2, length);
    from.remove_prefix(2 + length);
    return text;
}

Session session_of(const SessionView& view) {
    Session session;
    session.service = view.service;
    session.level = view.level;
    session.credential = view.credential;
    session.created = view.created;
    session.proof = {std::string(view.assertion), view.response};
    session.identity = {.nif = std::string(view.nif),
                        .id = std::string(view.id),
                        .given_name = std::string(view.given_name),
                        .first_surname = std::string(view.first_surname),
                        .surnames = std::string(view.surnames),
                        .represented_nif = std::string(view.represented_nif),
                        .represented_name = std::string(view.represented_name),
                        .attributes = {}};
    for (std::string_view rest = view.attributes; !rest.empty();) {
        const std::string_view name = take(rest);
        const std::string_view value = take(rest);
        const auto same = [name](const auto& other) { return other.first == name; };
        const bool first = std::ranges::none_of(session.identity.attributes, same);
        require(!first || view.attribute(name) == value, "an attribute is found by its name");
        session.identity.attributes.emplace_back(name, value);
    }
    return session;
}

}  // namespace

bool run(std::string_view input) {
    const auto view = decode_session(as_bytes(input));
    if (!view) {
        return false;
    }
    if (input.front() == 1) {  // of before: it is written with a proof now
        return true;
    }
    const auto again = encode(session_of(*view));
    require(again.has_value() == (input.size() <= Zone::kMaxRecord), "the size decides");
    require(!again || as_text(*again) == input, "a record has one encoding");
    return true;
}

}  // namespace clave::fuzz
