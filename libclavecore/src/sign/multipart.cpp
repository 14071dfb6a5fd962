#include "sign/multipart.h"

#include <algorithm>
#include <optional>

#include "base/guard.h"

namespace clave {
namespace {

constexpr std::string_view kType = "multipart/form-data";
constexpr std::string_view kEnd = "\r\n";

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_word(std::string_view text, std::string_view word) noexcept {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                    [](char a, char b) { return a == lower(b); });
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

tl::unexpected<Error> bad(std::string why) {
    return fail(Code::sign_document, "multipart: " + std::move(why));
}

// The value of one parameter, quoted or not; browsers write a quote inside it as %22. nullopt if it
// is absent or there twice.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    std::optional<std::string> found;
    std::size_t at = header.find(';');
    while (at != std::string_view::npos) {
        header.remove_prefix(at + 1);
        const std::string_view rest = trimmed(header);
        const std::size_t equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view key = trimmed(rest.substr(0, equals));
        std::string_view value = rest.substr(equals + 1);
        if (value.starts_with('"')) {
            const std::size_t close = value.find('"', 1);
            if (close == std::string_view::npos) {
                return std::nullopt;
            }
            header = value.substr(close + 1);
            value = value.substr(1, close - 1);
            at = header.find(';');
        } else {
            const std::size_t semicolon = value.find(';');
            header = value;
            at = semicolon;
            value = trimmed(value.substr(0, semicolon));
        }
        if (key.size() == name.size() && starts_with_word(key, name)) {
            if (!guard("multipart parameter twice", !found)) {
                return std::nullopt;
            }
            found = std::string(value);
        }
    }
    return found;
}

// The head of a part, up to the empty line.
Result<FormPart> parse_head(std::string_view head) {
    FormPart part;
    bool named = false;
    while (!head.empty()) {
        const std::size_t end = head.find(kEnd);
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + kEnd.size());
        if (starts_with_word(line, "content-disposition:")) {
            const auto name = parameter(line, "name");
            const auto file = parameter(line, "filename");
            if (named || !name || line.find("filename*") != std::string_view::npos) {
                return bad("a part without exactly one name");
            }
            named = true;
            part.name = *name;
            part.is_file = file.has_value();
            part.file_name = file.value_or("");
        } else if (starts_with_word(line, "content-type:")) {
            part.content_type = trimmed(line.substr(std::string_view("content-type:").size()));
        } else if (starts_with_word(line, "content-transfer-encoding:")) {
            return bad("an encoded part");
        }
    }
    if (!named) {
        return bad("a part without a name");
    }
    return part;
}

}  // namespace

bool is_multipart(std::string_view content_type) noexcept {
    return starts_with_word(content_type, kType) &&
           (content_type.size() == kType.size() || content_type[kType.size()] == ';' ||
            content_type[kType.size()] == ' ');
}

Result<std::vector<FormPart>> parse_multipart(std::string_view content_type,
                                              std::string_view body) {
    const auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70) {
        return bad("no boundary");
    }
    const std::string first = "--" + *boundary;
    const std::string between = "\r\n--" + *boundary;
    if (!body.starts_with(first)) {
        return bad("does not begin with its boundary");
    }
    body.remove_prefix(first.size());
    std::vector<FormPart> parts;
    while (!body.starts_with("--")) {
        if (!body.starts_with(kEnd) || !guard("multipart parts", parts.size() < kMostFormParts)) {
            return bad("a boundary that is none, or too many parts");
        }
        body.remove_prefix(kEnd.size());
        const std::size_t head_end = body.find("\r\n\r\n");
        const std::size_t end = body.find(between);
        if (head_end == std::string_view::npos || end == std::string_view::npos ||
            end < head_end + 4) {
            return bad("a part without an end");
        }
        auto part = parse_head(body.substr(0, head_end));
        if (!part) {
            return tl::unexpected(std::move(part.error()));
        }
        part->content = body.substr(head_end + 4, end - head_end - 4);
        parts.push_back(std::move(*part));
        body.remove_prefix(end + between.size());
    }
    return parts;
}

}  // namespace clave
