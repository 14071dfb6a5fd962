// One folder per signature, in a directory that all machines of an office may share: `document`,
// `form` (the request that waits for the signature), `signature`, `receipt.json`.
//
// Everything here blocks, so it belongs on the worker pool. What is written has its name only when
// it is on disk, and no name is written twice.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"
#include "clave/fire.h"
#include "clave/open_file.h"

namespace clave {

class Archive {
  public:
    static constexpr std::string_view kDocument = "document";
    static constexpr std::string_view kForm = "form";
    static constexpr std::string_view kFields = "fields";  // of the form, beside its only file
    static constexpr std::string_view kUnverified = "signature.unverified";
    static constexpr std::string_view kSignature = "signature";
    static constexpr std::string_view kQuarantine = "signature.refused";
    static constexpr std::string_view kCertificate = "certificate.der";
    static constexpr std::string_view kReceipt = "receipt.json";
    static constexpr std::string_view kAsked =
        "asked";  // FIRe, to compose; one for each time there
    static constexpr std::string_view kOrders = "orders";        // a folder beside them
    static constexpr std::string_view kRecord = "transaction";   // as it began, then how it ended
    static constexpr std::string_view kWaiting = "waiting";      // for what FIRe completes later
    static constexpr std::string_view kDelivered = "delivered";  // until `form` goes

    // Of an application, before it has its name: followed by what nobody else has.
    static constexpr std::string_view kUpload = "upload-";

    // "document", "signature" of the first; "document.2", … of the others of one transaction.
    static std::string numbered(std::string_view name, std::size_t index);

    explicit Archive(std::string directory) : directory_(std::move(directory)) {}

    // All errors: Code::store, with the path.

    // For a document of so many bytes, all that becomes of it, and some air. Code::archive.
    Result<void> has_room_for(std::uint64_t bytes) const;
    // A folder with a document and a form, and with fields unless there are none.
    Result<void> create(std::string_view id, std::span<const std::byte> document,
                        std::span<const std::byte> form, std::string_view fields = {}) const;
    // The same in two steps, for a document that comes in pieces: the first of them, and, when it
    // is sealed, the form.
    Result<std::shared_ptr<class Spool>> begin(std::string_view id, std::uint64_t room) const;
    Result<void> complete(std::string_view id, std::span<const std::byte> form) const;
    // A folder that nobody has heard of.
    void discard(std::string_view id) const noexcept;
    // Another folder with the same: nobody has to type again what he has not signed.
    Result<void> repeat(std::string_view id, std::string_view from) const;

    // A folder for what will be sent later; one that is there is as good.
    Result<void> make_room(std::string_view id) const;
    // Under another name, which is on disk then; if that is taken, by what was put there before.
    Result<void> adopt(std::string_view id, std::string_view from, std::string_view name) const;

    Result<void> write(std::string_view id, std::string_view name,
                       std::span<const std::byte> bytes) const;
    Result<std::shared_ptr<OpenFile>> open(std::string_view id, std::string_view name) const;
    // Whole; more than `most` bytes are an error.
    Result<std::vector<std::byte>> read(std::string_view id, std::string_view name,
                                        std::uint64_t most) const;
    // Open, to be sent as it is. The digest of all of it only if it is asked for.
    struct Measured {
        std::shared_ptr<OpenFile> file;
        std::uint64_t size = 0;
        Digest sha256{};
    };
    Result<Measured> measure(std::string_view id, std::string_view name, bool hashed) const;
    bool has(std::string_view id, std::string_view name) const;
    // Why something of a transaction that is over cannot be read: Code::sign_erased if its folder
    // was taken away, by a sweep or by somebody; otherwise `error`.
    Error why_unreadable(std::string_view id, Error error) const;
    // An empty file, which is on disk then. False: somebody has put it there before.
    Result<bool> mark(std::string_view id, std::string_view name) const;
    // Such a file, whose time is when something is to be done. False: it could not be made.
    bool mark_for(std::string_view id, std::string_view name, Time when) const noexcept;
    // Gone is as good as removed.
    void remove(std::string_view id, std::string_view name) const noexcept;
    // What was never signed; its record stays if an application may still ask for it. A signature
    // stays, also one that was refused.
    void erase_unsigned(std::string_view id, bool of_application) const noexcept;
    // What is in kOrders under `name`, from now on or from before. `unique`: nobody else's.
    Result<std::vector<std::byte>> keep_order(const std::string& name, const std::string& unique,
                                              std::span<const std::byte> mark) const;
    Result<void> rename(std::string_view id, std::string_view from, std::string_view to) const;
    // Of bytes that FIRe gave, with their digest; for whoever takes over after a crash.
    Result<UnverifiedSignature> found_signature(std::string_view id, std::string_view name) const;
    SpoolPlace spool(std::string_view id, std::uint64_t room) const;
    std::string path(std::string_view id, std::string_view name) const;

    // Folders in which nothing has changed since `before`; how many went. Others in the directory
    // are not touched, and what waits for FIRe is not for as long as it may.
    std::size_t sweep(Time before) const noexcept;
    // Requests that were handed over, and are marked for a time before `now`. All else of the
    // signature stays, and as long as ever.
    std::size_t sweep_forms(Time now) const noexcept;
    // Those that wait for FIRe, or for their person since it has completed them.
    std::vector<std::string> waiting() const;
    // Folders that became no signature, by when anything in them has last changed: with nothing but
    // a document that was being taken in, and with documents that wait for others.
    std::size_t sweep_unfinished(Time drafts_before, Time documents_before) const noexcept;

  private:
    bool waits_since(std::string_view id, Time when) const noexcept;
    static constexpr std::uint64_t kMostOrder = 1024;
    void sweep_orders(Time before) const noexcept;
    std::string folder(std::string_view id) const { return directory_ + "/" + std::string(id); }
    std::string directory_;
};

}  // namespace clave
