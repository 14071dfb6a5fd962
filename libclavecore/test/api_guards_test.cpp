// What applications order: each guard before a document is taken, told about, or claimed by its
// person is the one that refuses (F-02 to F-05).
#include "cmocka_cpp.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "clave/crypto.h"
#include "sign/archive.h"
#include "support/guarded.h"
#include "support/signing_office.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::string_view kText = "hola";

class OrderingOffice : public SigningOffice {
  public:
    Reply ask(const Request& request, std::string_view path) {
        SignApi api;
        api.requirement = requirement("permanente_otp");
        return finish(gate->serve_api(site, api, request, path));
    }
    // The address at which its person signs.
    std::string order(const std::string& session = "") {
        const std::string json =
            R"({"nif":"00000000T","format":"cades","title":"Alta","return":"/recibido",)" +
            (session.empty() ? "" : R"("session":")" + session + R"(",)") +
            R"("idempotency_key":"1","documents":[{"id":"a","name":"a.txt","type":"text/plain",)" +
            R"("sha256":")" + hex_encode(sha256(kText)) + R"("}]})";
        Request request = post_of("/api/transactions", json);
        request.content_type = "application/json";
        const Reply reply = ask(request, "/transactions");
        const std::string mark = "/.clave/sign/";
        const std::size_t at = reply.body.find(mark);
        return at == std::string::npos ? outcome(reply)
                                       : reply.body.substr(at, mark.size() + kSignIdLength) + "/";
    }
    Reply upload(const std::string& base, std::string_view bytes) {
        char path[] = "/tmp/clave-upload-XXXXXX";
        Request request = post_of("/api/transactions", "");
        request.method = "PUT";
        request.body_file = ::mkstemp(path);
        request.body_size = bytes.size();
        ::unlink(path);
        static_cast<void>(::pwrite(request.body_file, bytes.data(), bytes.size(), 0) >= 0);
        const std::string where = "/transactions/" + id_in(base) + "/documents/a";
        Reply reply = ask(request, where);
        ::close(request.body_file);
        return reply;
    }
};

std::string said(const Reply& reply) {
    return reply.status == 200 ? "200" : outcome(reply);
}

// ---- documents on their way in

std::string other_bytes_taken() {
    OrderingOffice office;
    return said(office.upload(office.order(), "adios"));
}

std::string bytes_taken_after_they_were_shown() {
    OrderingOffice office;
    const std::string base = office.order();
    Transaction shown = office.transaction(base);
    shown.state = SignState::shown;
    office.change(base, shown);
    return said(office.upload(base, kText));
}

// Of several, one is signed, and the others are still being fetched.
std::string signature_taken_too_early() {
    OrderingOffice office;
    const std::string base = office.order();
    static_cast<void>(office.upload(base, kText));
    Transaction early = office.transaction(base);
    early.state = SignState::recovering;
    early.documents.front().state = DocumentState::finished;
    office.change(base, early);
    const std::string id = SigningOffice::id_in(base);
    const Archive archive(office.directory);
    const auto written = archive.write(id, Archive::kSignature, as_bytes("firma"));
    const Reply reply =
        office.ask(page_load("/api"), "/transactions/" + id + "/documents/a/signature");
    return written ? said(reply) : "no archive";
}

std::string form_told_to_an_application() {
    OrderingOffice office;
    const std::string base = office.submit();
    const std::string where = "/transactions/" + SigningOffice::id_in(base);
    return said(office.ask(page_load("/api"), where));
}

Pair guarded(std::string_view guard, std::string (*look)()) {
    return looked(guard, look);
}

void other_bytes_than_announced_are_refused(void**) {
    const Pair pair = guarded("api announced digest", other_bytes_taken);
    assert_string_equal(pair.with.c_str(), "422 E-API-DIGEST");
    assert_string_equal(pair.without.c_str(), "200");
}

