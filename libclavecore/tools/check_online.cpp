// The gateway and FIRe from here: names, the network, TLS, and whose clock is right.
#include <chrono>
#include <cstdlib>

#include "checks.h"
#include "fetch.h"

namespace clave::tool {
namespace {

constexpr Seconds kBearable{30};  // half of the default of clave_clock_skew

void check_clock(Checks& checks, const std::string& name, const Fetched& answer) {
    if (!answer.date) {
        return;
    }
    const Time now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    const Seconds ahead = *answer.date - now;
    const bool well = ahead >= -kBearable && ahead <= kBearable;
    checks.add(well ? State::good : State::bad, "clock",
               name + " is " + std::to_string(std::abs(ahead.count())) + " s " +
                   (ahead.count() < 0 ? "behind" : "ahead") + " of this machine",
               well ? "" : "let the clock follow NTP: answers are valid for minutes only");
}

void check_answer(Checks& checks, const std::string& name, const std::string& url,
                  FetchSettings settings) {
    Fetcher fetcher(std::move(settings));
    const auto answer = fetcher.ask("GET", url);
    if (!answer) {
        checks.bad(name, answer.error());
        return;
    }
    // What it thinks of a request that is none says nothing; that it answers does.
    checks.add(answer->status < 500 ? State::good : State::warning, name,
               url + " answers (status " + std::to_string(answer->status) + ", " +
                   std::to_string(answer->took.count()) + " ms)");
    check_clock(checks, name, *answer);
}

}  // namespace

void check_gateway(Checks& checks, const Checklist& list) {
    if (!list.gateway.empty()) {
        FetchSettings settings;
        settings.trusted_certificate = list.trusted_certificate;
        check_answer(checks, "gateway", list.gateway, settings);
    }
}

void check_firma(Checks& checks, const Checklist& list) {
    if (!list.firma.empty()) {
        FetchSettings settings;
        settings.trusted_certificate = list.firma_trusted_certificate;
        settings.certificate = list.firma_certificate;
        settings.certificate_key = list.firma_certificate_key;
        check_answer(checks, "firma", list.firma, settings);
    }
}

}  // namespace clave::tool
