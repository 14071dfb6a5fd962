// What signing needs beside the gate, one per worker: connections to FIRe, work that outlives the
// requests that began it, the worker's chain of evidence.
#pragma once

#include <memory>
#include <string>

#include "clave/event.h"
#include "clave/host.h"
#include "clave/loop.h"

namespace clave {

struct SignParts;  // src/sign/signing.h
struct Site;

// Is told of every end of a signature, by the worker that has found it, once for all workers
// together: for counts and books (metrics.h, audit.h). There may be no request and no client left.
struct SignWitness {
    virtual ~SignWitness() = default;
    virtual void ended(const Site& site, const Event& event) noexcept = 0;
};

class SignDesk {
  public:
    // `chain` names this process in the evidence, differently from any other: host, process, start.
    // All else is borrowed and outlives the desk.
    SignDesk(Loop& loop, WorkerPool& pool, Logger& logger, std::string chain, SignWitness& witness);
    ~SignDesk();

    // Takes back what is under way: whoever comes next, to whichever worker, goes on from where it
    // was. Before the store closes. Nothing can be signed afterwards.
    void close() noexcept;

    SignParts* parts() noexcept { return parts_.get(); }

  private:
    std::unique_ptr<SignParts> parts_;
};

}  // namespace clave
