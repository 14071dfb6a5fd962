#include "policy/requirement_record.h"

namespace clave {
namespace {

constexpr unsigned kAdvanced = 1;
constexpr unsigned kByAttribute = 2;
constexpr unsigned kRepresented = 4;
static_assert((kAdvanced | kByAttribute | kRepresented) == kRequirementFlags);

bool read_loa(std::uint8_t value, Loa& loa) noexcept {
    if (value < static_cast<std::uint8_t>(Loa::low) ||
        value > static_cast<std::uint8_t>(Loa::high)) {
        return false;
    }
    loa = static_cast<Loa>(value);
    return true;
}

}  // namespace

unsigned requirement_flags(const Requirement& requirement) noexcept {
    return (requirement.advanced_registration ? kAdvanced : 0U) |
           (requirement.registration_by_attribute ? kByAttribute : 0U) |
           (requirement.represented ? kRepresented : 0U);
}

void set_requirement_flags(Requirement& requirement, unsigned flags) noexcept {
    requirement.advanced_registration = (flags & kAdvanced) != 0;
    requirement.registration_by_attribute = (flags & kByAttribute) != 0;
    requirement.represented = (flags & kRepresented) != 0;
}

void write_requirement(FieldWriter& writer, const Requirement& requirement) {
    writer.text(requirement.level);
    writer.u8(static_cast<std::uint8_t>(requirement.ask));
    for (const bool offered : requirement.offer) {
        writer.u8(offered ? 1 : 0);
    }
    for (const auto& least : requirement.accept) {
        writer.u8(least ? static_cast<std::uint8_t>(*least) : std::uint8_t{0});
    }
    writer.i64(requirement.max_age.count());
}

bool read_requirement(FieldReader& reader, Requirement& requirement) {
    requirement.level = reader.text();
    bool valid = read_loa(reader.u8(), requirement.ask);
    for (bool& offered : requirement.offer) {
        const std::uint8_t value = reader.u8();
        offered = value == 1;
        valid = valid && value <= 1;
    }
    for (auto& least : requirement.accept) {
        if (const std::uint8_t value = reader.u8(); value != 0) {
            valid = read_loa(value, least.emplace()) && valid;
        }
    }
    requirement.max_age = Seconds{reader.i64()};
    return valid && reader.good();
}

}  // namespace clave
