// Where sessions, verified outcomes and replay marks live: in shared memory (zone.h), or in Redis
// (redis_store.h). All keys are digests, so a dump of a store opens nothing (K-02).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clave/host.h"
#include "clave/record_bytes.h"
#include "clave/secret.h"
#include "clave/task.h"

namespace clave {

// Whose session it is (K-10). The digest is keyed and covers the service, so that a dump of a store
// names nobody, and the same person's sessions elsewhere count apart.
struct SessionOwner {
    Digest person{};
    std::size_t limit = 1;  // 1 to 100 sessions, the new one included; the oldest end
};

// hit, miss and error are three things: an error is never "not logged in" (R-01, peers.md C). Nor
// is unread: not in the memory of this machine, load() asks those who know.
enum class Lookup { hit, miss, error, unread };

struct SessionTimes {
    Time expires{};  // absolute end; the store never returns a record at or after it
    Seconds idle{};  // end after this long without a touch; 0: no idle timeout
};

// Of a session that nobody touches any more, and of one that is used all the time.
struct TimeLeft {
    Seconds idle{};  // never more than absolute
    Seconds absolute{};
};

// Whether a look at a session keeps it alive: that of a script in the background does not (K-08).
enum class Touch { if_due, never };

// Some of the sessions that there are. A walk finds every one that is there from its beginning to
// its end, some perhaps twice.
struct SessionPage {
    std::vector<Digest> keys;
    std::string next;  // where the walk goes on; empty: it is over
};

// What several change, each from what he has read: a signature under way (product.md section 5).
struct Entry {
    std::vector<std::byte> record;
    std::string version;  // names this content; for swap() only
};

class Store {
  public:
    virtual ~Store() = default;

    // Hot path: synchronous, allocates only through `out`'s resource, enforces both timeouts, and
    // touches the record at most once a minute.
    virtual Lookup find(const Digest& key, Time now, RecordBytes& out,
                        Touch touch = Touch::if_due) noexcept = 0;
    // After find() said unread: hit or miss, as find(). Errors: Code::store. `key` and `out`
    // outlive the Task.
    virtual Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out,
                                      Touch touch) = 0;

    // Errors: Code::store. `record` is copied. `replaces`, if given, ends in the same step
    // (step-up, K-07); so do the oldest sessions of `owner` that are over his limit. All of them
    // outlive the Task.
    virtual Task<Result<void>> put(const Digest& key, std::span<const std::byte> record,
                                   SessionTimes times, Time now, const Digest* replaces = nullptr,
                                   const SessionOwner* owner = nullptr) = 0;
    virtual Task<Result<void>> erase(const Digest& key) = 0;

    // nullopt: no such session, or none any more. touch() starts its idle time anew.
    virtual Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) = 0;
    virtual Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) = 0;

    // The keys of all sessions of one person, the oldest first; and the end of them all, with their
    // number. `person` outlives the Task.
    virtual Task<Result<std::vector<Digest>>> sessions_of(const Digest& person, Time now) = 0;
    virtual Task<Result<std::size_t>> end_all(const Digest& person, Time now) = 0;

    // For the operator, page by page from an empty cursor on: a bounded piece of work each. Errors:
    // Code::store; Code::format for what is no cursor.
    virtual Task<Result<SessionPage>> list(std::string cursor, Time now) = 0;

    // An outcome waits for the browser that began the login; taken exactly once.
    virtual Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome,
                                    Time until, Time now) = 0;
    virtual Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key,
                                                                     Time now) = 0;

    // True the first time, false if the mark is there already. Marks are never evicted before
    // `until`: a full store is an error (S-52).
    virtual Task<Result<bool>> mark(const Digest& key, Time until, Time now) = 0;

    // An entry as it is now; nullopt: there is none. `key` outlives the Task.
    virtual Task<Result<std::optional<Entry>>> read(const Digest& key, Time now) = 0;
    // Compare and set: the entry becomes `record` if its version is still `version` (empty: if
    // there is none), and the result is its new one; nullopt if somebody was faster. After
    // Code::store it may have been written or not. A failover does not take it back.
    // `record` is copied, `key` outlives the Task.
    virtual Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                          std::span<const std::byte> record,
                                                          Time until, Time now) = 0;

    // Names the history of the store as far as the outcome of that key is concerned: another number
    // once writes may have been lost. Then what was taken may be there again, and whoever began
    // under another history is refused (product.md 8.6, R-07). `key` outlives the Task.
    virtual Task<Result<std::uint64_t>> epoch(const Digest& key) = 0;
};

}  // namespace clave
