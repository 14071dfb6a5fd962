// Whoever carries out commands: one server, the primary that sentinels name, or a cluster. The
// store above knows no topology, and no topology knows what a session is.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/error.h"
#include "clave/task.h"
#include "redis/value.h"

namespace clave::redis {

// The command's name and its arguments, as they travel (RESP2): binary-safe, never formatted
// . In one piece from the start, so that one that holds a password is wiped once (Exchange).
class Command {
  public:
    // The words are copied.
    Command(std::initializer_list<std::string_view> words) : Command(std::span(words)) {}
    explicit Command(std::span<const std::string_view> words);

    const std::string& text() const& noexcept { return text_; }
    std::string text() && noexcept { return std::move(text_); }

  private:
    std::string text_;
};

// Hears what Redis says of keys that anyone changes (CLIENT TRACKING … BCAST PREFIX). Called from
// the loop, never from inside a call to Commands; must not destroy the Commands there. Deaf until
// it is told otherwise.
struct ChangeListener {
    virtual void on_changed(std::string_view key) noexcept = 0;
    // Changes may have been missed, or may be from now on: whatever is known is in doubt until
    // on_hearing(). Also said of a flush of everything and of a new primary.
    virtual void on_deaf() noexcept = 0;
    virtual void on_hearing() noexcept = 0;

  protected:
    ~ChangeListener() = default;
};

// Some of the keys that match a pattern. A walk finds each that is there from its beginning to its
// end, some perhaps twice (SCAN).
struct KeyPage {
    std::vector<std::string> keys;
    std::string next;  // where the walk goes on; empty: it is over
};

// Made by open_commands() (open.h). Outlives its Tasks.
class Commands {
  public:
    virtual ~Commands() = default;

    // Carries out one command. `key` decides the node of a cluster (its {hash} tag, if it has one).
    // Suspends until the reply, at most for the command's deadline. Destroying the Task forgets the
    // reply, which never reaches another command; the command may still be carried out.
    // Errors: Code::store, with a reason for the log that holds neither key nor value nor password.
    // An error that Redis answers and that is not of the topology (WRONGTYPE, OOM, NOSCRIPT…) is a
    // Value of kind error.
    virtual Task<Result<Value>> run(std::string key, Command command) = 0;

    // As run(), and a failover will not undo it: where replicas may take over, one of them has it,
    // too, or it is an error. What has been carried out then stays so, as long as the
    // primary does.
    virtual Task<Result<Value>> run_for_good(std::string key, Command command) {
        return run(std::move(key), std::move(command));
    }

    // Several commands as one transaction (MULTI … EXEC), all for the node of `key`. The value is
    // EXEC's: an array of the replies, or nil.
    virtual Task<Result<Value>> transact(std::string key, std::vector<Command> commands) = 0;

    // Of one server, from an empty cursor on; of a cluster, of one node after the other. The
    // pattern is Redis' own.
    virtual Task<Result<KeyPage>> scan(std::string cursor, std::string pattern);

    // Names the history of the primary that has `key` (a digest of its replication ID): another one
    // after a failover or a restart, the same on every machine. What was begun under another epoch
    // may have lost writes, so it is refused (product.md 8.6). May have to ask; errors as run().
    virtual Task<Result<std::uint64_t>> epoch(std::string key) = 0;
};

}  // namespace clave::redis
