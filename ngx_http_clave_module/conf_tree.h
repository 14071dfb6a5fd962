// The configuration as written, as a tree: to look at directives of other modules, whose
// configurations are theirs alone. Read again from the files that nginx has just accepted, so what
// is malformed is not our concern here.
#pragma once

#include <string>
#include <vector>

#include "conf.h"

namespace clave::nginx {

struct ConfNode {
    std::vector<std::string> words;  // [0] is the directive
    ConfPosition at{};
    std::vector<ConfNode> children;  // of a block; includes are already in place

    const std::string& name() const { return words.front(); }
    // The last one of that name directly inside; nullptr if none.
    const ConfNode* find(std::string_view directive) const;
};

// The whole configuration, as the children of a nameless block. What cannot be read is left out.
ConfNode read_conf_tree(ngx_conf_t* cf);

}  // namespace clave::nginx