void what_was_shown_is_not_replaced(void**) {
    const Pair pair = guarded("api shown", bytes_taken_after_they_were_shown);
    assert_string_equal(pair.with.c_str(), "409 E-API-STATE");
    assert_string_equal(pair.without.c_str(), "200");
}

void no_signature_is_given_before_all_are_judged(void**) {
    const Pair pair = guarded("api signed", signature_taken_too_early);
    assert_string_equal(pair.with.c_str(), "409 E-API-STATE");
    assert_string_equal(pair.without.c_str(), "200");
}

void applications_hear_of_their_own_orders_only(void**) {
    const Pair pair = guarded("api transaction", form_told_to_an_application);
    assert_string_equal(pair.with.c_str(), "404 E-NOTFOUND");
    assert_string_equal(pair.without.c_str(), "200");
}

// ---- their person

enum class Who { other, of_another_service, in_another_session, too_early, known_by_little };

std::string claimed(Who who) {
    OrderingOffice office;
    const std::string base = office.order(who == Who::in_another_session ? "0123456789abcdef" : "");
    if (who != Who::too_early) {
        office.upload(base, kText);
    }
    if (who == Who::of_another_service) {
        Transaction moved = office.transaction(base);
        moved.service = "another";
        office.change(base, moved);
    }
    Browser someone;
    const bool is_other = who == Who::other;
    const bool is_weak = who == Who::known_by_little;
    office.log_in(someone, "/", is_weak ? "permanente" : "permanente_otp",
                  {.nif = is_other ? "11111111H" : "00000000T",
                   .loa = is_weak ? "low" : "substantial",
                   .assertion_id = "_assertion2"});
    const Reply reply = office.get(someone, base);
    return reply.status == 302 || reply.status == 303 ? "elsewhere" : said(reply);
}

Pair claims(std::string_view guard, Who who) {
    return looked(guard, [who] { return claimed(who); });
}

// Behind this guard stands the one that every signature has.
Pair claims_of_another() {
    const auto look = [] { return claimed(Who::other); };
    Pair pair;
    pair.with = Seen(look());
    pair.without = Seen(
        without_guard("sign owner", [look] { return without_guard("sign claim person", look); }));
    return pair;
}

void nobody_else_claims_an_order(void**) {
    const Pair pair = claims_of_another();
    assert_string_equal(pair.with.c_str(), "404 E-NOTFOUND");
    assert_string_equal(pair.without.c_str(), "200");
}

Seen claimed_at_another_service() {
    return Seen(claimed(Who::of_another_service));
}

void no_order_of_another_service_is_claimed(void**) {
    assert_string_equal(claimed_at_another_service().c_str(), "404 E-NOTFOUND");
}

void no_order_is_claimed_in_another_session(void**) {
    const Pair pair = claims("sign claim session", Who::in_another_session);
    assert_string_equal(pair.with.c_str(), "404 E-NOTFOUND");
    assert_string_equal(pair.without.c_str(), "200");
}

void no_order_is_claimed_before_its_documents_are_there(void**) {
    const Pair pair = claims("sign incomplete", Who::too_early);
    assert_string_equal(pair.with.c_str(), "409 E-API-STATE");
    assert_string_equal(pair.without.c_str(), "200");
}

void whoever_is_known_by_little_identifies_first(void**) {
    const Pair pair = claims("sign claim level", Who::known_by_little);
    assert_string_equal(pair.with.c_str(), "elsewhere");
    assert_string_equal(pair.without.c_str(), "200");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(other_bytes_than_announced_are_refused),
        cmocka_unit_test(what_was_shown_is_not_replaced),
        cmocka_unit_test(no_signature_is_given_before_all_are_judged),
        cmocka_unit_test(applications_hear_of_their_own_orders_only),
        cmocka_unit_test(nobody_else_claims_an_order),
        cmocka_unit_test(no_order_of_another_service_is_claimed),
        cmocka_unit_test(no_order_is_claimed_in_another_session),
        cmocka_unit_test(no_order_is_claimed_before_its_documents_are_there),
        cmocka_unit_test(whoever_is_known_by_little_identifies_first),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
