#include "base/guard.h"

#ifdef CLAVE_MUTABLE_GUARDS

#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace clave {
namespace {

// Guards are also asked on the threads of a worker pool.
struct Switchboard {
    std::mutex mutex;
    std::set<std::string, std::less<>> disabled;
    std::set<std::string, std::less<>> reached;
};

Switchboard& switchboard() noexcept {
    static Switchboard instance;
    return instance;
}

}  // namespace

bool guard(std::string_view name, bool holds) noexcept {
    Switchboard& board = switchboard();
    const std::lock_guard lock(board.mutex);
    if (!board.reached.contains(name)) {
        board.reached.emplace(name);
    }
    return holds || board.disabled.contains(name);
}

void disable_guard(std::string_view name) {
    Switchboard& board = switchboard();
    const std::lock_guard lock(board.mutex);
    board.disabled.emplace(name);
}

void enable_all_guards() noexcept {
    Switchboard& board = switchboard();
    const std::lock_guard lock(board.mutex);
    board.disabled.clear();
}

bool guard_was_reached(std::string_view name) noexcept {
    Switchboard& board = switchboard();
    const std::lock_guard lock(board.mutex);
    return board.reached.contains(name);
}

}  // namespace clave

#endif
