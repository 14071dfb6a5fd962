#include "login/person_sessions.h"

#include <utility>

#include "login/login_state.h"

namespace clave {
namespace {

// The service has a key of its own: digests of one are of no use in another.
Digest owner_digest(const MasterKey& key, const Site& site, std::string_view nif,
                    std::string_view id) {
    return person_digest(derive_key(key, site.service()), nif, id);
}

// Whatever key it was, and whether `person` is a NIF or not.
std::vector<Digest> owner_digests(const LoginServices& services, const Site& site,
                                  std::string_view person) {
    std::vector<Digest> digests;
    for (const MasterKey& key : services.owner_key.all()) {
        digests.push_back(owner_digest(key, site, person, {}));
        digests.push_back(owner_digest(key, site, {}, person));
    }
    return digests;
}

}  // namespace

SessionOwner session_owner(const LoginServices& services, const Site& site,
                           const Identity& identity) {
    return {owner_digest(services.owner_key.current(), site, identity.nif, identity.id),
            site.session_limit};
}

Task<Result<std::vector<Digest>>> sessions_of(const LoginServices& services, const Site& site,
                                              std::string person) {
    const Time now = services.clock.now();
    std::vector<Digest> all;
    const std::vector<Digest> owners = owner_digests(services, site, person);
    for (const Digest& owner : owners) {
        auto asking = services.store.sessions_of(owner, now);
        const auto some = co_await std::move(asking);
        if (!some) {
            co_return tl::unexpected<Error>(some.error());
        }
        all.insert(all.end(), some->begin(), some->end());
    }
    co_return all;
}

Task<Result<std::size_t>> end_sessions_of(const LoginServices& services, const Site& site,
                                          std::string person) {
    const Time now = services.clock.now();
    std::size_t ended = 0;
    const std::vector<Digest> owners = owner_digests(services, site, person);
    for (const Digest& owner : owners) {
        auto ending = services.store.end_all(owner, now);
        const auto some = co_await std::move(ending);
        if (!some) {
            co_return tl::unexpected<Error>(some.error());
        }
        ended += *some;
    }
    co_return ended;
}

}  // namespace clave
