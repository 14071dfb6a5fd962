// FIRe, the broker between an office and Cl@ve Firma (protocol-fire sections 1 to 4).
//
//   one document:   start → the browser goes to `redirect` → compose → fetch      (or ask_error)
//   several:        create_batch → add… → sign_batch → browser → compose_batch → fetch…
//   a late upgrade: compose_late → fetch
//
// FIRe forgets what it has told: compose, compose_batch and fetch can be asked for once, and asking
// too early destroys the transaction. So they take a ticket that can only be moved. Whoever makes
// one has, just before, won the transaction in the store by compare-and-set.
//
// What fetch brings is on disk, with fsync, before its Task ends. It is not a signature: FIRe has
// answered with the unsigned document before now. Only a verifier makes a signature of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clave/https_client.h"
#include "clave/secret.h"
#include "clave/sign_words.h"

namespace clave {

struct FireSettings {
    std::string url;  // https://HOST/fire-signature/fireService
    std::string
        public_url;  // what the browser is sent to begins with it: https://HOST/fire-signature
    std::string app_id;
    std::string provider = "clavefirma";            // one: FIRe then has no page to choose another
    std::uint64_t most_document_bytes = 8'388'606;  // FIRe's own limits unless changed there
    std::uint64_t most_request_bytes = 12 * 1024 * 1024;
    std::uint64_t most_signature_bytes = 64 * 1024 * 1024;
    std::size_t most_documents = 10;  // in a batch
    std::chrono::milliseconds connect_limit{5000};
    std::chrono::milliseconds limit{30000};
    std::chrono::milliseconds compose_limit{120000};  // it waits for the signing service
};

struct FireFailure {
    SignReason reason = SignReason::unavailable;
    int code = 0;    // FIRe's, 0 if it gave none
    int status = 0;  // HTTP, 0 if there was no answer
    // The answer of something that can be asked for once may have been given, and is not here.
    bool lost = false;
    std::string detail;  // for the operator's log; nothing of FIRe's own texts
};
template <class T>
using FireResult = tl::expected<T, FireFailure>;

enum class SignOperation { sign, cosign, countersign };

// The bytes that were frozen at intake. They are hashed again while they are sent: if they are not
// those any more, FIRe never gets all of them (F-05).
struct FireDocument {
    int file = -1;  // readable, stays open as long as the Task; not closed here
    std::uint64_t size = 0;
    Digest sha256{};
};

struct FireSigner {
    std::string nif;  // of the session, by the module, never of an application or browser (F-02)
    std::string language = "es";
};

struct FireOrder {
    FireSigner signer;
    SignFormat format = SignFormat::cades;
    SignOperation operation = SignOperation::sign;
    // What people read; any text.
    std::string office{}, name{}, title{}, procedure{};
    // Ours, with what tells us the transaction: FIRe adds nothing to them.
    std::string ok_url, error_url;
    // Of the format, such as ("signatureSubFilter", "ETSI.CAdES.detached").
    std::vector<std::pair<std::string, std::string>> properties{};
    std::string upgrade{};  // of a batch; for one document it is asked for with compose
};

struct FireTransaction {
    std::string id;
    std::string nif;  // the signer's, byte for byte as at the beginning
};

struct FireStarted {
    FireTransaction transaction;
    // Checked: of FIRe, and of this transaction. Whoever has it can sign: for one person only.
    std::string redirect;
};

class FireRecovery {
  public:
    explicit FireRecovery(FireTransaction of) : transaction_(std::move(of)) {}
    FireRecovery(FireRecovery&&) = default;
    FireRecovery& operator=(FireRecovery&&) = default;
    const FireTransaction& transaction() const noexcept { return transaction_; }

  private:
    FireTransaction transaction_;
};

class FireTicket {
  public:
    // Made by compose…; by hand only after a crash between it and fetch.
    static FireTicket of_transaction(FireTransaction transaction);
    static FireTicket of_document(FireTransaction batch, std::string document);
    static FireTicket of_late(std::string grace);
    FireTicket(FireTicket&&) = default;
    FireTicket& operator=(FireTicket&&) = default;

