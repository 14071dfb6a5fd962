// clavectl explain: what the logs say under a reference that somebody has read out from a page.
#include <jansson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "clave/code_meaning.h"
#include "commands.h"

namespace clave::tool {
namespace {

struct JsonFree {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonFree>;

struct Hit {
    std::string file;
    std::string line;
};

// As it may have been read out: "7f3k 92qd", or the number of a receipt, of seven such groups.
// Empty if it cannot be one.
std::string tidied(const std::string& text) {
    std::string reference;
    std::size_t letters = 0;
    for (const char c : text) {
        if (c == ' ' || c == '-') {
            continue;
        }
        if (letters > 0 && letters % 4 == 0) {
            reference += '-';
        }
        reference += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        ++letters;
    }
    const bool fits =
        (letters == 8 || letters == 28) &&
        reference.find_first_not_of("-0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string::npos;
    return fits ? reference : std::string();
}

// The file and those before it that can be read as they are, the older first: logrotate's ".1", or
// with "dateext" "-20261101".
std::vector<std::string> and_former(const std::string& path) {
    namespace fs = std::filesystem;
    const fs::path where = fs::path(path).parent_path();
    const std::string head = fs::path(path).filename().string() + "-";
    std::error_code ignored;
    std::vector<std::string> names;
    for (fs::directory_iterator it(where.empty() ? "." : where, ignored), end; it != end;
         it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (name.starts_with(head) && name.size() > head.size() &&
            name.find_first_not_of("0123456789-", head.size()) == std::string::npos) {
            names.push_back(it->path().string());
        }
    }
    std::sort(names.begin(), names.end());
    names.push_back(path + ".1");
    names.push_back(path);
    return names;
}

// False if there is no such file.
bool search(const std::string& path, const std::string& what, std::vector<Hit>& hits) {
    bool any = false;
    for (const std::string& name : and_former(path)) {
        std::ifstream file(name);
        any = any || file.is_open();
        for (std::string line; std::getline(file, line);) {
            const std::size_t at = line.find(what);
            // A page's reference is not the beginning of a receipt's number.
            if (at != std::string::npos &&
                (at + what.size() == line.size() ||
                 std::strchr(" ,\"", line[at + what.size()]) != nullptr)) {
                hits.push_back({name, line});
            }
        }
    }
    return any;
}

// The word after "clave: " in a line of the error log.
std::optional<Code> code_in(const std::string& line) {
    constexpr std::string_view kHead = "clave: ";
    const std::size_t at = line.find(kHead);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const std::string rest = line.substr(at + kHead.size());
    return code_of(rest.substr(0, rest.find(' ')));
}

// What the log says of itself alone: no page shows it, so it is no Code.
struct LogWord {
    std::string_view word, what, remedy;
};
constexpr std::array kLogWords = {
    LogWord{"E-REDIS", "A Redis server is down, or is not what its URL says.",
            "One line when it goes and one when it is back. Try \"clavectl check --online --redis "
            "URL\"."},
    LogWord{"E-REDIS-AUTH", "Redis refuses our user, or a command of ours.",
            "The line says which right is missing, if Redis does. Compare the rights of the user "
            "with those in conf-examples/redis.conf."},
    LogWord{"E-SESS-BAD", "A record in Redis was changed, or copied to another key.",
            "It is no session to us. Look at who else may write to Redis; after a change of "
            "clave_session_key, name the former file behind the new one."},
};

// Pages that refuse nothing, as the log has them: "shown page=redirect".
constexpr std::array kPages = {
    LogWord{
        "redirect", "The page before Cl@ve was shown, and leads there by itself.",
        "If the person came no further, the browser has stopped the form (a "
        "Content-Security-Policy of the server: \"nginx -t\" warns of it), or Cl@ve shows an error "
        "of its own, of which nothing comes here: compare clave_provider_name and "
        "clave_certificate with what is registered (\"clavectl onboarding\")."},
    LogWord{"stepup", "The page was shown that says why one has to identify once more.",
            "Nothing: the location asks for more than the session has (its \"clave\" line)."},
    LogWord{"session-expired", "The page was shown that says that the session has ended.",
            "Nothing, unless it is too early: see clave_session_timeout, and the audit log for "
            "\"session_end\"."},
};

// The word after "clave: shown page=" in a line of the error log.
const LogWord* page_in(const std::string& line) {
    constexpr std::string_view kHead = "clave: shown page=";
    const std::size_t at = line.find(kHead);
    if (at == std::string::npos) {
        return nullptr;
    }
    const std::string rest = line.substr(at + kHead.size());
    const auto* page = std::ranges::find(kPages, rest.substr(0, rest.find(' ')), &LogWord::word);
    return page == kPages.end() ? nullptr : page;
}

void tell(Report& report, const LogWord& word) {
    report.say(std::string(word.word) + ": " + std::string(word.what));
    report.say("  " + std::string(word.remedy));
    report.json().text("code", word.word).text("meaning", word.what).text("remedy", word.remedy);
}

void tell(Report& report, Code code) {
    const CodeMeaning& what = meaning(code);
    report.say(std::string(info(code).word) + ": " + std::string(what.what));
    report.say("  " + std::string(what.remedy));
    report.json()
        .text("code", info(code).word)
        .text("meaning", what.what)
        .text("remedy", what.remedy)
        .number("status", info(code).status);
}

std::vector<JsonObject> listed(const std::vector<Hit>& hits) {
    std::vector<JsonObject> list;
    for (const Hit& hit : hits) {
        JsonObject json;
        json.text("file", hit.file).text("line", hit.line);
        list.push_back(std::move(json));
    }
    return list;
}

}  // namespace

int explain(Report& report, const std::string& reference, const Logs& logs) {
    if (const auto code = code_of(reference)) {
        tell(report, *code);
        return report.end(kFine);
    }
    // "E-SESS-BAD" would do as a reference of eight letters.
    const auto* known = std::ranges::find(kLogWords, reference, &LogWord::word);
    if (known != kLogWords.end()) {
        tell(report, *known);
        return report.end(kFine);
    }
    const std::string ref = tidied(reference);
    if (ref.empty()) {
        return report.cannot(
            "\"" + reference + "\" is neither a reference nor a code",
            "a page shows one as in 7F3K-92QD, a receipt one of seven such groups, the "
            "log a code as in E-SIG-KEY");
    }
    std::vector<Hit> errors;
    std::vector<Hit> audit;
    bool any = false;
    for (const std::string& file : logs.errors) {
        any = search(file, " ref=" + ref, errors) || any;
    }
    for (const std::string& file : logs.audit) {
        any = search(file, "\"ref\":\"" + ref, audit) || any;
    }
    if (!any) {
        return report.cannot("no log can be read",
                             "name them with --error-log and --audit-log, or be a user who may");
    }
    report.json().text("ref", ref);
    std::optional<Code> code;
    for (const Hit& hit : errors) {
        code = code ? code : code_in(hit.line);
    }
    for (const Hit& hit : audit) {
        const Json line(json_loads(hit.line.c_str(), 0, nullptr));
        const char* word = json_string_value(json_object_get(line.get(), "code"));
        code = code || word == nullptr ? code : code_of(word);
    }
    for (const auto* hits : {&errors, &audit}) {
        for (const Hit& hit : *hits) {
            report.say(hit.file + ": " + hit.line);
        }
    }
    report.json().list("errors", listed(errors)).list("audit", listed(audit));
    if (errors.empty() && audit.empty()) {
        report.say("no line has " + ref +
                   ": older than the logs that are not compressed, of another machine, or below "
                   "the log's level (what a citizen causes is \"info\")");
        return report.end(kFinding);
    }
    if (code) {
        tell(report, *code);
        return report.end(kFine);
    }
    for (const Hit& hit : errors) {
        if (const LogWord* page = page_in(hit.line)) {
            report.say(std::string(page->word) + ": " + std::string(page->what));
            report.say("  " + std::string(page->remedy));
            report.json()
                .text("page", page->word)
                .text("meaning", page->what)
                .text("remedy", page->remedy);
            break;
        }
    }
    return report.end(kFine);
}

}  // namespace clave::tool
