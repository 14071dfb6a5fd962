// One command, or one transaction, and the reply to it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "clave/loop.h"
#include "loop/wakeups.h"
#include "redis/commands.h"
#include "redis/resp.h"

namespace clave::redis {

// What is sent in one piece, and how many replies that makes. The last one is the answer; those
// before only say that it was understood.
struct Request {
    std::string text;
    std::size_t replies = 1;
    bool all_replies = false;  // the answer is an array of all of them
    bool for_good = false;     // a replica is to have it, too (Copier)

    static Request of(Command command);
    static Request to_last(Command command);  // for_good
    static Request transaction(const std::vector<Command>& commands);
    // Where MOVED has not happened yet (cluster). ASKING is good for the next command, or for all
    // of a transaction.
    Request after_asking() const;
};

class Exchange;

// A place in the pipeline of a connection. It stays when the one who asked has gone: his replies
// are thrown away.
struct Place {
    Exchange* asker = nullptr;
    std::size_t missing = 1;  // replies
    Loop::Monotonic until;    // no server takes longer that is well
};

// Awaited by the one who asks. In a queue, in a pipeline, or answered.
class Exchange final : public Awaited<Result<Value>> {
  public:
    Exchange(Request request, Loop::Monotonic deadline);
    ~Exchange() {
        if (place_ != nullptr) {
            place_->asker = nullptr;
        }
        forget_text();
    }

    const Request& request() const noexcept { return request_; }
    Loop::Monotonic deadline() const noexcept { return deadline_; }

    void sit(Place& place) noexcept;
    void rise() noexcept;  // the place goes
    // One reply, and how many more belong to it.
    void take(Value value, std::size_t missing, Wakeups& wakeups);
    void fail_with(const std::string& why, Wakeups& wakeups) noexcept;

  private:
    void forget_text() noexcept;  // it may hold a password

    Request request_;
    Loop::Monotonic deadline_;
    Place* place_ = nullptr;
    std::optional<Value> refusal_;  // the first error before the last reply
    Value all_;
};

// Those who cannot wait any longer are told so, and their places stay. When the next one cannot.
std::optional<Loop::Monotonic> dismiss_late(std::deque<Place>& places, const std::string& why,
                                            Loop::Monotonic now, Wakeups& wakeups) noexcept;

}  // namespace clave::redis
