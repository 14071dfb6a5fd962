// What a worker that was killed has left in the archive is judged again by whoever takes over, and
// nothing of it is taken for lost (F-09, F-15).
#include "cmocka_cpp.h"

#include <string>
#include <utility>

#include "sign/archive.h"
#include "support/guarded.h"
#include "support/signing_office.h"
#include "support/watched_store.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr Seconds kTakenOver{300};

class RecoveringOffice : public SigningOffice {
  public:
    // A signature that FIRe had composed, and whose worker is dead.
    std::string abandoned(std::size_t documents) {
        const std::string base = submit();
        Transaction left = transaction(base);
        left.state = SignState::recovering;
        left.composed = true;
        left.fire_id = "1";
        left.since = clock.now();
        for (std::size_t i = 0; documents > 1 && i < documents; ++i) {
            AnnouncedDocument document;
            document.id = "d" + std::to_string(i);
            document.state = DocumentState::stored;
            document.sha256 = left.sha256;
            document.size = left.size;
            left.documents.push_back(std::move(document));
            if (i > 0) {
                keep(base, Archive::numbered(Archive::kDocument, i));
            }
        }
        change(base, left);
        return base;
    }
    void keep(const std::string& base, const std::string& name) {
        static_cast<void>(Archive(directory).write(id_in(base), name, as_bytes("acepto")));
    }
    void listen_to(Store& store) {
        gate.emplace(store, test_key(), *pool_, clock, random, &parcels_, &desk_);
    }
    // What becomes of it.
    std::string taken_over(const std::string& base) {
        clock.time += kTakenOver;
        static_cast<void>(get(ana, base));
        const Transaction is = transaction(base);
        std::string told(word(is.state));
        told += ":" + std::string(word(is.reason));
        for (const AnnouncedDocument& document : is.documents) {
            told += " " + std::string(word(document.state));
        }
        return told;
    }
};

std::string of_one(std::string_view file) {
    RecoveringOffice office;
    const std::string base = office.abandoned(1);
    if (!file.empty()) {
        office.keep(base, std::string(file));
    }
    return office.taken_over(base);
}

std::string of_two() {
    RecoveringOffice office;
    const std::string base = office.abandoned(2);
    office.keep(base, Archive::numbered(Archive::kQuarantine, 0));
    office.keep(base, Archive::numbered(Archive::kSignature, 1));
    return office.taken_over(base);
}

// FIRe cannot be reached here.
std::string of_two_with_nothing() {
    RecoveringOffice office;
    const std::string base = office.abandoned(2);
    return office.taken_over(base);
}

// What waits for FIRe is kept in the archive; it is over before whoever has changed it has written
// that.
std::string waiting_when(bool over_meanwhile) {
    RecoveringOffice office;
    WatchedStore store{*office.zone};
    office.listen_to(store);
    const std::string base = office.abandoned(1);
    Transaction waits = office.transaction(base);
    waits.late = true;
    waits.composed = false;
    waits.wanted_upgrade = "ES-T";
    waits.upgrade.id = "grace";
    waits.upgrade.after = office.clock.now();
    waits.ask_at = office.clock.now();
    office.change(base, waits);
    bool first = over_meanwhile;
    store.after_swap = [&](const Digest&) {
        if (std::exchange(first, false)) {
            Transaction over = office.transaction(base);
            over.state = SignState::failed;
            over.late = false;
            over.turn.fill(std::byte{1});
            office.change(base, over);
        }
    };
    static_cast<void>(office.get(office.ana, base));
    const bool kept = Archive(office.directory).has(SigningOffice::id_in(base), Archive::kWaiting);
    return std::string(word(office.transaction(base).state)) + (kept ? " kept" : " gone");
}

Seen seen_waiting(bool over_meanwhile) {
    return Seen(waiting_when(over_meanwhile));
}

void what_is_over_does_not_wait(void**) {
    assert_string_equal(seen_waiting(false).c_str(), "recovering kept");
    assert_string_equal(seen_waiting(true).c_str(), "failed gone");
}

Seen seen_of_one(std::string_view file) {
    return Seen(of_one(file));
}
Seen seen_of(std::string (*look)()) {
    return Seen(look());
}

void what_was_refused_is_not_lost(void**) {
    assert_string_equal(seen_of_one(Archive::kQuarantine).c_str(), "failed:gateway");
    assert_string_equal(seen_of_one("").c_str(), "lost:unavailable");
}

void nor_any_of_several(void**) {
    assert_string_equal(seen_of(of_two).c_str(), "failed:gateway failed failed");
    assert_string_equal(seen_of(of_two_with_nothing).c_str(), "lost:gateway lost lost");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_refused_is_not_lost),
        cmocka_unit_test(nor_any_of_several),
        cmocka_unit_test(what_is_over_does_not_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
