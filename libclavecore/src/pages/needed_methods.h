// What a location asks for, in words. They are those of the methods that it accepts, whatever the
// name of its level: levels are data (product.md section 2).
#pragma once

#include <string>

#include "clave/language.h"
#include "clave/level.h"

namespace clave::pages {

// "Cl@ve Permanente o certificado electrónico"; empty if no method can do.
std::string needed_methods(const Requirement& needed, Language language);

// True where a method that is named does with the advanced registration only, or the location asks
// for that.
bool needs_advanced_registration(const Requirement& needed) noexcept;

}  // namespace clave::pages
