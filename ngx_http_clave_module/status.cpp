// `clave_status`: what has been counted, and whether we are well.
//
// Below its location, `live` says that nginx answers and `ready` that the session store does: a
// balancer takes a machine out for the latter, and nobody restarts one for it.
#include "certificates_in_use.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "operator_location.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

enum class Page { metrics, live, ready, none };

Page page_of(const ngx_http_request_t* r) {
    const auto asked = asked_below(r);
    if (!asked) {
        return Page::none;
    }
    if (asked->empty()) {
        return Page::metrics;
    }
    if (*asked == "live") {
        return Page::live;
    }
    return *asked == "ready" ? Page::ready : Page::none;
}

// Asks the store. Lives in the request's pool: a client that goes away takes it along.
class Readiness {
  public:
    Readiness(ngx_http_request_t* r, const Request& request)
        : r_(r), request_(request), task_(asking(r)) {}

    // The result is for nginx's content phase.
    ngx_int_t begin() {
        task_.start();
        if (task_.done()) {
            return answer();
        }
        task_.on_done([](void* self) noexcept { static_cast<Readiness*>(self)->finish_later(); },
                      this);
        hold_.take();
        ++r_->main->count;  // until finish_later()
        if (!r_->discard_body) {
            r_->read_event_handler = ngx_http_test_reading;  // or a client gone is never noticed
        }
        r_->write_event_handler = ngx_http_request_empty_handler;
        if (ngx_handle_read_event(r_->connection->read, 0) != NGX_OK) {
            hold_.release();
            --r_->main->count;
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        return NGX_DONE;
    }

  private:
    static Task<bool> asking(ngx_http_request_t* r) {
        Runtime& runtime = *main_conf(r)->runtime;
        return store_answers(runtime.store(), runtime.clock().now());
    }

    // What the core throws is no answer of the store.
    ngx_int_t answer() {
        bool well = false;
        guard(r_->connection->log, [&] {
            well = task_.result();
            return NGX_OK;
        });
        return guard(r_->connection->log,
                     [&] { return ngx_http_clave_send_as_is(r_, health_answer(well, request_)); });
    }

    void finish_later() noexcept {
        hold_.release();
        ngx_connection_t* connection = r_->connection;
        ngx_http_set_log_request(connection->log, r_);
        if (!r_->discard_body) {
            r_->read_event_handler = ngx_http_block_reading;
        }
        ngx_http_finalize_request(r_, answer());  // may destroy this
        ngx_http_run_posted_requests(connection);
    }

    ngx_http_request_t* r_;
    Request request_;
    Hold hold_;
    Task<bool> task_;
};

Reply metrics_of(ngx_http_request_t* r, const Request& request) {
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    const Runtime& runtime = *main_conf(r)->runtime;
    const std::vector<CertificateInUse> certificates = certificates_in_use(core->servers);
    StatusFacts facts = runtime.facts();
    facts.host = NGINX_VER;
    for (const CertificateInUse& used : certificates) {
        facts.certificates.push_back({used.role, &used.certificate});
    }
    return metrics_answer(runtime.metrics(), facts, request);
}

ngx_int_t serve(ngx_http_request_t* r) {
    const Request request = request_view(r);
    switch (page_of(r)) {
        case Page::metrics:
            return ngx_http_clave_send_as_is(r, metrics_of(r, request));
        case Page::live:
            return ngx_http_clave_send_as_is(r, health_answer(true, request));
        case Page::ready: {
            auto* readiness = make_in_pool<Readiness>(r->pool, r, request);
            return readiness ? readiness->begin() : NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        case Page::none:
            break;
    }
    return NGX_HTTP_NOT_FOUND;
}

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_status_handler(ngx_http_request_t* r) {
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    if (const ngx_int_t refused = judge_operator(r, "status is"); refused != NGX_OK) {
        return refused;
    }
    const ngx_int_t rc = ngx_http_discard_request_body(r);
    return rc == NGX_OK ? guard(r->connection->log, [&] { return serve(r); }) : rc;
}
