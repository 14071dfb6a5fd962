// Requests of one session that come together ask Redis once: a page brings its images and scripts
// along, and over HTTP/2 they arrive in one breath.
//
// Together is what comes before the command leaves, which is when the loop has gone once around
// (Stream::send). Whoever the loop brings later asks anew: nobody is given an answer that is older
// than his question by more than what else is done in that same round.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/chores.h"
#include "clave/loop.h"
#include "clave/store.h"

namespace clave {

class JointReads final : Loop::PostHandler {
  public:
    struct Answer {
        Result<Lookup> found = fail(Code::store, "the question was taken back");
        std::vector<std::byte> record;
    };
    // Goes on for those who still wait when the first one has gone.
    struct Read {
        std::shared_ptr<Answer> answer;
        std::shared_ptr<Chore> chore;
    };

    JointReads(Loop& loop, Logger& logger);  // std::bad_alloc

    // The one to join, if there is one.
    std::optional<Read> find(const Digest& key, Touch touch) const;
    // `reading` leaves what it has found in `answer`.
    Read begin(const Digest& key, Touch touch, std::shared_ptr<Answer> answer, Task<void> reading);

  private:
    void on_posted() noexcept override { joinable_.clear(); }

    struct Key {
        Digest session;
        Touch touch;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept;
    };

    std::unique_ptr<Loop::Post> departure_;
    std::unordered_map<Key, Read, Hash> joinable_;
    Chores chores_;
};

}  // namespace clave
