// What a location asks for, inside a record: of a login under way, or of a signature.
#pragma once

#include "base/fields.h"
#include "clave/level.h"

namespace clave {

// All but what the flags say.
void write_requirement(FieldWriter& writer, const Requirement& requirement);
// False for what write_requirement() does not write.
bool read_requirement(FieldReader& reader, Requirement& requirement);

inline constexpr unsigned kRequirementFlags = 7;
// The lowest three bits of a record's flags.
unsigned requirement_flags(const Requirement& requirement) noexcept;
void set_requirement_flags(Requirement& requirement, unsigned flags) noexcept;

}  // namespace clave
