// `clave_status` in the configuration: where it may stand, and whether its location opens it to
// other machines by an `allow`. What `allow` says is the access module's alone to know, so it is
// read from the configuration as written (conf_tree.h); what cannot be found there stays closed.
#include "conf_text.h"
#include "conf_tree.h"
#include "guard.h"

using namespace clave;
using namespace clave::nginx;

namespace {

class OpenStatus {
  public:
    explicit OpenStatus(std::span<StatusLine> lines) : lines_(lines) {}

    // As the access module inherits: rules of a block replace those around it.
    void look_into(const ConfNode& block, bool open) {
        if (block.find("allow") != nullptr) {
            open = true;
        } else if (block.find("deny") != nullptr) {
            open = false;
        }
        for (const ConfNode& child : block.children) {
            if (child.name() == "clave_status") {
                found(child.at, open);
            }
            look_into(child, open);
        }
    }

  private:
    // One line may be included in several places: it is open if all of them are.
    void found(const ConfPosition& at, bool open) {
        for (StatusLine& line : lines_) {
            if (line.at.line == at.line && view(line.at.file) == view(at.file)) {
                line.conf->status_open = open && (line.conf->status_open || !line.seen);
                line.seen = true;
            }
        }
    }

    std::span<StatusLine> lines_;
};

}  // namespace

char* ngx_http_clave_set_status(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->handler == ngx_http_clave_status_handler) {
        return const_cast<char*>("is duplicate");
    }
    bool plain = !core->named;
#if (NGX_PCRE)
    plain = plain && core->regex == nullptr;
#endif
    if (!plain) {
        return mistake(cf, position_of(cf),
                       "\"clave_status\" needs a location with a plain name, as in \"location "
                       "/clave-status\"");
    }
    auto* line = static_cast<StatusLine*>(ngx_array_push(&main_conf(cf)->status_lines));
    if (line == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    *line = {static_cast<LocConf*>(conf), position_of(cf), false};
    core->handler = ngx_http_clave_status_handler;
    return NGX_CONF_OK;
}

ngx_int_t ngx_http_clave_review_status(ngx_conf_t* cf, MainConf* mcf) {
    auto* first = static_cast<StatusLine*>(mcf->status_lines.elts);
    const std::span<StatusLine> lines(first, mcf->status_lines.nelts);
    if (lines.empty()) {
        return NGX_OK;
    }
    if (!mcf->used) {
        mistake(cf, lines.front().at,
                "\"clave_status\" has nothing to tell, because no location asks anybody to "
                "identify; add a \"clave\" line, or remove this one");
        return NGX_ERROR;
    }
    guard_conf(cf, [&] {
        const ConfNode tree = read_conf_tree(cf);
        if (const ConfNode* http = tree.find("http")) {
            OpenStatus(lines).look_into(*http, false);
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
    return NGX_OK;
}
