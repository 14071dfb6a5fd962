// The languages of the pages, and which of them a visitor gets.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace clave {

enum class Language { es, ca, eu, gl, en };

inline constexpr std::array kLanguages = {Language::es, Language::ca, Language::eu, Language::gl,
                                          Language::en};

// "ca", as in <html lang>, the configuration and the cookie.
std::string_view tag(Language language) noexcept;
// Exactly such a tag.
std::optional<Language> language_of(std::string_view tag) noexcept;

// The one that the visitor has chosen, if it is offered; else the best of Accept-Language (RFC 9110
// section 12.5.4, by the first subtag); else the first that is offered. `offered` is not empty.
Language choose_language(std::span<const Language> offered, std::string_view chosen,
                         std::string_view accept_language) noexcept;

}  // namespace clave
