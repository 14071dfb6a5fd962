// What a virtual server's configuration says about signing, beside its Site.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clave/fire.h"
#include "clave/level.h"
#include "clave/pki.h"

namespace clave {

// The evidence file, as the host has it open: it reopens it when a log is rotated.
struct EvidenceFile {
    virtual ~EvidenceFile() = default;
    // Append-only, of the loop's thread; whoever keeps it longer than the call duplicates it. -1:
    // there is none, and nothing may be signed.
    virtual int descriptor() const noexcept = 0;
};

struct SigningSite {
    FireSettings fire;
    HttpsTrust trust;     // towards FIRe
    std::string archive;  // a directory of ours, mode 0700
    std::shared_ptr<const EvidenceFile> evidence;
    std::vector<Certificate> authorities;  // of the signers; empty: their chain is not judged
    Seconds retain{0};                     // after the end; 0: for ever
    // Of one person at a time (F-11): signatures that are not over, and bytes of their documents.
    // 0: any.
    std::size_t most_open = 20;
    std::uint64_t most_open_bytes = 128ULL << 20U;
};

// Where the documents of a location come from.
enum class SignSource : std::uint8_t {
    form,    // what is sent to it
    answer,  // what the application answers with, if it says so
};

// What a location says of its signatures.
struct SignOrder {
    SignSource source = SignSource::form;
    SignFormat format = SignFormat::cades;
    SignOperation operation = SignOperation::sign;
    std::string upgrade;    // what FIRe adds to it (upgrade.h); empty: nothing
    std::string title;      // what is signed, for people
    std::string procedure;  // as registered at Cl@ve Firma
    std::string deliver;    // path that it goes to when it is signed; empty: where a form was sent
    Requirement requirement;
};

// What a location says of the signatures that applications order there (clave_sign_api).
struct SignApi {
    Requirement requirement;  // of who signs
};

}  // namespace clave
