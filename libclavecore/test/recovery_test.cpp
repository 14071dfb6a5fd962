// What a worker that was killed has left in the archive is judged again by whoever takes over, and
// nothing of it is taken for lost (F-09, F-15).
#include "cmocka_cpp.h"

#include <string>

#include "sign/archive.h"
#include "support/guarded.h"
#include "support/signing_office.h"

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
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
