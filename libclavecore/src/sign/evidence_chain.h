// Who has signed what, and how it went: one JSON line per change of a signature, each with the
// digest of the one before (checklist F-18). Appended, with fsync, before the change is made.
//
// A line names its change and the one that it comes `after`. One that nothing comes after, though
// the signature went on, was not made: its worker was killed, or it is `withdrawn`, as somebody was
// faster or the store did not answer.
//
// Each worker has a chain of its own, so that no lock is held over a disk: its name says host,
// process and start. A chain goes on in the next file when the log is rotated. A line that was
// changed, moved or taken out of a chain shows; that the last lines are missing, or a whole chain,
// shows by the heads of the chains (evidence_head.h), or by a line that somebody has noted.
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
#include "sign/evidence_head.h"

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

    // Code::evidence: it is not on disk, or its head is not. Then nothing may be signed. `archive`:
    // where that is; empty: there is none.
    Result<EvidenceMark> append(const std::shared_ptr<OpenFile>& file, const EvidenceLine& line,
                                const std::string& archive = {});

  private:
    std::mutex mutex_;
    std::string name_;
    std::uint64_t number_ = 0;
    std::string last_ = std::string(64, '0');
    EvidenceHeadFile head_;
};

// For whoever has to show that nothing was changed. The text of one or more files, the older first.
struct EvidenceVerdict {
    std::size_t lines = 0;
    std::size_t chains = 0;
    std::size_t unsynchronised = 0;  // lines whose clock nobody kept right; the oldest do not say
    std::string begins;              // the time of the oldest line
    std::vector<EvidenceHead> ends;  // of each chain, as the text has it
    // "line 7: …"; empty if all is as it was written.
    std::vector<std::string> findings;
};
EvidenceVerdict verify_evidence(std::string_view text);

// What is missing at the end of what was verified: lines up to a head, and those that somebody has
// noted by their digests (hex). A chain that ended before all that is there began may be in an
// older file. Adds to the findings.
void look_for_heads(EvidenceVerdict& verdict, const std::vector<EvidenceHead>& heads);
void look_for_lines(EvidenceVerdict& verdict, std::string_view text,
                    const std::vector<std::string>& noted);

}  // namespace clave
