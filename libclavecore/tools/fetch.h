// One HTTP request after the other, for commands that have nothing else to do meanwhile.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "clave/host.h"
#include "clave/pki.h"

using CURL = void;

namespace clave::tool {

struct FetchSettings {
    std::string socket;               // a unix socket; empty: what the URL says
    std::string trusted_certificate;  // empty: the system's authorities
    std::string certificate;          // of ours, with its key; empty: none
    std::string certificate_key;
    std::chrono::seconds timeout{10};
    bool cookies = false;
};

struct Fetched {
    long status = 0;
    std::string url;       // that was asked for
    std::string location;  // absolute; empty: no redirect
    std::string body;
    std::optional<Time> date;  // of its Date header
    std::chrono::milliseconds took{};
};

class Fetcher {
  public:
    explicit Fetcher(FetchSettings settings);
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    // Follows nothing. Errors: no answer, with the reason; one of more than 4 MiB.
    ConfigResult<Fetched> ask(const std::string& method, const std::string& url,
                              const std::string& body = {}, const std::string& content_type = {});

  private:
    FetchSettings settings_;
    CURL* curl_;
};

}  // namespace clave::tool
