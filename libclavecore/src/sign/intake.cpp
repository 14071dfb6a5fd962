#include "sign/intake.h"

#include <algorithm>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/form.h"
#include "sign/document_kind.h"
#include "sign/multipart.h"

namespace clave {
namespace {

constexpr std::size_t kMostName = 120;
constexpr std::size_t kMostFields = 500;

std::string type_of(std::string_view bytes, std::string_view claimed) {
    DocumentKind kind;
    kind.feed(bytes);
    return kind.media_type(claimed);
}

void append_code(std::string& out, unsigned char byte) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    out += "\\x";
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
}

// As a person can read it, and so that no two values look the same: what is no text, and what
// would make text look like something else (controls, bidirectional marks), is spelt out.
std::string readable(std::string_view text, std::string_view indent) {
    const bool plain = is_valid_utf8(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            continue;  // as browsers write the ends of lines
        }
        if (c == '\n') {
            out += '\n';
            out += indent;
        } else if (c == '\\') {
            out += "\\\\";
        } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !plain)) {
            append_code(out, byte);
        } else if (byte >= 0x80) {
            const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            const std::string_view letter = text.substr(i, length);
            if (has_control_characters(letter)) {
                for (const char part : letter) {
                    append_code(out, static_cast<unsigned char>(part));
                }
            } else {
                out += letter;
            }
            i += length - 1;
        } else {
            out += c;
        }
    }
    return out;
}

class Rendering {
  public:
    Rendering() = default;
    explicit Rendering(const SignOrder& order) {
        if (!order.title.empty()) {
            text_ += order.title + "\n";
        }
        if (!order.procedure.empty()) {
            text_ += "Procedimiento: " + order.procedure + "\n";
        }
        if (!text_.empty()) {
            text_ += "\n";
        }
    }

    // A name cannot look like a value: it is followed by a colon and has none, nor any line end.
    void field(std::string_view name, std::string_view value) {
        std::string spelt = readable(name, "");
        for (std::size_t at = 0; (at = spelt.find_first_of(":\n", at)) != std::string::npos;) {
            spelt.replace(at, 1, spelt[at] == ':' ? "\\x3A" : "\\x0A");
        }
        text_ += spelt + ": " + readable(value, "    ") + "\n";
    }
    void file(const FormPart& part) {
        text_ += readable(part.name, "") + ": fichero «" + safe_file_name(part.file_name) + "», " +
                 std::to_string(part.content.size()) + " bytes, SHA-256 " +
                 hex_encode(sha256(part.content)) + "\n";
    }

    std::string text() && { return std::move(text_); }
    TakenDocument document() && { return {"formulario.txt", "text/plain", std::move(text_), {}}; }

  private:
    std::string text_;
};

Result<TakenDocument> of_form(const Request& request, const SignOrder& order) {
    const auto fields = parse_form(request.body, kMostFields);
    if (!fields) {
        return fail(Code::sign_document, fields.error().detail);
    }
    if (fields->empty()) {
        return fail(Code::sign_document, "an empty form");
    }
    Rendering rendering(order);
    for (const FormField& field : *fields) {
        rendering.field(field.name, field.value);
    }
    return std::move(rendering).document();
}

Result<TakenDocument> of_multipart(const Request& request, const SignOrder& order) {
    const auto parts = parse_multipart(request.content_type, request.body);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    const auto is_sent_file = [](const FormPart& part) { return !part.file_name.empty(); };
    if (std::count_if(parts->begin(), parts->end(), is_sent_file) == 1) {
        const FormPart& file = *std::find_if(parts->begin(), parts->end(), is_sent_file);
        Rendering beside;
        for (const FormPart& part : *parts) {
            if (!part.is_file) {
                beside.field(part.name, part.content);
            }
        }
        return TakenDocument{safe_file_name(file.file_name),
                             type_of(file.content, file.content_type), std::string(file.content),
                             std::move(beside).text()};
    }
    if (parts->empty()) {
        return fail(Code::sign_document, "an empty form");
    }
    Rendering rendering(order);
    for (const FormPart& part : *parts) {
        if (is_sent_file(part)) {
            rendering.file(part);
        } else if (!part.is_file) {
            rendering.field(part.name, part.content);
        }
    }
    return std::move(rendering).document();
}

}  // namespace

std::string safe_file_name(std::string_view name) {
    name = name.substr(name.find_last_of("/\\") + 1);
    std::string out;
    for (std::size_t i = 0; i < name.size() && out.size() < kMostName; ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        const std::string_view letter = name.substr(i, length);
        const bool whole = is_valid_utf8(letter);
        const bool harmless = whole && !has_control_characters(letter) &&
                              letter.find_first_of("\"<>|:*?%\\") == std::string_view::npos;
        out += harmless ? letter : "_";
        i += whole ? length - 1 : 0;
    }
    const bool dots = out.find_first_not_of('.') == std::string::npos;
    return out.empty() || dots ? "documento" : out;
}

Result<TakenDocument> document_of(const Request& request, const SignOrder& order) {
    Result<TakenDocument> taken;
    if (is_form_content_type(request.content_type.substr(0, request.content_type.find(';')))) {
        taken = of_form(request, order);
    } else if (is_multipart(request.content_type)) {
        taken = of_multipart(request, order);
    } else {
        const std::string type = type_of(request.body, request.content_type);
        taken = TakenDocument{type == "application/pdf" ? "documento.pdf" : "documento",
                              type,
                              std::string(request.body),
                              {}};
    }
    if (!taken) {
        return taken;
    }
    if (taken->bytes.empty()) {
        return fail(Code::sign_document, "an empty document");
    }
    if (order.format == SignFormat::pades && taken->media_type != "application/pdf") {
        return fail(Code::sign_document, "a signature in a PDF needs a PDF");
    }
    return taken;
}

}  // namespace clave
