// Our own endpoints below `clave_path`. They work whatever location the URI would match, and
// server-level limit_req, access_log, allow/deny and add_header apply to them: the request skips
// the search for a location and goes on through the phases with the server's own configuration.
#include "body_reader.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

// One request to an endpoint, from its body to its reply. Lives in the request's pool: a client
// that goes away takes it along, and with it the Task and whatever that waits for.
class Operation {
  public:
    Operation(ngx_http_request_t* r, Context& context)
        : r_(r),
          context_(context),
          request_(request_view(r, context)),
          limit_(Gate::body_limit(site(), request_)) {}

    // The result is for the phase engine.
    ngx_int_t begin() {
        if (limit_ == 0) {
            const ngx_int_t rc = ngx_http_discard_request_body(r_);
            if (rc != NGX_OK) {
                return rc;
            }
            run();
            return NGX_DONE;
        }
        auto* reader = make_in_pool<BodyReader>(r_->pool, r_, limit_, on_body);
        return reader ? proceed(reader->read()) : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

  private:
    const Site& site() const { return *srv_conf(r_)->site; }
    const Gate& gate() const { return main_conf(r_)->runtime->gate(); }

    static Operation* of(ngx_http_request_t* r) { return find_in_pool<Operation>(r->pool); }

    static void on_body(ngx_http_request_t* r, ngx_int_t rc) {
        const ngx_int_t proceeded = guard(r->connection->log, [&] { return of(r)->proceed(rc); });
        if (proceeded != NGX_DONE) {
            ngx_http_finalize_request(r, proceeded);
        }
    }

    // With what the reader says of the body. NGX_DONE: the request is taken care of.
    ngx_int_t proceed(ngx_int_t rc) {
        switch (rc) {
            case NGX_OK:
                request_.body = find_in_pool<BodyReader>(r_->pool)->body();
                run();
                return NGX_DONE;
            case NGX_AGAIN:
                return NGX_DONE;
            case NGX_DECLINED:
                drop_rest_of_body(r_);
                ngx_http_finalize_request(
                    r_, ngx_http_clave_send(r_, context_, gate().too_large(site(), request_)));
                return NGX_DONE;
            default:
                return rc;
        }
    }

    // Sends the reply now or later, and finalizes the request.
    void run() {
        task_.emplace(gate().serve(site(), request_));
        task_->start();
        if (task_->done()) {
            finish();
            return;
        }
        task_->on_done([](void* self) noexcept { static_cast<Operation*>(self)->finish_later(); },
                       this);
        if (!r_->discard_body) {
            r_->read_event_handler = ngx_http_test_reading;  // or a client gone is never noticed
        }
        r_->write_event_handler = ngx_http_request_empty_handler;
        hold_.take();
        if (ngx_handle_read_event(r_->connection->read, 0) != NGX_OK) {
            ngx_http_finalize_request(r_, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
    }

    void finish_later() {
        hold_.release();
        ngx_connection_t* connection = r_->connection;
        ngx_http_set_log_request(connection->log, r_);
        finish();  // may destroy this
        ngx_http_run_posted_requests(connection);
    }

    void finish() {
        if (!r_->discard_body) {
            r_->read_event_handler = ngx_http_block_reading;
        }
        const ngx_int_t rc = guard(r_->connection->log, [&] {
            return ngx_http_clave_send(r_, context_, task_->result());
        });
        ngx_http_finalize_request(r_, rc);
    }

    ngx_http_request_t* r_;
    Context& context_;
    Request request_;
    std::size_t limit_;
    Hold hold_;
    std::optional<Task<Reply>> task_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_find_endpoint(ngx_http_request_t* r) {
    const SrvConf* server = srv_conf(r);
    if (!server->used || r != r->main || r->internal || !Gate::owns(*server->site, view(r->uri))) {
        return NGX_DECLINED;
    }
    return guard(r->connection->log, [&] {
        make_context(r)->is_endpoint = true;
        // on with the first phase after the search for a location
        const auto* cmcf = static_cast<ngx_http_core_main_conf_t*>(
            ngx_http_get_module_main_conf(r, ngx_http_core_module));
        ngx_http_update_location_config(r);
        r->phase_handler = static_cast<ngx_int_t>(cmcf->phase_engine.location_rewrite_index) - 1;
        return NGX_DECLINED;
    });
}

ngx_int_t ngx_http_clave_precontent_handler(ngx_http_request_t* r) {
    if (!srv_conf(r)->used || r != r->main) {
        return NGX_DECLINED;
    }
    Context* context = find_context(r);
    if (context == nullptr) {
        return NGX_DECLINED;
    }
    if (!at_endpoint(r, *context)) {
        // Another module has let the visitor in: from here on a 401 is the application's own. Not
        // so inside an error_page of ours, where err_status still holds our answer.
        if (r->err_status == 0) {
            context->mark.reset();
        }
        return NGX_DECLINED;
    }
    return guard(r->connection->log, [&] {
        auto* operation = make_in_pool<Operation>(r->pool, r, *context);
        return operation ? operation->begin() : NGX_HTTP_INTERNAL_SERVER_ERROR;
    });
}
