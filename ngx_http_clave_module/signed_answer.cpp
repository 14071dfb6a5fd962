// An application's answer that is a document to sign (clave_sign upstream): its body goes into the
// archive instead of to the browser, which is led to the page that shows it.
//
// The head of such an answer is held back until the archive has all of the body; then ours goes out
// in its place. Whatever produces answers works: nothing here looks at where they come from.
#include <optional>

#include "clave/answered_document.h"
#include "context.h"
#include "guard.h"
#include "hold.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

constexpr std::string_view kSignHeader = "x-clave-sign";
// nginx has four such bits; this one is the image filter's, which holds answers back, too.
constexpr unsigned kHeldBack = 0x08;

bool wants_documents(const LocConf& location) {
    return location.order != nullptr && location.order->source == SignSource::answer;
}

bool is_sign_header(const ngx_table_elt_t& header) {
    return header.hash != 0 && header.key.len == kSignHeader.size() &&
           // ngx_strncasecmp does not write to it; u_char and char may alias each other
           ngx_strncasecmp(header.key.data,
                           reinterpret_cast<u_char*>(const_cast<char*>(kSignHeader.data())),
                           kSignHeader.size()) == 0;
}

template <class Take>
void each_sign_header(ngx_http_request_t* r, Take take) {
    for (ngx_list_part_t* part = &r->headers_out.headers.part; part; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (is_sign_header(headers[i])) {
                take(headers[i]);
            }
        }
    }
}

ApplicationAnswer answer_of(ngx_http_request_t* r) {
    ApplicationAnswer answer;
    answer.status = static_cast<int>(r->headers_out.status);
    answer.content_type = view(r->headers_out.content_type);
    if (r->headers_out.content_encoding != nullptr) {
        answer.content_encoding = view(r->headers_out.content_encoding->value);
    }
    if (r->headers_out.content_length_n >= 0) {
        answer.length = static_cast<std::uint64_t>(r->headers_out.content_length_n);
    }
    return answer;
}

