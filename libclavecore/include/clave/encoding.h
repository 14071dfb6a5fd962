// The encodings of the wire. Decoders are strict: what they accept re-encodes to the same text.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace clave {

// RFC 4648 section 4, with padding. The decoder also takes line breaks (CR, LF) anywhere, nothing
// else: no URL-safe alphabet, no missing padding, no non-zero trailing bits, no text after padding
// (S-34). nullopt otherwise. Empty text decodes to empty bytes.
std::string base64_encode(std::span<const std::byte> bytes);
std::optional<std::string> base64_decode(std::string_view text);

// RFC 4648 section 5, without padding; the decoder takes no white space.
std::string base64url_encode(std::span<const std::byte> bytes);
std::optional<std::vector<std::byte>> base64url_decode(std::string_view text);
// Into exactly `out`, without allocating; false (and `out` unspecified) for any other length.
bool base64url_decode_to(std::span<std::byte> out, std::string_view text) noexcept;

// Lower case.
std::string hex_encode(std::span<const std::byte> bytes);
// Two characters for each byte, with no end mark.
void hex_encode_to(char* out, std::span<const std::byte> bytes) noexcept;
// Into exactly `out`; false (and `out` unspecified) for anything that hex_encode() does not write.
bool hex_decode_to(std::span<std::byte> out, std::string_view text) noexcept;

// Percent-encodes every byte but RFC 3986 unreserved ones.
std::string percent_encode(std::string_view text);
// The same for the hot path, which allocates by itself, once: how long it becomes; and written to
// exactly that many bytes at `out`.
std::size_t percent_encoded_size(std::string_view text) noexcept;
void percent_encode_to(char* out, std::string_view text) noexcept;

// HTML text and double-quoted attribute values: & < > " ' are replaced.
std::string html_escape(std::string_view text);
// XML text and double-quoted attribute values: as HTML, and TAB, CR, LF as references.
std::string xml_escape(std::string_view text);

// RFC 3629: no overlong forms, surrogates or code points above U+10FFFF.
bool is_valid_utf8(std::string_view text) noexcept;
// C0, DEL, C1, and the bidirectional overrides and isolates (U+202A–202E, U+2066–2069). Text must
// be valid UTF-8.
bool has_control_characters(std::string_view text) noexcept;

// For a log, which may be read with anything: letters without their accents, what is like a sign of
// ASCII as that one, and a question mark for each other character, control characters and invalid
// bytes among them.
std::string ascii_text(std::string_view text);

std::span<const std::byte> as_bytes(std::string_view text) noexcept;
std::string_view as_text(std::span<const std::byte> bytes) noexcept;

}  // namespace clave
