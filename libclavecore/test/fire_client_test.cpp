// The client before the simulator's FIRe: what is asked for once, what is lost, what is refused.
#include "cmocka_cpp.h"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <vector>

#include "clave/encoding.h"
#include "support/fire_stand.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr char kText[] = "Solicito el alta.\n\xFF\xFB";

// --- one document ---

struct Signed {
    std::string content;
    std::string begin;  // of what came back
    bool certificate = false;
    bool private_file = false;
    bool digest = false;
    int files = 0;
};

Signed sign(SignFormat format, const std::string& document) {
    FireStand stand;
    const FrozenText text(document);
    const auto started = stand.start(text, FireStand::order(format));
    if (!started) {
        print_error("%s\n", started.error().detail.c_str());
        return {};
    }
    stand.authorise(started->transaction);
    auto composed = stand.compose(started->transaction);
    if (!composed || !composed->ticket) {
        return {};
    }
    const auto fetched = stand.fetch(std::move(*composed->ticket));
    if (!fetched) {
        return {};
    }
    Signed seen;
    seen.content = file_content(fetched->unverified_path());
    seen.begin = seen.content.substr(0, 5);
    seen.certificate =
        composed->certificate.starts_with("\x30\x82") && composed->provider == "clavefirma";
    struct stat status {};
    seen.private_file = ::stat(fetched->unverified_path().c_str(), &status) == 0 &&
                        (status.st_mode & 0777) == 0600 &&
                        static_cast<std::size_t>(status.st_size) == seen.content.size() &&
                        fetched->size() == seen.content.size();
    seen.digest = fetched->sha256() == sha256(seen.content);
    seen.files = stand.files();
    return seen;
}

void a_document_is_signed_and_on_disk(void**) {
    static const Signed cades = sign(SignFormat::cades, kText);
    static const Signed xades = sign(SignFormat::xades, kText);
    static const Signed raw = sign(SignFormat::none, kText);
    static const Signed large = sign(SignFormat::cades, std::string(8'388'606, 'x'));
    for (const Signed* seen : {&cades, &xades, &raw, &large}) {
        assert_true(seen->certificate);
        assert_true(seen->private_file);
        assert_true(seen->digest);
        assert_int_equal(seen->files, 1);
    }
    assert_true(cades.begin.starts_with("\x30\x82"));
    assert_string_equal(xades.begin.c_str(), "<?xml");
    assert_int_equal(raw.content.size(), 256);
}

// --- why not ---

struct Reason {
    SignReason reason = SignReason::configuration;
    int code = 0;
};

Reason reason_at_the_door(const char* nif, const char* fault = nullptr) {
    FireStand stand;
    const FrozenText text(kText);
    if (fault != nullptr) {
        stand.fault(fault);
    }
    const auto started = stand.start(text, FireStand::order(SignFormat::cades, nif));
    if (!started) {
        return {};
    }
    static_cast<void>(stand.stand.send({.url = started->redirect}));  // the browser
    const FireFailure why = stand.wait(stand.fire->ask_error(started->transaction));
    return {why.reason, why.code};
}

void assert_reason(const Reason& seen, SignReason reason, int code) {
    assert_int_equal(seen.code, code);
    assert_int_equal(static_cast<int>(seen.reason), static_cast<int>(reason));
}

void every_persona_is_told_why_it_cannot_sign(void**) {
    assert_reason(reason_at_the_door("99999999R"), SignReason::weak_registration, 24);
    assert_reason(reason_at_the_door("44444444A"), SignReason::blocked, 38);
    assert_reason(reason_at_the_door("12345678Z"), SignReason::no_registration, 21);
    assert_reason(reason_at_the_door("22222222J"), SignReason::no_certificate, 23);
    assert_reason(reason_at_the_door("00000000T", "cancelled"), SignReason::cancelled, 507);
    assert_reason(reason_at_the_door("00000000T", "gateway"), SignReason::gateway, 505);
}

// --- what is lost, and what is not ---

struct Lost {
    bool failed = false;
    bool lost = false;
    SignReason reason = SignReason::configuration;
    int files = -1;
};

Lost composed_with(const char* fault, std::chrono::milliseconds limit) {
    FireStand stand(limit);
    const FrozenText text(kText);
    stand.fault(fault);
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    const auto composed = stand.compose(started->transaction);
    return {!composed, !composed && composed.error().lost,
            composed ? SignReason::configuration : composed.error().reason, stand.files()};
}

