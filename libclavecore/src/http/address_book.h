// Host names and their addresses, looked up on the worker pool: getaddrinfo() blocks.
//
// However many ask for one name at a time, it is looked up once: a name server that does not answer
// must not fill the pool. Addresses are remembered for half a minute, failures not at all.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clave/host.h"
#include "clave/loop.h"
#include "clave/task.h"

namespace clave {

class AddressBook {
  public:
    // Outlived by both, and outlives its Tasks.
    AddressBook(Loop& loop, WorkerPool& pool) noexcept : loop_(loop), pool_(pool) {}
    AddressBook(const AddressBook&) = delete;
    AddressBook& operator=(const AddressBook&) = delete;
    ~AddressBook();

    // Addresses as text, at least one. An IP address is its own address. Code::store: the name has
    // none, or its servers did not answer within the limit.
    Task<Result<std::vector<std::string>>> find(std::string host, std::chrono::milliseconds limit);

  private:
    using Addresses = Result<std::vector<std::string>>;
    class Waiter;
    struct Entry {
        std::optional<Addresses> found;
        Loop::Monotonic ends;  // a failure ends when it is found
        std::list<Waiter*> waiting;
        Task<void> lookup;
    };
    Task<void> look_up(std::string host);
    void forget_what_ended();

    Loop& loop_;
    WorkerPool& pool_;
    std::map<std::string, Entry> entries_;
};

}  // namespace clave
