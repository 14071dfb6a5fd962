// A short text without a destructor: cmocka's asserts jump over those (product.md 8.15).
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <string_view>

namespace clave::test {

class Seen {
  public:
    template <class Text>
    requires std::convertible_to<const Text&, std::string_view> Seen(const Text& text) {
        const std::string_view view = text;
        std::copy_n(view.begin(), std::min(view.size(), kMost), text_.begin());
    }
    const char* c_str() const noexcept { return text_.data(); }
    bool is(std::string_view text) const noexcept { return text == text_.data(); }

  private:
    static constexpr std::size_t kMost = 255;
    std::array<char, kMost + 1> text_{};
};

}  // namespace clave::test
