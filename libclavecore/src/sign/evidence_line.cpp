#include "sign/evidence_line.h"

#include <algorithm>

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "clave/session.h"
#include "login/login_state.h"

namespace clave {
namespace {

// In their order; "-" for what is not there.
std::string digests_of(const Transaction& transaction, Digest AnnouncedDocument::*digest) {
    std::string all;
    for (const AnnouncedDocument& document : transaction.documents) {
        all += all.empty() ? "" : " ";
        all += document.*digest == Digest{} ? "-" : hex_encode(document.*digest);
    }
    return all;
}

std::string results_of(const Transaction& transaction) {
    std::string all;
    for (const AnnouncedDocument& document : transaction.documents) {
        all += all.empty() ? "" : " ";
        all += word(document.state);
    }
    return all;
}

std::size_t document_count(const Transaction& transaction) noexcept {
    return std::max<std::size_t>(transaction.documents.size(), 1);
}

// In the order of the documents; "-" for one of which FIRe says nothing.
std::string reached_by(const Transaction& transaction) {
    std::string all;
    bool any = false;
    for (std::size_t i = 0; i < document_count(transaction); ++i) {
        const Upgrade& upgrade = upgrade_of(transaction, i);
        any = any || !upgrade.reached.empty() || upgrade.partial;
        all += all.empty() ? "" : " ";
        all += upgrade.reached.empty() ? "-" : upgrade.reached;
        all += upgrade.partial ? ":partial" : "";
    }
    return any ? all : std::string();
}

// FIRe's names of what it still owes.
std::string graces_of(const Transaction& transaction) {
    std::string all;
    for (std::size_t i = 0; i < document_count(transaction); ++i) {
        const Upgrade& upgrade = upgrade_of(transaction, i);
        all += all.empty() || !upgrade.is_awaited() ? "" : " ";
        all += upgrade.id;
    }
    return all;
}

}  // namespace

EvidenceLine line_of(const Transaction& transaction, const Transaction& after, const KeyRing& key) {
    EvidenceLine line;
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) {
            line.fields.emplace_back(name, std::move(value));
        }
    };
    const auto digest = [](const Digest& bytes) {
        return bytes == Digest{} ? std::string() : hex_encode(bytes);
    };
    add("sign", transaction.id);
    add("change", hex_encode(transaction.turn));
    if (after.turn != decltype(after.turn){}) {
        add("after", hex_encode(after.turn));
    }
    add("state", std::string(word(transaction.state)));
    if (transaction.state == SignState::failed) {
        add("reason", std::string(word(transaction.reason)));
    }
    add("service", transaction.service);
    add("session", transaction.unclaimed ? std::string() : session_hash(transaction.session));
    add("person", hex_encode(person_digest(key.current(), transaction.nif, "")));
    if (!transaction.unclaimed) {
        add("method", std::string(name(transaction.credential.method)));
        add("loa", std::string(name(transaction.credential.loa)));
        add("authenticated", format_utc(transaction.credential.authenticated_at));
        add("assertion", transaction.login.assertion);
        add("response_sha256", digest(transaction.login.response));
    }
    add("procedure", transaction.procedure);
    add("format", std::string(word(transaction.format)));
    add("document_sha256", digest(transaction.sha256));
    if (transaction.documents.size() > 1) {
        add("documents", digests_of(transaction, &AnnouncedDocument::sha256));
        add("signatures", digests_of(transaction, &AnnouncedDocument::signature_sha256));
        add("results", results_of(transaction));
    }
    add("fire", transaction.fire_id);
    add("upgrade", transaction.wanted_upgrade);
    add("upgrade_reached", reached_by(transaction));
    if (transaction.waits()) {
        add("grace", graces_of(transaction));
        add("ready", format_utc(transaction.ask_at));
    }
    add("signature_sha256", digest(transaction.signature_sha256));
    add("certificate_sha256", digest(transaction.certificate_sha256));
    return line;
}

EvidenceLine withdrawal_of(const Transaction& transaction) {
    EvidenceLine line;
    line.fields = {{"sign", transaction.id}, {"withdrawn", hex_encode(transaction.turn)}};
    return line;
}

}  // namespace clave