Lost fetched_with(const char* fault) {
    FireStand stand;
    const FrozenText text(kText);
    stand.fault(fault);
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    auto composed = stand.compose(started->transaction);
    const auto fetched = stand.fetch(std::move(*composed->ticket));
    return {!fetched, !fetched && fetched.error().lost,
            fetched ? SignReason::configuration : fetched.error().reason, stand.files()};
}

void f09_a_lost_answer_is_called_lost(void**) {
    using std::chrono::seconds;
    for (const char* fault : {"html_error", "truncated_json", "lost_recovery"}) {
        const Lost seen = composed_with(fault, seconds(20));
        assert_true(seen.failed && seen.lost);
    }
    const Lost slow = composed_with("slow", seconds(1));
    assert_true(slow.failed && slow.lost);
    assert_int_equal(static_cast<int>(slow.reason), static_cast<int>(SignReason::unavailable));
    const Lost signature = fetched_with("lost_answer");
    assert_true(signature.failed && signature.lost);
    assert_int_equal(signature.files, 0);
}

Lost asked_too_early() {
    FireStand stand;
    const FrozenText text(kText);
    const auto started = stand.start(text);
    const auto composed = stand.compose(started->transaction);
    return {!composed, !composed && composed.error().lost, composed.error().reason, 0};
}

void a_premature_question_is_no_loss(void**) {
    const Lost seen = asked_too_early();
    assert_true(seen.failed && !seen.lost);
    assert_int_equal(static_cast<int>(seen.reason), static_cast<int>(SignReason::gateway));
}

// FIRe hands out the document itself: only the type keeps anybody from delivering it.
std::string operation_11_before_2() {
    FireStand stand;
    const FrozenText text(kText);
    const auto started = stand.start(text);
    const auto fetched = stand.fetch(FireTicket::of_transaction(started->transaction));
    return fetched ? file_content(fetched->unverified_path()) : "";
}

void f15_what_is_fetched_is_unverified(void**) {
    static const std::string fetched = operation_11_before_2();
    assert_string_equal(fetched.c_str(), kText);
}

// --- F-01, F-03: the redirect ---

Lost started_with(const char* fault) {
    FireStand stand;
    const FrozenText text(kText);
    stand.fault(fault);
    const auto started = stand.start(text);
    return {!started, !started && started.error().lost,
            started ? SignReason::cancelled : started.error().reason, 0};
}

void f01_f03_a_foreign_redirect_is_refused(void**) {
    for (const char* fault : {"foreign_redirect", "foreign_transaction"}) {
        const Lost seen = started_with(fault);
        assert_true(seen.failed);
        assert_int_equal(static_cast<int>(seen.reason),
                         static_cast<int>(SignReason::configuration));
    }
}

// Whoever reads it knows what to set, and learns nothing of the transaction.
std::string told_of_a_foreign_redirect() {
    FireStand stand;
    const FrozenText text(kText);
    stand.fault("foreign_redirect");
    const auto started = stand.start(text);
    return started ? std::string() : started.error().detail;
}

void a_foreign_redirect_names_the_directive(void**) {
    const std::string told = told_of_a_foreign_redirect();
    const bool names =
        told.find("\" does not begin with clave_firma_public_url (\"https://") != std::string::npos;
    const bool is_short = told.find("transactionid") == std::string::npos;
    assert_true(names);
    assert_true(is_short);
}

// --- F-05, F-11: what is never sent, or never whole ---

int requests_for_documents_out_of_limits() {
    FireStand stand;
    const FrozenText none("");
    const FrozenText large(std::string(8'388'607, 'x'));
    FireOrder bad_return = FireStand::order();
    bad_return.ok_url = "http://sede.example/";
    FireOrder bad_key = FireStand::order();
    bad_key.properties = {{"a=b\nredirectOkUrl", "x"}};
    const FrozenText text(kText);
    int sent = 0;
    sent += stand.start(none) ? 100 : 0;
    sent += stand.start(large) ? 100 : 0;
    sent += stand.start(text, bad_return) ? 100 : 0;
    sent += stand.start(text, bad_key) ? 100 : 0;
    sent += stand.start(text, FireStand::order(SignFormat::cades, "1&op=99")) ? 100 : 0;
    sent += stand.wait(stand.fire->create_batch(FireStand::order(), 0)) ? 100 : 0;
    sent += stand.wait(stand.fire->create_batch(FireStand::order(), 11)) ? 100 : 0;
    sent += stand.wait(stand.fire->add({"a", "b"}, "doc 1", FireStand::order(), text.document()))
                ? 100
                : 0;
    return sent + stand.requests();
}

