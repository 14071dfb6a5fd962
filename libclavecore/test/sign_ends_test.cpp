// Where a signature can end: its page, its status, and what the page says of it, for each state and
// each reason (checklist F-02, F-05, F-12; product.md sections 5 and 6).
#include "cmocka_cpp.h"

#include <cstdio>
#include <string>
#include <string_view>

#include "login_fixture.h"
#include "pages/page.h"
#include "seen.h"
#include "sign/sign_page.h"

namespace {

using namespace clave;
using test::Seen;

struct End {
    SignReason reason;
    PageId page;
    int status;
    std::string_view says;  // of the page, in Spanish
};

// Of `failed`.
constexpr End kEnds[] = {
    {SignReason::cancelled, PageId::sign_cancelled, 200, "La firma se ha cancelado"},
    {SignReason::no_registration, PageId::sign_no_registration, 403,
     "no encuentra ningún registro"},
    {SignReason::weak_registration, PageId::sign_weak_registration, 403, "el registro avanzado"},
    {SignReason::old_registration, PageId::sign_registration_old, 403, "Se registró hace más de"},
    {SignReason::blocked, PageId::sign_blocked, 403, "certificado de firma está bloqueado"},
    {SignReason::no_certificate, PageId::sign_no_certificate, 200, "acepte crearlo"},
    {SignReason::gateway, PageId::sign_failed, 502, "no se ha terminado en Cl@ve"},
    {SignReason::unavailable, PageId::sign_failed, 503, "no responde en este momento"},
    {SignReason::expired, PageId::sign_expired, 410, "en un tiempo limitado"},
    {SignReason::wrong_signer, PageId::sign_failed, 409, "por seguridad no hemos aceptado"},
    {SignReason::wrong_document, PageId::sign_failed, 409, "por seguridad no hemos aceptado"},
    {SignReason::configuration, PageId::sign_failed, 502, "no ha admitido la petición"},
};
static_assert(std::size(kEnds) == kSignReasons - 1);  // what was forgotten is lost

// The words of others, so that none stands on a page that is not its own.
int words_of_others(const std::string& html, const End& end) {
    int found = 0;
    for (const End& other : kEnds) {
        const bool same = other.says == end.says;
        found += !same && html.find(other.says) != std::string::npos ? 1 : 0;
    }
    return found;
}

Transaction ended(SignState state, SignReason reason) {
    Transaction transaction;
    transaction.state = state;
    transaction.reason = reason;
    return transaction;
}

std::string html_of(const Transaction& transaction) {
    const Site site = test::test_site();
    pages::SignFacts sign;
    sign.base = "/.clave/sign/ID/";
    sign.reason = transaction.reason;
    pages::Facts facts;
    facts.ref = "7F3K-92QD";
    facts.sign = &sign;
    return pages::render(page_of_end(transaction), site, facts, Language::es);
}

int failures_that_say_something_else() {
    int wrong = 0;
    for (const End& end : kEnds) {
        const Transaction transaction = ended(SignState::failed, end.reason);
        const PageId page = page_of_end(transaction);
        const std::string html = html_of(transaction);
        const bool good = page == end.page && status_of(page, transaction) == end.status &&
                          html.find(end.says) != std::string::npos &&
                          words_of_others(html, end) == 0;
        if (!good) {
            std::printf("%s\n", std::string(word(end.reason)).c_str());
            ++wrong;
        }
    }
    return wrong;
}

void each_failure_has_its_page_and_status(void**) {
    assert_int_equal(failures_that_say_something_else(), 0);
}

// Whatever the reason says, which is that of `failed`.
bool end_is(SignState state, PageId page, int status) {
    for (const End& end : kEnds) {
        const Transaction transaction = ended(state, end.reason);
        if (page_of_end(transaction) != page || status_of(page, transaction) != status) {
            return false;
        }
    }
    return true;
}

void other_ends_have_one_page_each(void**) {
    assert_true(end_is(SignState::cancelled, PageId::sign_cancelled, 200));
    assert_true(end_is(SignState::expired, PageId::sign_expired, 410));
    assert_true(end_is(SignState::lost, PageId::sign_lost, 502));
}

// Nobody knows whether it was signed.
void what_was_forgotten_is_not_said_to_be_signed(void**) {
    const std::string lost = html_of(ended(SignState::lost, SignReason::gateway));
    const std::string forgotten = html_of(ended(SignState::lost, SignReason::forgotten));
    assert_true(lost.find("Usted firmó, pero la firma se perdió") != std::string::npos);
    assert_true(forgotten.find("Usted firmó") == std::string::npos);
    assert_true(forgotten.find("Un fallo nuestro ha borrado") != std::string::npos);
}

bool way_is(PageId page, int status) {
    for (const End& end : kEnds) {
        if (status_of(page, ended(SignState::created, end.reason)) != status) {
            return false;
        }
    }
    return true;
}

void pages_on_the_way_are_no_failures(void**) {
    assert_true(way_is(PageId::sign_review, 200));
    assert_true(way_is(PageId::sign_redirect, 200));
    assert_true(way_is(PageId::sign_pending, 202));
    assert_true(way_is(PageId::sign_receipt, 200));
}

// A page that stands for a refusal, with nothing behind it.
Seen refusal(Code code, std::string_view says) {
    const Site site = test::test_site();
    pages::Facts facts;
    facts.ref = "7F3K-92QD";
    facts.code = code;
    const std::string html = pages::render(info(code).page, site, facts, Language::es);
    return std::to_string(info(code).status) +
           (html.find(says) != std::string::npos ? " said" : " not said");
}

void refusals_say_what_to_do(void**) {
    assert_string_equal(refusal(Code::sign_document, "añada el documento, en PDF").c_str(),
                        "400 said");
    assert_string_equal(refusal(Code::api_state, "el organismo lo está preparando").c_str(),
                        "409 said");
    assert_string_equal(refusal(Code::sign_erased, "pídala al organismo").c_str(), "410 said");
    assert_string_equal(refusal(Code::sign_foreign, "documento de otro país").c_str(), "403 said");
    assert_string_equal(refusal(Code::sign_too_large, "Reduzca sus ficheros").c_str(), "413 said");
    assert_string_equal(refusal(Code::sign_quota, "termine alguna").c_str(), "429 said");
}

Seen deadline_on(SignReason reason) {
    return html_of(ended(SignState::failed, reason)).find("guarde el código de esta página") !=
                   std::string::npos
               ? "deadline"
               : "none";
}

void who_is_kept_from_signing_keeps_the_code(void**) {
    assert_string_equal(deadline_on(SignReason::unavailable).c_str(), "deadline");
    assert_string_equal(deadline_on(SignReason::wrong_signer).c_str(), "deadline");
    assert_string_equal(deadline_on(SignReason::weak_registration).c_str(), "none");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_has_its_page_and_status),
        cmocka_unit_test(other_ends_have_one_page_each),
        cmocka_unit_test(what_was_forgotten_is_not_said_to_be_signed),
        cmocka_unit_test(pages_on_the_way_are_no_failures),
        cmocka_unit_test(refusals_say_what_to_do),
        cmocka_unit_test(who_is_kept_from_signing_keeps_the_code),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
