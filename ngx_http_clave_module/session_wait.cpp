// Who a request is of: at once, if this machine knows; otherwise when the store has answered.
//
// The question is asked once for a request and all its subrequests, which may wait for it together.
// It belongs to the main request's pool: a client that goes away takes it along.
#include <algorithm>
#include <exception>
#include <memory_resource>
#include <vector>

#include "clave/task.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

// A script that asks by itself, with nobody in front of it, can say so; then it keeps no session
// alive (checklist K-08).
Touch touch_of(const ngx_http_request_t* r) {
    constexpr std::string_view kBackground = "clave-background";
    for (const ngx_list_part_t* part = &r->headers_in.headers.part; part; part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            const ngx_table_elt_t& header = headers[i];
            if (header.key.len == kBackground.size() && header.lowcase_key != nullptr &&
                view({header.key.len, header.lowcase_key}) == kBackground) {
                return view(header.value) == "1" ? Touch::never : Touch::if_due;
            }
        }
    }
    return Touch::if_due;
}

class SessionWait {
  public:
    SessionWait(ngx_http_request_t* r, Context& context, const Digest& key)
        : connection_(r->connection),
          context_(context),
          waiting_(&context.memory),
          task_(main_conf(r)->runtime->gate().ask_store(*srv_conf(r)->site, key, context.record,
                                                        touch_of(r))) {}

    // NGX_OK: the answer is there.
    ngx_int_t begin() {
        task_.start();
        if (task_.done()) {
            take_answer();
            return NGX_OK;
        }
        task_.on_done([](void* self) noexcept { static_cast<SessionWait*>(self)->go_on(); }, this);
        hold_.take();
        return NGX_AGAIN;
    }

    ngx_int_t join(ngx_http_request_t* r) {
        if (std::find(waiting_.begin(), waiting_.end(), r) != waiting_.end()) {
            return NGX_AGAIN;
        }
        waiting_.push_back(r);
        r->write_event_handler = ngx_http_request_empty_handler;
        if (r != r->main) {
            return NGX_AGAIN;  // the main request notices when the client goes away
        }
        r->read_event_handler = ngx_http_test_reading;
        return ngx_handle_read_event(r->connection->read, 0) == NGX_OK
                   ? NGX_AGAIN
                   : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

  private:
    // What the core throws is no answer: nobody gets in, and nobody is sent to a login.
    void take_answer() noexcept {
        Identified who;
        who.lookup = Lookup::error;
        guard(connection_->log, [&] {
            who = task_.result();
            return NGX_OK;
        });
        context_.identified = who;
    }

    void go_on() noexcept {
        ngx_connection_t* connection = connection_;
        hold_.release();
        take_answer();
        for (ngx_http_request_t* r : waiting_) {
            if (r == r->main) {
                r->read_event_handler = ngx_http_block_reading;
            }
            r->write_event_handler = ngx_http_core_run_phases;
            if (ngx_http_post_request(r, nullptr) != NGX_OK) {
                ngx_http_finalize_request(r, NGX_ERROR);
                break;  // the request is gone, and this with it
            }
        }
        ngx_http_run_posted_requests(connection);  // may destroy this
    }

    ngx_connection_t* connection_;
    Context& context_;
    std::pmr::vector<ngx_http_request_t*> waiting_;
    Hold hold_;
    Task<Identified> task_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_identify(ngx_http_request_t* r, Context& context) {
    if (context.identified) {
        return NGX_OK;
    }
    if (context.asked) {
        return find_in_pool<SessionWait>(r->main->pool)->join(r);
    }
    const Identified who = main_conf(r)->runtime->gate().identify(
        *srv_conf(r)->site, context.session_cookie, context.record, touch_of(r));
    if (who.lookup != Lookup::unread) {
        context.identified = who;
        return NGX_OK;
    }
    auto* wait = make_in_pool<SessionWait>(r->main->pool, r, context, who.key);
    if (wait == nullptr) {
        return NGX_ERROR;
    }
    context.asked = true;
    const ngx_int_t rc = wait->begin();
    return rc == NGX_AGAIN ? wait->join(r) : rc;
}
