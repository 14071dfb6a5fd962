// What a virtual server's configuration says about signing, beside its Site.
#pragma once

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
};

// What a location says of its signatures.
struct SignOrder {
    SignFormat format = SignFormat::cades;
    SignOperation operation = SignOperation::sign;
    std::string title;      // what is signed, for people
    std::string procedure;  // as registered at Cl@ve Firma
    std::string deliver;    // path that the form goes to; empty: where it was sent
    Requirement requirement;
};

// What a location says of the signatures that applications order there (clave_sign_api).
struct SignApi {
    Requirement requirement;  // of who signs
};

}  // namespace clave
