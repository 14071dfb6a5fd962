// What lies in the store and in the archive of signatures under way. The first byte says what the
// rest is:
//   't'  a transaction: what is read is what would be written, and read, again
//   'f'  a request that is put aside until its document is signed
//   'e'  lines of evidence, as `clavectl` is given them
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "clave/request.h"
#include "clave/upgrade.h"
#include "login/form_record.h"
#include "sign/evidence_chain.h"
#include "sign/transaction.h"
#include "target.h"

namespace clave::fuzz {
namespace {

bool check_transaction(std::string_view input) {
    const auto read = decode_transaction(as_bytes(input));
    if (!read) {
        return false;
    }
    require(!word(read->state).empty() && !word(read->reason).empty(), "a state has a word");
    require(read->wanted_upgrade.empty() || is_upgrade(read->wanted_upgrade),
            "FIRe knows what is asked for");
    require(read->documents.size() <= kMostDocuments, "documents are counted");
    for (const AnnouncedDocument& document : read->documents) {
        require(!word(document.state).empty(), "a document's state has a word");
    }
    const auto written = encode(*read);
    if (!written) {
        require(written.error().code == Code::attribute, "it may be too long, and nothing else");
        return false;
    }
    const auto again = decode_transaction(*written);
    require(again.has_value(), "what is written is read");
    const auto twice = encode(*again);
    require(twice && *twice == *written, "and written again as it was");
    return true;
}

std::string_view value_in(const PreservedForm& form, std::string_view name) {
    const auto found = std::ranges::find(
        form.headers, name, [](const auto& header) { return std::string_view(header.first); });
    require(found != form.headers.end(), "all headers are there");
    return found->second;
}

bool check_form(std::string_view input) {
    const auto bytes = as_bytes(input);
    const auto form = decode_form({bytes.begin(), bytes.end()});
    if (!form) {
        return false;
    }
    require(form->body_size <= input.size(), "a body is no longer than its record");
    Request request;
    request.method = form->method;
    request.content_type = value_in(*form, "Content-Type");
    request.origin = value_in(*form, "Origin");
    request.referer = value_in(*form, "Referer");
    request.fetch_site = value_in(*form, "Sec-Fetch-Site");
    request.fetch_mode = value_in(*form, "Sec-Fetch-Mode");
    request.fetch_dest = value_in(*form, "Sec-Fetch-Dest");
    const std::string body(input.substr(input.size() - form->body_size));
    request.body = body;
    const bool around = wants_signature(bytes);
    std::string again(
        as_text(around ? encode_form_around_signature(request) : encode_form(request)));
    require(again + (around ? body : std::string()) == input, "a record has one encoding");
    return true;
}

bool check_evidence(std::string_view input) {
    const EvidenceVerdict verdict = verify_evidence(input);
    const auto ends = static_cast<std::size_t>(std::ranges::count(input, '\n'));
    require(verdict.lines <= ends + 1, "a line ends");
    require(verdict.chains <= verdict.lines, "a chain has a line");
    return verdict.lines > 0 && verdict.findings.empty();
}

}  // namespace

bool run(std::string_view input) {
    const char kind = input.empty() ? '\0' : input.front();
    input.remove_prefix(input.empty() ? 0 : 1);
    switch (kind) {
        case 't':
            return check_transaction(input);
        case 'f':
            return check_form(input);
        case 'e':
            return check_evidence(input);
        default:
            return false;
    }
}

}  // namespace clave::fuzz
