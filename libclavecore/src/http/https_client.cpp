#include "clave/https_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "http/address_book.h"
#include "http/exchange.h"
#include "http/tls_identity.h"
#include "http/transfer.h"

namespace clave {
namespace {

struct Authority {
    std::string host;
    std::string port;
};

class Url {
  public:
    Url() noexcept : url_(curl_url()) {}
    Url(const Url&) = delete;
    Url& operator=(const Url&) = delete;
    ~Url() { curl_url_cleanup(url_); }

    bool parse(const std::string& text) noexcept {
        return url_ != nullptr &&
               curl_url_set(url_, CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
    }
    std::string part(CURLUPart which) const {
        char* text = nullptr;
        if (curl_url_get(url_, which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
            return {};
        }
        const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
        return text;
    }

  private:
    CURLU* url_;
};

// A name that curl could spell in another way than we do would be looked up by curl after all.
bool is_plain(std::string_view host) {
    return !host.empty() && host.back() != '.' && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_' || c == ':' || c == '[' || c == ']';
    });
}

std::optional<Authority> authority_of(const std::string& text) {
    Url url;
    if (!url.parse(text) || url.part(CURLUPART_SCHEME) != "https") {
        return std::nullopt;
    }
    Authority authority{url.part(CURLUPART_HOST), url.part(CURLUPART_PORT)};
    if (!is_plain(authority.host) || authority.port.empty()) {
        return std::nullopt;
    }
    return authority;
}

std::string without_brackets(std::string_view host) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    return std::string(bracketed ? host.substr(1, host.size() - 2) : host);
}

// For CURLOPT_RESOLVE.
std::string resolved(const Authority& authority, const std::vector<std::string>& addresses) {
    std::string line = authority.host + ":" + authority.port + ":";
    for (const std::string& address : addresses) {
        const bool six = address.find(':') != std::string::npos;
        line += (line.back() == ':' ? "" : ",") + (six ? "[" + address + "]" : address);
    }
    return line;
}

bool curl_speaks_tls_by_openssl() noexcept {
    static const bool speaks = [] {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            return false;
        }
        const curl_version_info_data* const info = curl_version_info(CURLVERSION_NOW);
        return info->ssl_version != nullptr &&
               std::string_view(info->ssl_version).starts_with("OpenSSL");
    }();
    return speaks;
}

}  // namespace

struct HttpsClient::Parts {
    Parts(Loop& on, WorkerPool& pool, HttpsTrust trust)
        : loop(on), book(on, pool), identity(std::move(trust)) {}

    Loop& loop;
    AddressBook book;
    TlsIdentity identity;
    std::unique_ptr<Exchange> exchange;
};

HttpsClient::HttpsClient(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
HttpsClient::~HttpsClient() = default;

std::unique_ptr<HttpsClient> HttpsClient::create(Loop& loop, WorkerPool& pool, HttpsTrust trust) {
    if (!curl_speaks_tls_by_openssl()) {
        return nullptr;
    }
    auto parts = std::make_unique<Parts>(loop, pool, std::move(trust));
    parts->exchange = Exchange::create(loop);
    if (parts->exchange == nullptr) {
        return nullptr;
    }
    return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(parts)));
}

Task<HttpsResult> HttpsClient::send(HttpsRequest request) {
    const auto begun = parts_->loop.now();
    const auto authority = authority_of(request.url);
    if (!authority) {
        co_return tl::unexpected(HttpsFailure{false, "not an https URL with a plain host name"});
    }
    auto looking = parts_->book.find(without_brackets(authority->host), request.limit);
    const auto addresses = co_await std::move(looking);
    if (!addresses) {
        co_return tl::unexpected(HttpsFailure{false, addresses.error().detail});
    }
    const auto spent = std::chrono::ceil<std::chrono::milliseconds>(parts_->loop.now() - begun);
    if (spent >= request.limit) {
        co_return tl::unexpected(HttpsFailure{false, "no time left after the name was resolved"});
    }
    Transfer transfer(parts_->loop, *parts_->exchange, parts_->identity, request,
                      resolved(*authority, *addresses), request.limit - spent);
    co_return co_await transfer;
}

}  // namespace clave
