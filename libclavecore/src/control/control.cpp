#include "clave/control.h"

#include <algorithm>
#include <memory_resource>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "control/control_answers.h"
#include "login/browser.h"

namespace clave {

using control::answer;
using control::refusal;
using control::store_fails;

namespace {

// Of one question that looks for a hash: each page is a bounded piece of work, and so are they all.
constexpr int kMostPages = 8;

constexpr std::string_view kSessions = "sessions";
constexpr std::string_view kOne = "sessions/";
constexpr std::string_view kFind = "sessions/find";
constexpr std::string_view kEnd = "sessions/end";

ControlAnswer plain(Reply reply) {
    ControlAnswer told;
    told.reply = std::move(reply);
    return told;
}

ControlAnswer trouble(const Error& error) {
    ControlAnswer told;
    told.reply = error.code == Code::format ? refusal(400, "cursor") : store_fails(error.detail);
    told.trouble = error.code == Code::format ? std::string() : error.detail;
    return told;
}

// A page of another site in a browser on the same machine may ask us things, and even read the
// answers with a name server of its own. Browsers say that they are (Fetch Metadata; Origin).
bool is_no_browser(const Request& request) {
    return guard("control sender", request.origin.empty() && request.fetch_site.empty() &&
                                       request.fetch_mode.empty());
}

bool is_json(const Request& request) {
    return request.content_type.substr(0, request.content_type.find(';')) == "application/json";
}

Reply not_allowed(std::string_view allowed) {
    Reply reply = refusal(405, "method");
    reply.headers.emplace_back("Allow", std::string(allowed));
    return reply;
}

}  // namespace

// A session that is there.
struct Control::Found {
    bool there = false;
    JsonObject shown;
    OperatorEnd end;  // should it end
};

Reply Control::too_large() {
    return refusal(413, "size");
}

Task<Result<Control::Found>> Control::look_at(Digest key) const {
    const Time now = clock_.now();
    RecordBytes record(std::pmr::get_default_resource());
    auto loading = store_.load(key, now, record, Touch::never);
    const auto loaded = co_await std::move(loading);
    if (!loaded) {
        co_return tl::unexpected<Error>(loaded.error());
    }
    auto asking = store_.time_left(key, now);
    const auto left = co_await std::move(asking);
    if (!left) {
        co_return tl::unexpected<Error>(left.error());
    }
    Found found;
    const auto session = *loaded == Lookup::hit && *left ? decode_session(record) : std::nullopt;
    if (session) {
        found.there = true;
        found.shown = control::shown(key, *session, **left);
        found.end.service = session->service;
        found.end.event.kind = EventKind::operator_end;
        Concerned& who = found.end.event.who;
        who.level = session->level;
        who.method = session->credential.method;
        who.loa = session->credential.loa;
        who.session = session_hash(key);
        who.nif = session->nif.empty() ? session->id : session->nif;
    }
    co_return std::move(found);
}

Task<ControlAnswer> Control::list(std::string cursor) const {
    auto listing = store_.list(std::move(cursor), clock_.now());
    const auto page = co_await std::move(listing);
    if (!page) {
        co_return trouble(page.error());
    }
    std::vector<JsonObject> sessions;
    for (const Digest& key : page->keys) {
        auto looking = look_at(key);
        auto found = co_await std::move(looking);
        if (!found) {
            co_return trouble(found.error());
        }
        if (found->there) {
            sessions.push_back(std::move(found->shown));
        }
    }
    JsonObject json;
    json.list("sessions", std::move(sessions));
    if (!page->next.empty()) {
        json.text("next", page->next);
    }
    co_return plain(answer(200, json));
}

// The whole key is found at once; of a hash the sessions are looked through.
Task<ControlAnswer> Control::one(std::string hash, std::string cursor, bool ends) const {
    SessionPage page;
    Digest whole{};
    if (hex_decode_to(whole, hash)) {
        page.keys.push_back(whole);
    } else {
        for (int i = 0; i < kMostPages && page.keys.empty(); ++i) {
            auto listing = store_.list(cursor, clock_.now());
            auto some = co_await std::move(listing);
            if (!some) {
                co_return trouble(some.error());
            }
            page = std::move(*some);
            cursor = page.next;
            std::erase_if(page.keys,
                          [&](const Digest& key) { return !hex_encode(key).starts_with(hash); });
            if (cursor.empty()) {
                break;
            }
        }
    }
    for (const Digest& key : page.keys) {
        auto looking = look_at(key);
        auto found = co_await std::move(looking);
        if (!found) {
            co_return trouble(found.error());
        }
        if (!found->there) {
            continue;
        }
        JsonObject json;
        ControlAnswer told;
        if (ends) {
            auto ending = store_.erase(key);
            const auto ended = co_await std::move(ending);
            if (!ended) {
                co_return trouble(ended.error());
            }
            std::vector<JsonObject> all;
            all.push_back(std::move(found->shown));
            json.list("ended", std::move(all));
            told.ended.push_back(std::move(found->end));
        } else {
            json.object("session", std::move(found->shown));
        }
        told.reply = answer(200, json);
        co_return told;
    }
    if (cursor.empty()) {
        co_return plain(refusal(404, "session"));
    }
    JsonObject json;
    json.text("next", cursor);
    co_return plain(answer(200, json));
}

// Servers that share provider and origin share sessions.
Task<ControlAnswer> Control::of_person(std::vector<const Site*> sites, std::string person,
                                       bool ends) const {
    std::vector<std::string> asked;
    std::vector<JsonObject> sessions;
    ControlAnswer told;
    for (const Site* site : sites) {
        if (std::find(asked.begin(), asked.end(), site->service()) != asked.end()) {
            continue;
        }
        asked.push_back(site->service());
        auto asking = gate_.sessions_of(*site, person);
        const auto keys = co_await std::move(asking);
        Error error;
        bool well = keys.has_value();
        if (!well) {
            error = keys.error();
        }
        for (std::size_t i = 0; well && i < keys->size(); ++i) {
            const Digest& key = (*keys)[i];
            auto looking = look_at(key);
            auto found = co_await std::move(looking);
            well = found.has_value();
            if (!well) {
                error = found.error();
                break;
            }
            if (!found->there) {
                continue;
            }
            if (ends) {
                auto ending = store_.erase(key);
                const auto ended = co_await std::move(ending);
                well = ended.has_value();
                if (!well) {
                    error = ended.error();
                    break;
                }
                told.ended.push_back(std::move(found->end));
            }
            sessions.push_back(std::move(found->shown));
        }
        if (!well) {  // what has ended so far has ended
            ControlAnswer failed = trouble(error);
            failed.ended = std::move(told.ended);
            co_return failed;
        }
    }
    JsonObject json;
    json.list(ends ? "ended" : "sessions", std::move(sessions));
    told.reply = answer(200, json);
    co_return told;
}

Task<ControlAnswer> Control::serve(std::vector<const Site*> sites, std::string what,
                                   const Request& request) const {
    if (!is_no_browser(request)) {
        co_return plain(refusal(403, "browser"));
    }
    const bool reads = request.method == "GET";
    std::string cursor(query_value(request.query, "cursor"));
    if (what == kSessions) {
        if (!reads) {
            co_return plain(not_allowed("GET"));
        }
        auto listing = list(std::move(cursor));
        co_return co_await std::move(listing);
    }
    if (what == kFind || what == kEnd) {
        if (request.method != "POST") {
            co_return plain(not_allowed("POST"));
        }
        if (!is_json(request)) {
            co_return plain(refusal(415, "content type"));
        }
        const auto person = control::person_in(request.body);
        if (!person) {
            co_return plain(refusal(400, "nif"));
        }
        auto looking = of_person(std::move(sites), *person, what == kEnd);
        co_return co_await std::move(looking);
    }
    if (what.starts_with(kOne) && control::is_session_hash(what.substr(kOne.size()))) {
        if (!reads && request.method != "DELETE") {
            co_return plain(not_allowed("GET, DELETE"));
        }
        auto looking = one(what.substr(kOne.size()), std::move(cursor), !reads);
        co_return co_await std::move(looking);
    }
    co_return plain(refusal(404, "address"));
}

}  // namespace clave
