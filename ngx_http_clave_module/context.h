// What one visitor's request carries. One object per main request, shared by its subrequests and
// found again after an internal redirect has zeroed r->ctx (checklist H-06).
//
// r->ctx of our module means one thing only: "this (sub)request was admitted to, or identified in,
// the location it is in now". nginx zeroes it on every way into another location, which is exactly
// when it stops being true.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "clave/gate.h"
#include "conf.h"
#include "in_pool.h"

namespace clave::nginx {

// The answer that takes the place of a plain status (reply_filter.cpp).
struct Mark {
    ngx_uint_t trigger;  // the status that our handler answered with
    Reply reply;
    bool body_sent = false;
};

struct Context {
    explicit Context(ngx_http_request_t* main)
        : memory(main->pool), record(&memory), cookie_headers(&memory) {}

    PoolResource memory;
    RecordBytes record;                                 // what `identified` looks into
    std::pmr::vector<std::string_view> cookie_headers;  // as the client sent them
    std::string_view session_cookie;                    // ours among them; empty if none
    std::optional<Identified> identified;               // looked up once per request
    std::optional<Mark> mark;
    bool was_identified = false;         // in some location on its way
    bool asked = false;                  // the store, which has to be waited for
    bool complete = false;               // the cookies are taken
    bool is_endpoint = false;            // the client asked for one of our own; see at_endpoint()
    bool replaced = false;               // the response is ours now
    std::optional<ngx_int_t> form_read;  // what became of a body that is to be put aside
    bool may_fetch_form = false;         // the browser has a cookie for one
    const PreservedForm* fetched = nullptr;  // the request is not the one that was sent
    bool form_forgotten = false;             // and the browser is told
    bool may_fetch_signed = false;           // the browser hands a signed form over
    const SignedForm* handed = nullptr;      // and this is it; `fetched` is the form in it
    void** handed_on = nullptr;              // the location in which only the application is left
    bool hand_over_noted = false;            // which has answered
    std::string_view api_path;               // of an application's call: behind the location's name
    std::string ref;                         // $clave_ref
};

// The main request's context; make_context creates it and takes our cookies away from what the back
// end will see, or throws std::bad_alloc. nullptr: none yet.
Context* find_context(ngx_http_request_t* r) noexcept;
Context* make_context(ngx_http_request_t* r);

// No location's policy applies to an endpoint of ours. An error_page that takes its place, because
// the server's own deny or limit_req refused it, is a location like any other.
inline bool at_endpoint(const ngx_http_request_t* r, const Context& context) {
    return context.is_endpoint && !r->internal;
}

// Marks r as admitted in its present location.
inline void expose_identity(ngx_http_request_t* r, Context* context) {
    context->was_identified = true;
    ngx_http_set_ctx(r, context, ngx_http_clave_module);
}
// nullptr unless r was admitted in its present location. With slice, or behind the update of a
// cache, nginx makes copies of a request that begin where it stands, past the access phase: in the
// location of their parent they are who the parent is. Without an identity of their own they would
// fill and read one page for all under a key with $clave_session_hash.
inline Context* exposed_identity(const ngx_http_request_t* r) {
    auto* context = static_cast<Context*>(ngx_http_get_module_ctx(r, ngx_http_clave_module));
    const bool copied = context == nullptr && r->parent && r->parent->loc_conf == r->loc_conf;
    return copied ? exposed_identity(r->parent) : context;
}

// The `hash` of a response header that one of our answers has set. To nginx every value but 0 means
// "to be sent"; cache_control.cpp knows by it which word about caches is ours.
constexpr ngx_uint_t kOurWord = 2;

// The request for the core: views into nginx's memory.
Request request_view(ngx_http_request_t* r, const Context& context);
// The same without cookies.
Request request_view(const ngx_http_request_t* r);

}  // namespace clave::nginx

// identity_headers.cpp
// Removes every header that a client may not send; idempotent. Removes ours, too: each location
// sets them anew.
ngx_int_t ngx_http_clave_strip_headers(ngx_http_request_t* r);
// Adds the identity for the location r is in.
ngx_int_t ngx_http_clave_add_headers(ngx_http_request_t* r, clave::nginx::Context& context);

// judged_address.cpp
// Replaces the address as the client spelt it where that is not the one nginx has found a location
// for. Before anything has changed r->uri.
ngx_int_t ngx_http_clave_pass_on_judged_address(ngx_http_request_t* r);

// session_wait.cpp
// NGX_OK: context.identified is the answer. NGX_AGAIN: r waits for it, and will go through its
// phases again, from the handler that asks.
ngx_int_t ngx_http_clave_identify(ngx_http_request_t* r, clave::nginx::Context& context);

// access.cpp
ngx_int_t ngx_http_clave_access_handler(ngx_http_request_t* r);
ngx_int_t ngx_http_clave_preaccess_handler(ngx_http_request_t* r);

// preserve_post.cpp
// For a visitor who was not admitted: puts what he sends aside and answers with the way to the
// login. NGX_DECLINED: nothing of his can be kept; NGX_AGAIN: the access handler will be asked
// again.
ngx_int_t ngx_http_clave_preserve_form(ngx_http_request_t* r, clave::nginx::Context& context);
// Puts the form that waits for this page load in its place.
ngx_int_t ngx_http_clave_fetch_form(ngx_http_request_t* r);

// signed_form.cpp
// The signed form that this page load hands over: NGX_OK, if context.handed is it; NGX_DECLINED:
// there is none; NGX_AGAIN: r waits, and will go through its phases again from the handler that
// asks.
ngx_int_t ngx_http_clave_fetch_signed(ngx_http_request_t* r, clave::nginx::Context& context);
// What the application has answered, from the header filter.
void ngx_http_clave_note_hand_over(ngx_http_request_t* r, clave::nginx::Context& context) noexcept;

// endpoint.cpp
ngx_int_t ngx_http_clave_find_endpoint(ngx_http_request_t* r);
ngx_int_t ngx_http_clave_precontent_handler(ngx_http_request_t* r);

// reply_filter.cpp
void ngx_http_clave_init_filters();
// Answers with `reply` instead of the plain `status` that is returned, whatever happens to the
// request on the way out, unless the administrator's own error_page says otherwise.
ngx_int_t ngx_http_clave_answer_with(ngx_http_request_t* r, clave::nginx::Context& context,
                                     ngx_uint_t status, clave::Reply&& reply);
// Sends `reply` as the response. The result is for ngx_http_finalize_request.
ngx_int_t ngx_http_clave_send_as_is(ngx_http_request_t* r, const clave::Reply& reply);
// The same, after writing what it says to the logs.
ngx_int_t ngx_http_clave_send(ngx_http_request_t* r, clave::nginx::Context& context,
                              const clave::Reply& reply);

// The parts of it, for who holds an answer of the application back. Writes what `reply` says to the
// logs.
void ngx_http_clave_log(ngx_http_request_t* r, clave::nginx::Context& context,
                        const clave::Reply& reply);
// What the application has said goes, but its cookies and challenges; what `reply` says comes.
ngx_int_t ngx_http_clave_replace_head(ngx_http_request_t* r, const clave::Reply& reply);
// nullptr if there is no memory.
ngx_chain_t* ngx_http_clave_reply_body(ngx_http_request_t* r, const clave::Reply& reply);

// signed_answer.cpp
// In front of those of reply_filter.cpp, which calls it.
void ngx_http_clave_init_answer_filters();

// variables.cpp
ngx_int_t ngx_http_clave_add_variables(ngx_conf_t* cf);
