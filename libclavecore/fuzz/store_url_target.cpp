// Where the store is, as an administrator wrote it: what is understood is written back the same
// way, and a password is neither understood nor repeated.
#include <string>

#include "clave/redis_settings.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::string_view kPassword = "hunter2-secret";

}  // namespace

bool run(std::string_view input) {
    const auto url = StoreUrl::parse(input);
    // A path, and a host, may be called anything.
    const bool behind_a_user = !input.starts_with("unix:/") &&
                               input.find(":" + std::string(kPassword) + "@") != input.npos;
    if (!url) {
        require(!url.error().what.empty() && !url.error().remedy.empty(),
                "a mistake has a name and a remedy");
        require(!behind_a_user || url.error().what.find(kPassword) == std::string::npos,
                "a password is not repeated");
        return false;
    }
    require(url->path.empty() != url->hosts.empty(), "there is a place to connect to");
    for (const StoreHost& host : url->hosts) {
        require(!host.name.empty() && host.port != 0, "a host has a name and a port");
    }
    require((url->kind == StoreUrl::Kind::sentinel) != url->primary.empty(),
            "sentinels know a primary by its name");
    const std::string shown = url->shown();
    require(!behind_a_user, "a password is not understood");
    const auto again = StoreUrl::parse(shown);
    require(again && again->shown() == shown && again->hosts == url->hosts &&
                again->user == url->user && again->database == url->database &&
                again->path == url->path && again->primary == url->primary,
            "what is shown means the same");
    return true;
}

}  // namespace clave::fuzz
