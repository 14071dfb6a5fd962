#include "http/transfer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::uint64_t kMostHeaders = 64 * 1024;
constexpr std::uint64_t kMostOfAnError = 64 * 1024;

struct ListFree {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListFree>;

void append(List& list, const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    require(longer != nullptr);
    static_cast<void>(list.release());
    list.reset(longer);
}

bool begins_with_name(std::string_view line, std::string_view name) noexcept {
    return line.size() >= name.size() &&
           std::equal(name.begin(), name.end(), line.begin(), [](char lower, char c) {
               return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
           });
}

}  // namespace

class Transfer::Conversation final : public Exchange::Call {
  public:
    Conversation(Transfer& transfer, const TlsIdentity& identity, const HttpsRequest& request,
                 const std::string& resolved, std::chrono::milliseconds limit)
        : Call(curl_easy_init()), transfer_(&transfer), identity_(identity), request_(request) {
        prepared_ = easy() != nullptr && speak_https_only() && believe() && mind_limits(limit) &&
                    call_back() && ask(resolved);
    }

    bool prepared() const noexcept { return prepared_; }
    // From then on nothing of the transfer or its request is touched.
    void forget_transfer() noexcept { transfer_ = nullptr; }

  private:
    template <class Value>
    bool set(CURLoption option, Value value) noexcept {
        return curl_easy_setopt(easy(), option, value) == CURLE_OK;
    }

