// A whole login without a web server: gate, zone, worker threads, a gateway that signs, and
// browsers that keep cookies.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "clave/parcels.h"
#include "clave/poll_loop.h"
#include "clave/thread_pool.h"
#include "clave/zone.h"
#include "login_fixture.h"
#include "support/test_gateway.h"

namespace clave::test {

struct PlainMutex final : ZoneMutex {
    std::mutex mutex;
    void lock() noexcept override { mutex.lock(); }
    void unlock() noexcept override { mutex.unlock(); }
};

struct NoLog final : Logger {
    void log(Severity, std::string_view) noexcept override {}
};

// Keys take longer to make than everything else here.
inline const TestGateway& gateway() {
    static const TestGateway instance;
    return instance;
}

// What the gateway says; the defaults are Ana, with password and code.
struct Statement {
    std::string nif = "00000000T";
    std::string loa = "substantial";
    std::string session_end = {};   // SessionNotOnOrAfter
    std::string failure = {};       // second status code, instead of success
    std::string failure_says = {};  // and its message
    std::string assertion_id = "_assertion1";
};

class Office {
  public:
    static constexpr std::string_view kAsked = "2026-11-21T09:59:40Z";
    static constexpr std::string_view kAnswered = "2026-11-21T10:00:05Z";

    explicit Office(Store* store = nullptr) {
        saml::initialise();
        clock.time = *parse_utc(kAsked);
        site.keys = {gateway().sede.key};
        site.certificate = {gateway().sede.certificate};
        site.gateway_certificates = {gateway().gateway.certificate};
        if (!Zone::format(memory_, random))
            std::abort();
        zone.emplace(memory_, mutex_, log_);
        if (!Parcels::format(parcels_memory_))
            std::abort();
        gate.emplace(store != nullptr ? *store : *zone, test_key(), *pool_, clock, random,
                     &parcels_);
    }

    // As on a machine that never had any.
    bool forgets_forms() { return Parcels::format(parcels_memory_); }

    // A new session key, and the old one still read.
    void change_key(Store* store = nullptr) {
        gate.emplace(store != nullptr ? *store : *zone, KeyRing({test_key(8), test_key()}), *pool_,
                     clock, random);
    }

    Reply serve(Browser& browser, Request request) {
        const std::string cookies = browser.cookie_header();
        request.cookies = {cookies};
        Reply reply = finish(gate->serve(site, request));
        browser.receive(reply);
        return reply;
    }
    Reply get(Browser& browser, std::string_view target) {
        return serve(browser, page_load(target));
    }

    // As a host asks: first its own memory, then the store.
    Identified who(const Browser& browser, RecordBytes& record) {
        const Identified found = gate->identify(site, session_of(browser), record);
        return found.lookup == Lookup::unread ? finish(gate->ask_store(site, found.key, record))
                                              : found;
    }

    // A page load of `target`: 200 if the session lets it pass.
    Reply visit(Browser& browser, std::string_view target, std::string_view level) {
        const std::string cookies = browser.cookie_header();
        Request request = page_load(target);
        request.cookies = {cookies};
        RecordBytes record;
        const Identified who = this->who(browser, record);
        const Requirement asked = requirement(level);
        const Admission admission = who.lookup == Lookup::hit
                                        ? admit(asked, who.session.credential, clock.now())
                                        : Admission::level_low;
        Reply reply;
        if (who.lookup == Lookup::hit && admission == Admission::granted) {
            reply.status = 200;
            reply.body = std::string(who.session.nif) + " " + std::string(who.session.level);
            return reply;
        }
        reply = gate->turn_away(site, asked, request, Unauthenticated::automatic, who, admission);
        browser.receive(reply);
        return reply;
    }

    // From the page that posts to the gateway.
    static std::string relay_state(const Reply& page) { return field(page, "RelayState"); }
    static std::string request_id(const Reply& page) {
        const std::string xml = base64_decode(field(page, "SAMLRequest")).value_or("");
        const std::size_t at = xml.find(" ID=\"") + 5;
        return xml.substr(at, xml.find('"', at) - at);
    }

