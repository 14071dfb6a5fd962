// A client of HTTPS on a loop of its own, and how a test waits for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clave/encoding.h"
#include "clave/https_client.h"
#include "clave/poll_loop.h"
#include "clave/thread_pool.h"
#include "support/test_keys.h"

namespace clave::test {

class TextBody final : public RequestBody {
  public:
    explicit TextBody(std::string text) : text_(std::move(text)) {}
    std::uint64_t size() const noexcept override { return text_.size(); }
    std::optional<std::size_t> read(std::span<std::byte> out) noexcept override {
        const auto rest = as_bytes(text_).subspan(at_);
        const std::size_t count = std::min(out.size(), rest.size());
        std::copy_n(rest.begin(), count, out.begin());
        at_ += count;
        return count;
    }

  private:
    std::string text_;
    std::size_t at_ = 0;
};

// Keys are slow to make, and one set serves all tests of a program.
inline const TestKey& server_key() {
    static const TestKey key = make_test_key("localhost", Algorithm::ec);
    return key;
}
inline const TestKey& client_key() {
    static const TestKey key = make_test_key("SIMULADOR cliente", Algorithm::ec);
    return key;
}

inline HttpsTrust mutual_trust() {
    return {{client_key().certificate}, client_key().key, {server_key().certificate}};
}

// Until the task is done, for ten seconds at most.
template <class T>
T wait_for(PollLoop& loop, Task<T> task) {
    task.start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!task.done()) {
        if (std::chrono::steady_clock::now() > deadline) {
            std::fputs("a task did not end within 20 seconds\n", stderr);
            std::abort();
        }
        loop.run_once(std::chrono::milliseconds(5));
    }
    return task.result();
}

struct Stand {
    explicit Stand(HttpsTrust trust = mutual_trust())
        : pool(ThreadPool::create(loop, 2, 64)),
          client(HttpsClient::create(loop, *pool, std::move(trust))) {}

    HttpsResult send(HttpsRequest request) {
        return wait_for(loop, client->send(std::move(request)));
    }
    HttpsResult post(const std::string& url, std::string_view text) {
        TextBody body{std::string(text)};
        return send({.url = url, .content_type = "text/plain", .body = &body});
    }

    PollLoop loop;
    std::unique_ptr<ThreadPool> pool;
    std::unique_ptr<HttpsClient> client;
};

}  // namespace clave::test
