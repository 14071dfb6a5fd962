// Bytes that claim to be a signature, read as each of the formats; the document is in them, after a
// byte that says how it is to be taken. What is accepted was signed for that document.
#include <array>
#include <optional>
#include <string>

#include "clave/verified_signature.h"
#include "sign/cms.h"
#include "sign/pdf_signature.h"
#include "sign/xades.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::string_view kDocument = "Solicitud de Ana\n";

std::optional<Judged<Evidence>> judged(char kind, std::string_view signature,
                                       std::string_view document) {
    const std::array content{document};
    switch (kind) {
        case 'c':
            return verify_cms(signature, content, CmsPlace::file);
        case 'x':
            return verify_xades(signature, document);
        case 'p':
            return verify_pades(signature, document);
        default:
            return std::nullopt;
    }
}

}  // namespace

// 'c' CMS, 'x' XAdES of kDocument; 'p' and four bytes: how much of the file is the document.
bool run(std::string_view input) {
    if (input.empty()) {
        return false;
    }
    const char kind = input.front();
    std::string_view signature = input.substr(1);
    std::string_view document = kDocument;
    if (kind == 'p') {
        if (signature.size() < 4) {
            return false;
        }
        std::size_t length = 0;
        for (const char c : signature.substr(0, 4)) {
            length = length * 256 + static_cast<unsigned char>(c);
        }
        signature.remove_prefix(4);
        document = signature.substr(0, length);
    }
    const auto verdict = judged(kind, signature, document);
    if (!verdict || !*verdict) {
        require(!verdict || !verdict->error().code.empty(), "a refusal has a code");
        return false;
    }
    require((*verdict)->signer != nullptr, "what is accepted has a signer");
    // Signed as it is for this document, it is none for another one.
    std::string other = document.empty() ? "x" : std::string(document);
    other.back() = static_cast<char>(other.back() ^ 1);
    require(!judged(kind, signature, other)->has_value(), "it is for one document");
    return true;
}

}  // namespace clave::fuzz
