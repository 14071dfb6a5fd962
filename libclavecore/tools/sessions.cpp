// clavectl sessions: through clave_control of a running nginx (clave/control.h).
#include <jansson.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "clave/encoding.h"
#include "commands.h"
#include "fetch.h"
#include "secret_input.h"

namespace clave::tool {
namespace {

struct JsonFree {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonFree>;

// No walk is longer, or the server makes fun of us.
constexpr int kMostPages = 100000;

struct Answer {
    long status = 0;
    Json json;
};

std::string text_of(const json_t* object, const char* name) {
    const json_t* value = json_object_get(object, name);
    if (json_is_integer(value)) {
        return std::to_string(json_integer_value(value));
    }
    return json_is_string(value) ? json_string_value(value) : "";
}

class Remote {
  public:
    explicit Remote(const ControlPlace& place)
        : base_(place.url.empty() ? "http://localhost" + place.location : place.url),
          fetcher_(settings(place)) {}

    ConfigResult<Answer> ask(const std::string& method, const std::string& what,
                             const std::string& body = {}) {
        auto fetched = fetcher_.ask(method, base_ + "/" + what, body,
                                    body.empty() ? std::string() : "application/json");
        if (!fetched) {
            return tl::unexpected(ConfigError{
                fetched.error().what,
                "is nginx running, with \"clave_control\" in a location of that server?"});
        }
        Answer answer;
        answer.status = fetched->status;
        answer.json.reset(json_loadb(fetched->body.data(), fetched->body.size(), 0, nullptr));
        if (answer.status == 503) {
            const std::string reason = text_of(answer.json.get(), "reason");
            return tl::unexpected(
                ConfigError{"the session store does not answer" +
                                (reason.empty() ? std::string() : " (" + reason + ")"),
                            "nginx's error log has more (E-STORE, E-REDIS)"});
        }
        if (answer.status == 403) {
            return tl::unexpected(
                ConfigError{"nginx refuses to tell us",
                            "its location answers this machine, or those it allows"});
        }
        if (!json_is_object(answer.json.get())) {
            return tl::unexpected(ConfigError{"what answers is no \"clave_control\" (status " +
                                                  std::to_string(answer.status) + ")",
                                              "name its location with --location"});
        }
        if (answer.status != 200 && answer.status != 404) {
            return tl::unexpected(
                ConfigError{"refused: " + text_of(answer.json.get(), "error"), {}});
        }
        return answer;
    }

  private:
    static FetchSettings settings(const ControlPlace& place) {
        FetchSettings settings;
        settings.socket = place.url.empty() ? place.socket : std::string();
        settings.timeout = std::chrono::seconds(30);
        return settings;
    }

