// The body of a request, read into memory and nowhere else: what a citizen sends to us lies in no
// temporary file (checklist H-15). Only the documents of applications, of any size, go into a file,
// which has no name.
#pragma once

#include <cstdint>
#include <string>

#include "ngx.h"

namespace clave::nginx {

// One per request, made with make_in_pool.
class BodyReader {
  public:
    // What became of a body that read() had to wait for; `rc` as of read(), without NGX_AGAIN. The
    // request may be finalized, or go on through its phases.
    using Over = void (*)(ngx_http_request_t* r, ngx_int_t rc);

    BodyReader(ngx_http_request_t* r, std::size_t limit, Over over) noexcept
        : r_(r), limit_(limit), over_(over) {}

    // NGX_OK: it is whole. NGX_AGAIN: `over` will be called. NGX_DECLINED: longer than the limit,
    // and not read to its end. Otherwise the status that nginx answers a bad body with.
    ngx_int_t read();

    const std::string& body() const noexcept { return body_; }

    // To be called before read(), instead of body(): a file in client_body_temp_path, open as long
    // as the request; -1 for an empty body.
    void keep_in_file() noexcept { in_file_ = true; }
    int file() const noexcept { return file_ == nullptr ? -1 : file_->file.fd; }
    std::uint64_t size() const noexcept { return size_; }

  private:
    static void on_event(ngx_http_request_t* r);
    ngx_int_t read_on();
    bool take_chunk();
    bool take(const ngx_buf_t& buf);
    bool write(const ngx_buf_t& buf);

    ngx_http_request_t* r_;
    std::size_t limit_;
    Over over_;
    std::string body_;
    std::uint64_t size_ = 0;
    bool in_file_ = false;
    ngx_temp_file_t* file_ = nullptr;
    bool waiting_ = false;
    ngx_int_t at_once_ = NGX_AGAIN;
};

// What is left of the body is nobody's: it is read and dropped, or its sender would see a reset and
// not the answer, and the connection ends.
void drop_rest_of_body(ngx_http_request_t* r) noexcept;

// Whoever reads the body of `r` from now on gets these octets, which live as long as the request.
// NGX_ERROR if there is no memory.
ngx_int_t give_body(ngx_http_request_t* r, std::string_view octets);

}  // namespace clave::nginx
