// Signatures that test/signatures/forge made, with what must become of them.
#pragma once

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/verified_signature.h"
#include "cmocka_cpp.h"

namespace clave::test {

inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_content(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct SignatureCase {
    std::string name, expected;
    std::string signature, document;  // paths
    std::string signer_name, issuer;  // empty: whatever they are
    bool claims_time = false;
    std::vector<std::string> guards;
    SignatureCheck check;
};

class SignatureCases {
  public:
    explicit SignatureCases(const std::string& format) {
        char place[] = "/tmp/clave-signatures-XXXXXX";
        directory_ = ::mkdtemp(place);
        // ctest starts the tests in their directory.
        const std::string command = "signatures/forge " + format + " " + directory_;
        if (std::system(command.c_str()) != 0) {
            std::fputs("the signatures could not be made\n", stderr);
            std::abort();
        }
        json_t* const all = json_load_file((directory_ + "/manifest.json").c_str(), 0, nullptr);
        for (std::size_t i = 0; i < json_array_size(all); ++i) {
            cases_.push_back(read(json_array_get(all, i)));
        }
        json_decref(all);
    }
    SignatureCases(const SignatureCases&) = delete;
    SignatureCases& operator=(const SignatureCases&) = delete;
    ~SignatureCases() {
        for (const SignatureCase& one : cases_) {
            ::close(one.check.document.file);
        }
        std::filesystem::remove_all(directory_);
    }

    const std::vector<SignatureCase>& all() const { return cases_; }
    const std::string& directory() const { return directory_; }
    const SignatureCase& named(const std::string& name) const {
        for (const SignatureCase& one : cases_) {
            if (one.name == name) {
                return one;
            }
        }
        std::abort();
    }

  private:
    static SignatureCase read(json_t* entry) {
        const auto text = [entry](const char* key) {
            return std::string(json_string_value(json_object_get(entry, key)));
        };
        SignatureCase one;
        one.name = text("name");
        one.expected = text("expect");
        one.signature = text("signature");
        one.document = text("document");
        json_t* const facts = json_object_get(entry, "facts");
        const char* const signer = json_string_value(json_object_get(facts, "signer_name"));
        const char* const issuer = json_string_value(json_object_get(facts, "issuer"));
        one.signer_name = signer != nullptr ? signer : "";
        one.issuer = issuer != nullptr ? issuer : "";
        one.claims_time = json_is_true(json_object_get(facts, "claimed_time"));
        json_t* const guards = json_object_get(entry, "guards");
        for (std::size_t i = 0; i < json_array_size(guards); ++i) {
            one.guards.emplace_back(json_string_value(json_array_get(guards, i)));
        }
        const std::string format = text("format");
        one.check.format = format == "cades"   ? SignFormat::cades
                           : format == "xades" ? SignFormat::xades
                           : format == "pades" ? SignFormat::pades
                                               : SignFormat::none;
        const std::string document = content_of(one.document);
        one.check.document = {::open(one.document.c_str(), O_RDWR | O_CLOEXEC), document.size(),
                              sha256(document)};
        one.check.nif = text("nif");
        one.check.certificate = content_of(text("claimed"));
        if (const std::string path = text("authorities"); !path.empty()) {
            one.check.authorities = Certificate::load(path).value();
        }
        one.check.simulator_allowed = json_is_true(json_object_get(entry, "simulator"));
        one.check.ordered = Time{Seconds{json_integer_value(json_object_get(entry, "ordered"))}};
        one.check.now = Time{Seconds{json_integer_value(json_object_get(entry, "now"))}};
        return one;
    }

    std::string directory_;
    std::vector<SignatureCase> cases_;
};

inline UnverifiedSignature unverified(const std::string& path) {
    const std::string bytes = content_of(path);
    return {path, bytes.size(), sha256(bytes)};
}

inline std::string said(const tl::expected<VerifiedSignature, SignatureRefusal>& verdict) {
    return verdict ? "accepted"
                   : std::string(verdict.error().code) + " " + verdict.error().detail + " (" +
                         std::string(word(verdict.error().reason)) + ")";
}

inline std::string verdict_of(const SignatureCase& one) {
    return said(verify_signature(unverified(one.signature), one.check));
}

// What is said of a good one is so.
inline std::string wrong_fact(const SignatureCase& one) {
    const auto verified = verify_signature(unverified(one.signature), one.check);
    if (!verified) {
        return said(verified);
    }
    const SignatureFacts& facts = verified->facts();
    const bool right =
        facts.path == one.signature && facts.sha256 == sha256(content_of(one.signature)) &&
        facts.size == std::filesystem::file_size(one.signature) &&
        facts.format == one.check.format && facts.signer_nif == one.check.nif &&
        facts.begins_with_document && facts.certificate_sha256.size() == 64 &&
        facts.not_after > one.check.ordered && !facts.serial.empty() &&
        (one.check.certificate.empty() || facts.certificate_der == one.check.certificate) &&
        (one.signer_name.empty() || facts.signer_name == one.signer_name) &&
        (one.issuer.empty() || facts.issuer == one.issuer) &&
        (!one.claims_time ||
         (facts.claimed_time && *facts.claimed_time >= one.check.now - Seconds(60) &&
          *facts.claimed_time <= one.check.now + Seconds(600)));
    return right ? "" : "wrong facts: " + facts.signer_name + ", " + facts.issuer;
}

// Good ones are accepted and described, bad ones refused with their code.
inline int wrong_verdicts(const SignatureCases& cases) {
    int wrong = 0;
    for (const SignatureCase& one : cases.all()) {
        const std::string verdict = one.expected.empty() ? wrong_fact(one) : verdict_of(one);
        if (one.expected.empty() ? !verdict.empty() : !verdict.starts_with(one.expected + " ")) {
            print_error("%s: %s, not %s\n", one.name.c_str(), verdict.c_str(),
                        one.expected.empty() ? "accepted" : one.expected.c_str());
            ++wrong;
        }
    }
    return wrong;
}

inline std::string verdict_without(const SignatureCase& one, const std::string& but = "") {
    for (const std::string& name : one.guards) {
        if (name != but) {
            disable_guard(name);
        }
    }
    std::string verdict = verdict_of(one);
    enable_all_guards();
    return verdict;
}

// Each guard is the reason of some refusal: without it, the verdict is another one. Where several
// stand one behind the other, each of them is while the others are off.
inline int guards_without_effect(const SignatureCases& cases) {
    int wrong = 0;
    for (const SignatureCase& one : cases.all()) {
        const std::string without = verdict_without(one);
        for (const std::string& name : one.guards) {
            const std::string with = verdict_without(one, name);
            if (with == without) {
                print_error("%s: %s, also without %s\n", one.name.c_str(), with.c_str(),
                            name.c_str());
                ++wrong;
            }
            if (!guard_was_reached(name)) {
                print_error("%s: there is no guard %s\n", one.name.c_str(), name.c_str());
                ++wrong;
            }
            if (std::getenv("CLAVE_SHOW_CASES") != nullptr) {
                print_message("%s, %s: %s; without: %s\n", one.name.c_str(), name.c_str(),
                              with.c_str(), without.c_str());
            }
        }
    }
    return wrong;
}

// With one bit changed it is refused, or, where nothing is signed (certificates beside the
// signer's, white space between elements), what is said about it stays true.
inline int lies_after_a_flip(const SignatureCases& cases, const std::string& name, std::size_t step,
                             int* refused) {
    const SignatureCase& one = cases.named(name);
    const std::string good = content_of(one.signature);
    const auto truth = verify_signature(unverified(one.signature), one.check);
    const std::string path = cases.directory() + "/flipped";
    int lies = 0;
    for (std::size_t at = 0; at < good.size(); at += step) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 7)));
        write_content(path, bad);
        const auto verdict = verify_signature(unverified(path), one.check);
        if (!verdict) {
            ++*refused;
            continue;
        }
        const SignatureFacts& facts = verdict->facts();
        if (facts.certificate_der != truth->facts().certificate_der ||
            facts.claimed_time != truth->facts().claimed_time || facts.sha256 != sha256(bad)) {
            print_error("%s, byte %zu: another statement\n", name.c_str(), at);
            ++lies;
        }
    }
    return lies;
}

// Cut off anywhere, it is none.
inline int accepted_when_cut(const SignatureCases& cases, const std::string& name,
                             std::size_t step) {
    const SignatureCase& one = cases.named(name);
    const std::string good = content_of(one.signature);
    const std::string path = cases.directory() + "/cut";
    int accepted = 0;
    for (std::size_t size = 0; size < good.size(); size += step) {
        write_content(path, good.substr(0, size));
        accepted += verify_signature(unverified(path), one.check) ? 1 : 0;
    }
    return accepted;
}

}  // namespace clave::test
