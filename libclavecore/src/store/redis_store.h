// The Store over Redis commands: which keys and values a session is, and in what order they change.
//
// Nothing here takes more than one node of a cluster at a time: a session and its last use are one
// slot, the sessions of a person another. So what takes several steps takes them in an order in
// which a crash after any of them is harmless:
//
// put():  1. the new session: nobody has its token yet
//         2. the index of its owner
//         3. the session it replaces, and those over the limit
//         4. what the index need not name any more
//     The token goes to the browser only after all of them. A session whose browser never got the
//     token cannot be used, and ends by itself; until step 3 the old one is as it was.
// end_all(): the sessions first, then their names in the index.
//
// A name in the index without a session is nothing: whoever reads the index strikes it out. The
// other way round, a session in use is always in the index of its owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "clave/session_cache.h"
#include "clave/session_end.h"
#include "clave/store.h"
#include "redis/commands.h"
#include "store/joint_reads.h"
#include "store/sealed_records.h"

namespace clave {

class RedisStore : public Store {
  public:
    // All but the names and the keys is borrowed and outlives the store.
    RedisStore(Loop& loop, redis::Commands& commands, RecordNames names, const KeyRing& master,
               SessionCache* cache, Random& random, Logger& logger,
               SessionWitness* witness = nullptr);

    Lookup find(const Digest& key, Time now, RecordBytes& out, Touch touch) noexcept override;
    Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out, Touch touch) override;
    Task<Result<void>> put(const Digest& key, std::span<const std::byte> record, SessionTimes times,
                           Time now, const Digest* replaces, const SessionOwner* owner) override;
    Task<Result<void>> erase(const Digest& key) override;
    Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) override;
    Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) override;
    Task<Result<std::vector<Digest>>> sessions_of(const Digest& person, Time now) override;
    Task<Result<std::size_t>> end_all(const Digest& person, Time now) override;
    Task<Result<SessionPage>> list(std::string cursor, Time now) override;
    Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome, Time until,
                            Time now) override;
    Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key, Time now) override;
    Task<Result<bool>> mark(const Digest& key, Time until, Time now) override;
    Task<Result<std::optional<Entry>>> read(const Digest& key, Time now) override;
    Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                  std::span<const std::byte> record, Time until,
                                                  Time now) override;
    Task<Result<std::uint64_t>> epoch(const Digest& key) override;

  private:
    struct Session {
        std::vector<std::byte> record;
        Time expires{};
        Seconds idle{};
        Time seen{};
        bool heard = true;  // of changes, by whoever listens to all that have slots

        Time touch_due() const noexcept;
        TimeLeft left(Time now) const noexcept;
    };
    using Asking = Task<Result<redis::Value>>;

    Asking ask(const std::string& name, redis::Command command);
    Task<Result<std::optional<Session>>> read_session(const Digest& key, Time now);
    Task<void> load_for_all(Digest key, Time now, Touch touch, JointReads::Read& read);
    Task<Result<Lookup>> load_alone(const Digest& key, Time now, std::vector<std::byte>& record,
                                    Touch touch);
    // False if it ended meanwhile.
    Task<Result<bool>> touch_now(const Digest& key, const Session& session, Time now);
    Task<Result<void>> write(const Digest& key, std::span<const std::byte> record,
                             SessionTimes times, Time now);
    // How many of them there were.
    Task<Result<std::size_t>> end(std::vector<Digest> keys);
    // The same one by one: how many of its two keys there were, or an error, which leaves none out.
    Task<std::vector<Result<std::int64_t>>> end_each(std::vector<Digest> keys);
    // Of a session without a last use: over by Redis' clock, so for everybody.
    Task<void> end_unused(Digest key, const Session& session);
    // Over the limit of their person.
    Task<Result<void>> end_surplus(std::vector<Digest> keys, Time now);
    Task<Result<void>> place(const Digest& key, std::span<const std::byte> record,
                             SessionTimes times, Time now, const Digest* replaces,
                             const SessionOwner* owner);
    Result<std::optional<std::vector<std::byte>>> opened(const std::string& name,
                                                         const redis::Value& value, Time now);
    void complain(const std::string& name, std::string_view why, Time now);

    // What was sealed behind a date, by keep() or swap(), if that is not over.
    bool is_newer(const std::string& name, const redis::Value& value) const;
    Result<std::optional<std::vector<std::byte>>> in_date(const std::string& name,
                                                          const redis::Value& value, Time now);

    // redis_persons.cpp
    Task<Result<std::vector<Digest>>> enter(const Digest& key, const SessionOwner& owner,
                                            Seconds lifetime);
    Task<Result<void>> bound(const Digest& key, std::vector<Digest> all, const Digest* replaced,
                             const SessionOwner& owner, Time now);
    Task<Result<std::vector<Digest>>> index_of(const Digest& person);
    Task<Result<std::vector<Digest>>> alive(std::vector<Digest> keys);
    Task<Result<void>> strike_out(const Digest& person, std::vector<Digest> keys);

    redis::Commands& commands_;
    const RecordNames names_;
    const RecordSeal seal_;
    SessionCache* cache_;
    Random& random_;
    Logger& logger_;
    SessionWitness* witness_;
    Time complained_{};
    JointReads joint_;  // last: its reads end before what they read with
};

}  // namespace clave
