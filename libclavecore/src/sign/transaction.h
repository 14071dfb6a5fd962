// One document on its way to a signature (product.md section 5): what the store keeps of it. The
// document itself, and what becomes of it, lie in the archive.
//
// A state is left once and never entered again; each change is a compare and set (F-08).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clave/gate.h"
#include "clave/level.h"
#include "clave/session.h"
#include "clave/signing_site.h"

namespace clave {

bool is_end(SignState state) noexcept;

inline constexpr std::size_t kSignIdLength = 28;  // 140 bits
std::optional<std::string> make_sign_id(Random& random);
bool is_sign_id(std::string_view text) noexcept;
// As people read it out: "7F3K-92QD-…".
std::string sign_number(std::string_view id);

// One of those that an application has announced (clave_sign_api), and what became of it.
// Lost: FIRe had its signature, and it is not here.
enum class DocumentState : std::uint8_t { announced, stored, finished, failed, lost };
std::string_view word(DocumentState state) noexcept;

inline constexpr std::size_t kMostDocuments = 10;  // FIRe's own limit of a batch

// What FIRe adds to a signature, as far as it is known (clave/upgrade.h).
struct Upgrade {
    std::string id{};        // FIRe's, of what is still to come; empty: nothing is
    Time after{};            // ask for it then, and not before
    std::uint8_t tries = 0;  // in vain
    bool fetching = false;   // it may have been handed over already
    std::string reached{};   // the format that FIRe says it has now; empty: it says none
    bool partial = false;    // less than what was asked for

    bool is_awaited() const noexcept { return !id.empty(); }
};

struct AnnouncedDocument {
    std::string id, name, media_type;
    std::uint64_t size = 0;  // once it is stored
    Digest sha256{};
    DocumentState state = DocumentState::announced;
    SignReason reason = SignReason::gateway;  // of `failed`
    bool fetched = false;                     // the application has its signature
    Digest signature_sha256{};
    Upgrade upgrade{};  // where it is one of several
};

struct Transaction {
    std::string id;  // not in the record
    // Nor is this: of the login with which it is made or decided, as far as it is at hand. It is
    // for the line of evidence about that (F-18).
    LoginProof login{};

    SignState state = SignState::created;
    SignReason reason = SignReason::gateway;  // of `failed`
    bool composed = false;  // recovering: FIRe has composed, fetch is what is left
    bool doubtful = false;  // recovering: taken over from a dead worker
    bool asks_why = false;  // recovering: not the signature, but why there is none
    bool late = false;  // recovering: what FIRe completes later is all that is left; later: it was
    Time ask_at{};      // late: nobody is at it before then; none: somebody is
    Time created{};
    Time since{};  // the last change

    std::string service;  // Site::service()
    Digest session{};
    std::string nif;
    std::string name;  // "Ana García López"
    Credential credential;

    SignFormat format = SignFormat::cades;
    SignOperation operation = SignOperation::sign;
    std::string wanted_upgrade{};  // empty: none
    Upgrade upgrade{};             // of the only document
    Requirement requirement;
    std::string title;
    std::string procedure;
    std::string target;  // where the form goes

    std::string document_name;
    std::string media_type;
    std::uint64_t size = 0;
    Digest sha256{};

    bool answered = false;  // the document is an application's own answer (clave_sign upstream)

    std::array<std::byte, 16> nonce{};  // in the addresses that FIRe leads back to
    std::string fire_id;
    std::string redirect;

    Time signed_at{};
    Digest signature_sha256{};
    Digest certificate_sha256{};
    Time delivering_until{};           // somebody is about to hand it over, or was in vain
    std::array<std::byte, 16> turn{};  // of the last change; random

    // Of an application (clave_sign_api): never empty, and in the archive in this order. What is
    // said above of a document is of the first, or, of several, of them all.
    std::vector<AnnouncedDocument> documents{};
    bool unclaimed = false;  // its person has not come yet: session, name and credential are empty
    std::string only_session;    // session_hash() of the one that may claim it; empty: any of his
    bool stop_on_error = false;  // one that cannot be signed leaves all others unsigned

    bool is_of_application() const noexcept { return !documents.empty(); }
    bool waits() const noexcept {
        return late && state == SignState::recovering && ask_at != Time{};
    }
};

// It is over, and there is none.
bool is_without_signature(const AnnouncedDocument& document) noexcept;
// Of one of several documents, or of the only one.
Upgrade& upgrade_of(Transaction& transaction, std::size_t index) noexcept;
const Upgrade& upgrade_of(const Transaction& transaction, std::size_t index) noexcept;

// Says of the transaction what is said of its documents: of the only one, or of several together.
void describe_documents(Transaction& transaction);

// At most Zone::kMaxRecord bytes, or Code::attribute.
Result<std::vector<std::byte>> encode(const Transaction& transaction);
std::optional<Transaction> decode_transaction(std::span<const std::byte> record);

// What the store calls it: an id that was seen in a dump of the store is of no use.
Digest sign_key(std::string_view id);

// Who began it, and in a session that says as much of him (F-02 to F-04).
bool belongs_to(const Transaction& transaction, const Site& site, const Identified& who) noexcept;

}  // namespace clave