    bool speak_https_only() noexcept {
        return set(CURLOPT_PROTOCOLS_STR, "https") && set(CURLOPT_FOLLOWLOCATION, 0L) &&
               set(CURLOPT_PROXY, "") && set(CURLOPT_NOPROXY, "*") &&
               set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
               set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1}) && set(CURLOPT_NOSIGNAL, 1L);
    }

    bool believe() noexcept {
        curl_ssl_ctx_callback on_context = [](CURL*, void* context, void* self) noexcept {
            const auto& identity = static_cast<Conversation*>(self)->identity_;
            return identity.apply(static_cast<SSL_CTX*>(context)) ? CURLE_OK
                                                                  : CURLE_SSL_CERTPROBLEM;
        };
        // Debian's curl adds the system's directory of authorities to whatever file it is given.
        const char* const nothing = nullptr;
        const bool alone = identity_.believes_the_system() ||
                           (set(CURLOPT_CAINFO, nothing) && set(CURLOPT_CAPATH, nothing));
        return alone && set(CURLOPT_SSL_VERIFYPEER, 1L) && set(CURLOPT_SSL_VERIFYHOST, 2L) &&
               set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2}) &&
               set(CURLOPT_SSL_CTX_FUNCTION, on_context) && set(CURLOPT_SSL_CTX_DATA, this);
    }

    bool mind_limits(std::chrono::milliseconds limit) noexcept {
        const auto connect = std::min(limit, request_.connect_limit);
        return set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(limit.count(), 1L))) &&
               set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max(connect.count(), 1L)));
    }

    bool call_back() noexcept {
        curl_write_callback on_header = [](char* line, std::size_t size, std::size_t count,
                                           void* self) noexcept {
            return static_cast<Conversation*>(self)->take_header({line, size * count});
        };
        curl_write_callback on_body = [](char* bytes, std::size_t size, std::size_t count,
                                         void* self) noexcept {
            return static_cast<Conversation*>(self)->take_body({bytes, size * count});
        };
        return set(CURLOPT_ERRORBUFFER, complaint_.data()) &&
               set(CURLOPT_HEADERFUNCTION, on_header) && set(CURLOPT_HEADERDATA, this) &&
               set(CURLOPT_WRITEFUNCTION, on_body) && set(CURLOPT_WRITEDATA, this);
    }

    bool ask(const std::string& resolved) {
        if (!resolved.empty()) {
            append(addresses_, resolved);
        }
        if (!set(CURLOPT_URL, request_.url.c_str()) || !set(CURLOPT_RESOLVE, addresses_.get()) ||
            !set(CURLOPT_FRESH_CONNECT, request_.fresh_connection ? 1L : 0L)) {
            return false;
        }
        if (request_.body == nullptr) {
            return true;
        }
        curl_read_callback on_read = [](char* out, std::size_t size, std::size_t count,
                                        void* self) noexcept {
            return static_cast<Conversation*>(self)->give_body({out, size * count});
        };
        append(headers_, "Content-Type: " + request_.content_type);
        append(headers_, "Expect:");  // a round trip that prevents nothing (protocol section 2.4)
        // No CURLOPT_SEEKFUNCTION: what cannot be rewound, curl cannot send a second time.
        return set(CURLOPT_POST, 1L) && set(CURLOPT_HTTPHEADER, headers_.get()) &&
               set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body->size())) &&
               set(CURLOPT_READFUNCTION, on_read) && set(CURLOPT_READDATA, this);
    }

    // Each callback may find, after calling out, that the transfer has gone.
    std::size_t give_body(std::span<char> out) noexcept {
        if (transfer_ == nullptr) {
            return CURL_READFUNC_ABORT;
        }
        const bool whole = given_ == request_.body->size();
        const auto got = whole ? std::size_t{0} : request_.body->read(std::as_writable_bytes(out));
        if (transfer_ == nullptr) {
            return CURL_READFUNC_ABORT;
        }
        if (!got || (*got == 0 && !whole)) {
            problem_ = "the body of the request could not be read to its end";
            return CURL_READFUNC_ABORT;
        }
        given_ += *got;
        return *got;
    }

    std::size_t take_header(std::string_view line) noexcept {
        header_bytes_ += line.size();
        if (header_bytes_ > kMostHeaders) {
            problem_ = "more headers than 64 KiB";
            return 0;
        }
        if (line.starts_with("HTTP/")) {  // another head, after 100 Continue
            framed_ = head_ended_ = false;
        }
        framed_ = framed_ || begins_with_name(line, "content-length:") ||
                  begins_with_name(line, "transfer-encoding:");
        head_ended_ = head_ended_ || line == "\r\n" || line == "\n";
        return line.size();
    }

    std::size_t take_body(std::span<const char> bytes) noexcept {
        if (transfer_ == nullptr) {
            return 0;
        }
        received_ += bytes.size();
        const bool good = status() == 200;
        if (received_ >
            (good ? request_.most_bytes : std::min(request_.most_bytes, kMostOfAnError))) {
            problem_ = "the answer is larger than allowed";
            return 0;
        }
        if (!good || request_.sink == nullptr) {
            try {
                body_.append(bytes.data(), bytes.size());
            } catch (const std::bad_alloc&) {
                return 0;
            }
            return bytes.size();
        }
        const bool kept = request_.sink->write(std::as_bytes(bytes));
        if (transfer_ != nullptr && !kept) {
            problem_ = "the answer could not be kept";
        }
        return kept && transfer_ != nullptr ? bytes.size() : 0;
    }

    int status() const noexcept {
        long status = 0;
        curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
        return static_cast<int>(status);
    }

    void on_finished(CURLcode code) noexcept override {
        transfer_->result_ = outcome(code);
        transfer_->conversation_ = nullptr;
        transfer_->resumption_.soon();
    }

    HttpsResult outcome(CURLcode code) {
        // curl is content with half a head, and with a body that ends because the connection does.
        if (code == CURLE_OK && !(head_ended_ && framed_)) {
            problem_ = "the answer does not say where it ends";
        }
        // A refusal counts as such even when the rest of it was cut off: an oversize body is
        // answered while it is still being sent (protocol section 2.4).
        const bool whole = code == CURLE_OK && problem_.empty();
        if (whole || (head_ended_ && status() >= 300 && header_bytes_ <= kMostHeaders)) {
            const char* type = nullptr;
            curl_easy_getinfo(easy(), CURLINFO_CONTENT_TYPE, &type);
            return HttpsResponse{status(), type == nullptr ? "" : type, std::move(body_)};
        }
        return tl::unexpected(HttpsFailure{may_have_arrived(), explanation(code)});
    }

    // By what curl took from us, not by what it says it sent: it counts anew for each connection.
    bool may_have_arrived() const noexcept {
        if (request_.body != nullptr && request_.body->size() > 0) {
            return given_ == request_.body->size();
        }
        long head = 0;
        curl_easy_getinfo(easy(), CURLINFO_REQUEST_SIZE, &head);
        return head > 0;
    }

    std::string explanation(CURLcode code) const {
        if (!problem_.empty()) {
            return std::string(problem_);
        }
        const std::string_view said = complaint_.data();
        return said.empty() ? curl_easy_strerror(code) : ascii_text(said);  // it quotes peers
    }

    Transfer* transfer_;
    const TlsIdentity& identity_;
    const HttpsRequest& request_;
    List addresses_;
    List headers_;
    std::array<char, CURL_ERROR_SIZE> complaint_{};
    std::string_view problem_;
    std::string body_;
    std::uint64_t given_ = 0;
    std::uint64_t header_bytes_ = 0;
    std::uint64_t received_ = 0;
    bool head_ended_ = false;
    bool framed_ = false;
    bool prepared_ = false;
};

Transfer::Transfer(Loop& loop, Exchange& exchange, const TlsIdentity& identity,
                   const HttpsRequest& request, const std::string& resolved,
                   std::chrono::milliseconds limit)
    : exchange_(exchange),
      resumption_(loop),
      unsent_(std::make_unique<Conversation>(*this, identity, request, resolved, limit)),
      conversation_(static_cast<Conversation*>(unsent_.get())) {}

Transfer::~Transfer() {
    if (unsent_ == nullptr && conversation_ != nullptr) {
        conversation_->forget_transfer();
        exchange_.take_back(*conversation_);
    }
}

void Transfer::await_suspend(std::coroutine_handle<> waiting) {
    resumption_.wait(waiting);
    if (!conversation_->prepared()) {
        resumption_.soon();
        return;
    }
    exchange_.begin(std::move(unsent_));
}

HttpsResult Transfer::await_resume() {
    if (!result_) {
        return tl::unexpected(HttpsFailure{false, "curl refuses the request, or has no memory"});
    }
    return *std::move(result_);
}

}  // namespace clave
