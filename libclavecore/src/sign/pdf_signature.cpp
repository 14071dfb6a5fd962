#include "sign/pdf_signature.h"

#include <algorithm>
#include <array>
#include <exception>
#include <string>

#include "base/guard.h"
#include "sign/cms.h"
#include "sign/pdf_budget.h"
#include "sign/pdf_file.h"
#include "sign/pdf_update.h"

namespace clave {
namespace {

// What is signed: [0, hole) and [rest, end).
struct ByteRange {
    std::size_t hole = 0;
    std::size_t rest = 0;
    std::size_t length = 0;
};

std::optional<ByteRange> byte_range(QPDFObjectHandle value, std::size_t size) {
    QPDFObjectHandle range = value.getKey("/ByteRange");
    if (!range.isArray() || range.getArrayNItems() != 4) {
        return std::nullopt;
    }
    std::array<std::size_t, 4> numbers{};
    for (int i = 0; i < 4; ++i) {
        QPDFObjectHandle item = range.getArrayItem(i);
        const long long number = item.isInteger() ? item.getIntValue() : -1;
        if (number < 0 || static_cast<unsigned long long>(number) > size) {
            return std::nullopt;
        }
        numbers[static_cast<std::size_t>(i)] = static_cast<std::size_t>(number);
    }
    if (numbers[0] != 0 || numbers[1] >= numbers[2] || numbers[3] > size - numbers[2]) {
        return std::nullopt;
    }
    return ByteRange{numbers[1], numbers[2], numbers[3]};
}

bool covers(const ByteRange& range, std::size_t size) {
    return range.rest + range.length == size;
}

int digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// A hole is '<', hexadecimal digits, '>', and nothing else: whatever else there was would be a part
// of the file that nobody signed.
std::optional<std::string> bytes_of_hole(std::string_view hole) {
    if (hole.size() < 4 || hole.size() % 2 != 0 || hole.front() != '<' || hole.back() != '>') {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(hole.size() / 2);
    for (std::size_t i = 1; i + 1 < hole.size(); i += 2) {
        const int high = digit(hole[i]);
        const int low = digit(hole[i + 1]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

bool is_known_kind(QPDFObjectHandle value) {
    QPDFObjectHandle kind = value.getKey("/SubFilter");
    return kind.isName() &&
           (kind.getName() == "/ETSI.CAdES.detached" || kind.getName() == "/adbe.pkcs7.detached");
}

struct Found {
    PdfSignature signature;
    ByteRange range;
};

// The one that covers all of the file: there cannot be more than one, and no revision after it.
Judged<Found> last_signature(QPDF& pdf, std::string_view file) {
    std::optional<Found> found;
    std::size_t candidates = 0;
    bool any = false;
    for (const PdfSignature& one : signatures_in(pdf)) {
        any = true;
        const auto range = byte_range(one.value, file.size());
        if (range && guard("pades.covers", covers(*range, file.size()))) {
            ++candidates;
            found = Found{one, *range};
        }
    }
    if (!any) {
        return not_a_signature("not signed");
    }
    if (!found) {
        return not_a_signature("no signature covers the whole file");
    }
    if (!guard("pades.one-signature", candidates == 1)) {
        return not_a_signature("two signatures claim the same bytes");
    }
    return *found;
}

Judged<Evidence> verify_last(const Found& last, std::string_view file, std::string_view document) {
    QPDFObjectHandle value = last.signature.value;
    if (!guard("pades.kind", is_known_kind(value))) {
        return not_a_signature("a kind of signature that we do not take");
    }
    if (!guard("pades.hole-place", last.range.hole >= document.size())) {
        return not_a_signature("a part of the document is not signed");
    }
    const std::string_view hole = file.substr(last.range.hole, last.range.rest - last.range.hole);
    const std::optional<std::string> held = bytes_of_hole(hole);
    if (!guard("pades.hole", held.has_value())) {
        return not_a_signature("something else than the signature is not signed");
    }
    QPDFObjectHandle contents = value.getKey("/Contents");
    const std::string cms = contents.isString() ? contents.getStringValue() : std::string();
    if (!guard("pades.contents", held == cms)) {
        return not_a_signature("the signature is not where it says");
    }
    const std::array pieces{file.substr(0, last.range.hole),
                            file.substr(last.range.rest, last.range.length)};
    return verify_cms(cms, pieces, CmsPlace::hole);
}

Judged<Evidence> verify(std::string_view file, std::string_view document) {
    const auto whole = read_pdf(file);
    if (!guard("pades.plain", !whole->isEncrypted())) {
        return not_a_signature("encrypted");
    }
    const auto last = last_signature(*whole, file);
    if (!last) {
        return tl::unexpected(last.error());
    }
    if (!guard("pades.begins", file.starts_with(document))) {
        return other_document(
            "the signed PDF does not begin with the document: the signer has written it anew, "
            "or signed another");
    }
    Judged<Evidence> evidence = verify_last(*last, file, document);
    if (!evidence) {
        return evidence;
    }
    const auto before = read_pdf(document);
    if (const auto change = foreign_change(*before, *whole, last->signature)) {
        return other_document(*change);
    }
    // Both have been read from end to end.
    if (!guard("pades.clean", whole->numWarnings() <= before->numWarnings())) {
        return not_a_signature("an update that not everybody reads in the same way");
    }
    return evidence;
}

}  // namespace

Judged<Evidence> verify_pades(std::string_view file, std::string_view document) {
    const PdfBudget budget;
    try {
        Judged<Evidence> evidence = verify(file, document);
        if (!guard("pades.budget", !budget.is_spent())) {
            return not_a_signature("a PDF that unfolds too far");
        }
        return evidence;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {
        // What libqpdf says about it quotes it.
        return not_a_signature("not a PDF that can be read as it stands");
    }
}

}  // namespace clave
