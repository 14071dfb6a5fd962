// The evidence of signatures: what was done to a chain of lines shows, in the middle and at its
// end, and each line says whether the clock was right (F-18).
#include "cmocka_cpp.h"

#include <fcntl.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "seen.h"
#include "sign/evidence_chain.h"

namespace {

// What the kernel says of its clock.
struct Kernel {
    int state = TIME_OK;
    int status = STA_PLL;
} kernel;

}  // namespace

// In place of the C library's: of a machine's clock nobody knows how it is kept.
extern "C" int adjtimex(timex* told) noexcept {
    if (told->modes != 0 || kernel.state < 0) {
        errno = EPERM;
        return -1;
    }
    told->status = kernel.status;
    return kernel.state;
}

namespace {

using namespace clave;
using namespace clave::test;

struct EvidenceStand {
    EvidenceStand() {
        char name[] = "/tmp/clave-evidence-XXXXXX";
        file = std::make_shared<OpenFile>(::mkstemp(name));
        path = name;
    }
    ~EvidenceStand() { ::unlink(path.c_str()); }
    EvidenceStand(const EvidenceStand&) = delete;
    EvidenceStand& operator=(const EvidenceStand&) = delete;

    std::string text() const {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::shared_ptr<OpenFile> file;
    std::string path;
};

std::string written() {
    EvidenceStand stand;
    EvidenceChain one("host/1/1");
    EvidenceChain two("host/2/1");
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(one.append(stand.file, {{{"state", std::to_string(i)}}}));
        static_cast<void>(two.append(stand.file, {{{"state", "ñ \"quoted\"\n"}}}));
    }
    return stand.text();
}

// Two chains of two lines, and what is found when only some of it is shown to somebody who asks the
// archive, or remembers a line.
std::string found_in(bool with_last, bool with_second, const std::string& noted) {
    EvidenceStand stand;
    char archive[] = "/tmp/clave-heads-XXXXXX";
    const std::string place = ::mkdtemp(archive);
    EvidenceChain one("host/1/1");
    EvidenceChain two("host/2/1");
    for (EvidenceChain* chain : {&two, &one}) {
        for (int i = 0; i < 2; ++i) {
            static_cast<void>(chain->append(stand.file, {{{"state", "created"}}}, place));
        }
    }
    std::string text = stand.text();
    const std::size_t second = text.find('\n', text.find('\n') + 1) + 1;
    text = with_second ? text : text.substr(second);
    text = with_last ? text : text.substr(0, text.rfind('{'));
    EvidenceVerdict verdict = verify_evidence(text);
    const auto heads = read_evidence_heads(place);
    if (heads) {
        verdict.begins = "2026";  // both are of the same time
        look_for_heads(verdict, *heads);
    }
    if (!noted.empty()) {
        look_for_lines(verdict, text, {noted == "last" ? verdict.ends.back().sha256 : noted});
    }
    std::filesystem::remove_all(place);
    std::string told;
    for (const std::string& finding : verdict.findings) {
        told += finding + "; ";
    }
    return told;
}

Seen seen_in(bool with_last, bool with_second, const std::string& noted) {
    return Seen(found_in(with_last, with_second, noted));
}

void what_is_missing_at_the_end_shows_by_the_heads(void**) {
    assert_string_equal(seen_in(true, true, "last").c_str(), "");
    assert_string_equal(seen_in(false, true, "").c_str(),
                        "chain host/1/1: ends with number 1, and has come to number 2; ");
    assert_string_equal(seen_in(true, false, "").c_str(),
                        "chain host/2/1: is not here, and has come to number 2; ");
    assert_string_equal(seen_in(true, true, "ab").c_str(), "no line has the digest ab; ");
}

std::string verdict(const std::string& text) {
    const EvidenceVerdict found = verify_evidence(text);
    return std::to_string(found.lines) + " lines " + std::to_string(found.chains) + " chains " +
           std::to_string(found.findings.size()) + " findings";
}

std::string without_line(std::string text, int number) {
    std::size_t from = 0;
    for (int i = 1; i < number; ++i) {
        from = text.find('\n', from) + 1;
    }
    return text.erase(from, text.find('\n', from) + 1 - from);
}

void a_chain_shows_what_was_done_to_it(void**) {
    static const std::string text = written();
    static std::string told = verdict(text);
    assert_string_equal(told.c_str(), "10 lines 2 chains 0 findings");
    for (int line = 1; line <= 8; ++line) {  // the last of each chain shows by its receipt only
        told = verdict(without_line(text, line));
        assert_true(line <= 2 ? told.ends_with("0 findings") : told.ends_with("1 findings"));
    }
    static std::string changed;
    changed = text;
    changed.replace(changed.find("\"state\":\"2\""), 11, "\"state\":\"9\"");
    told = verdict(changed);
    assert_string_equal(told.c_str(), "10 lines 2 chains 1 findings");
    told = verdict(text.substr(0, text.size() - 1));
    assert_string_equal(told.c_str(), "10 lines 2 chains 1 findings");
    told = verdict(text + "no json\n");
    assert_string_equal(told.c_str(), "11 lines 2 chains 1 findings");
    changed = text;
    static const std::string nothing(64, '0');
    changed.replace(changed.find(nothing), nothing.size(), std::string(64, 'a'));
    told = verdict(changed);  // of a first line that follows something the next one knows, too
    assert_string_equal(told.c_str(), "10 lines 2 chains 2 findings");
}

std::string told_by_the_archive(const char* last) {
    EvidenceVerdict found = verify_evidence(written());
    EvidenceHead head = found.ends.front();
    head.sha256 = last == nullptr ? head.sha256 : last;
    look_for_heads(found, {head});
    return found.findings.empty() ? "" : found.findings.front();
}

Seen archive_told(const char* last) {
    return Seen(told_by_the_archive(last));
}

void a_last_line_that_was_changed_shows_by_the_heads(void**) {
    assert_string_equal(archive_told(nullptr).c_str(), "");
    assert_non_null(std::strstr(archive_told("ab").c_str(), "is not as it was"));
}

// Of one line; and how many the verifier counts.
std::string clock_of(int state, int status) {
    kernel = {state, status};
    EvidenceStand stand;
    EvidenceChain chain("host/1/1");
    static_cast<void>(chain.append(stand.file, {}));
    kernel = {};
    const std::string text = stand.text();
    const std::size_t from = text.find("\"clock\":") + 8;
    const EvidenceVerdict verdict = verify_evidence(text);
    return text.substr(from, text.find(',', from) - from) + " " +
           std::to_string(verdict.unsynchronised) + " " + std::to_string(verdict.findings.size());
}

Seen clock_seen(int state, int status) {
    return Seen(clock_of(state, status));
}

void a_line_says_whether_the_clock_was_right(void**) {
    assert_string_equal(clock_seen(TIME_OK, STA_PLL).c_str(), "\"synchronised\" 0 0");
    assert_string_equal(clock_seen(TIME_INS, STA_PLL | STA_INS).c_str(), "\"synchronised\" 0 0");
    assert_string_equal(clock_seen(TIME_ERROR, STA_PLL).c_str(), "\"unsynchronised\" 1 0");
    assert_string_equal(clock_seen(TIME_OK, STA_UNSYNC).c_str(), "\"unsynchronised\" 1 0");
    assert_string_equal(clock_seen(-1, 0).c_str(), "\"unknown\" 0 0");
}

std::string to_a_full_disk() {
    EvidenceChain chain("host/1/1");
    const auto full = std::make_shared<OpenFile>(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const auto closed = std::make_shared<OpenFile>(-1);
    const auto first = chain.append(full, {});
    const auto second = chain.append(closed, {});
    EvidenceStand stand;
    const auto third = chain.append(stand.file, {});
    return std::string(first ? "ok" : info(first.error().code).word) + " " +
           std::string(second ? "ok" : info(second.error().code).word) + " " +
           (third ? std::to_string(third->number) : "error");
}

void what_is_not_on_disk_is_an_error_and_no_line(void**) {
    static const std::string told = to_a_full_disk();
    assert_string_equal(told.c_str(), "E-EVIDENCE E-EVIDENCE 1");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_shows_what_was_done_to_it),
        cmocka_unit_test(what_is_missing_at_the_end_shows_by_the_heads),
        cmocka_unit_test(a_last_line_that_was_changed_shows_by_the_heads),
        cmocka_unit_test(a_line_says_whether_the_clock_was_right),
        cmocka_unit_test(what_is_not_on_disk_is_an_error_and_no_line),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