void f11_limits_are_checked_before_sending(void**) {
    assert_int_equal(requests_for_documents_out_of_limits(), 0);
}

struct Changed {
    bool wrong_document = false;
    int requests = -1;
};

Changed document_that_changed() {
    FireStand stand;
    const FrozenText text(std::string(100000, 'a'));
    text.rewrite("b");
    const auto started = stand.start(text);
    return {!started && started.error().reason == SignReason::wrong_document, stand.requests()};
}

void f05_a_changed_document_begins_nothing(void**) {
    const Changed seen = document_that_changed();
    assert_true(seen.wrong_document);
    assert_int_equal(seen.requests, 0);
}

// --- the spool ---

struct Kept {
    bool refused = false;
    bool still_there = false;
};

// FIRe is asked only when its answer has a place: the signature can be fetched afterwards.
Kept fetch_into(const SpoolPlace& place) {
    FireStand stand;
    const FrozenText text(kText);
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    auto composed = stand.compose(started->transaction);
    SpoolPlace asked = place;
    if (asked.directory.empty()) {
        asked.directory = stand.directory;
    }
    std::ofstream(stand.directory + "/taken") << "an older signature";
    Kept seen;
    auto fetching = stand.fire->fetch(std::move(*composed->ticket), std::move(asked));
    seen.refused = !stand.wait(std::move(fetching));
    seen.still_there = stand.fetch(FireTicket::of_transaction(started->transaction)).has_value() &&
                       file_content(stand.directory + "/taken") == "an older signature";
    return seen;
}

int places_that_cost_a_signature() {
    int cost = 0;
    for (const SpoolPlace& place :
         {SpoolPlace{"", "taken", 0}, SpoolPlace{"/nowhere", "a", 0}, SpoolPlace{"", "../a", 0},
          SpoolPlace{"", "", 0}, SpoolPlace{"", "a", std::uint64_t{1} << 55U}}) {
        const Kept seen = fetch_into(place);
        if (!seen.refused || !seen.still_there) {
            print_error("place %s: refused %d, still there %d\n", place.name.c_str(), seen.refused,
                        seen.still_there);
            ++cost;
        }
    }
    return cost;
}

void f09_without_a_place_fire_is_not_asked(void**) {
    assert_int_equal(places_that_cost_a_signature(), 0);
}

// --- batches and late upgrades ---

std::string batch_of(int count, const std::string& fault) {
    FireStand stand;
    const FrozenText text(kText);
    if (!fault.empty()) {
        stand.fault(fault);
    }
    auto batch = stand.wait(stand.fire->create_batch(FireStand::order(), 2));
    for (int i = 0; i < count; ++i) {
        static_cast<void>(stand.wait(stand.fire->add(*batch, "doc-" + std::to_string(i),
                                                     FireStand::order(), text.document())));
    }
    const auto begun = stand.wait(stand.fire->sign_batch(*batch, "es", false));
    std::string seen = begun ? "begun" : "not begun";
    const auto before = stand.wait(stand.fire->batch_progress(*batch));
    seen += before && *before == 0 ? " 0%" : "";
    stand.authorise(*batch);
    auto composed = stand.wait(stand.fire->compose_batch(FireRecovery(*batch)));
    for (FireBatchDocument& document : composed->documents) {
        seen += " " + document.id + document.detail;
        if (document.ticket) {
            const auto fetched = stand.fetch(std::move(*document.ticket), document.id);
            seen += fetched ? " fetched" : " lost";
        }
    }
    return seen;
}

void f14_a_batch_is_fetched_document_by_document(void**) {
    static const std::string whole = batch_of(2, "");
    static const std::string partial = batch_of(2, "partial_batch");
    assert_string_equal(whole.c_str(), "begun 0% doc-1 fetched doc-0 fetched");
    assert_string_equal(partial.c_str(), "begun 0% doc-1PRESIGN_ERROR doc-0 fetched");
}

std::string with_a_grace() {
    FireStand stand;
    const FrozenText text(kText);
    stand.fault("grace");
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    const auto composed = stand.compose(started->transaction);
    std::string seen = composed->grace && !composed->ticket ? "wait" : "ready";
    const FireGrace grace = *composed->grace;
    auto early = stand.wait(stand.fire->compose_late(grace, ""));
    seen += early && !early->ticket ? " wait" : " ready";
    stand.control("clock", "{\"advance\": 3700}");
    auto late = stand.wait(stand.fire->compose_late(grace, "ES-T"));
    seen += late && late->ticket ? " " + late->upgrade : " failed";
    const auto fetched = stand.fetch(std::move(*late->ticket));
    return seen + (fetched ? " fetched" : " lost");
}

