#include "login/answer.h"

#include <array>

#include "login/page_language.h"
#include "login/page_ticket.h"

namespace clave {
namespace {

// Long enough for a store to come back, short enough for a person to wait.
constexpr std::string_view kRetryAfter = "30";

void add_common_headers(Reply& reply) {
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    if (reply.status == 503) {
        reply.headers.emplace_back("Retry-After", kRetryAfter);
    }
}

}  // namespace

std::string make_reference(Random& random) {
    static constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static_assert(kDigits.size() == 32);
    std::array<std::byte, 8> bytes{};
    if (!random.fill(bytes)) {
        return "0000-0000";  // the refusal matters more than its name
    }
    std::string ref;
    for (const std::byte byte : bytes) {
        if (ref.size() == 4) {
            ref += '-';
        }
        ref += kDigits[std::to_integer<std::size_t>(byte) & 31U];
    }
    return ref;
}

Reply page_answer(const LoginServices& services, const Site& site, const Request& request,
                  int status, PageId page, pages::Facts facts) {
    const std::string again = page_ticket(services, site, page, facts);
    facts.again = again;
    const Language language = page_language(site, request);
    Reply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = pages::render(page, site, facts, language);
    add_common_headers(reply);
    reply.headers.emplace_back("Content-Language", tag(language));
    reply.headers.emplace_back("Content-Security-Policy", pages::content_security_policy(page));
    return reply;
}

Reply explaining_page(const LoginServices& services, const Site& site, const Request& request,
                      PageId page, std::string_view word, pages::Facts facts) {
    const std::string ref = make_reference(services.random);
    facts.ref = ref;
    Reply reply = page_answer(services, site, request, 200, page, facts);
    reply.shown = ShownPage{word, ref};
    return reply;
}

Reply content_answer(int status, std::string content_type, std::string body) {
    Reply reply;
    reply.status = status;
    reply.content_type = std::move(content_type);
    reply.body = std::move(body);
    add_common_headers(reply);
    return reply;
}

Reply redirect_answer(int status, std::string location) {
    Reply reply;
    reply.status = status;
    add_common_headers(reply);
    reply.headers.emplace_back("Location", std::move(location));
    return reply;
}

Reply refusal_page(const LoginServices& services, const Site& site, const Request& request,
                   Error error, pages::Facts facts) {
    const PageId page = info(error.code).page;
    return refusal_with(services, site, request, page, std::move(error), facts);
}

Reply refusal_with(const LoginServices& services, const Site& site, const Request& request,
                   PageId page, Error error, pages::Facts facts) {
    const std::string ref = make_reference(services.random);
    facts.ref = ref;
    facts.code = error.code;
    Reply reply = page_answer(services, site, request, info(error.code).status, page, facts);
    reply.refusals.push_back({std::move(error), ref});
    return reply;
}

Reply json_answer(const Site& site, int status, const JsonObject& json) {
    Reply reply;
    reply.status = status;
    reply.content_type = "application/json";
    reply.body = json.dump();
    add_common_headers(reply);
    if (status == 401) {
        // The origin is the administrator's, and has no quotes (checked by nginx -t).
        reply.headers.emplace_back("WWW-Authenticate", "Clave realm=\"" + site.origin + "\"");
    }
    return reply;
}

Reply refusal_json(const Site& site, Random& random, int status, Error error,
                   std::string_view login_url) {
    std::string ref = make_reference(random);
    JsonObject json;
    json.text("error", info(error.code).word).text("ref", ref);
    if (!login_url.empty()) {
        json.text("login", login_url);
    }
    Reply reply = json_answer(site, status, json);
    reply.refusals.push_back({std::move(error), std::move(ref)});
    return reply;
}

Reply method_not_allowed(const LoginServices& services, const Site& site, const Request& request,
                         std::string_view allowed) {
    Reply reply = refusal_page(services, site, request, Error{Code::method, {}});
    reply.headers.emplace_back("Allow", allowed);
    return reply;
}

void set_cookie(Reply& reply, std::string value) {
    reply.headers.emplace_back("Set-Cookie", std::move(value));
}

}  // namespace clave
