// Who has signed what, and how it went: one JSON line per change of a signature, each with the
// digest of the one before (checklist F-18). Appended, with fsync, before the change is made.
//
// A line names its change and the one that it comes `after`. One that nothing comes after, though
// the signature went on, was not made: its worker was killed, or somebody was faster (`withdrawn`).
//
// Each worker has a chain of its own, so that no lock is held over a disk: its name says host,
// process and start. A chain goes on in the next file when the log is rotated. A line that was
// changed, moved or taken out of a chain shows; that the last lines are missing shows only to
// whoever has the receipts, which name theirs.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/error.h"
#include "clave/secret.h"
#include "sign/archive.h"

namespace clave {

struct EvidenceLine {
    // In this order; UTF-8, of our making or checked.
    std::vector<std::pair<const char*, std::string>> fields;
};

struct EvidenceMark {
    std::string chain;
    std::uint64_t number = 0;
    std::string sha256;  // hex, of the line
};

// One worker's chain. Usable from any thread; append() blocks.
class EvidenceChain {
  public:
    explicit EvidenceChain(std::string name) : name_(std::move(name)) {}

    // Code::evidence: it is not on disk. Then nothing may be signed.
    Result<EvidenceMark> append(const std::shared_ptr<OpenFile>& file, const EvidenceLine& line);

  private:
    std::mutex mutex_;
    std::string name_;
    std::uint64_t number_ = 0;
    std::string last_ = std::string(64, '0');
};

// For whoever has to show that nothing was changed. The text of one or more files, the older first.
struct EvidenceVerdict {
    std::size_t lines = 0;
    std::size_t chains = 0;
    // "line 7: …"; empty if all is as it was written.
    std::vector<std::string> findings;
};
EvidenceVerdict verify_evidence(std::string_view text);

}  // namespace clave