  private:
    friend class FireClient;
    FireTicket(int operation, FireTransaction transaction, std::string document);
    int operation_;
    FireTransaction transaction_;
    std::string document_;
};

// The signature exists, its upgrade does not yet: ask compose_late after that time.
struct FireGrace {
    std::string id;
    Time after{};
};

struct FireComposed {
    std::string provider;
    std::string certificate;  // DER; claimed, not proven
    std::string upgrade;      // the format really reached
    bool partial = false;     // less than what was asked for
    std::optional<FireGrace> grace;
    std::optional<FireTicket> ticket;  // none while there is a grace
};

struct FireBatchDocument {
    std::string id;
    std::string detail;  // FIRe's word, "PRESIGN_ERROR"
    std::optional<FireGrace> grace;
    std::optional<FireTicket> ticket;  // none if it was not signed
};
struct FireBatch {
    std::string provider;
    std::string certificate;
    std::vector<FireBatchDocument> documents;
};

struct SpoolPlace {
    std::string directory;   // ours, on a disk that keeps what it is given
    std::string name;        // not there yet; never overwritten
    std::uint64_t room = 0;  // reserved before FIRe is asked: a full disk costs no signature
};

// Bytes on disk that claim to be a signature.
class UnverifiedSignature {
  public:
    UnverifiedSignature(std::string path, std::uint64_t size, Digest sha256)
        : path_(std::move(path)), size_(size), sha256_(sha256) {}
    UnverifiedSignature(UnverifiedSignature&&) = default;
    UnverifiedSignature& operator=(UnverifiedSignature&&) = default;

    const std::string& unverified_path() const noexcept { return path_; }
    std::uint64_t size() const noexcept { return size_; }
    const Digest& sha256() const noexcept { return sha256_; }

  private:
    std::string path_;
    std::uint64_t size_;
    Digest sha256_;
};

class FireClient {
  public:
    // Both outlive the client, the client outlives its Tasks.
    FireClient(HttpsClient& https, WorkerPool& pool, FireSettings settings);

    // Nothing is sent that FIRe would refuse for its size or its letters (F-11). None of these
    // repeats a request by itself (F-10).
    Task<FireResult<FireStarted>> start(FireOrder order, FireDocument document);         // 1
    Task<FireResult<FireComposed>> compose(FireRecovery recovery, std::string upgrade);  // 2
    Task<FireResult<UnverifiedSignature>> fetch(FireTicket ticket, SpoolPlace place);    // 10 11 71
    // Why a transaction failed. Ends it, even a healthy one: only for who came back by error_url.
    Task<FireFailure> ask_error(FireTransaction transaction);  // 99

    // Of so many documents, which are then added.
    Task<FireResult<FireTransaction>> create_batch(FireOrder order, std::size_t documents);  // 5
    // Documents: [0-9A-Za-z._-]{1,40}. Of the order, name and title count.
    Task<FireResult<bool>> add(FireTransaction batch, std::string id, FireOrder order,
                               FireDocument document);  // 6
    Task<FireResult<FireStarted>> sign_batch(FireTransaction batch, std::string language,
                                             bool stop_on_error);                       // 7
    Task<FireResult<FireBatch>> compose_batch(FireRecovery recovery);                   // 8
    Task<FireResult<double>> batch_progress(FireTransaction batch);                     // 9: 0 to 1
    Task<FireResult<FireComposed>> compose_late(FireGrace grace, std::string upgrade);  // 70

  private:
    struct Question;
    Task<FireResult<HttpsResponse>> ask(Question question);
    Task<FireResult<std::string>> ask_for_text(Question question);
    FireResult<FireStarted> started(const std::string& body, std::string nif) const;

    HttpsClient& https_;
    WorkerPool& pool_;
    FireSettings settings_;
};

}  // namespace clave
