// Commands of a cluster: each goes to the node that has its key's slot. The map of the slots is
// asked for at the start, corrected by each MOVED, and asked for again when a node cannot be
// reached. A change of any key is heard of while every node that has slots is listened to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "redis/ear.h"
#include "redis/node.h"
#include "redis/slot_map.h"

namespace clave::redis {

class Cluster final : public Commands, Node::Observer {
  public:
    Cluster(std::unique_ptr<Wire> wire, Watching watching);
    ~Cluster() override;

    Task<Result<Value>> run(std::string key, Command command) override;
    Task<Result<Value>> run_for_good(std::string key, Command command) override;
    Task<Result<Value>> transact(std::string key, std::vector<Command> commands) override;
    Task<Result<KeyPage>> scan(std::string cursor, std::string pattern) override;
    Task<Result<std::uint64_t>> epoch(std::string key) override;

  private:
    class Member;
    using MemberPtr = std::shared_ptr<Member>;

    void on_down() noexcept override { doubt(); }

    Task<void> keep();
    Task<bool> learn();
    Task<Result<Value>> ask_for_slots(MemberPtr whom);
    void adopt(const std::vector<SlotRange>& ranges);
    MemberPtr member(const StoreHost& host);
    bool dismiss_idle();
    void doubt() noexcept;
    void hearing_changed() noexcept;
    void tell_waiting(const std::string& why);

    Task<Result<MemberPtr>> owner(std::uint16_t slot, Loop::Monotonic deadline);
    Task<Result<Value>> ask(std::string key, Request request);
    std::string next_node(std::uint16_t slot) const;
    Task<Result<Value>> ask_of_replication(MemberPtr whom);
    Task<void> wait_a_little();

    std::unique_ptr<Wire> wire_;
    const Watching watching_;
    std::map<std::string, MemberPtr> members_;  // by "host:port"
    std::vector<MemberPtr> owners_;             // of each slot, or null
    bool mapped_ = false;
    bool hears_ = false;
    std::string why_not_;  // no map; empty: not known yet
    WaitList waiting_;     // of Sleep, until then at most
    std::size_t turn_ = 0;
    bool in_doubt_ = true;
    bool resting_ = false;
    Sleep pause_;
    Task<void> keeper_;  // ends before what it works with
};

}  // namespace clave::redis