void a_late_upgrade_is_fetched_later(void**) {
    static const std::string seen = with_a_grace();
    assert_string_equal(seen.c_str(), "wait wait ES-T fetched");
}

std::string upgraded_to(const char* upgrade) {
    FireStand stand;
    const FrozenText text(kText);
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    auto composed = stand.wait(stand.fire->compose(FireRecovery(started->transaction), upgrade));
    if (!composed || !composed->ticket) {
        return "failed";
    }
    const auto fetched = stand.fetch(std::move(*composed->ticket));
    return composed->upgrade + (composed->partial ? " in part" : "") +
           (fetched ? " fetched" : " lost");
}

// And what is less than was asked for is no failure: FIRe is told so, or it would be.
void an_upgrade_is_what_fire_says_it_is(void**) {
    static const std::string whole = upgraded_to("ES-T");
    static const std::string partial = upgraded_to("ES-A");
    assert_string_equal(whole.c_str(), "ES-T fetched");
    assert_string_equal(partial.c_str(), "ES-T in part fetched");
}

std::string late_in_part() {
    FireStand stand;
    const FrozenText text(kText);
    stand.fault("grace");
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    const auto composed =
        stand.wait(stand.fire->compose(FireRecovery(started->transaction), "ES-A"));
    stand.control("clock", "{\"advance\": 3700}");
    auto late = stand.wait(stand.fire->compose_late(*composed->grace, "ES-A"));
    if (!late || !late->ticket) {
        return "failed";
    }
    return late->upgrade + (late->partial ? " in part" : "") +
           (stand.fetch(std::move(*late->ticket)) ? " fetched" : " lost");
}

void a_late_upgrade_in_part_is_fetched_too(void**) {
    static const std::string seen = late_in_part();
    assert_string_equal(seen.c_str(), "ES-T in part fetched");
}

// --- F-13 ---

int half_files(const FireStand& stand) {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(stand.directory)) {
        count += file.path().filename().string().ends_with(".partial") ? 1 : 0;
    }
    return count;
}

// What the pool is doing when its Task goes, it finishes: the file is whole then, or gone.
int half_files_after_cancelled_fetches() {
    FireStand stand;
    const FrozenText text(kText);
    for (int rounds = 0; rounds < 16; ++rounds) {
        const auto started = stand.start(text);
        SpoolPlace place{stand.directory, "cancelled-" + std::to_string(rounds), 65536};
        auto task = stand.fire->fetch(FireTicket::of_transaction(started->transaction), place);
        task.start();
        for (int i = 0; i < rounds && !task.done(); ++i) {
            stand.stand.loop.run_once(std::chrono::milliseconds(2));
        }
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (half_files(stand) > 0 && std::chrono::steady_clock::now() < end) {
        stand.stand.loop.run_once(std::chrono::milliseconds(5));
    }
    return half_files(stand);
}

void f13_a_cancelled_fetch_leaves_no_half_file(void**) {
    assert_int_equal(half_files_after_cancelled_fetches(), 0);
}

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_signed_and_on_disk),
        cmocka_unit_test(every_persona_is_told_why_it_cannot_sign),
        cmocka_unit_test(f09_a_lost_answer_is_called_lost),
        cmocka_unit_test(a_premature_question_is_no_loss),
        cmocka_unit_test(f15_what_is_fetched_is_unverified),
        cmocka_unit_test(f01_f03_a_foreign_redirect_is_refused),
        cmocka_unit_test(a_foreign_redirect_names_the_directive),
        cmocka_unit_test(f11_limits_are_checked_before_sending),
        cmocka_unit_test(f05_a_changed_document_begins_nothing),
        cmocka_unit_test(f09_without_a_place_fire_is_not_asked),
        cmocka_unit_test(f14_a_batch_is_fetched_document_by_document),
        cmocka_unit_test(a_late_upgrade_is_fetched_later),
        cmocka_unit_test(an_upgrade_is_what_fire_says_it_is),
        cmocka_unit_test(a_late_upgrade_in_part_is_fetched_too),
        cmocka_unit_test(f13_a_cancelled_fetch_leaves_no_half_file),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
