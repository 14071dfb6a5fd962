#include "identity_field.h"

#include <charconv>
#include <new>

namespace clave::nginx {
namespace {

// A field that there is no memory for is not an absent one.
std::string_view kept(Context& context, std::string_view text) {
    const ngx_str_t copy = to_ngx(context.memory.pool(), text);
    return copy.data ? view(copy) : throw std::bad_alloc();
}

std::string_view full_name(Context& context, const SessionView& session) {
    if (session.given_name.empty() || session.surnames.empty()) {
        return session.given_name.empty() ? session.surnames : session.given_name;
    }
    std::pmr::string name(session.given_name, &context.memory);
    name += ' ';
    name += session.surnames;
    return kept(context, name);
}

std::string_view unix_seconds(Context& context, Time time) {
    char digits[24];
    const auto end =
        std::to_chars(digits, digits + sizeof(digits), time.time_since_epoch().count());
    return kept(context, {digits, static_cast<std::size_t>(end.ptr - digits)});
}

// "***4567**": enough to find a line again, not enough to know the person (the pattern of the
// Spanish data protection agency: the fourth to seventh digit).
std::string_view masked(Context& context, std::string_view nif) {
    if (nif.size() != 9) {
        return {};
    }
    const std::size_t first_digit = nif[0] >= '0' && nif[0] <= '9' ? 0 : 1;
    std::string text(9, '*');
    text.replace(first_digit + 3, 4, nif.substr(first_digit + 3, 4));
    return kept(context, text);
}

// The level of the location; where the location has none of its own, the one of the login.
std::string_view level_here(const ngx_http_request_t* r, const SessionView& session) {
    const LocConf* location = loc_conf(r);
    return location->requirement ? std::string_view(location->requirement->level) : session.level;
}

}  // namespace

std::string_view identity_field(const ngx_http_request_t* r, Context& context, Field field) {
    const SessionView& session = context.identified->session;
    switch (field) {
        case Field::nif:
            return session.nif;
        case Field::id:
            return session.id;
        case Field::name:
            return full_name(context, session);
        case Field::given_name:
            return session.given_name;
        case Field::first_surname:
            return session.first_surname;
        case Field::surnames:
            return session.surnames;
        case Field::level:
            return level_here(r, session);
        case Field::loa:
            return name(session.credential.loa);
        case Field::method:
            return name(session.credential.method);
        case Field::auth_time:
            return unix_seconds(context, session.credential.authenticated_at);
        case Field::session:
            return kept(context, session_hash(context.identified->key));
        case Field::nif_masked:
            return masked(context, session.nif);
        case Field::represented_nif:
            return session.represented_nif;
        case Field::represented_name:
            return session.represented_name;
    }
    return {};
}

}  // namespace clave::nginx
