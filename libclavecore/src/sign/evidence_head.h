// Where each chain of evidence has come to, beside it in the archive's directory "heads": a log
// that was cut off at its end, or a chain that was taken out whole, is no longer as long as its
// head says (F-18). It is written after the line, so it never says more than was written.
//
// No secret guards it: it is in another place than the log, and of another user where the log is
// root's. Against whoever can write to both, there is what somebody else has noted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"
#include "clave/open_file.h"

namespace clave {

struct EvidenceHead {
    std::string chain;
    std::uint64_t number = 0;
    std::string sha256;  // hex, of the line
    std::string time;    // of the line, as in it
};

// Of one chain. Everything blocks.
class EvidenceHeadFile {
  public:
    // In place, in one piece. Code::evidence.
    Result<void> write(const std::string& archive, const EvidenceHead& head);

  private:
    std::string archive_;
    std::unique_ptr<OpenFile> file_;
};

// Of all chains of the archive. Code::evidence: there are none, or one is no head.
Result<std::vector<EvidenceHead>> read_evidence_heads(const std::string& archive);

}  // namespace clave
