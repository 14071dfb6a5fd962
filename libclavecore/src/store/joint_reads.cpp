#include "store/joint_reads.h"

#include <cstring>
#include <new>
#include <utility>

namespace clave {

JointReads::JointReads(Loop& loop, Logger& logger)
    : departure_(loop.poster(*this)), chores_(logger) {
    if (!departure_) {
        throw std::bad_alloc();
    }
}

// A digest is as good as random.
std::size_t JointReads::Hash::operator()(const Key& key) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, key.session.data(), sizeof hash);
    return hash + static_cast<std::size_t>(key.touch);
}

std::optional<JointReads::Read> JointReads::find(const Digest& key, Touch touch) const {
    const auto at = joinable_.find({key, touch});
    const bool joinable = at != joinable_.end() && !at->second.chore->is_over();
    return joinable ? std::optional(at->second) : std::nullopt;
}

JointReads::Read JointReads::begin(const Digest& key, Touch touch, std::shared_ptr<Answer> answer,
                                   Task<void> reading) {
    departure_->post();  // before the command's own, so that nobody joins what has left
    Read read{std::move(answer), chores_.begin(std::move(reading))};
    joinable_.insert_or_assign({key, touch}, read);
    return read;
}

}  // namespace clave
