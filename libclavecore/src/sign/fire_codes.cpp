#include <algorithm>
#include <array>

#include "sign/fire_answer.h"

namespace clave {
namespace {

struct Row {
    int from, to;
    SignReason reason;
};

// Protocol section 2.4. What is not here is the gateway's.
constexpr auto kTable = std::to_array<Row>({
    {1, 20, SignReason::configuration},
    {21, 21, SignReason::no_registration},
    {22, 23, SignReason::no_certificate},
    {24, 24, SignReason::weak_registration},
    {27, 27, SignReason::configuration},
    {34, 35, SignReason::configuration},
    {38, 38, SignReason::blocked},
    {39, 39, SignReason::no_certificate},
    {42, 48, SignReason::configuration},
    {53, 53, SignReason::configuration},
    {55, 56, SignReason::configuration},
    {413, 413, SignReason::configuration},
    {500, 500, SignReason::unavailable},
    {501, 502, SignReason::configuration},
    {503, 503, SignReason::expired},
    {507, 507, SignReason::cancelled},
    {510, 510, SignReason::unavailable},
});

// An answer that names no code is that of a proxy or a container in between.
SignReason reason_of_status(int status) noexcept {
    if (status >= 500) {
        return SignReason::unavailable;
    }
    return status >= 300 ? SignReason::configuration : SignReason::gateway;
}

}  // namespace

SignReason reason_of_fire(int code) noexcept {
    const auto row = std::find_if(kTable.begin(), kTable.end(), [code](const Row& one) {
        return one.from <= code && code <= one.to;
    });
    return row == kTable.end() ? SignReason::gateway : row->reason;
}

bool is_already_recovered(int code) noexcept {
    return code == 51 || code == 54;
}

bool is_not_composed(int code) noexcept {
    return code == 49;
}

FireFailure fire_failure(int operation, int status, const FireRefusal& refusal) {
    FireFailure failure;
    failure.code = refusal.code;
    failure.status = status;
    failure.reason = refusal.code > 0 ? reason_of_fire(refusal.code) : reason_of_status(status);
    failure.lost = is_already_recovered(refusal.code);
    failure.detail = "FIRe operation " + std::to_string(operation) + ": HTTP " +
                     std::to_string(status) + ", code " +
                     (refusal.code > 0 ? std::to_string(refusal.code) : "none");
    return failure;
}

}  // namespace clave
