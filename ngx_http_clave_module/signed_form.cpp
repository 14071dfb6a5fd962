// A signed form on its way to the application: the page load that comes for it waits until the
// store and the archive have given it.
#include <optional>

#include "context.h"
#include "guard.h"
#include "hold.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

class SignedWait {
  public:
    SignedWait(ngx_http_request_t* r, Context& context)
        : r_(r),
          context_(context),
          request_(request_view(r, context)),
          task_(main_conf(r)->runtime->gate().fetch_signed(*srv_conf(r)->site, request_,
                                                           *context.identified)) {}

    ngx_int_t begin() {
        task_.start();
        if (task_.done()) {
            return take();
        }
        task_.on_done([](void* self) noexcept { static_cast<SignedWait*>(self)->go_on(); }, this);
        hold_.take();
        r_->write_event_handler = ngx_http_request_empty_handler;
        r_->read_event_handler = ngx_http_test_reading;
        return ngx_handle_read_event(r_->connection->read, 0) == NGX_OK
                   ? NGX_AGAIN
                   : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_int_t result() const noexcept { return result_; }

  private:
    // Whatever goes wrong, the application gets no form that could be taken for a signed one.
    ngx_int_t take() {
        result_ = guard(r_->connection->log, [&]() -> ngx_int_t {
            form_ = task_.result();
            context_.handed = form_ ? &*form_ : nullptr;
            return form_ ? NGX_OK : NGX_DECLINED;
        });
        return result_;
    }

    void go_on() noexcept {
        ngx_connection_t* connection = r_->connection;
        hold_.release();
        take();
        r_->read_event_handler = ngx_http_block_reading;
        r_->write_event_handler = ngx_http_core_run_phases;
        if (ngx_http_post_request(r_, nullptr) != NGX_OK) {
            ngx_http_finalize_request(r_, NGX_ERROR);
        }
        ngx_http_run_posted_requests(connection);  // may destroy this
    }

    ngx_http_request_t* r_;
    Context& context_;
    Request request_;
    std::optional<SignedForm> form_;
    ngx_int_t result_ = NGX_AGAIN;
    Hold hold_;
    Task<std::optional<SignedForm>> task_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_fetch_signed(ngx_http_request_t* r, Context& context) {
    if (!context.may_fetch_signed || srv_conf(r)->site->signing == nullptr) {
        return NGX_DECLINED;
    }
    if (const auto* asked = find_in_pool<SignedWait>(r->pool)) {
        return asked->result();
    }
    auto* wait = make_in_pool<SignedWait>(r->pool, r, context);
    return wait != nullptr ? wait->begin() : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

void ngx_http_clave_note_hand_over(ngx_http_request_t* r, Context& context) noexcept {
    if (context.handed == nullptr || context.hand_over_noted) {
        return;
    }
    context.hand_over_noted = true;
    // Otherwise it was turned away on its way, by us or another module.
    const auto status = context.handed_on != nullptr
                            ? std::optional(static_cast<int>(r->headers_out.status))
                            : std::nullopt;
    guard(r->connection->log, [&] {
        main_conf(r)->runtime->gate().hand_over_ended(*srv_conf(r)->site, context.handed->id,
                                                      status);
        return NGX_OK;
    });
}
