#include "fetch.h"

#include <curl/curl.h>

#include <ctime>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

namespace clave::tool {
namespace {

constexpr std::size_t kMostBody = 4UL * 1024 * 1024;

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
    auto& body = *static_cast<std::string*>(to);
    if (body.size() + size * count > kMostBody) {
        return 0;
    }
    body.append(data, size * count);
    return size * count;
}

struct ListFree {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

std::string info_text(CURL* curl, CURLINFO what) {
    const char* text = nullptr;
    return curl_easy_getinfo(curl, what, &text) == CURLE_OK && text != nullptr ? text : "";
}

std::optional<Time> date_of(CURL* curl) {
    curl_header* header = nullptr;
    if (curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return std::nullopt;
    }
    const std::time_t seconds = curl_getdate(header->value, nullptr);
    return seconds < 0 ? std::nullopt : std::optional(Time(Seconds(seconds)));
}

void set(CURL* curl, CURLoption option, const std::string& value) {
    if (!value.empty()) {
        curl_easy_setopt(curl, option, value.c_str());
    }
}

}  // namespace

// What is the same for all requests. Never reset: with its cookies, libcurl would lose a little
// memory.
Fetcher::Fetcher(FetchSettings settings) : settings_(std::move(settings)), curl_(curl_easy_init()) {
    if (curl_ == nullptr) {
        throw std::bad_alloc();
    }
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, static_cast<long>(settings_.timeout.count()));
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, take_body);
    if (settings_.cookies) {
        curl_easy_setopt(curl_, CURLOPT_COOKIEFILE, "");  // no file: in memory only
    }
    set(curl_, CURLOPT_UNIX_SOCKET_PATH, settings_.socket);
    set(curl_, CURLOPT_CAINFO, settings_.trusted_certificate);
    set(curl_, CURLOPT_SSLCERT, settings_.certificate);
    set(curl_, CURLOPT_SSLKEY, settings_.certificate_key);
}

Fetcher::~Fetcher() {
    curl_easy_cleanup(curl_);
}

ConfigResult<Fetched> Fetcher::ask(const std::string& method, const std::string& url,
                                   const std::string& body, const std::string& content_type) {
    Fetched fetched;
    char why[CURL_ERROR_SIZE] = "";
    std::unique_ptr<curl_slist, ListFree> headers;
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, why);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &fetched.body);
    if (content_type.empty()) {
        curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
    } else {
        headers.reset(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
        curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
    }
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method.c_str());
    const CURLcode result = curl_easy_perform(curl_);
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, nullptr);  // those of this call end with it
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, nullptr);
    if (result != CURLE_OK) {
        std::string reason = why[0] != '\0' ? why : curl_easy_strerror(result);
        long error = 0;
        curl_easy_getinfo(curl_, CURLINFO_OS_ERRNO, &error);
        if (!settings_.socket.empty() && result == CURLE_COULDNT_CONNECT && error != 0) {
            // libcurl speaks of the host in the URL, which is not asked.
            reason = std::generic_category().message(static_cast<int>(error));
        }
        return tl::unexpected(ConfigError{"no answer from " +
                                              (settings_.socket.empty() ? url : settings_.socket) +
                                              " (" + reason + ")",
                                          {}});
    }
    curl_off_t took = 0;
    curl_easy_getinfo(curl_, CURLINFO_TOTAL_TIME_T, &took);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &fetched.status);
    fetched.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(took));
    fetched.url = url;
    fetched.location = info_text(curl_, CURLINFO_REDIRECT_URL);
    fetched.date = date_of(curl_);
    return fetched;
}

}  // namespace clave::tool
