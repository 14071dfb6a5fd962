// What is asked of every signature before its format matters (F-02, F-05): whose files they are,
// and what is given back.
#include <sys/stat.h>

#include <type_traits>

#include "support/signature_cases.h"

namespace {

using namespace clave;
using namespace clave::test;

const SignatureCases& cases() {
    static const SignatureCases all("cades");
    return all;
}

// Nothing else makes one.
static_assert(!std::is_default_constructible_v<VerifiedSignature>);
static_assert(!std::is_constructible_v<VerifiedSignature, SignatureFacts>);
static_assert(!std::is_constructible_v<VerifiedSignature, UnverifiedSignature>);
static_assert(!std::is_copy_constructible_v<VerifiedSignature>);
static_assert(std::is_move_constructible_v<VerifiedSignature>);

// The file on disk is another one than FIRe's answer.
std::string exchanged_file(bool guarded) {
    const SignatureCase& good = cases().named("good-elliptic");
    const std::string path = cases().directory() + "/exchanged";
    write_content(path, content_of(cases().named("other-signer").signature));
    UnverifiedSignature fetched = unverified(path);
    write_content(path, content_of(good.signature));
    fetched = UnverifiedSignature(path, std::filesystem::file_size(path), fetched.sha256());
    if (!guarded) {
        disable_guard("signature.as-fetched");
    }
    const std::string verdict = said(verify_signature(std::move(fetched), good.check));
    enable_all_guards();
    return verdict;
}

void a_file_that_was_exchanged_is_refused(void**) {
    static const std::string with = exchanged_file(true);
    static const std::string without = exchanged_file(false);
    assert_string_equal(with.c_str(),
                        "E-SIGN-VERIFY the signature is not what was fetched (gateway)");
    assert_string_equal(without.c_str(), "accepted");
}

std::string changed_document(bool guarded) {
    const SignatureCase& good = cases().named("good-elliptic");
    SignatureCheck check = good.check;
    check.document.sha256[0] ^= std::byte{1};
    if (!guarded) {
        disable_guard("document.frozen");
    }
    const std::string verdict = said(verify_signature(unverified(good.signature), check));
    enable_all_guards();
    return verdict;
}

void f05_a_document_that_changed_is_refused(void**) {
    static const std::string with = changed_document(true);
    static const std::string without = changed_document(false);
    assert_string_equal(
        with.c_str(), "E-SIGN-DIGEST the document is not the one that was frozen (wrong_document)");
    assert_string_equal(without.c_str(), "accepted");
}

// Links, pipes, directories, files that are not there, or not of that size.
int strange_files_accepted() {
    const SignatureCase& good = cases().named("good-elliptic");
    const UnverifiedSignature right = unverified(good.signature);
    const std::string link = cases().directory() + "/link";
    const std::string pipe = cases().directory() + "/pipe";
    std::filesystem::create_symlink(good.signature, link);
    if (::mkfifo(pipe.c_str(), 0600) != 0) {
        return -1;
    }
    int accepted = 0;
    for (const std::string& path : {link, pipe, cases().directory(), std::string("/nowhere")}) {
        accepted += verify_signature({path, right.size(), right.sha256()}, good.check) ? 1 : 0;
    }
    for (const std::uint64_t size : {right.size() - 1, right.size() + 1, std::uint64_t{1} << 60U}) {
        accepted += verify_signature({good.signature, size, right.sha256()}, good.check) ? 1 : 0;
    }
    SignatureCheck closed = good.check;
    closed.document.file = -1;
    return accepted + (verify_signature(unverified(good.signature), closed) ? 1 : 0);
}

void strange_files_are_refused(void**) {
    assert_int_equal(strange_files_accepted(), 0);
}

std::string given_back() {
    const SignatureCase& bad = cases().named("other-signer");
    const auto verdict = verify_signature(unverified(bad.signature), bad.check);
    const bool same = !verdict && verdict.error().signature.unverified_path() == bad.signature &&
                      verdict.error().detail.find("00000000T") == std::string::npos &&
                      verdict.error().detail.find("99999999R") == std::string::npos;
    return same ? said(verdict) : "not given back";
}

void a_refused_one_is_given_back_for_quarantine(void**) {
    static const std::string seen = given_back();
    assert_string_equal(
        seen.c_str(),
        "E-SIGN-SUBJ the certificate is not of the person of the session (wrong_signer)");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_was_exchanged_is_refused),
        cmocka_unit_test(f05_a_document_that_changed_is_refused),
        cmocka_unit_test(strange_files_are_refused),
        cmocka_unit_test(a_refused_one_is_given_back_for_quarantine),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
