#include "base/dumped_json.h"

#include <jansson.h>

namespace clave {

// Written twice, the first time to nowhere: into a buffer that is large enough nothing is
// allocated.
std::optional<std::string> dumped_json(const json_t* json, std::size_t flags) {
    const std::size_t size = json_dumpb(json, nullptr, 0, flags);
    std::string text(size, '\0');
    if (size == 0 || json_dumpb(json, text.data(), size, flags) != size) {
        return std::nullopt;
    }
    return text;
}

}  // namespace clave
