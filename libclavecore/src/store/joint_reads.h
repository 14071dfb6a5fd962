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
#include <utility>
#include <vector>

#include "base/chores.h"
#include "clave/loop.h"
#include "clave/store.h"

namespace clave {

class JointReads final : Loop::PostHandler {
  public:
    // Goes on for those who still wait when the first one has gone.
    struct Read final : Chore {
        std::optional<Result<Lookup>> found;  // nothing: it threw
        std::vector<std::byte> record;
    };

    JointReads(Loop& loop, Logger& logger);  // std::bad_alloc

    // The one to join; nullptr if there is none.
    std::shared_ptr<Read> find(const Digest& key, Touch touch) const;
    // `reading(Read&)` is the Task that leaves there what it has found.
    template <class Reading>
    std::shared_ptr<Read> begin(const Digest& key, Touch touch, Reading reading) {
        departure_->post();  // before the command's own, so that nobody joins what has left
        auto read = chores_.begin<Read>(std::move(reading));
        joinable_.insert_or_assign({key, touch}, read);
        return read;
    }

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
    std::unordered_map<Key, std::shared_ptr<Read>, Hash> joinable_;
    Chores chores_;
};

}  // namespace clave
