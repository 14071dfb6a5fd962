#include "login/person_sessions.h"

#include <algorithm>
#include <span>
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

Task<Result<void>> end_former_sessions(const LoginServices& services, const Site& site,
                                       const Identity& identity) {
    const Time now = services.clock.now();
    const std::string nif = identity.nif;
    const std::string id = identity.id;
    const std::span<const MasterKey> former_keys = services.owner_key.all().subspan(1);
    std::vector<Digest> former;
    for (const MasterKey& key : former_keys) {
        const Digest owner = owner_digest(key, site, nif, id);
        auto asking = services.store.sessions_of(owner, now);
        const auto some = co_await std::move(asking);
        if (!some) {
            co_return tl::unexpected<Error>(some.error());
        }
        // Of two former keys the second is the older one.
        former.insert(former.begin(), some->begin(), some->end());
    }
    if (former.empty()) {
        co_return Result<void>{};
    }
    const Digest owner = owner_digest(services.owner_key.current(), site, nif, id);
    auto asking = services.store.sessions_of(owner, now);
    const auto present = co_await std::move(asking);
    if (!present) {
        co_return tl::unexpected<Error>(present.error());
    }
    const std::size_t room = site.session_limit - std::min(site.session_limit, present->size());
    const std::size_t over = former.size() - std::min(room, former.size());
    for (std::size_t i = 0; i < over; ++i) {
        auto ending = services.store.erase(former[i]);
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return tl::unexpected<Error>(ended.error());
        }
    }
    co_return Result<void>{};
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
