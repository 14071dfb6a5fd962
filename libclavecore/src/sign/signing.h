// What every step of a signature works with, and how it takes one: read, decide, write it into the
// evidence, compare and set, act.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/chores.h"
#include "clave/fire.h"
#include "clave/gate.h"
#include "clave/sign_desk.h"
#include "login/login_services.h"
#include "loop/wakeups.h"
#include "sign/archive.h"
#include "sign/evidence_chain.h"
#include "sign/transaction.h"

namespace clave {

struct SignParts {
    SignParts(Loop& on, WorkerPool& workers, Logger& log, std::string chain, SignWitness& who)
        : loop(on),
          pool(workers),
          logger(log),
          witness(who),
          wakeups(on),
          evidence(std::make_shared<EvidenceChain>(std::move(chain))),
          chores(log) {}

    struct Client {
        std::unique_ptr<HttpsClient> https;
        std::unique_ptr<FireClient> fire;
    };

    Loop& loop;
    WorkerPool& pool;
    Logger& logger;
    SignWitness& witness;
    Wakeups wakeups;
    std::shared_ptr<EvidenceChain> evidence;
    std::map<const SigningSite*, Client> clients;
    Chores chores;  // last: it uses all the others
};

// A transaction as it was read, or made.
struct HeldTransaction {
    Transaction is;
    std::string version;
    // From the archive, and it was not over when that was written: nobody knows how far it is.
    bool forgotten = false;
};

// Of one request or chore. `site` is the configuration's, and lives as long as the worker.
class Signing {
  public:
    // The site signs: `site.signing` is there, and so is the desk.
    Signing(const LoginServices& services, const Site& site) noexcept
        : services_(services), site_(site) {}

    const LoginServices& services() const noexcept { return services_; }
    const Site& site() const noexcept { return site_; }
    const SigningSite& settings() const noexcept { return *site_.signing; }
    Archive archive() const { return Archive(settings().archive); }
    Time now() const noexcept { return services_.clock.now(); }
    // nullptr after close().
    SignParts* parts() const noexcept { return services_.desk->parts(); }
    // nullptr if there is no memory, or no TLS.
    FireClient* fire() const;

    // nullopt: there is none of that id. What the store does not know comes from the archive,
    // without a version: whoever changes it first puts it back. Code::store.
    Task<Result<std::optional<HeldTransaction>>> find(std::string id) const;
    // True: `held` is `next` now, the evidence and the store say so, and whoever asked may act on
    // it. False: somebody else was faster, and nothing has changed. Code::store; Code::evidence,
    // before anything is signed: then nothing may be, and nothing has changed. The step is taken
    // wholly, also if whoever awaits it goes: there is no change without its line in the evidence.
    Task<Result<bool>> advance(HeldTransaction& held, Transaction next) const;
    // Goes on when whoever awaits it has gone: what a person has decided is not undone by a closed
    // browser (F-13). `work` owns what it needs. Nothing of it, if this worker is about to leave.
    Task<void> outlive(Task<void> work) const;
    // Takes a while; no time at all if this worker is about to leave.
    Task<void> pause(std::chrono::milliseconds time) const;
    // The same as advance() for a failure that has its line in the log here.
    Task<Result<bool>> end(HeldTransaction& held, SignState state, SignReason reason, Code code,
                           std::string detail) const;

    // One line for the operator: code, number, provider; never a name.
    void log(Severity severity, std::string_view code, const Transaction& transaction,
             std::string_view detail) const;

  private:
    struct Step {
        HeldTransaction held;
        Result<bool> taken;
    };
    Task<Result<bool>> take_step(HeldTransaction& held, Transaction next) const;
    static Task<void> take_whole_step(Signing signing, std::shared_ptr<Step> step,
                                      Transaction next);
    // The version under which the entry is `record` now; the error if it is not, or nobody can
    // tell.
    Task<Result<std::optional<std::string>>> written_after_all(Digest key,
                                                               const std::vector<std::byte>& record,
                                                               int tries, const Error& error) const;
    Task<Result<EvidenceMark>> testify(EvidenceLine line) const;
    Task<void> keep_copy(const Transaction& transaction,
                         const std::vector<std::byte>& record) const;
    Task<void> keep_waiting(Transaction is) const;
    Task<Result<std::optional<HeldTransaction>>> find_copy(std::string id) const;

    const LoginServices& services_;
    const Site& site_;
};

// How long there is for a signature, and its receipt is at hand.
inline constexpr Seconds kTransactionLifetime{24 * 3600};
// How long the store keeps it: longer, so that there is time to say that it is over.
inline constexpr Seconds kForgottenAfter = kTransactionLifetime + Seconds{2 * 3600};
// How long FIRe may take to complete a signature, since its order; and how long its person has
// afterwards to come back for it.
inline constexpr Seconds kLongestGrace{7 * 24 * 3600};
inline constexpr Seconds kLateLifetime{7 * 24 * 3600};

Time expires_at(const Transaction& transaction) noexcept;
// By the store: longer than that.
Time kept_until(const Transaction& transaction) noexcept;

}  // namespace clave
