// A check that stands between an attacker and a session.
//
//     if (guard("E-SIG-REF count", references.size() == 1)) … else return fail(…);
//
// In the module this is the plain condition. The core's test library is compiled with
// CLAVE_MUTABLE_GUARDS: there a test can switch one guard off by name and see the attack succeed,
// or be stopped by another guard: which is how a guard without a test, or one that guards nothing,
// is found (security-checklist.md section 0, g).
#pragma once

#include <string_view>

namespace clave {

#ifdef CLAVE_MUTABLE_GUARDS
// True if `holds`, or if the guard of that name is switched off.
bool guard(std::string_view name, bool holds) noexcept;
// Switches guards off, and all of them on again. Names that were asked for are counted, so that a
// test notices a name that no code uses.
void disable_guard(std::string_view name);
void enable_all_guards() noexcept;
bool guard_was_reached(std::string_view name) noexcept;
#else
constexpr bool guard(std::string_view, bool holds) noexcept {
    return holds;
}
#endif

}  // namespace clave
