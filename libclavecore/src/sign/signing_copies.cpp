// What the archive keeps of signatures beside the store, which may be started afresh, or forgets
// sooner: of those that wait for FIRe, and of an application's that are over.
#include <tuple>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "clave/zone.h"
#include "sign/signing.h"

namespace clave {
namespace {

// How often whoever has kept a change in the archive finds that there is a later one.
constexpr int kTriesToKeep = 10;
// Whether the archive has a later change of it. One of the same id that was made before says
// nothing of this.
bool is_newer_there(const Archive& archive, const Transaction& transaction) {
    const auto record = archive.read(transaction.id, Archive::kRecord, Zone::kMaxRecord);
    const auto there = record ? decode_transaction(*record) : std::nullopt;
    return there && there->created == transaction.created &&
           std::tie(there->state, there->since) > std::tie(transaction.state, transaction.since);
}

// As long as somebody has to come back for it; an application has its own record of what is over.
// `unique`: nobody else's.
Result<void> write_waiting(const Archive& archive, const Transaction& is,
                           const std::string& unique) {
    const SignState last = is.is_of_application() ? SignState::recovering : SignState::finished;
    if (!is.late || is.state > last) {
        archive.remove(is.id, Archive::kWaiting);
        return {};
    }
    const auto record = encode(is);
    if (!record) {
        return tl::unexpected(record.error());
    }
    const std::string next = std::string(Archive::kWaiting) + "." + unique;
    const auto written = archive.write(is.id, next, *record);
    return written ? archive.rename(is.id, next, Archive::kWaiting) : written;
}

}  // namespace

// A memory that was started afresh knows nothing of what waits for days; the archive does. There is
// no version then: whoever changes it first puts it back.
Task<std::optional<HeldTransaction>> Signing::find_waiting(std::string id) const {
    auto reading = offload(services_.pool, [archive = archive(), id] {
        return archive.read(id, Archive::kWaiting, Zone::kMaxRecord);
    });
    const auto record = co_await reading;
    auto transaction = record ? decode_transaction(*record) : std::nullopt;
    if (!transaction || !transaction->late || kept_until(*transaction) <= now()) {
        co_return std::nullopt;
    }
    transaction->id = std::move(id);
    HeldTransaction held{std::move(*transaction), {}};
    co_return std::optional<HeldTransaction>(std::move(held));
}

// Until it is erased, its application may ask for it; the store forgets it before that. Two changes
// may be written at once, as the second has only waited for the store.
Task<void> Signing::keep_over(const Transaction& transaction,
                              const std::vector<std::byte>& record) const {
    auto writing = offload(services_.pool, [archive = archive(), is = transaction, record] {
        const std::string next = std::string(Archive::kRecord) + "." + hex_encode(is.turn);
        auto written = archive.write(is.id, next, record);
        if (written && is_newer_there(archive, is)) {
            archive.remove(is.id, next);
            return written;
        }
        return written ? archive.rename(is.id, next, Archive::kRecord) : written;
    });
    const Result<void> written = co_await writing;
    if (!written) {
        log(Severity::error, info(written.error().code).word, transaction, written.error().detail);
    }
}

// Two changes may be kept at once, and the older one last, as the second has only waited for the
// store. So each looks whether what it has left there is still so: of two, the last one that wrote
// has seen the other.
Task<void> Signing::keep_waiting(Transaction is) const {
    for (int i = 0; i < kTriesToKeep; ++i) {
        const auto unique = make_sign_id(services_.random);
        if (!unique) {
            break;
        }
        auto writing = offload(services_.pool, [archive = archive(), is, unique = *unique] {
            return write_waiting(archive, is, unique);
        });
        const Result<void> written = co_await writing;
        if (!written) {
            log(Severity::error, info(written.error().code).word, is, written.error().detail);
            break;
        }
        auto finding = find(is.id);
        auto found = co_await std::move(finding);
        if (!found || !*found || (*found)->is.turn == is.turn) {
            break;
        }
        is = std::move((*found)->is);
    }
}

}  // namespace clave