    std::string base_;
    Fetcher fetcher_;
};

std::string column(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text + "  ";
}

constexpr const char* kHeading =
    "SESSION           NIF        METHOD       LEVEL           LOA          SINCE                 "
    "ENDS IN      SERVICE";

// "42s", "14m", "7h58m": as much as one reads of it.
std::string duration(const json_t* object, const char* name) {
    const json_int_t seconds = json_integer_value(json_object_get(object, name));
    if (seconds < 60) {
        return std::to_string(seconds) + "s";
    }
    const json_int_t minutes = seconds / 60;
    if (minutes < 60) {
        return std::to_string(minutes) + "m";
    }
    const json_int_t rest = minutes % 60;
    return std::to_string(minutes / 60) + "h" + (rest < 10 ? "0" : "") + std::to_string(rest) + "m";
}

std::string row(const json_t* session) {
    return column(text_of(session, "session"), 16) + column(text_of(session, "nif"), 9) +
           column(text_of(session, "method"), 11) + column(text_of(session, "level"), 14) +
           column(text_of(session, "loa"), 11) + column(text_of(session, "since"), 20) +
           column(duration(session, "idle") + "/" + duration(session, "absolute"), 11) +
           text_of(session, "service") + " " + text_of(session, "origin");
}

JsonObject copied(const json_t* session) {
    JsonObject copy;
    for (const char* name :
         {"session", "service", "origin", "level", "method", "loa", "nif", "since"}) {
        copy.text(name, text_of(session, name));
    }
    for (const char* name : {"idle", "absolute"}) {
        copy.number(name, json_integer_value(json_object_get(session, name)));
    }
    return copy;
}

// A table of those in `list`, or of none.
std::vector<JsonObject> tell(const Report& report, const json_t* list) {
    std::vector<JsonObject> sessions;
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        const json_t* session = json_array_get(list, i);
        if (i == 0) {
            report.say(kHeading);
        }
        report.say(row(session));
        sessions.push_back(copied(session));
    }
    return sessions;
}

std::string quoted_json(const std::string& name, const std::string& value) {
    JsonObject json;
    json.text(name.c_str(), value);
    return json.dump();
}

bool is_hash(const std::string& text) {
    return text.size() >= 16 && text.size() <= 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// The sessions of that hash or person; an array.
ConfigResult<Json> chosen(Remote& remote, const SessionChoice& choice, bool ends) {
    if (choice.by_nif) {
        const bool given = !choice.nif.empty() && choice.nif != "-";
        const auto nif =
            given ? ConfigResult<std::string>(choice.nif) : read_secret(choice.nif, "NIF");
        if (!nif) {
            return tl::unexpected(nif.error());
        }
        if (nif->empty() || !is_valid_utf8(*nif)) {
            return tl::unexpected(ConfigError{"no NIF is given", {}});
        }
        auto answer =
            remote.ask("POST", ends ? "sessions/end" : "sessions/find", quoted_json("nif", *nif));
        if (!answer) {
            return tl::unexpected(answer.error());
        }
        return Json(json_incref(json_object_get(answer->json.get(), ends ? "ended" : "sessions")));
    }
    if (!is_hash(choice.hash)) {
        return tl::unexpected(
            ConfigError{"\"" + choice.hash + "\" is no session's hash",
                        "it has 16 to 64 hexadecimal digits, as in the audit log"});
    }
    std::string cursor;
    for (int i = 0; i < kMostPages; ++i) {
        auto answer = remote.ask(ends ? "DELETE" : "GET",
                                 "sessions/" + choice.hash +
                                     (cursor.empty() ? "" : "?cursor=" + percent_encode(cursor)));
        if (!answer) {
            return tl::unexpected(answer.error());
        }
        cursor = text_of(answer->json.get(), "next");
        if (!cursor.empty()) {
            continue;
        }
        Json list(json_array());
        if (json_t* ended = json_object_get(answer->json.get(), "ended")) {
            list.reset(json_incref(ended));
        } else if (json_t* session = json_object_get(answer->json.get(), "session")) {
            json_array_append(list.get(), session);
        }
        return list;
    }
    return tl::unexpected(ConfigError{"the server's list has no end", {}});
}

int act(Report& report, const ControlPlace& place, const SessionChoice& choice, bool ends) {
    Remote remote(place);
    const auto sessions = chosen(remote, choice, ends);
    if (!sessions) {
        return report.cannot(sessions.error());
    }
    const std::size_t count = json_array_size(sessions->get());
    report.json().list(ends ? "ended" : "sessions", tell(report, sessions->get()));
    if (count == 0) {
        report.say("no such session");
    } else if (ends) {
        report.say(std::to_string(count) + (count == 1 ? " session has" : " sessions have") +
                   " ended");
    }
    return report.end(count == 0 ? kFinding : kFine);
}

}  // namespace

int list_sessions(Report& report, const ControlPlace& place, std::size_t limit,
                  const std::string& start) {
    Remote remote(place);
    std::vector<JsonObject> sessions;
    std::set<std::string> told;
    std::string cursor = start;
    int pages = 0;
    do {
        const auto answer = remote.ask(
            "GET", "sessions" + (cursor.empty() ? "" : "?cursor=" + percent_encode(cursor)));
        if (!answer) {
            return report.cannot(answer.error());
        }
        const json_t* list = json_object_get(answer->json.get(), "sessions");
        for (std::size_t i = 0; i < json_array_size(list); ++i) {
            const json_t* session = json_array_get(list, i);
            if (!told.insert(text_of(session, "session")).second) {
                continue;  // Redis may come by twice
            }
            if (sessions.empty()) {
                report.say(kHeading);
            }
            report.say(row(session));
            sessions.push_back(copied(session));
        }
        cursor = text_of(answer->json.get(), "next");
    } while (!cursor.empty() && sessions.size() < limit && ++pages < kMostPages);
    report.say(std::to_string(sessions.size()) + (sessions.size() == 1 ? " session" : " sessions") +
               (cursor.empty() ? "" : "; more with --cursor " + cursor));
    report.json().list("sessions", std::move(sessions));
    if (!cursor.empty()) {
        report.json().text("next", cursor);
    }
    return report.end(kFine);
}

int show_sessions(Report& report, const ControlPlace& place, const SessionChoice& choice) {
    return act(report, place, choice, false);
}

int end_sessions(Report& report, const ControlPlace& place, const SessionChoice& choice) {
    return act(report, place, choice, true);
}

}  // namespace clave::tool
