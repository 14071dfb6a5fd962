// clavectl keys: the three steps of doc/operation.md, "Keys and certificates that change".
#include "commands.h"
#include "key_directory.h"

namespace clave::tool {
namespace {

constexpr const char* kReload = "reload nginx, on every machine that shares the sessions";

int tell(Report& report, const KeyDirectory& keys, const std::string& next_step, int code = kFine) {
    std::vector<JsonObject> list;
    for (std::size_t i = 0; i < keys.files().size(); ++i) {
        const std::string& file = keys.files()[i];
        const std::string fault = fault_of_session_key(file);
        const char* use = i == 0                                  ? "seals and opens"
                          : keys.number_of(i) > keys.number_of(0) ? "opens; the next one"
                                                                  : "opens; a former one";
        report.say(file + ": " + use + (fault.empty() ? "" : "; " + fault));
        JsonObject json;
        json.text("file", file).text("use", i == 0 ? "seal" : "open");
        if (!fault.empty()) {
            json.text("fault", fault);
            code = kFinding;
        }
        list.push_back(std::move(json));
    }
    report.json().text("conf", keys.conf()).list("keys", std::move(list));
    if (!next_step.empty()) {
        report.say(next_step);
        report.json().text("next", next_step);
    }
    return report.end(code);
}

std::string next_step(const KeyDirectory& keys) {
    if (keys.has_next()) {
        return std::string(kReload) + "; then: clavectl keys promote";
    }
    if (keys.has_former()) {
        return std::string(kReload) +
               "; ten minutes later (with Redis, after the longest session): clavectl keys retire";
    }
    return {};
}

template <class Change>
int change(Report& report, const std::string& directory, Change what) {
    auto keys = KeyDirectory::open(directory);
    if (!keys) {
        return report.cannot(keys.error());
    }
    if (const ConfigResult<void> done = what(*keys); !done) {
        return report.cannot(done.error());
    }
    const std::string next = next_step(*keys);
    return tell(report, *keys, next.empty() ? kReload : next);
}

tl::unexpected<ConfigError> not_now(const char* what, const char* remedy) {
    return tl::unexpected(ConfigError{what, remedy});
}

}  // namespace

int new_key(Report& report, const std::string& directory) {
    return change(report, directory, [](KeyDirectory& keys) -> ConfigResult<void> {
        if (keys.has_next()) {
            return not_now("there is a next key already", "promote it first");
        }
        if (keys.has_former()) {
            return not_now("the former key is still read", "retire it first");
        }
        return keys.add();
    });
}

int promote_key(Report& report, const std::string& directory) {
    return change(report, directory, [](KeyDirectory& keys) -> ConfigResult<void> {
        if (!keys.has_next()) {
            return not_now("there is no next key", "make one: clavectl keys new");
        }
        return keys.promote();
    });
}

int retire_key(Report& report, const std::string& directory) {
    return change(report, directory, [](KeyDirectory& keys) -> ConfigResult<void> {
        if (keys.has_next()) {
            return not_now("the former key is the one in use", "promote the next one first");
        }
        if (!keys.has_former()) {
            return not_now("there is no former key", "");
        }
        return keys.retire();
    });
}

int show_keys(Report& report, const std::string& directory) {
    const auto keys = KeyDirectory::open(directory);
    if (!keys) {
        return report.cannot(keys.error());
    }
    const int certificates = tell_certificates(report, directory, true);
    return tell(report, *keys, next_step(*keys), certificates);
}

}  // namespace clave::tool
