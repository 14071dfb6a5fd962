// Where the frames of coroutines live: nobody gets what another one still has, what comes back is
// used again, and a thread leaves nothing behind (LeakSanitizer, and valgrind, look at that).
#include "cmocka_cpp.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "clave/task.h"

namespace {

using namespace clave;

struct Frame {
    explicit Frame(std::size_t bytes) : size(bytes), memory(take_frame(bytes)) {
        std::memset(memory, static_cast<int>(bytes % 251), bytes);
    }
    bool is_whole() const {
        const auto* bytes = static_cast<const unsigned char*>(memory);
        return std::all_of(bytes, bytes + size,
                           [this](unsigned char byte) { return byte == size % 251; });
    }
    void end() const { give_frame_back(memory, size); }

    std::size_t size;
    void* memory;
};

std::vector<Frame> frames_of_all_sizes() {
    std::vector<Frame> frames;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t size = 1; size < 5000; size += 61) {
            frames.emplace_back(size);
        }
    }
    return frames;
}

bool are_whole(const std::vector<Frame>& frames) {
    return std::all_of(frames.begin(), frames.end(),
                       [](const Frame& one) { return one.is_whole(); });
}

void end_all(const std::vector<Frame>& frames) {
    for (const Frame& one : frames) {
        one.end();
    }
}

void no_two_share_memory(void**) {
    const auto first = frames_of_all_sizes();
    assert_true(are_whole(first));
    end_all(first);
    const auto again = frames_of_all_sizes();
    const auto more = frames_of_all_sizes();
    assert_true(are_whole(again));
    assert_true(are_whole(more));
    end_all(more);
    end_all(again);
}

// Many more than are kept: the rest goes where it came from.
void a_burst_is_served(void**) {
    std::vector<Frame> frames;
    for (int i = 0; i < 5000; ++i) {
        frames.emplace_back(700);
    }
    std::set<void*> places;
    for (const Frame& one : frames) {
        places.insert(one.memory);
    }
    assert_int_equal(places.size(), frames.size());
    assert_true(are_whole(frames));
    end_all(frames);
}

void a_thread_takes_its_own_along(void**) {
    std::thread([] { end_all(frames_of_all_sizes()); }).join();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_two_share_memory),
        cmocka_unit_test(a_burst_is_served),
        cmocka_unit_test(a_thread_takes_its_own_along),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
