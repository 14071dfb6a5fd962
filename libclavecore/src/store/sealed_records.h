// What others may see of us in Redis: names that are digests, and values that only our keys open.
//
//     PREFIX s:{KEY}  a session           PREFIX o:{KEY}  an outcome that waits for its browser
//     PREFIX i:{KEY}  its last use        PREFIX m:{KEY}  a replay mark
//     PREFIX p:{WHO}  the sessions of one person      PREFIX e:{KEY}  a signature under way
//
// The braces keep a session and its last use on one node of a cluster. Only sessions are watched
// for changes, so that a touch tells nobody anything.
//
// A value: version (1 byte), the key's id (4 bytes), then sealed as crypto.h seals. Every record
// has a key of its own, so no nonce can repeat under one, and is good under its own name only: a
// value that was copied to another name does not open. The service is not among what is
// authenticated beside the name: a store keeps sessions of all services of an nginx and is told of
// none. It is inside, authenticated with the rest, and compared at every read (K-11): a value that
// stays under its name stays with its service, and one that leaves it opens nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/crypto.h"
#include "clave/key_ring.h"

namespace clave {

enum class RecordKind : char {
    session = 's',
    last_use = 'i',
    outcome = 'o',
    mark = 'm',
    person = 'p',
    entry = 'e'
};

class RecordNames {
  public:
    explicit RecordNames(std::string prefix) : prefix_(std::move(prefix)) {}

    std::string of(RecordKind kind, const Digest& key) const;
    // What all sessions' names begin with.
    std::string sessions() const;
    // The key of a session by its name; nullopt for any other name.
    std::optional<Digest> session_key(std::string_view name) const noexcept;

  private:
    std::string prefix_;
};

// For one thread at a time, as KeyedHash.
class RecordSeal {
  public:
    // Not even the worst record is longer.
    static constexpr std::size_t kMost = 8192;

    enum class Finding : std::uint8_t {
        good,
        corrupt,
        unknown_key,  // sealed with a clave_session_key that is not ours
        newer,        // written by a version of ours that is still to come
    };
    struct Opened {
        Finding finding = Finding::corrupt;
        std::vector<std::byte> plain;
    };

    explicit RecordSeal(const KeyRing& master);

    // nullopt only without randomness.
    std::optional<std::string> seal(std::string_view name, std::span<const std::byte> plain,
                                    Random& random) const;
    Opened open(std::string_view name, std::string_view value) const;

  private:
    struct NamedKey {
        std::string id;
        KeyedHash key;
    };
    std::vector<NamedKey> keys_;
};

}  // namespace clave
