// A document on its way from an application's answer into the archive: all of it, as it is, or
// nothing (F-05, F-11, H-25).
#include "cmocka_cpp.h"

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/poll_loop.h"
#include "login/form_record.h"
#include "login_fixture.h"
#include "sign/archive.h"
#include "sign/transaction.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

// Work is done when the test says so.
struct Queue final : WorkerPool {
    std::deque<std::unique_ptr<Job>> jobs;
    [[nodiscard]] bool submit(std::unique_ptr<Job> job) noexcept override {
        jobs.push_back(std::move(job));
        return true;
    }
    void work() {
        while (!jobs.empty()) {
            auto job = std::move(jobs.front());
            jobs.pop_front();
            job->run();
            job->finished();
        }
    }
};

struct Quiet final : Logger, SignWitness {
    void log(Severity, std::string_view) noexcept override {}
    void ended(const Site&, const Event&) noexcept override {}
};

struct Place {
    Place() {
        char name[] = "/tmp/clave-answer-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Place() { std::filesystem::remove_all(path); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    std::size_t entries(const std::string& below) const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry :
             std::filesystem::directory_iterator(path + below)) {
            ++count;
        }
        return count;
    }
    std::string path;
};

struct Evidence final : EvidenceFile {
    explicit Evidence(const std::string& path) : file(std::fopen(path.c_str(), "a")) {}
    ~Evidence() override { std::fclose(file); }
    Evidence(const Evidence&) = delete;
    Evidence& operator=(const Evidence&) = delete;
    int descriptor() const noexcept override { return ::fileno(file); }
    std::FILE* file;
};

struct Stand {
    Stand()
        : desk(loop, pool, quiet, "test", quiet),
          gate(store, KeyRing(test_key()), pool, clock, random, nullptr, &desk),
          site(test_site()) {
        std::filesystem::create_directory(place.path + "/archive");
        auto signing = std::make_shared<SigningSite>();
        signing->archive = place.path + "/archive";
        signing->evidence = std::make_shared<Evidence>(place.path + "/evidence");
        signing->fire.most_document_bytes = 1000;
        signing->most_open = 0;  // sign_quota_test.cpp is about that
        signing->most_open_bytes = 0;
        site.signing = signing;
        order.source = SignSource::answer;
        order.requirement = requirement("permanente_otp");
        who.lookup = Lookup::hit;
        who.session.nif = "00000000T";
        who.session.given_name = "Ana";
        request = page_load("/expediente?n=1");
        answer.sign = {"return=/recibido; name=\"a/b.txt\""};
        answer.content_type = "text/plain";
    }

    // The address of the review, or the code of the refusal, or JSON.
    std::string take(std::string_view document, std::size_t piece = 7) {
        auto taken = gate.take_answer(site, order, request, is_known ? &who : nullptr, answer);
        if (!taken) {
            return code_of(taken.error());
        }
        for (std::size_t at = 0; at < document.size(); at += piece) {
            if (at >= 14) {
                pool.work();  // the archive is ready by now
            }
            if (!(*taken)->write(as_bytes(document.substr(at, piece)))) {
                return code_of((*taken)->refusal());
            }
        }
        if (is_broken) {
            return code_of((*taken)->refusal());
        }
        Task<Reply> finishing = (*taken)->finish();
        finishing.start();
        pool.work();
        if (!finishing.done()) {
            return "under way";
        }
        const Reply reply = finishing.result();
        return !reply.refusals.empty() ? code_of(reply)
               : reply.status == 303   ? header(reply, "Location")
                                       : reply.body;
    }
    std::size_t left() {
        pool.work();
        // A store that failed may have it all the same: that somebody looks after it, stays.
        const bool is_looked_after = std::filesystem::exists(place.path + "/archive/open");
        // The heads of the evidence are of its lines, which stay.
        const bool has_heads = std::filesystem::exists(place.path + "/archive/heads");
        return place.entries("/archive") - (is_looked_after ? 1 : 0) - (has_heads ? 1 : 0);
    }

    Place place;
    PollLoop loop;
    Queue pool;
    Quiet quiet;
    FixedClock clock;
    CountingRandom random;
    MapStore store;
    SignDesk desk;
    Gate gate;
    Site site;
    SignOrder order;
    Identified who;
    Request request;
    ApplicationAnswer answer;
    bool is_known = true;
    bool is_broken = false;
};

