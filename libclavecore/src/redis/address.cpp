#include "redis/address.h"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "clave/offload.h"

namespace clave::redis {
namespace {

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Result<std::vector<Address>> look_up(const StoreHost& host, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    addrinfo* list = nullptr;
    const int error =
        ::getaddrinfo(host.name.c_str(), std::to_string(host.port).c_str(), &hints, &list);
    if (error != 0) {
        return fail(Code::store, "cannot resolve " + host.name + ": " + ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
    std::vector<Address> found;
    for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
        Address& address = found.emplace_back();
        address.size = std::min<socklen_t>(one->ai_addrlen, sizeof address.storage);
        std::memcpy(&address.storage, one->ai_addr, address.size);
    }
    return found;
}

}  // namespace

const sockaddr* Address::get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);  // what sockaddr_storage is for
}

Address Address::of_path(std::string_view path) noexcept {
    sockaddr_un unix_address{};
    unix_address.sun_family = AF_UNIX;
    path.copy(unix_address.sun_path, sizeof unix_address.sun_path - 1);
    Address address;
    static_assert(sizeof unix_address <= sizeof address.storage);
    std::memcpy(&address.storage, &unix_address, sizeof unix_address);
    address.size = sizeof unix_address;
    return address;
}

bool is_literal(const std::string& name) noexcept {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* list = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &list) != 0) {
        return false;
    }
    ::freeaddrinfo(list);
    return true;
}

Task<Result<std::vector<Address>>> resolve(WorkerPool& pool, StoreHost host) {
    auto found = look_up(host, AI_NUMERICHOST);
    if (!found) {
        auto work = offload(pool, [host = std::move(host)] { return look_up(host, 0); });
        found = co_await work;
    }
    co_return found;
}

}  // namespace clave::redis