    // The gateway's answer to the request on `page`.
    static std::string message(const Reply& page, const Statement& says = {}) {
        const std::string id = request_id(page);
        Answer plan;
        plan.assertion = [&](std::string& xml) {
            swap_text(xml, "_request1", id);
            swap_text(xml, "_assertion1", says.assertion_id);
            swap_text(xml, "00000000T", says.nif);
            swap_text(xml, "00000000T", says.nif);
            swap_text(xml, "LoA/substantial", "LoA/" + says.loa);
            if (!says.session_end.empty()) {
                swap_text(
                    xml, "<saml2:AuthnStatement ",
                    "<saml2:AuthnStatement SessionNotOnOrAfter=\"" + says.session_end + "\" ");
            }
        };
        plan.response = [&](std::string& xml) {
            swap_text(xml, "_request1", id);
            if (!says.failure.empty()) {
                TestGateway::make_error(
                    xml,
                    "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\">"
                    "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:" +
                        says.failure + "\"/></saml2p:StatusCode><saml2p:StatusMessage>" +
                        says.failure_says + "</saml2p:StatusMessage>");
            }
        };
        return gateway().answer(plan);
    }

    // The cross-site POST: no cookie of ours is sent with it.
    Reply post(const std::string& xml, const std::string& relay) {
        const std::string body = "SAMLResponse=" + percent_encode(base64_encode(as_bytes(xml))) +
                                 "&RelayState=" + percent_encode(relay);
        return post_form(body);
    }
    Reply post_form(const std::string& body, std::string_view query = {},
                    std::string_view type = "application/x-www-form-urlencoded") {
        Request request;
        request.method = "POST";
        request.path = "/.clave/acs";
        request.query = query;
        request.content_type = type;
        request.body = body;
        Browser nobody;
        return serve(nobody, request);
    }

    // The page to the gateway, by way of a visit.
    Reply page_to_gateway(Browser& browser, std::string_view target, std::string_view level) {
        clock.time = *parse_utc(kAsked);
        std::string location = header(visit(browser, target, level), "Location");
        for (const std::string_view first : {"/.clave/stepup", "/.clave/expired"}) {
            if (location.starts_with(first)) {
                location.replace(0, first.size(), "/.clave/login");
            }
        }
        return get(browser, location);
    }
    // From a visit to the answer of `return`.
    Reply log_in(Browser& browser, std::string_view target, std::string_view level,
                 const Statement& says = {}) {
        const Reply page = page_to_gateway(browser, target, level);
        clock.time = *parse_utc(kAnswered);
        const Reply accepted = post(message(page, says), relay_state(page));
        return accepted.status == 303 ? get(browser, header(accepted, "Location")) : accepted;
    }

    std::string session_of(const Browser& browser) const {
        const auto found = browser.cookies.find(site.cookie);
        return found == browser.cookies.end() ? std::string() : found->second;
    }

    template <class T>
    T finish(Task<T> task) {
        task.start();
        while (!task.done()) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
        return task.result();
    }

    // Asks, and is gone as soon as `until` says. False: there was an answer before.
    template <class Until>
    bool ask_and_leave(const Request& request, Until until) {
        auto asking = gate->serve(site, request);
        asking.start();
        while (!asking.done() && !until()) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
        return !asking.done();
    }

    FixedClock clock;
    CountingRandom random;
    Site site = test_site();
    std::optional<Zone> zone;
    std::optional<Gate> gate;

    static std::string field(const Reply& page, const std::string& name) {
        const std::string mark = "name=\"" + name + "\" value=\"";
        const std::size_t at = page.body.find(mark);
        if (at == std::string::npos)
            return {};
        const std::size_t from = at + mark.size();
        return page.body.substr(from, page.body.find('"', from) - from);
    }

  protected:
    std::vector<std::byte> memory_ = std::vector<std::byte>(1024 * 1024);
    PlainMutex mutex_;
    std::vector<std::byte> parcels_memory_ = std::vector<std::byte>(256 * 1024);
    PlainMutex parcels_mutex_;
    Parcels parcels_{parcels_memory_, parcels_mutex_};
    NoLog log_;
    PollLoop loop_;
    std::unique_ptr<ThreadPool> pool_ = ThreadPool::create(loop_, 1, 8);
};

// "303 /puntos/", "403 E-STATE": what a browser and the log see.
inline std::string outcome(const Reply& reply) {
    return std::to_string(reply.status) + " " +
           (reply.refusals.empty() ? header(reply, "Location") : code_of(reply));
}

}  // namespace clave::test