std::string file(const Stand& stand, const std::string& base, std::string_view name) {
    const std::string id = base.substr(base.size() - 29, 28);
    std::ifstream in(stand.place.path + "/archive/" + id + "/" + std::string(name));
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string whole(std::size_t piece) {
    Stand stand;
    const std::string base = stand.take("Solicitud de Ana\nmañana\n", piece);
    if (!base.starts_with("/.clave/sign/")) {
        return base;
    }
    const std::string form = file(stand, base, "form");
    const auto decoded = decode_form({as_bytes(form).begin(), as_bytes(form).end()});
    return file(stand, base, "document") + std::to_string(stand.store.entries.size()) +
           (wants_signature(as_bytes(form)) ? " around the signature " : " ") +
           (decoded ? decoded->method + " " + decoded->headers.front().second : "none");
}

void all_of_it_is_frozen_in_any_pieces(void**) {
    for (const std::size_t piece : {1U, 7U, 100U}) {
        static std::string got;
        got = whole(piece);
        assert_string_equal(got.c_str(),
                            "Solicitud de Ana\nmañana\n1 around the signature POST "
                            "application/pkcs7-signature");
    }
}

std::string told_to_a_script() {
    Stand stand;
    stand.request.fetch_mode = "cors";
    stand.request.fetch_dest = "empty";
    const std::string told = stand.take("hola");
    return told.substr(0, told.find("/sign/"));
}

void a_script_gets_the_address(void**) {
    static const std::string told = told_to_a_script();
    assert_string_equal(told.c_str(), "{\"review\":\"https://sede.example.gob.es/.clave");
}

// --- what is refused, and what stops it ---

using Change = void (*)(Stand&);
struct Refused {
    const char* guard;  // nullptr: none could be switched off
    const char* code;
    Change change;
    std::string_view document = "hola";
};
const Refused kRefused[] = {
    {nullptr, "E-SIGN-ANSWER", [](Stand& s) { s.is_known = false; }},
    {nullptr, "E-SIGN-ANSWER", [](Stand& s) { s.who.lookup = Lookup::miss; }},
    {nullptr, "E-SIGN-ID", [](Stand& s) { s.who.session.nif = "AT/ES/1"; }},
    {"sign answer headers", "E-SIGN-HEADER",
     [](Stand& s) { s.answer.sign.push_back("return=/b"); }},
    {"sign answer status", "E-SIGN-ANSWER", [](Stand& s) { s.answer.status = 206; }},
    {"sign answer encoding", "E-SIGN-ANSWER", [](Stand& s) { s.answer.content_encoding = "gzip"; }},
    {"sign answer whole", "E-SIGN-ANSWER", [](Stand& s) { s.answer.length = 5; }},
    {nullptr, "E-SIGN-ANSWER", [](Stand& s) { s.is_broken = true; }},
    {nullptr, "E-SIGN-ANSWER", [](Stand&) {}, ""},
    {nullptr, "E-SIGN-ANSWER", [](Stand& s) { s.order.format = SignFormat::pades; }},
    {nullptr, "E-STORE", [](Stand& s) { s.store.down = true; }},
    {nullptr, "E-STORE", [](Stand& s) { s.desk.close(); }},
    {nullptr, "E-RNG", [](Stand& s) { s.random.broken = true; }},
    {nullptr, "E-STORE", [](Stand& s) { std::filesystem::remove_all(s.place.path + "/archive"); },
     "longer than what is waited for"},
};

std::string refused(const Refused& one) {
    Stand stand;
    one.change(stand);
    std::string code = stand.take(one.document);
    if (std::filesystem::exists(stand.place.path + "/archive") && stand.left() != 0) {
        code += " and something is left";
    }
    return code;
}

void what_cannot_be_signed_leaves_nothing(void**) {
    for (const Refused& one : kRefused) {
        static std::string got;
        got = refused(one);
        assert_string_equal(got.c_str(), one.code);
        if (one.guard != nullptr) {
            got = without_guard(one.guard, [&] { return refused(one); });
            assert_true(got.starts_with("/.clave/sign/"));
        }
    }
}

const std::string& over() {
    static const std::string document(1001, 'a');
    return document;
}
const std::string& most() {
    static const std::string document(1000, 'a');
    return document;
}

std::string sized(const std::string& document, bool announced) {
    Stand stand;
    if (announced) {
        stand.answer.length = document.size();
    }
    std::string code = stand.take(document, 100);
    return code.starts_with("/.clave/") ? "taken" : code + (stand.left() == 0 ? "" : " left");
}

void too_large_is_refused_as_soon_as_it_is_known(void**) {
    static std::string got;
    for (const bool announced : {false, true}) {
        got = sized(most(), announced);
        assert_string_equal(got.c_str(), "taken");
        got = sized(over(), announced);
        assert_string_equal(got.c_str(), "E-SIGN-ANSWER");
    }
    got = without_guard("sign answer size", [] { return sized(over(), false); });
    assert_string_equal(got.c_str(), "taken");
    // what is announced is refused before a byte of it has come
    got = without_guard("sign answer length", [] {
        Stand stand;
        stand.answer.length = 1001;
        const auto taken = stand.gate.take_answer(stand.site, stand.order, stand.request,
                                                  &stand.who, stand.answer);
        return std::string(taken ? "begun" : "refused");
    });
    assert_string_equal(got.c_str(), "begun");
}

// --- a client that goes away, at each step ---

std::string gone(int step) {
    Stand stand;
    {
        auto taken = stand.gate.take_answer(stand.site, stand.order, stand.request, &stand.who,
                                            stand.answer);
        if (!taken) {
            return "refused";
        }
        if (step > 0) {
            stand.pool.work();
        }
        if (step > 1 && !(*taken)->write(as_bytes("hola"))) {
            return "unwanted";
        }
        Task<Reply> finishing = (*taken)->finish();
        if (step > 2) {
            finishing.start();
        }
        if (step > 3) {  // it has been sealed, and nobody is there to hear of it
            stand.pool.jobs.front()->run();
        }
    }
    stand.pool.work();
    return stand.left() == 0 && stand.store.entries.empty() ? "nothing" : "something";
}

void who_goes_away_leaves_nothing(void**) {
    for (int step = 0; step <= 4; ++step) {
        static std::string left;
        left = gone(step);
        assert_string_equal(left.c_str(), "nothing");
    }
}

// --- and back to the application ---

// What a page load gets to hand over: type and body of the POST, or "nothing".
struct Delivery {
    std::string_view target = "/recibido";
    std::string_view nif = "00000000T";
    SignState state = SignState::finished;
    std::string_view archived = "the signature";
};

std::string delivered(const Delivery& how) {
    Stand stand;
    const std::string base = stand.take("hola");
    const std::string id = base.substr(base.size() - 29, 28);
    Entry& entry = stand.store.entries.begin()->second;
    auto transaction = decode_transaction(entry.record);
    if (!transaction) {
        return "no record";
    }
    transaction->state = how.state;
    transaction->signature_sha256 = sha256(std::string_view("the signature"));
    entry.record = *encode(*transaction);
    static_cast<void>(Archive(stand.place.path + "/archive")
                          .write(id, Archive::kSignature, as_bytes(how.archived)));

    const std::string cookie = "__Host-clave-sign=" + id;
    Request request = page_load(how.target);
    request.cookies = {cookie};
    stand.who.session.nif = how.nif;
    Task<std::optional<SignedForm>> fetching =
        stand.gate.fetch_signed(stand.site, request, stand.who);
    fetching.start();
    stand.pool.work();
    const auto form = fetching.result();
    return form ? form->form.method + " " + form->form.headers.front().second + " " +
                      std::string(as_text(form->form.body()))
                : "nothing";
}

struct Undelivered {
    const char* guard;
    Delivery how;
};
const Undelivered kUndelivered[] = {
    {"sign delivery target", {.target = "/otro"}},
    {"sign owner", {.nif = "11111111H"}},
    {"sign delivery state", {.state = SignState::recovering}},
    {"sign delivery digest", {.archived = "something else"}},
};

void the_application_gets_what_was_verified(void**) {
    static std::string got;
    got = delivered({});
    assert_string_equal(got.c_str(), "POST application/pkcs7-signature the signature");
    for (const Undelivered& one : kUndelivered) {
        got = delivered(one.how);
        assert_string_equal(got.c_str(), "nothing");
        got = without_guard(one.guard, [&] { return delivered(one.how); });
        assert_true(got.starts_with("POST application/pkcs7-signature "));
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_is_frozen_in_any_pieces),
        cmocka_unit_test(a_script_gets_the_address),
        cmocka_unit_test(what_cannot_be_signed_leaves_nothing),
        cmocka_unit_test(too_large_is_refused_as_soon_as_it_is_known),
        cmocka_unit_test(who_goes_away_leaves_nothing),
        cmocka_unit_test(the_application_gets_what_was_verified),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
