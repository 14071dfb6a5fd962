// Sessions that one change of a zone has ended without being asked to, noted while the mutex is
// held and told when it is not. In memory of the process: a worker that is killed in between takes
// the notes along.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "clave/session_end.h"
#include "store/zone_layout.h"

namespace clave::zone {

class Ends {
  public:
    Ends() noexcept = default;
    Ends(const Ends&) = delete;
    Ends& operator=(const Ends&) = delete;
    ~Ends() { clear(); }

    void note(const Slot& slot, EndReason why, std::optional<Time> at) noexcept {
        if (size_ == noted_.size()) {  // never: see kMost
            return;
        }
        Noted& one = noted_[size_++];
        one.key = slot.key;
        one.why = why;
        one.at = at;
        one.size = std::min<std::size_t>(slot.length, kPayload);
        std::copy_n(slot.payload.begin(), one.size, one.beginning.begin());
    }

    void tell(SessionWitness& witness) noexcept {
        for (const Noted& one : std::span(noted_).first(size_)) {
            witness.session_ended(
                {one.key, one.why, one.at, std::span(one.beginning).first(one.size)});
        }
        clear();
    }

  private:
    struct Noted {
        Digest key;
        EndReason why;
        std::optional<Time> at;
        std::size_t size;
        std::array<std::byte, kPayload> beginning;
    };
    // All of a person's, one for each part of a record that needs room, and two for its entry.
    static constexpr std::size_t kMost = 2 * kBucket + kMaxParts + 2;

    // They name people.
    void clear() noexcept {
        for (Noted& one : std::span(noted_).first(size_)) {
            wipe(std::span(one.beginning).first(one.size));
        }
        size_ = 0;
    }

    std::array<Noted, kMost> noted_{};
    std::size_t size_ = 0;
};

}  // namespace clave::zone
