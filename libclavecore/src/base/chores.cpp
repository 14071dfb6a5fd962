#include "base/chores.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace clave {

Chore::Wait::~Wait() {
    chore_->waits_.remove(this);
}

void Chore::Wait::await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    chore_->waits_.push_back(this);
}

Chores::~Chores() {
    for (const Entry& entry : entries_) {
        entry.chore->work_.reset();
    }
}

std::shared_ptr<Chore> Chores::begin(Task<void> work) {
    auto chore = std::make_shared<Chore>(std::move(work));
    entries_.push_back({this, chore});
    Entry& entry = entries_.back();
    // Before the start: it must not find the list changed when it ends later.
    chore->work_->on_done(
        [](void* self) noexcept {
            auto& one = *static_cast<Entry*>(self);
            one.chores->finish(one);
        },
        &entry);
    chore->work_->start();
    if (chore->work_->done()) {
        finish(entry);
    }
    return chore;
}

// What a chore throws is a bug or no memory: its transaction stays where it was, and whoever comes
// next takes over from there.
void Chores::finish(Entry& entry) noexcept {
    const std::shared_ptr<Chore> chore = entry.chore;
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& one) { return &one == &entry; });
    entries_.erase(at);
    try {
        chore->work_->result();
    } catch (const std::exception& error) {
        logger_.log(Severity::error, std::string("E-INT ") + error.what());
    }
    chore->work_.reset();
    chore->done_ = true;
    while (!chore->waits_.empty()) {
        const std::coroutine_handle<> waiting = chore->waits_.front()->waiting_;
        chore->waits_.pop_front();
        waiting.resume();
    }
}

}  // namespace clave
