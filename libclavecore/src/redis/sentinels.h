// Commands of the primary that sentinels name. They are asked where it is, and believed as far as
// ROLE on the server itself says the same; they are listened to, as they tell of a new one
// (+switch-master); and they are asked again while the one we know does not answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/ear.h"
#include "redis/node.h"

namespace clave::redis {

class Sentinels final : public Commands, Node::Observer, Subscription::Handler {
  public:
    Sentinels(std::unique_ptr<Wire> wire, Watching watching);
    ~Sentinels() override;

    Task<Result<Value>> run(std::string key, Command command) override;
    Task<Result<Value>> run_for_good(std::string key, Command command) override;
    Task<Result<Value>> transact(std::string key, std::vector<Command> commands) override;
    Task<Result<std::uint64_t>> epoch(std::string key) override;

  private:
    // Where a sentinel says that the primary is. The highest epoch is the newest election.
    struct Sighting {
        StoreHost host;
        std::uint64_t epoch = 0;
        bool replicas = false;  // that it sees up
    };

    void on_down() noexcept override;
    void on_subscribed() noexcept override { doubt(); }
    void on_message(const Value& payload) noexcept override;
    void on_lost() noexcept override {}

    Task<void> keep();
    Task<std::optional<Sighting>> newest_sighting();
    Task<std::optional<Sighting>> ask_one(Whom whom);
    Whom sentinel(const StoreHost& host) const;
    void follow(const StoreHost& host);
    void doubt() noexcept;
    void tell_waiting(const std::string& why);

    Task<Result<std::shared_ptr<Node>>> primary(Loop::Monotonic deadline);
    Task<Result<Value>> ask(Request request);

    std::unique_ptr<Wire> wire_;
    const Watching watching_;
    std::shared_ptr<Node> primary_;
    std::unique_ptr<Ear> ear_;
    std::vector<std::unique_ptr<Subscription>> sentinels_;
    std::string why_not_;  // no primary; empty: not known yet
    WaitList waiting_;     // of Sleep, until then at most
    // A server that was away may be another one's replica soon, and empty: it is the primary when a
    // sentinel has said so since.
    bool confirmed_ = false;
    // A primary that has no replica while there should be one may not be the primary much longer.
    bool should_have_replicas_ = true;
    // Of the newest election that we know: what sentinels say that have not heard of it is history,
    // unless most of them say so, as when they have been set up anew.
    std::uint64_t epoch_ = 0;
    unsigned downs_ = 0;
    bool in_doubt_ = true;
    bool resting_ = false;
    Sleep pause_;
    Task<void> keeper_;  // ends before what it works with
};

}  // namespace clave::redis
