#include "support/corpus.h"

#include <jansson.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <variant>

namespace clave::test {
namespace {

// The context that the forge was given (CMakeLists.txt).
constexpr Time kNow{Seconds{1795348800}};
constexpr std::string_view kRequestId = "_0123456789abcdef0123456789abcdef";
constexpr std::string_view kAcsUrl = "https://sede.example.gob.es/.clave/acs";
constexpr std::string_view kIssuer = "https://pasarela.example.gob.es";

struct OneRequest final : saml::RequestProof {
    Result<Time> issued_at(std::string_view request_id) const override {
        if (request_id != kRequestId) {
            return fail(Code::in_response_to);
        }
        return kNow - Seconds{60};
    }
};

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A corpus that cannot be read must not pass for one in which all is well.
template <class T>
T must(ConfigResult<T> loaded) {
    if (!loaded) {
        std::cerr << loaded.error().what << ": " << loaded.error().remedy << '\n';
        std::abort();
    }
    return *std::move(loaded);
}

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

std::vector<std::string> strings(const json_t* array) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        result.emplace_back(json_string_value(json_array_get(array, i)));
    }
    return result;
}

std::string text(const json_t* object, const char* key) {
    return json_string_value(json_object_get(object, key));
}

}  // namespace

Corpus::Corpus(const std::string& directory, const std::string& kind, AnswersTo answers)
    : answers_(answers) {
    const std::string_view wanted = answers == AnswersTo::login ? "login" : "logout";
    const std::filesystem::path root(directory);
    const std::string manifest = read_file(root / kind / "manifest.json");
    const Json json(json_loadb(manifest.data(), manifest.size(), 0, nullptr), &json_decref);
    for (std::size_t i = 0; i < json_array_size(json.get()); ++i) {
        const json_t* entry = json_array_get(json.get(), i);
        if (text(entry, "kind") != "message" || text(entry, "answers") != wanted) {
            continue;  // the form around a message is for whoever reads forms
        }
        const json_t* settings = json_object_get(entry, "settings");
        CorpusCase one;
        one.id = text(entry, "id");
        one.row = text(entry, "row");
        one.expected = strings(json_object_get(entry, "expected"));
        one.guards = strings(json_object_get(entry, "guards"));
        one.require_encryption = json_is_true(json_object_get(settings, "require_encryption"));
        one.check_issuer = json_is_true(json_object_get(settings, "issuer"));
        one.represented_allowed = !json_is_false(json_object_get(settings, "represented"));
        one.wanted_attributes = strings(json_object_get(settings, "wanted"));
        one.message = read_file(root / kind / text(entry, "file"));
        cases_.push_back(std::move(one));
    }
    const std::string keys = root / "keys/";
    expected_.gateway = must(Certificate::load(keys + "pinned.pem"));
    expected_.decryption = {must(PrivateKey::load(keys + "sp.key")),
                            must(PrivateKey::load(keys + "sp-old.key"))};
    expected_.acs_url = kAcsUrl;
    expected_.now = kNow;
    saml::initialise();
}

Result<saml::Outcome> Corpus::validate(const CorpusCase& one) const {
    saml::Expectations expected = expected_;
    expected.require_encryption = one.require_encryption;
    expected.represented_allowed_somewhere = one.represented_allowed;
    expected.wanted_attributes = one.wanted_attributes;
    if (one.check_issuer) {
        expected.issuers.emplace_back(kIssuer);
    }
    return saml::validate_response(one.message, expected, OneRequest{});
}

Result<saml::VerifiedLogout> Corpus::validate_logout(const CorpusCase& one) const {
    saml::LogoutExpectations expected;
    expected.gateway = expected_.gateway;
    expected.return_url = kAcsUrl;
    expected.now = kNow;
    if (one.check_issuer) {
        expected.issuers.emplace_back(kIssuer);
    }
    return saml::validate_logout_response(one.message, expected, OneRequest{});
}

std::string Corpus::verdict(const CorpusCase& one) const {
    if (answers_ == AnswersTo::logout) {
        const auto verified = validate_logout(one);
        return verified ? "accepted" : std::string(info(verified.error().code).word);
    }
    const Result<saml::Outcome> outcome = validate(one);
    if (!outcome) {
        return std::string(info(outcome.error().code).word);
    }
    if (const auto* refusal = std::get_if<saml::SignedRefusal>(&*outcome)) {
        return std::string(info(refusal->code()).word);
    }
    return "accepted";
}

std::string Corpus::explained(const CorpusCase& one) const {
    if (answers_ == AnswersTo::logout) {
        const auto verified = validate_logout(one);
        return verdict(one) + (verified ? "" : " (" + verified.error().detail + ")");
    }
    const Result<saml::Outcome> outcome = validate(one);
    return verdict(one) + (outcome ? "" : " (" + outcome.error().detail + ")");
}

std::string Corpus::admitted(const CorpusCase& one) const {
    const Result<saml::Outcome> outcome = validate(one);
    const auto* assertion = outcome ? std::get_if<saml::VerifiedAssertion>(&*outcome) : nullptr;
    if (assertion == nullptr) {
        return {};
    }
    const Identity& identity = assertion->identity();
    const Credential& credential = assertion->credential();
    return identity.nif + " " + identity.full_name() + " " + std::string(name(credential.method)) +
           " " + std::string(name(credential.loa));
}

std::vector<std::string> guards_in_sources(const std::string& directory) {
    static constexpr std::string_view kCall = "guard(";
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".cpp") {
            continue;
        }
        const std::string source = read_file(entry.path());
        for (auto at = source.find(kCall); at != source.npos; at = source.find(kCall, at + 1)) {
            const auto quote = source.find_first_not_of(" \n", at + kCall.size());
            if (quote != source.npos && source[quote] == '"') {
                names.insert(source.substr(quote + 1, source.find('"', quote + 1) - quote - 1));
            }
        }
    }
    return {names.begin(), names.end()};
}

}  // namespace clave::test