void consume(ngx_chain_t* in) {
    for (; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}

// An upstream that breaks off in the middle has nginx flush what there is, and no last buffer
// comes: it has let go of the upstream by then, and of no other answer before its end.
bool is_broken_off(const ngx_http_request_t* r, const ngx_buf_t& buf) {
    return buf.flush && ngx_buf_special(&buf) && !buf.last_buf && r->upstream != nullptr &&
           r->upstream->cleanup == nullptr;
}

// One per request, in its pool: a client that goes away takes it along, and it the document.
class AnswerIntake {
  public:
    AnswerIntake(ngx_http_request_t* r, Context& context)
        : r_(r), context_(context), request_(request_view(r, context)) {}

    // NGX_OK: what follows is kept. Otherwise the status of the refusal that is to be sent.
    ngx_int_t open(const ApplicationAnswer& answer) {
        const Identified* who = exposed_identity(r_) != nullptr && context_.identified
                                    ? &*context_.identified
                                    : nullptr;
        auto taken = main_conf(r_)->runtime->gate().take_answer(
            *srv_conf(r_)->site, *loc_conf(r_)->order, request_, who, answer);
        if (!taken) {
            const auto status = static_cast<ngx_uint_t>(taken.error().status);
            return ngx_http_clave_answer_with(r_, context_, status, std::move(taken.error()));
        }
        document_ = std::move(*taken);
        state_ = State::collecting;
        r_->filter_need_in_memory = 1;
        return NGX_OK;
    }

    ngx_int_t body(ngx_chain_t* in) {
        switch (state_) {
            case State::none:
                return next_body_filter(r_, in);
            case State::collecting:
                return collect(in);
            case State::freezing:
                consume(in);
                return NGX_AGAIN;
            case State::answered:
                break;
        }
        consume(in);
        return next_body_filter(r_, nullptr);
    }

  private:
    enum class State { none, collecting, freezing, answered };

    ngx_int_t collect(ngx_chain_t* in) {
        bool whole = false;
        bool wanted = true;
        for (ngx_chain_t* link = in; link && wanted; link = link->next) {
            const ngx_buf_t& buf = *link->buf;
            if (ngx_buf_in_memory(&buf)) {
                // bytes under either name
                wanted = document_->write({reinterpret_cast<const std::byte*>(buf.pos),
                                           static_cast<std::size_t>(buf.last - buf.pos)});
            }
            wanted = wanted && !is_broken_off(r_, buf);
            whole = whole || buf.last_buf;
        }
        consume(in);
        if (!wanted) {
            // The rest may be long: nobody should have to wait behind it.
            r_->keepalive = 0;
            return answer(document_->refusal());
        }
        return whole ? freeze() : NGX_OK;
    }

    ngx_int_t freeze() {
        task_.emplace(document_->finish());
        task_->start();
        if (task_->done()) {
            return answer(task_->result());
        }
        task_->on_done([](void* self) noexcept { static_cast<AnswerIntake*>(self)->go_on(); },
                       this);
        state_ = State::freezing;
        // nginx waits for us as for a filter that has not written all of it.
        r_->buffered |= kHeldBack;
        hold_.take();
        return NGX_AGAIN;
    }

    void go_on() noexcept {
        ngx_connection_t* connection = r_->connection;
        hold_.release();
        ngx_http_set_log_request(connection->log, r_);
        r_->buffered &= ~kHeldBack & 0x0FU;
        const ngx_int_t rc = guard(connection->log, [&] { return answer(task_->result()); });
        const bool failed = rc == NGX_ERROR || rc > NGX_OK;
        if (failed || ngx_http_post_request(r_, nullptr) != NGX_OK) {
            ngx_http_finalize_request(r_, NGX_ERROR);
        }
        ngx_http_run_posted_requests(connection);  // may destroy this
    }

    // In place of the application's; only its cookies stay.
    ngx_int_t answer(const Reply& reply) {
        state_ = State::answered;
        ngx_http_clave_log(r_, context_, reply);
        if (ngx_http_clave_replace_head(r_, reply) != NGX_OK) {
            return NGX_ERROR;
        }
        const ngx_int_t rc = next_header_filter(r_);
        if (rc == NGX_ERROR || rc > NGX_OK || r_->header_only) {
            return rc;
        }
        ngx_chain_t* out = ngx_http_clave_reply_body(r_, reply);
        return out ? next_body_filter(r_, out) : NGX_ERROR;
    }

    ngx_http_request_t* r_;
    Context& context_;
    Request request_;
    State state_ = State::none;
    Hold hold_;
    std::unique_ptr<AnsweredDocument> document_;
    std::optional<Task<Reply>> task_;
};

// Nothing is begun for who only asks what there would be; and it would not be this.
ngx_int_t answer_head(ngx_http_request_t* r) {
    Reply reply;
    reply.status = NGX_HTTP_OK;
    reply.headers.emplace_back("Cache-Control", "no-store");
    return ngx_http_clave_replace_head(r, reply) == NGX_OK ? next_header_filter(r) : NGX_ERROR;
}

ngx_int_t take(ngx_http_request_t* r) {
    ApplicationAnswer answer = answer_of(r);
    each_sign_header(r, [&](ngx_table_elt_t& header) {
        answer.sign.push_back(view(header.value));
        header.hash = 0;  // it is for us
    });
    if (answer.sign.empty()) {
        return next_header_filter(r);
    }
    if (r != r->main) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "clave: E-SIGN-ANSWER a document to sign, as a part of a page");
        return NGX_HTTP_BAD_GATEWAY;
    }
    Context& context = *make_context(r);
    // The application has taken what was handed over, if anything was, whatever becomes of this.
    ngx_http_clave_note_hand_over(r, context);
    if (r->method == NGX_HTTP_HEAD) {
        return answer_head(r);
    }
    auto* intake = make_in_pool<AnswerIntake>(r->pool, r, context);
    return intake != nullptr ? intake->open(answer) : NGX_ERROR;
}

// Somebody has forgotten the directive, or the header.
void wonder(ngx_http_request_t* r) {
    const SrvConf* server = srv_conf(r);
    if (!server->used || server->site->signing == nullptr) {
        return;
    }
    each_sign_header(r, [r](const ngx_table_elt_t&) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "clave: E-SIGN-HEADER passed on, in a location without \"clave_sign "
                      "upstream\"");
    });
}

ngx_int_t ngx_http_clave_answer_header_filter(ngx_http_request_t* r) {
    if (!wants_documents(*loc_conf(r))) {
        wonder(r);
        return next_header_filter(r);
    }
    return guard(r->connection->log, [r] { return take(r); });
}

ngx_int_t ngx_http_clave_answer_body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
    auto* intake = r == r->main && wants_documents(*loc_conf(r))
                       ? find_in_pool<AnswerIntake>(r->pool)
                       : nullptr;
    if (intake == nullptr) {
        return next_body_filter(r, in);
    }
    const ngx_int_t rc = guard(r->connection->log, [&] { return intake->body(in); });
    return rc > NGX_OK ? NGX_ERROR : rc;
}

}  // namespace
}  // namespace clave::nginx

using namespace clave::nginx;

void ngx_http_clave_init_answer_filters() {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_clave_answer_header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_clave_answer_body_filter;
}
