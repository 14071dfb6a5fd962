#include "body_reader.h"

#include "guard.h"
#include "in_pool.h"

namespace clave::nginx {

ngx_int_t BodyReader::read() {
    const off_t announced = r_->headers_in.content_length_n;
    if (announced > static_cast<off_t>(limit_)) {
        return NGX_DECLINED;
    }
    if (announced > 0 && !in_file_) {
        body_.reserve(static_cast<std::size_t>(announced));
    }
    r_->request_body_no_buffering = 1;
    r_->request_body_in_file_only = 0;
    const ngx_int_t rc = ngx_http_read_client_request_body(r_, on_event);
    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }
    // nginx counts a reader as a user of the request, who ends it; ours only looks.
    --r_->main->count;
    waiting_ = at_once_ == NGX_AGAIN;
    return at_once_;
}

// nginx calls it from inside of read() first, and then for each piece that arrives.
void BodyReader::on_event(ngx_http_request_t* r) {
    BodyReader& self = *find_in_pool<BodyReader>(r->pool);
    const ngx_int_t rc = guard(r->connection->log, [&] { return self.read_on(); });
    if (rc == NGX_AGAIN) {
        r->read_event_handler = on_event;
        r->write_event_handler = ngx_http_request_empty_handler;
    } else {
        r->read_event_handler = ngx_http_block_reading;
    }
    if (!self.waiting_) {
        self.at_once_ = rc;
    } else if (rc != NGX_AGAIN) {
        self.over_(r, rc);  // may destroy both
    }
}

ngx_int_t BodyReader::read_on() {
    for (;;) {
        if (!take_chunk()) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        if (size_ > limit_) {
            return NGX_DECLINED;
        }
        if (!r_->reading_body) {
            return NGX_OK;
        }
        const ngx_int_t rc = ngx_http_read_unbuffered_request_body(r_);
        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            return rc;
        }
        if (rc == NGX_AGAIN && r_->request_body->bufs == nullptr) {
            return NGX_AGAIN;
        }
    }
}

// False for octets that are not in memory: somebody else has read them, and half a body is none.
bool BodyReader::take_chunk() {
    if (r_->request_body == nullptr) {
        return true;
    }
    for (ngx_chain_t* link = r_->request_body->bufs; link; link = link->next) {
        ngx_buf_t* buf = link->buf;
        if (buf->in_file && !ngx_buf_in_memory(buf)) {
            return false;
        }
        if (ngx_buf_in_memory(buf)) {
            if (!take(*buf)) {
                return false;
            }
            buf->pos = buf->last;
        }
    }
    r_->request_body->bufs = nullptr;
    return true;
}

bool BodyReader::take(const ngx_buf_t& buf) {
    size_ += static_cast<std::uint64_t>(buf.last - buf.pos);
    if (in_file_) {
        return size_ > limit_ || buf.last == buf.pos || write(buf);
    }
    body_.append(view({static_cast<std::size_t>(buf.last - buf.pos), buf.pos}));
    return true;
}

// As nginx does with a body that it has no room for: into the kernel's memory, from the loop.
bool BodyReader::write(const ngx_buf_t& buf) {
    if (file_ == nullptr) {
        const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
            ngx_http_get_module_loc_conf(r_, ngx_http_core_module));
        auto* file = static_cast<ngx_temp_file_t*>(ngx_pcalloc(r_->pool, sizeof(ngx_temp_file_t)));
        if (file == nullptr) {
            return false;
        }
        file->file.fd = NGX_INVALID_FILE;
        file->file.log = r_->connection->log;
        file->path = core->client_body_temp_path;
        file->pool = r_->pool;
        if (ngx_create_temp_file(&file->file, file->path, file->pool, file->persistent, file->clean,
                                 file->access) != NGX_OK) {
            return false;
        }
        ngx_delete_file(file->file.name.data);  // a worker that is killed leaves nothing behind
        file_ = file;
    }
    const ssize_t size = buf.last - buf.pos;
    return ngx_write_file(&file_->file, buf.pos, static_cast<std::size_t>(size),
                          file_->file.offset) == size;
}

void drop_rest_of_body(ngx_http_request_t* r) noexcept {
    r->keepalive = 0;
    r->lingering_close = 1;
}

ngx_int_t give_body(ngx_http_request_t* r, std::string_view octets) {
    if (r->request_body == nullptr) {
        r->request_body =
            static_cast<ngx_http_request_body_t*>(ngx_pcalloc(r->pool, sizeof(*r->request_body)));
    }
    ngx_chain_t* link = ngx_alloc_chain_link(r->pool);
    auto* buf = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (r->request_body == nullptr || link == nullptr || buf == nullptr) {
        return NGX_ERROR;
    }
    r->request_body->bufs = nullptr;  // as nginx has it for an empty body
    if (octets.empty()) {
        return NGX_OK;
    }
    // nginx reads from a buffer that is marked as memory, and does not write to it
    buf->start = reinterpret_cast<u_char*>(const_cast<char*>(octets.data()));
    buf->end = buf->start + octets.size();
    buf->pos = buf->start;
    buf->last = buf->end;
    buf->memory = 1;
    buf->last_buf = 1;
    *link = {buf, nullptr};
    r->request_body->bufs = link;
    return NGX_OK;
}

}  // namespace clave::nginx
