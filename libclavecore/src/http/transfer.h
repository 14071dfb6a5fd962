// One request and its answer, awaited once. Its handle is new and nobody else's: nothing of one
// person's request can be left in that of another (F-13).
#pragma once

#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>

#include "clave/https_client.h"
#include "http/exchange.h"
#include "http/tls_identity.h"
#include "loop/resumption.h"

namespace clave {

class Transfer {
  public:
    // `resolved` in the syntax of CURLOPT_RESOLVE. All but that outlive the transfer.
    Transfer(Loop& loop, Exchange& exchange, const TlsIdentity& identity,
             const HttpsRequest& request, const std::string& resolved,
             std::chrono::milliseconds limit);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer();

    bool await_ready() const noexcept { return !resumption_.ready(); }
    void await_suspend(std::coroutine_handle<> waiting);
    HttpsResult await_resume();

  private:
    class Conversation;

    Exchange& exchange_;
    Resumption resumption_;
    std::unique_ptr<Exchange::Call> unsent_;
    Conversation* conversation_;  // the exchange's, once sent; null once it has ended
    std::optional<HttpsResult> result_;
};

}  // namespace clave
