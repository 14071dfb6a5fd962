#include "sign/signing.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/guard.h"
#include "clave/offload.h"
#include "clave/session.h"
#include "sign/evidence_line.h"
#include "sign/under_way.h"

namespace clave {
namespace {

constexpr int kTriesToReadBack = 10;
constexpr std::chrono::milliseconds kBetweenTries{300};
// What comes back from the archive when its time in the store is over.
constexpr Seconds kPutBackFor{2 * 3600};

// Of the loop's thread; the copy is the job's, whatever the host does with its own.
std::shared_ptr<OpenFile> evidence_file(const SigningSite& settings) {
    const int descriptor = settings.evidence ? settings.evidence->descriptor() : -1;
    return std::make_shared<OpenFile>(descriptor < 0 ? -1
                                                     : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
}

Event event_of(const Transaction& transaction) {
    Event event{EventKind::signature};
    event.who.level = transaction.requirement.level;
    event.who.method = transaction.credential.method;
    event.who.loa = transaction.credential.loa;
    event.who.session = session_hash(transaction.session);
    event.who.nif = transaction.nif;
    event.signature = SignatureEnd{.number = sign_number(transaction.id),
                                   .procedure = transaction.procedure,
                                   .format = transaction.format,
                                   .state = transaction.state,
                                   .reason = transaction.reason};
    return event;
}

// Up to here nothing is signed, and without evidence nothing will be. Afterwards a signature may
// exist, and is not thrown away for want of a line.
bool needs_evidence(SignState state) noexcept {
    return state <= SignState::confirmed;
}

}  // namespace

SignDesk::SignDesk(Loop& loop, WorkerPool& pool, Logger& logger, std::string chain,
                   SignWitness& witness)
    : parts_(std::make_unique<SignParts>(loop, pool, logger, std::move(chain), witness)) {}
SignDesk::~SignDesk() = default;

void SignDesk::close() noexcept {
    parts_.reset();
}

Time expires_at(const Transaction& transaction) noexcept {
    const Time usual = transaction.created + kTransactionLifetime;
    return transaction.late
               ? std::max(usual, std::max(transaction.ask_at, transaction.since) + kLateLifetime)
               : usual;
}

Time kept_until(const Transaction& transaction) noexcept {
    return std::max(expires_at(transaction), transaction.created + kForgottenAfter);
}

FireClient* Signing::fire() const {
    SignParts* all = parts();
    if (all == nullptr) {
        return nullptr;
    }
    const auto [at, is_new] = all->clients.try_emplace(&settings());
    SignParts::Client& client = at->second;
    if (!client.fire) {
        client.https = HttpsClient::create(all->loop, all->pool, settings().trust);
        if (client.https) {
            client.fire = std::make_unique<FireClient>(*client.https, all->pool, settings().fire);
        }
    }
    return client.fire.get();
}

Task<Result<std::optional<HeldTransaction>>> Signing::find(std::string id) const {
    const Digest key = sign_key(id);
    auto reading = services_.store.read(key, now());
    auto entry = co_await std::move(reading);
    if (!entry) {
        co_return tl::unexpected(std::move(entry.error()));
    }
    if (!*entry) {
        auto looking = find_copy(std::move(id));
        co_return co_await std::move(looking);
    }
    auto transaction = decode_transaction((*entry)->record);
    if (!transaction) {
        // of another version of the module, which may still know what to do with it
        co_return fail(Code::store, "a signature of another version of the module");
    }
    transaction->id = std::move(id);
    HeldTransaction held{std::move(*transaction), std::move((*entry)->version)};
    co_return std::optional<HeldTransaction>(std::move(held));
}

Task<void> Signing::pause(std::chrono::milliseconds time) const {
    if (parts() == nullptr) {
        co_return;
    }
    Sleep sleep(parts()->loop, parts()->wakeups);
    sleep.begin(time);
    co_await sleep;
}

// A store that was killed while it answered is back soon, and a change that it has kept needs its
// line in the evidence.
Task<Result<std::optional<std::string>>> Signing::written_after_all(
    Digest key, const std::vector<std::byte>& record, int tries, const Error& error) const {
    for (int done = 0; done < tries; ++done) {
        if (done > 0) {
            auto pausing = pause(kBetweenTries);
            co_await std::move(pausing);
        }
        auto reading = services_.store.read(key, now());
        auto is = co_await std::move(reading);
        if (is && *is && (*is)->record == record) {
            co_return std::optional(std::move((*is)->version));
        }
        if (is) {
            break;
        }
    }
    co_return fail(error.code, error.detail);
}

Task<void> Signing::outlive(Task<void> work) const {
    if (parts() == nullptr) {
        co_return;
    }
    const auto chore = parts()->chores.begin(std::move(work));
    Chore::Wait wait(chore);
    co_await wait;
}

Task<Result<bool>> Signing::advance(HeldTransaction& held, Transaction next) const {
    const auto step = std::make_shared<Step>(
        Step{held, fail(Code::evidence, "this worker is about to leave, or has no memory")});
    auto taking = outlive(take_whole_step(*this, step, std::move(next)));
    co_await std::move(taking);
    held = std::move(step->held);
    co_return std::move(step->taken);
}

Task<void> Signing::take_whole_step(Signing signing, std::shared_ptr<Step> step, Transaction next) {
    auto taking = signing.take_step(step->held, std::move(next));
    step->taken = co_await std::move(taking);
}

Task<Result<bool>> Signing::take_step(HeldTransaction& held, Transaction next) const {
    next.since = now();
    // No two changes are alike: whoever reads his own back knows that it is his.
    if (!services_.random.fill(next.turn)) {
        co_return fail(Code::random);
    }
    const auto record = encode(next);
    if (!record) {
        co_return tl::unexpected(record.error());
    }
    if (held.version.empty()) {
        auto adding = offload(services_.pool, [under_way = UnderWay(settings().archive),
                                               id = next.id] { return under_way.add(id); });
        const Result<void> added = co_await adding;
        if (!added) {
            co_return tl::unexpected(added.error());
        }
    }
    // First the line: a worker that is killed between the two leaves one that no other line
    // follows, and never a change without a line.
    EvidenceLine line = line_of(next, held.is, services_.sign_key);
    auto testifying = testify(std::move(line));
    const auto mark = co_await std::move(testifying);
    if (!guard("sign evidence", mark.has_value() || !needs_evidence(next.state))) {
        co_return tl::unexpected(mark.error());
    }
    if (!mark) {
        log(Severity::error, info(mark.error().code).word, next, mark.error().detail);
    }
    const Digest key = sign_key(next.id);
    const Time until = std::max(kept_until(next), next.since + kPutBackFor);
    auto swapping = services_.store.swap(key, held.version, *record, until, next.since);
    auto version = co_await std::move(swapping);
    if (!version) {
        // A form that is not taken is still in the browser: nobody waits for the store then.
        const int tries = needs_evidence(next.state) ? 1 : kTriesToReadBack;
        const Error error = version.error();
        auto looking = written_after_all(key, *record, tries, error);
        version = co_await std::move(looking);
    }
    if (!version || !*version) {
        EvidenceLine withdrawal = withdrawal_of(next);
        auto withdrawing = testify(std::move(withdrawal));
        static_cast<void>(co_await std::move(withdrawing));  // who follows the changes sees it, too
        if (version) {
            co_return false;
        }
        co_return tl::unexpected(std::move(version.error()));
    }
    const bool added = held.version.empty();
    held.version = std::move(**version);
    const bool entered = held.is.state != next.state;
    const bool over = next.state >= SignState::finished;
    const bool was_late = held.is.late;
    held.is = std::move(next);
    if (entered && over && parts() != nullptr) {
        parts()->witness.ended(site_, event_of(held.is));
    }
    held.forgotten = false;
    // An order says whose it is only when its person has claimed it, and what each of its documents
    // became changes after its end.
    const bool of_application = held.is.is_of_application();
    const bool at_gateway = held.is.state == SignState::at_gateway;
    if (added || (entered && over) || (of_application && (over || at_gateway))) {
        auto keeping = keep_copy(held.is, *record);
        co_await std::move(keeping);
    }
    if (was_late || held.is.late) {
        auto keeping = keep_waiting(held.is);
        co_await std::move(keeping);
    }
    co_return true;
}

Task<Result<bool>> Signing::end(HeldTransaction& held, SignState state, SignReason reason,
                                Code code, std::string detail) const {
    Transaction next = held.is;
    next.state = state;
    next.reason = reason;
    next.composed = false;
    next.asks_why = false;
    next.doubtful = false;
    next.late = false;
    next.ask_at = Time{};
    if (state == SignState::failed || state == SignState::lost) {
        for (AnnouncedDocument& document : next.documents) {
            if (!is_without_signature(document)) {
                document.state =
                    state == SignState::lost ? DocumentState::lost : DocumentState::failed;
                document.reason = reason;
            }
        }
    }
    const bool by_person = state == SignState::cancelled || state == SignState::expired ||
                           (state != SignState::lost && is_of_person(reason));
    log(by_person ? Severity::info : info(code).severity, info(code).word, next,
        std::string(word(reason)) + " " + detail);
    auto advancing = advance(held, std::move(next));
    co_return co_await std::move(advancing);
}

Task<Result<EvidenceMark>> Signing::testify(EvidenceLine line) const {
    SignParts* all = parts();
    if (all == nullptr) {
        co_return fail(Code::evidence, "this worker is about to leave");
    }
    auto writing = offload(
        all->pool, [chain = all->evidence, file = evidence_file(settings()), line = std::move(line),
                    place = settings().archive] { return chain->append(file, line, place); });
    auto mark = co_await writing;
    if (!mark && mark.error().code != Code::evidence) {
        co_return fail(Code::evidence, mark.error().detail);
    }
    co_return mark;
}

void Signing::log(Severity severity, std::string_view code, const Transaction& transaction,
                  std::string_view detail) const {
    SignParts* all = parts();
    if (all != nullptr) {
        all->logger.log(severity, std::string(code) + " ref=" + sign_number(transaction.id) +
                                      " sp=\"" + site_.provider_name + "\" " + std::string(detail));
    }
}

}  // namespace clave
