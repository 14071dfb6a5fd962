#include "pages/needed_methods.h"

#include <algorithm>
#include <vector>

#include "pages/catalogue.h"

namespace clave::pages {
namespace {

constexpr std::size_t index(Method method) noexcept {
    return static_cast<std::size_t>(method);
}

// What this method has to reach, if it is among those to choose from: where none that is offered is
// accepted, those that are. The gateway is never satisfied with less than it is asked for.
std::optional<Loa> least_of(const Requirement& needed, Method method) noexcept {
    bool any_offered = false;
    for (std::size_t i = 0; i < kMethods; ++i) {
        any_offered = any_offered || (needed.offer[i] && needed.accept[i].has_value());
    }
    const std::optional<Loa> accepted = needed.accept[index(method)];
    if (!accepted || (any_offered && !needed.offer[index(method)])) {
        return std::nullopt;
    }
    const Loa least = std::max(*accepted, loa_to_ask(needed));
    const bool reaches_high =
        method != Method::pin && method != Method::movil && method != Method::permanente;
    if (least == Loa::high && !reaches_high) {  // protocol-clave.md 3.4
        return std::nullopt;
    }
    return least;
}

}  // namespace

std::string needed_methods(const Requirement& needed, Language language) {
    std::vector<std::string_view> names;
    const auto add = [&](Method method, Key low, Key substantial, Key high) {
        const std::optional<Loa> least = least_of(needed, method);
        if (least) {
            const Key key = *least == Loa::low ? low : *least == Loa::high ? high : substantial;
            names.push_back(text(language, key));
        }
    };
    const auto add_always = [&](Method method, Key key) { add(method, key, key, key); };
    add_always(Method::pin, "need.pin");
    add_always(Method::movil, "need.movil");
    const bool with_code = least_of(needed, Method::permanente).value_or(Loa::low) != Loa::low;
    if (!with_code) {
        add_always(Method::permanente, "need.permanente");
    }
    add(Method::certificado, "need.certificado", "need.certificado", "need.dnie");
    add_always(Method::eidas, "method.eidas");
    add_always(Method::cartera, "method.cartera");
    if (with_code) {  // a phrase of its own, which reads on if another method follows
        add_always(Method::permanente, "need.permanente_otp");
    }

    std::string words;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) {
            const bool last = i + 1 == names.size();
            words += last ? " " + std::string(text(language, "need.or")) + " " : ", ";
        }
        words += names[i];
    }
    return words;
}

bool needs_advanced_registration(const Requirement& needed) noexcept {
    const auto beyond_basic = [&](Method method) {
        return least_of(needed, method).value_or(Loa::low) != Loa::low;
    };
    return needed.advanced_registration || beyond_basic(Method::pin) || beyond_basic(Method::movil);
}

}  // namespace clave::pages
