// The negative corpus as the forge wrote it: some hundred answers of the gateway, each with the
// code that it must be refused with (t/forge, security-checklist.md 1.2 to 1.5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/saml_logout.h"

namespace clave::test {

enum class AnswersTo { login, logout };

struct CorpusCase {
    std::string id;
    std::string row;                    // of the checklist
    std::vector<std::string> expected;  // code words, one of which is the answer; none: accepted
    std::vector<std::string> guards;    // to switch off one after the other; "a+b": at once
    bool require_encryption = false;
    bool check_issuer = false;
    bool represented_allowed = true;
    std::vector<std::string> wanted_attributes;
    std::string message;
};

class Corpus {
  public:
    // `directory` holds keys/, plain/ and encrypted/; `kind` is one of the latter two.
    Corpus(const std::string& directory, const std::string& kind,
           AnswersTo answers = AnswersTo::login);

    const std::vector<CorpusCase>& cases() const noexcept { return cases_; }
    // What the validator says: "accepted", or the word of a code.
    std::string verdict(const CorpusCase& one) const;
    // The same with what the operator would read in the log.
    std::string explained(const CorpusCase& one) const;
    // NIF, name, method and LoA of whom it admits; empty for a message that is refused.
    std::string admitted(const CorpusCase& one) const;

  private:
    Result<saml::Outcome> validate(const CorpusCase& one) const;
    Result<saml::VerifiedLogout> validate_logout(const CorpusCase& one) const;

    AnswersTo answers_;
    std::vector<CorpusCase> cases_;
    saml::Expectations expected_;
};

// Names of all guards in the sources below `directory`.
std::vector<std::string> guards_in_sources(const std::string& directory);

}  // namespace clave::test
