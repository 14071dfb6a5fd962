// One command, or one transaction, and the reply to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clave/loop.h"
#include "loop/wakeups.h"
#include "redis/commands.h"
#include "redis/resp.h"

namespace clave::redis {

// What is sent in one piece, and how many replies that makes. The last ones are the answer (an
// array, if it is more than one); those before only say that it was understood.
struct Request {
    std::string text;
    std::vector<std::size_t> begins{0};  // of what needs an ASKING of its own
    std::size_t replies = 1;
    std::size_t answers = 1;
    bool each_asks = false;  // in front of each answer is the reply to an ASKING

    bool is_answer(std::size_t missing) const noexcept {
        return each_asks ? missing % 2 == 0 : missing < answers;
    }

    static Request of(const Command& command);
    static Request transaction(const std::vector<Command>& commands);
    static Request one_after_the_other(const std::vector<Command>& commands);
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
    Loop::Monotonic deadline;
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
    Value all_answers();
    void forget_text() noexcept;  // it may hold a password

    Request request_;
    Loop::Monotonic deadline_;
    Place* place_ = nullptr;
    std::optional<Value> refusal_;  // the first error before the last reply
    std::vector<Value> answers_;
};

}  // namespace clave::redis
