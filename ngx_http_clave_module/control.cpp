// `clave_control`: what the operator's tool asks and wants done. What that is, the core knows
// (clave/control.h).
#include "clave/control.h"

#include "audit_log.h"
#include "body_reader.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "operator_location.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

std::vector<const SrvConf*> servers_with_sites(const ngx_http_request_t* r) {
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_get_module_main_conf(r, ngx_http_core_module));
    auto** server = static_cast<ngx_http_core_srv_conf_t**>(core->servers.elts);
    std::vector<const SrvConf*> found;
    for (ngx_uint_t i = 0; i < core->servers.nelts; ++i) {
        const auto* conf =
            static_cast<const SrvConf*>(server[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
        if (conf->site != nullptr) {
            found.push_back(conf);
        }
    }
    return found;
}

// The end of a session is written where its beginning was: in the audit log of its service. One of
// a service that this nginx knows nothing of (another machine's, in the same Redis) has its line in
// the error log only.
void write_down(ngx_http_request_t* r, const OperatorEnd& end) {
    Reply told;
    told.events.push_back(end.event);
    main_conf(r)->runtime->metrics().count(told);
    const std::string line = event_line(end.event);
    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0, "clave: %*s addr=%V", line.size(),
                  line.data(), &r->connection->addr_text);
    for (const SrvConf* server : servers_with_sites(r)) {
        if (server->audit != nullptr && server->site->is_service(end.service)) {
            ngx_http_clave_audit_for(r, *server, told);
            return;
        }
    }
}

// Lives in the request's pool: a client that goes away takes it along, and with it the Task. Each
// time that it waits it holds the request (count), which ngx_http_finalize_request lets go again.
class ControlOperation {
  public:
    ControlOperation(ngx_http_request_t* r, std::string_view what)
        : r_(r), what_(what), request_(request_view(r)) {}

    ngx_int_t begin() {
        if (!Control::reads_body(request_)) {
            const ngx_int_t rc = ngx_http_discard_request_body(r_);
            return rc == NGX_OK ? run() : rc;
        }
        auto* reader = make_in_pool<BodyReader>(r_->pool, r_, Control::kMaxBody, on_body);
        if (reader == nullptr) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        const ngx_int_t rc = proceed(reader->read());
        if (rc == NGX_AGAIN) {
            ++r_->main->count;
            return NGX_DONE;
        }
        return rc;
    }

  private:
    static void on_body(ngx_http_request_t* r, ngx_int_t rc) {
        const ngx_int_t proceeded = guard(r->connection->log, [&] {
            return find_in_pool<ControlOperation>(r->pool)->proceed(rc);
        });
        ngx_http_finalize_request(r, proceeded);
    }

    ngx_int_t proceed(ngx_int_t rc) {
        if (rc == NGX_OK) {
            request_.body = find_in_pool<BodyReader>(r_->pool)->body();
            return run();
        }
        if (rc == NGX_DECLINED) {
            drop_rest_of_body(r_);
            return ngx_http_clave_send_as_is(r_, Control::too_large());
        }
        return rc;
    }

    // The result is for ngx_http_finalize_request.
    ngx_int_t run() {
        std::vector<const Site*> sites;
        for (const SrvConf* server : servers_with_sites(r_)) {
            sites.push_back(server->site);
        }
        task_.emplace(main_conf(r_)->runtime->control().serve(std::move(sites), what_, request_));
        task_->start();
        if (task_->done()) {
            return answer();
        }
        task_->on_done(
            [](void* self) noexcept { static_cast<ControlOperation*>(self)->finish_later(); },
            this);
        hold_.take();
        ++r_->main->count;
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

    void finish_later() noexcept {
        hold_.release();
        ngx_connection_t* connection = r_->connection;
        ngx_http_set_log_request(connection->log, r_);
        if (!r_->discard_body) {
            r_->read_event_handler = ngx_http_block_reading;
        }
        const ngx_int_t rc = guard(connection->log, [&] { return answer(); });
        ngx_http_finalize_request(r_, rc);  // may destroy this
        ngx_http_run_posted_requests(connection);
    }

    ngx_int_t answer() {
        const ControlAnswer told = task_->result();
        for (const OperatorEnd& end : told.ended) {
            write_down(r_, end);
        }
        if (!told.trouble.empty()) {
            main_conf(r_)->runtime->metrics().count_refusal(Code::store);
            ngx_log_error(NGX_LOG_ERR, r_->connection->log, 0, "clave: E-STORE control: %*s",
                          told.trouble.size(), told.trouble.data());
        }
        return ngx_http_clave_send_as_is(r_, told.reply);
    }

    ngx_http_request_t* r_;
    std::string what_;
    Request request_;
    Hold hold_;
    std::optional<Task<ControlAnswer>> task_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_control_handler(ngx_http_request_t* r) {
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_POST | NGX_HTTP_DELETE)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    if (const ngx_int_t refused = judge_operator(r, "control is"); refused != NGX_OK) {
        return refused;
    }
    const auto what = asked_below(r);
    if (!what) {
        return NGX_HTTP_NOT_FOUND;
    }
    return guard(r->connection->log, [&] {
        auto* operation = make_in_pool<ControlOperation>(r->pool, r, *what);
        return operation ? operation->begin() : NGX_HTTP_INTERNAL_SERVER_ERROR;
    });
}
