// What the archive keeps of signatures beside the store, which may be started afresh, or forgets
// sooner: that there is one, what waits for FIRe, and how it ended.
#include <algorithm>
#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "clave/zone.h"
#include "sign/signing.h"

namespace clave {
namespace {

// How often whoever has kept a change in the archive finds that there is a later one.
constexpr int kTriesToKeep = 10;
// That one store has forgotten it says less than any other end: another store may know better.
auto order_of(const Transaction& transaction) noexcept {
    const bool forgotten = transaction.reason == SignReason::forgotten;
    return std::pair(forgotten ? SignState::recovering : transaction.state, transaction.since);
}

// Whether the archive has a later change of it. One of the same id that was made before says
// nothing of this.
bool is_newer_there(const Archive& archive, const Transaction& transaction) {
    const auto record = archive.read(transaction.id, Archive::kRecord, Zone::kMaxRecord);
    const auto there = record ? decode_transaction(*record) : std::nullopt;
    return there && there->created == transaction.created &&
           order_of(*there) > order_of(transaction);
}

std::optional<Transaction> read_copy(const Archive& archive, const std::string& id,
                                     std::string_view name) {
    const auto record = archive.read(id, name, Zone::kMaxRecord);
    auto transaction = record ? decode_transaction(*record) : std::nullopt;
    if (transaction) {
        transaction->id = id;
    }
    return transaction;
}

// Whether FIRe has handed over what it made of it.
bool has_signature(const Archive& archive, const Transaction& is) {
    const std::size_t documents = std::max<std::size_t>(is.documents.size(), 1);
    for (std::size_t i = 0; i < documents; ++i) {
        for (const auto name : {Archive::kUnverified, Archive::kSignature, Archive::kQuarantine}) {
            if (archive.has(is.id, Archive::numbered(name, i))) {
                return true;
            }
        }
    }
    return false;
}

std::optional<HeldTransaction> copy_of(const Archive& archive, const std::string& id, Time now) {
    auto waiting = read_copy(archive, id, Archive::kWaiting);
    if (waiting && waiting->late && kept_until(*waiting) > now) {
        return HeldTransaction{std::move(*waiting), {}};
    }
    auto is = read_copy(archive, id, Archive::kRecord);
    if (!is) {
        return std::nullopt;
    }
    HeldTransaction held{std::move(*is), {}};
    held.forgotten = held.is.state < SignState::finished;
    if (held.forgotten) {
        held.is.turn = {};  // there have been others since
    }
    if (held.forgotten && has_signature(archive, held.is)) {
        held.is.state = SignState::recovering;
        held.is.doubtful = true;
    }
    return held;
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

// A memory that was started afresh knows nothing of any, nor does Redis after a day.
Task<Result<std::optional<HeldTransaction>>> Signing::find_copy(std::string id) const {
    auto reading = offload(services_.pool, [archive = archive(), id = std::move(id), now = now()] {
        return copy_of(archive, id, now);
    });
    auto copy = co_await reading;
    co_return copy;
}

// Until it is erased, its person and its application may ask for it; the store forgets it before
// that. Two changes may be written at once, as the second has only waited for the store.
Task<void> Signing::keep_copy(const Transaction& transaction,
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
