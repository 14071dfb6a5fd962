// Memory that ends when a thread first asks libxml2 for anything (checklist H-28): nobody crashes,
// and nobody is let in. t/faults/memory.cpp is preloaded, as libxml2 asks malloc(3) itself for
// that.
#include "cmocka_cpp.h"
//
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <thread>

#include "support/answer_verdict.h"

using namespace clave;
using namespace clave::test;

namespace {

// More than are made before any XML is read.
constexpr long kTries = 400;

// As in t/faults/memory.cpp: whose allocations, how many of them still succeed, how many fail then,
// and how many have.
struct Orders {
    std::int64_t process = 0, spared = 0, failures = 0, failed = 0;
};

class Faults {
  public:
    Faults() {
        const char* path = std::getenv("CLAVE_FAULTS");
        file_ = path != nullptr ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
        if (file_ < 0) {
            broken_test("nothing is preloaded");
        }
    }
    ~Faults() { ::close(file_); }
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;

    void order(const Orders& orders) const {
        if (::pwrite(file_, &orders, sizeof orders, 0) != sizeof orders) {
            broken_test("no orders can be given");
        }
    }
    std::int64_t failed() const {
        Orders orders;
        return ::pread(file_, &orders, sizeof orders, 0) == sizeof orders ? orders.failed : 0;
    }

  private:
    int file_;
};

// On a thread of its own, whose `n`-th allocation fails: nullopt if it was not as many.
std::optional<bool> is_let_in(const Faults& faults, const std::string& message,
                              const saml::Expectations& expected, std::int64_t n) {
    bool in = false;
    std::thread thread([&] {
        faults.order({::getpid(), n, 1, 0});
        try {
            in = saml::validate_response(message, expected, OneRequest{}).has_value();
        } catch (const std::bad_alloc&) {
            in = false;
        }
    });
    thread.join();
    const bool has_failed = faults.failed() > 0;
    faults.order({});
    return has_failed ? std::optional(in) : std::nullopt;
}

void no_thread_dies_of_its_first_message(void**) {
    const Faults faults;
    const std::string message = gateway().answer({});
    const saml::Expectations expected = expectations(gateway());
    assert_true(saml::validate_response(message, expected, OneRequest{}).has_value());
    int refused = 0;
    for (std::int64_t n = 0; n < kTries; ++n) {
        const auto in = is_let_in(faults, message, expected, n);
        if (!in) {
            break;  // it has all it wants
        }
        refused += *in ? 0 : 1;
    }
    assert_int_not_equal(refused, 0);
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_thread_dies_of_its_first_message),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
