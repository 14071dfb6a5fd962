// clavectl login: a whole login against the simulator, as a browser without a person, with the time
// that each step takes. It never has a real credential, so it works with nothing else.
#include <algorithm>
#include <cctype>

#include "clave/encoding.h"
#include "commands.h"
#include "fetch.h"

namespace clave::tool {
namespace {

constexpr int kMostHops = 20;

std::string unescaped(std::string text) {
    const std::pair<const char*, const char*> all[] = {{"&quot;", "\""}, {"&#39;", "'"},
                                                       {"&#x27;", "'"},  {"&lt;", "<"},
                                                       {"&gt;", ">"},    {"&amp;", "&"}};
    for (const auto& [from, to] : all) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
            text.replace(at, std::char_traits<char>::length(from), to);
        }
    }
    return text;
}

// The value of an attribute in a tag, without quotes; empty if there is none.
std::string attribute_in(const std::string& tag, const std::string& name) {
    const std::string head = " " + name + "=\"";
    const std::size_t at = tag.find(head);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t begin = at + head.size();
    return unescaped(tag.substr(begin, tag.find('"', begin) - begin));
}

std::string origin_of(const std::string& url) {
    return url.substr(0, url.find('/', url.find("://") + 3));
}

struct Form {
    std::string action;
    std::string body;
    bool to_gateway = false;
};

// The form with a SAML message, as both sides write it: one that a script, or nobody, fills in.
std::optional<Form> message_form(const Fetched& page) {
    for (std::size_t at = 0; (at = page.body.find("<form", at)) != std::string::npos; ++at) {
        const std::string form = page.body.substr(at, page.body.find("</form>", at) - at);
        Form found;
        found.action = attribute_in(form.substr(0, form.find('>')), "action");
        bool message = false;
        for (std::size_t i = 0; (i = form.find("<input", i)) != std::string::npos; ++i) {
            const std::string tag = form.substr(i, form.find('>', i) - i);
            const std::string name = attribute_in(tag, "name");
            if (name.empty()) {
                continue;
            }
            message = message || name == "SAMLRequest" || name == "SAMLResponse";
            found.to_gateway = found.to_gateway || name == "SAMLRequest";
            found.body += (found.body.empty() ? "" : "&") + percent_encode(name) + "=" +
                          percent_encode(attribute_in(tag, "value"));
        }
        if (message) {
            if (found.action.starts_with('/')) {
                found.action.insert(0, origin_of(page.url));
            }
            return found;
        }
    }
    return std::nullopt;
}

// "…/login?…" on the page that explains a step-up.
std::string onward_link(const Fetched& page) {
    for (std::size_t at = 0; (at = page.body.find(" href=\"", at)) != std::string::npos; ++at) {
        const std::string link = attribute_in(page.body.substr(at, 2048), "href");
        if (link.find("login?") != std::string::npos) {
            return link.starts_with('/') ? origin_of(page.url) + link : link;
        }
    }
    return {};
}

class Visit {
  public:
    Visit(Report& report, const Login& login) : report_(report), fetcher_(settings(login)) {}

    ConfigResult<Fetched> hop(const std::string& what, const std::string& method,
                              const std::string& url, const std::string& body = {},
                              const std::string& type = {}) {
        auto page = fetcher_.ask(method, url, body, type);
        if (page) {
            const std::string shown = url.substr(0, url.find('?'));
            std::string took = std::to_string(page->took.count()) + " ms";
            took.insert(0, 9 - std::min<std::size_t>(took.size(), 9), ' ');
            report_.say(took + "  " + what + "  " + method + " " + shown + "  " +
                        std::to_string(page->status));
            total_ += page->took;
            JsonObject json;
            json.text("step", what)
                .text("method", method)
                .text("url", shown)
                .number("status", page->status)
                .number("milliseconds", page->took.count());
            hops_.push_back(std::move(json));
        }
        return page;
    }

    int end(const Login& login, const Fetched& last) {
        const bool in = last.status >= 200 && last.status < 300 &&
                        origin_of(last.url) == origin_of(login.url) && answered_;
        report_.say(std::to_string(total_.count()) + " ms in all; " +
                    (in ? "the page is there"
                        : "NOT in: the last page has status " + std::to_string(last.status)));
        report_.json()
            .boolean("in", in)
            .number("status", last.status)
            .number("milliseconds", total_.count())
            .list("hops", std::move(hops_));
        return report_.end(in ? kFine : kFinding);
    }

    void answered() noexcept { answered_ = true; }

  private:
    static FetchSettings settings(const Login& login) {
        FetchSettings settings;
        settings.trusted_certificate = login.trusted_certificate;
        settings.cookies = true;
        return settings;
    }

    Report& report_;
    Fetcher fetcher_;
    std::vector<JsonObject> hops_;
    std::chrono::milliseconds total_{};
    bool answered_ = false;
};

// What the simulator is to do for a level of `clave`; anything else is a level of its own.
struct Answer {
    std::string_view level, method, loa;
};
constexpr Answer kAnswers[] = {{"pin", "pin", "low"},
                               {"permanente", "permanente", "low"},
                               {"permanente_otp", "permanente", "substantial"}};

std::string wish(const Login& login) {
    std::string_view method = login.method;
    std::string_view level = login.level;
    for (const Answer& answer : kAnswers) {
        if (login.level == answer.level) {
            method = method.empty() ? answer.method : method;
            level = answer.loa;
        }
    }
    JsonObject json;
    json.text("persona", login.persona);
    if (!method.empty()) {
        json.text("method", method);
    }
    if (!level.empty()) {
        json.text("level", level);
    }
    return json.dump();
}

}  // namespace

int log_in(Report& report, const Login& login) {
    Visit visit(report, login);
    if (!login.simulator.empty()) {
        FetchSettings settings;
        settings.trusted_certificate = login.trusted_certificate;
        Fetcher control(std::move(settings));
        const std::string base =
            login.simulator.ends_with('/') ? login.simulator : login.simulator + "/";
        const auto told = control.ask("POST", base + "next", wish(login), "application/json");
        if (!told || told->status != 200) {
            return report.cannot(told ? ConfigError{"the simulator does not take that", told->body}
                                      : told.error());
        }
    }
    auto page = visit.hop("asked", "GET", login.url);
    for (int i = 0; page && i < kMostHops; ++i) {
        if (!page->location.empty()) {
            page = visit.hop("led on", "GET", page->location);
            continue;
        }
        if (const auto form = message_form(*page)) {
            if (!form->to_gateway) {
                visit.answered();
            }
            page = visit.hop(form->to_gateway ? "to the gateway" : "its answer", "POST",
                             form->action, form->body, "application/x-www-form-urlencoded");
            continue;
        }
        const std::string onward = page->status == 200 || page->status == 401 || page->status == 403
                                       ? onward_link(*page)
                                       : std::string();
        if (onward.empty()) {
            break;
        }
        page = visit.hop("led on", "GET", onward);
    }
    return page ? visit.end(login, *page) : report.cannot(page.error());
}

}  // namespace clave::tool
