#include "base/chores.h"

#include <exception>
#include <string>

namespace clave {

Chores::~Chores() {
    for (const auto& chore : under_way_) {
        chore->work_.reset();
    }
}

void Chores::start(std::shared_ptr<Chore> chore) {
    Chore& one = *chore;
    one.chores_ = this;
    one.place_ = under_way_.size();
    under_way_.push_back(std::move(chore));
    // Before the start: it must not find the list changed when it ends later.
    one.work_->on_done(
        [](void* self) noexcept {
            auto& over = *static_cast<Chore*>(self);
            over.chores_->finish(over);
        },
        &one);
    one.work_->start();
    if (one.work_->done()) {
        finish(one);
    }
}

// What a chore throws is a bug or no memory: its transaction stays where it was, and whoever comes
// next takes over from there.
void Chores::finish(Chore& one) noexcept {
    under_way_.back()->place_ = one.place_;
    std::swap(under_way_[one.place_], under_way_.back());
    const std::shared_ptr<Chore> chore = std::move(under_way_.back());
    under_way_.pop_back();
    try {
        chore->work_->result();
    } catch (const std::exception& error) {
        logger_.log(Severity::error, std::string("E-INT ") + error.what());
    }
    chore->work_.reset();
    chore->done_ = true;
    while (!chore->waits_.empty()) {
        static_cast<Chore::Wait&>(chore->waits_.front()).resume();
    }
}

}  // namespace clave
