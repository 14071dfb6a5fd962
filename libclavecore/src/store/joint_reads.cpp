#include "store/joint_reads.h"

#include <cstring>
#include <new>

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

std::shared_ptr<JointReads::Read> JointReads::find(const Digest& key, Touch touch) const {
    const auto at = joinable_.find({key, touch});
    const bool joinable = at != joinable_.end() && !at->second->is_over();
    return joinable ? at->second : nullptr;
}

}  // namespace clave
