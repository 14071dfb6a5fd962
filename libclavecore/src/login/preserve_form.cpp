// The gate's side of clave_preserve_post: which forms may wait, and what their senders are told.
#include <algorithm>

#include "base/guard.h"
#include "clave/gate.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/last_person.h"
#include "login/lost_form.h"
#include "login/set_cookie.h"
#include "login/target.h"
#include "login/visitor.h"
#include "login/waiting_form.h"

namespace clave {
namespace {

// Much longer than any that a browser sends; the whole head would have been refused before.
constexpr std::size_t kMostHeader = 8192;

bool is_kept_method(std::string_view method) noexcept {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

// A form that another site has the browser send would be sent with the rights of whoever logs in.
// Old browsers say it by Origin alone, and hide that as "null" where a page wants it so.
bool is_same_origin(const Site& site, const Request& request) noexcept {
    const std::string_view origin = request.origin;
    if (request.fetch_site.empty()) {
        return origin == site.origin;
    }
    return request.fetch_site == "same-origin" &&
           (origin.empty() || origin == "null" || origin == site.origin);
}

bool is_short(const Request& request) noexcept {
    return std::max({request.content_type.size(), request.origin.size(), request.referer.size(),
                     request.fetch_site.size(), request.fetch_mode.size(),
                     request.fetch_dest.size()}) <= kMostHeader;
}

}  // namespace

bool Gate::may_keep_form(const Site& site, const Request& request, Unauthenticated mode,
                         const Identified& who) const {
    return services_->parcels != nullptr && who.lookup != Lookup::error &&
           who.lookup != Lookup::unread && visitor(request, mode) == Visitor::form &&
           is_kept_method(request.method) &&
           guard("form same origin", is_same_origin(site, request)) && is_short(request) &&
           return_target(site, request) == request.raw_target &&
           owner_of(*services_, site, request, who).has_value();
}

Reply Gate::keep_form(const Site& site, const Requirement& requirement, const Request& request,
                      const Identified& who) const {
    const auto owner = owner_of(*services_, site, request, who);
    if (!owner) {
        return lost_form(*services_, site, requirement, request, who, {Code::post_lost, {}});
    }
    auto suffix = make_suffix(services_->random);
    if (!suffix) {
        return lost_form(*services_, site, requirement, request, who, {Code::random, {}});
    }
    auto form = put_aside(*services_, site, request, owner->person);
    if (!form) {
        return lost_form(*services_, site, requirement, request, who, form.error());
    }
    const std::string caller = calling_page(site, request);
    // Both addresses travel in one cookie.
    const bool fits = caller.size() + form->target.size() <= kMaxTarget;
    PendingLogin login{std::move(*suffix),
                       begin_login(*services_, requirement, fits ? caller : "/", who)};
    login.state.form = std::move(*form);
    Reply reply = redirect_answer(303, way_in(site, login, who));
    if (!remember(*services_, site, request, login, reply)) {
        return lost_form(*services_, site, requirement, request, who, {Code::random, {}});
    }
    return reply;
}

Reply Gate::form_too_large(const Site& site, const Requirement& requirement, const Request& request,
                           const Identified& who) const {
    return lost_form(*services_, site, requirement, request, who,
                     {Code::post_too_large, "a form over the limit"});
}

tl::expected<PreservedForm, NoForm> Gate::fetch_form(const Site& site, const Request& request,
                                                     const Identified& who) const {
    return fetch(*services_, site, request, who);
}

Reply Gate::form_is_lost(const Site& site, const Request& request) const {
    pages::Facts facts;
    facts.onward = request.raw_target;
    Reply reply = refusal_page(*services_, site, request,
                               Error{Code::post_lost, "the form waits on another machine"}, facts);
    set_cookie(reply, expired_cookie(claim_cookie_name(site)));
    return reply;
}

}  // namespace clave
