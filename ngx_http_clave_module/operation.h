// A request that the core answers, from its body to its reply. Lives in the request's pool: a
// client that goes away takes it along, and with it the Task and whatever that waits for.
#pragma once

#include <optional>

#include "body_reader.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "runtime.h"

namespace clave::nginx {

// `Work` says what the core does: serve(), body_limit(), too_large(); body_in_file(), if it is ever
// so.
template <class Work>
class Operation final : private EventWitness {
  public:
    Operation(ngx_http_request_t* r, Context& context)
        : r_(r),
          context_(context),
          request_(request_view(r, context)),
          limit_(Work::body_limit(site(), request_)) {
        request_.witness = this;
    }

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
        if (reader == nullptr) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        if constexpr (requires { Work::body_in_file(request_); }) {
            if (Work::body_in_file(request_)) {
                reader->keep_in_file();
            }
        }
        return proceed(reader->read());
    }

  private:
    const Site& site() const { return *srv_conf(r_)->site; }
    const Gate& gate() const { return main_conf(r_)->runtime->gate(); }

    // Also while the request's pool is destroyed, and this with it: `context_` is older, and still
    // there.
    void happened(const Event& event) noexcept override {
        tell([&](Reply& told) { told.events.push_back(event); });
    }
    void refused(const Refusal& refusal) noexcept override {
        tell([&](Reply& told) { told.refusals.push_back(refusal); });
    }

    template <class Say>
    void tell(Say say) noexcept {
        guard(r_->connection->log, [&] {
            Reply told;
            say(told);
            ngx_http_clave_log(r_, context_, told);
            return NGX_OK;
        });
    }

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
                take_body(*find_in_pool<BodyReader>(r_->pool));
                run();
                return NGX_DONE;
            case NGX_AGAIN:
                return NGX_DONE;
            case NGX_DECLINED:
                drop_rest_of_body(r_);
                ngx_http_finalize_request(
                    r_,
                    ngx_http_clave_send(r_, context_, Work::too_large(gate(), site(), request_)));
                return NGX_DONE;
            default:
                return rc;
        }
    }

    void take_body(const BodyReader& reader) {
        request_.body = reader.body();
        request_.body_file = reader.file();
        request_.body_size = reader.size();
    }

    // Sends the reply now or later, and finalizes the request.
    void run() {
        task_.emplace(Work::serve(gate(), site(), *loc_conf(r_), request_, context_));
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

}  // namespace clave::nginx
