// HTTPS to services that the configuration names: libcurl's multi interface over a Loop.
//
//   HttpsRequest request;  request.url = …;
//   auto sending = client->send(std::move(request));
//   auto answer = co_await std::move(sending);        // HttpsResult
//
// * https only, TLS 1.2 or later, HTTP/1.1, no redirects, no proxy (not even from the environment),
//   no cookies, no cached credentials (checklist F-01).
// * Names are resolved on the worker pool and handed to curl: it never looks one up itself
//   (product.md 8.7).
// * A request with a body is never sent twice by itself (F-10). curl would send it again on a new
//   connection when a kept one turns out to be closed; our bodies cannot be rewound.
// * Destroying the Task takes the request back, at any moment, also from inside RequestBody::read()
//   or ResponseSink::write(). Its connection is closed; what the peer makes of it, nobody knows.
// * A Task is resumed from the loop, never from inside a callback of curl.
// * The host ignores SIGPIPE, as nginx does: libssl writes to connections that may have gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clave/host.h"
#include "clave/loop.h"
#include "clave/pki.h"
#include "clave/task.h"

namespace clave {

// A body that is made while it is sent, so that memory does not grow with it. Called from the loop.
struct RequestBody {
    // Exact, and the same at every call: it is the Content-Length.
    virtual std::uint64_t size() const noexcept = 0;
    // Puts at least one byte into `out`, at most all of it, and says how many; 0 only at the end.
    // nullopt: there will be no more, and the peer must not take what it has for a whole request.
    virtual std::optional<std::size_t> read(std::span<std::byte> out) noexcept = 0;

  protected:
    ~RequestBody() = default;
};

// Takes the body of a 200 piece by piece. Called from the loop.
struct ResponseSink {
    // False: it cannot be kept, and the request ends as failed.
    [[nodiscard]] virtual bool write(std::span<const std::byte> bytes) noexcept = 0;

  protected:
    ~ResponseSink() = default;
};

struct HttpsRequest {
    std::string url{};
    std::string content_type{};    // of the body
    RequestBody* body = nullptr;   // null: GET, else POST; outlives the Task
    ResponseSink* sink = nullptr;  // null: the body of a 200, too, is kept in memory; outlives …
    std::uint64_t most_bytes = 64 * 1024;  // of the answer's body
    std::chrono::milliseconds connect_limit{5000};
    std::chrono::milliseconds limit{30000};  // for all of it, name resolution included
    // Never over a kept connection: one that the peer has just closed would cost an operation that
    // can be asked for only once.
    bool fresh_connection = false;
};

struct HttpsResponse {
    int status = 0;            // whatever it is: only the caller knows what 404 means
    std::string content_type;  // as sent, empty if none
    std::string body;          // empty for a 200 that went to the sink
};

struct HttpsFailure {
    // False: the peer cannot have received the whole request. True: it may have acted on it.
    bool may_have_arrived = false;
    std::string detail;  // for the operator's log; nothing of the bodies
};

using HttpsResult = tl::expected<HttpsResponse, HttpsFailure>;

// Who we are and whom we believe. In memory: a worker of the host may not read the files any more.
struct HttpsTrust {
    std::vector<Certificate> chain;  // ours, first; empty: no client certificate
    std::optional<PrivateKey>
        key;  // of the first one; not in a token, for which a handshake cannot wait
    std::vector<Certificate> trusted;  // nobody else then; empty: the system's authorities
};

class HttpsClient {
  public:
    // nullptr: no memory, or no libcurl with TLS by OpenSSL. Loop and pool outlive the client, the
    // client outlives its Tasks. Its identity never changes: another certificate is another client,
    // so that no connection is kept across the change (F-13).
    static std::unique_ptr<HttpsClient> create(Loop& loop, WorkerPool& pool, HttpsTrust trust);
    ~HttpsClient();

    // The body of a status other than 200 is kept in memory, up to min(most_bytes, 64 KiB), and
    // what is over that is dropped; a 200 over most_bytes is a failure.
    Task<HttpsResult> send(HttpsRequest request);

  private:
    struct Parts;
    explicit HttpsClient(std::unique_ptr<Parts> parts) noexcept;
    std::unique_ptr<Parts> parts_;
};

}  // namespace clave
