// PUT transactions/ID/documents/DOC: the bytes that were announced, and no others.
//
// They come as a file, and go to the archive in pieces: a document may be larger than memory.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/offload.h"
#include "sign/api.h"
#include "sign/api_answer.h"
#include "sign/document_kind.h"
#include "sign/quota.h"
#include "sign/sign_endpoints.h"
#include "sign/spool.h"
#include "sign/take_in.h"

namespace clave {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr int kTries = 20;  // as many documents of one transaction may come at once

struct Upload {
    std::shared_ptr<const OpenFile> from;
    std::uint64_t size = 0;
    SpoolPlace spool;  // a name that nobody else has
    std::string id, name;
    AnnouncedDocument announced;
    SignFormat format = SignFormat::cades;
};

tl::unexpected<Error> trouble(const char* what) {
    return fail(Code::store, std::string(what) + ": " + std::strerror(errno));
}

Result<void> copy(const Upload& upload, Spool& to, DocumentKind& kind) {
    std::vector<char> piece(kPiece);
    std::uint64_t at = 0;
    while (at < upload.size) {
        const ssize_t count =
            ::pread(upload.from->descriptor(), piece.data(), piece.size(), static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return trouble("the body of a request");
        }
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
        kind.feed(bytes);
        if (!to.write(as_bytes(bytes))) {
            return trouble("a document");
        }
        at += bytes.size();
    }
    return {};
}

// Blocks. The media type of what has the name now, and is on disk.
Result<std::string> keep(const Archive& archive, const Upload& upload) {
    auto spool = Spool::open(upload.spool);
    if (!spool) {
        return tl::unexpected(std::move(spool.error()));
    }
    DocumentKind kind;
    const auto copied = copy(upload, **spool, kind);
    if (!copied) {
        return tl::unexpected(copied.error());
    }
    const auto sealed = (*spool)->seal();
    if (!sealed) {
        return tl::unexpected(sealed.error());
    }
    std::string type = kind.media_type(upload.announced.media_type);
    if (!guard("api announced digest", sealed->sha256() == upload.announced.sha256)) {
        archive.remove(upload.id, upload.spool.name);
        return fail(Code::api_digest, "these are not the bytes that were announced");
    }
    if (upload.format == SignFormat::pades && type != "application/pdf") {
        archive.remove(upload.id, upload.spool.name);
        return fail(Code::sign_document, "a signature in a PDF needs a PDF");
    }
    const auto adopted = archive.adopt(upload.id, upload.spool.name, upload.name);
    return adopted ? Result<std::string>(std::move(type)) : tl::unexpected(adopted.error());
}

Reply refused(const Signing& signing, Error error, ProblemFacts facts = {}) {
    return problem_answer(signing.services().random, std::move(error), facts);
}

Reply too_late(const Signing& signing, const Transaction& transaction) {
    ProblemFacts facts;
    facts.state = transaction.state;
    const char* why = is_end(transaction.state) ? "it is over" : "the documents have been shown";
    return refused(signing, Error{Code::api_state, why}, facts);
}

// The archive has it; now the transaction says so, whoever else changes it meanwhile.
Task<Reply> note(const Signing& signing, HeldTransaction held, std::size_t index, std::string type,
                 std::uint64_t size) {
    for (int i = 0; i < kTries; ++i) {
        if (!guard("api shown", held.is.state == SignState::created)) {
            co_return too_late(signing, held.is);
        }
        if (held.is.documents[index].state == DocumentState::stored) {
            co_return order_answer(signing.site(), 200, held.is);
        }
        Transaction next = held.is;
        AnnouncedDocument& document = next.documents[index];
        document.state = DocumentState::stored;
        document.media_type = type;
        document.size = size;
        describe_documents(next);
        auto advancing = signing.advance(held, std::move(next));
        const auto advanced = co_await std::move(advancing);
        if (!advanced) {
            co_return refused(signing, advanced.error());
        }
        if (*advanced) {
            co_return order_answer(signing.site(), 200, held.is);
        }
        auto finding = find_order(signing, held.is.id);
        auto found = co_await std::move(finding);
        if (!found || !*found) {
            co_return refused(signing, found ? Error{Code::not_found, {}} : found.error());
        }
        held = std::move(**found);
    }
    co_return refused(signing, Error{Code::store, "too many changes at once"});
}

}  // namespace

Task<Reply> take_document(const Signing& signing, const Request& request, HeldTransaction held,
                          std::size_t index) {
    if (!guard("api shown", held.is.state == SignState::created)) {
        co_return too_late(signing, held.is);
    }
    const std::uint64_t most = most_document(signing.site(), held.is.format);
    if (request.body_size > most) {
        ProblemFacts facts;
        facts.limit = most;
        co_return refused(signing, Error{Code::sign_too_large, "a document over the limit"}, facts);
    }
    std::array<std::byte, 12> unique{};
    if (!signing.services().random.fill(unique)) {
        co_return refused(signing, Error{Code::random, {}});
    }
    Upload upload;
    if (request.body_size > 0) {
        upload.from =
            std::make_shared<const OpenFile>(::fcntl(request.body_file, F_DUPFD_CLOEXEC, 0));
    }
    if (upload.from == nullptr || upload.from->descriptor() < 0) {
        co_return refused(signing, request.body_size == 0
                                       ? Error{Code::sign_document, "an empty document"}
                                       : Error{Code::store, std::strerror(errno)});
    }
    upload.size = request.body_size;
    upload.spool = signing.archive().spool(held.is.id, request.body_size);
    upload.spool.name = std::string(Archive::kUpload) + hex_encode(unique);
    upload.id = held.is.id;
    upload.name = Archive::numbered(Archive::kDocument, index);
    upload.announced = held.is.documents[index];
    upload.format = held.is.format;
    const std::string id = held.is.id;
    const std::string nif = held.is.nif;
    const bool is_new = upload.announced.state != DocumentState::stored;
    if (is_new) {
        auto claiming = claim_room(signing, nif, id, request.body_size);
        auto claimed = co_await std::move(claiming);
        if (!claimed) {
            co_return refused(signing, std::move(claimed.error().error));
        }
    }
    auto keeping =
        offload(signing.services().pool, [archive = signing.archive(), upload = std::move(upload)] {
            return keep(archive, upload);
        });
    auto type = co_await keeping;
    if (!type) {
        if (is_new) {
            auto returning = give_back_room(signing, nif, id, request.body_size);
            co_await std::move(returning);
        }
        co_return refused(signing, std::move(type.error()));
    }
    auto noting = note(signing, std::move(held), index, std::move(*type), request.body_size);
    co_return co_await std::move(noting);
}

}  // namespace clave
