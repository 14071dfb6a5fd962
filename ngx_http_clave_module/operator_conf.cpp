// `clave_status`, `clave_control` and `clave_sign_api` in the configuration: where they may stand,
// and whether their location opens them to other machines by an `allow`, or to all of them. What
// `allow` says is the access module's alone to know, so it is read from the configuration as
// written (conf_tree.h); what cannot be found there stays closed.
#include <algorithm>

#include "conf_text.h"
#include "conf_tree.h"
#include "guard.h"

using namespace clave;
using namespace clave::nginx;

namespace {

struct Rules {
    bool open = false;     // to some other machine
    bool closing = false;  // to those not named
    bool for_all = false;
};

class OpenLocations {
  public:
    OpenLocations(ngx_conf_t* cf, std::span<OperatorLine> lines) : cf_(cf), lines_(lines) {}

    // As the access module inherits: rules of a block replace those around it.
    void look_into(const ConfNode& block, Rules rules) {
        if (block.find("allow") != nullptr || block.find("deny") != nullptr) {
            rules = rules_of(block);
        }
        for (const ConfNode& child : block.children) {
            found(child, rules);
            look_into(child, rules);
        }
    }

  private:
    // Whom no rule names, the access module lets in.
    static Rules rules_of(const ConfNode& block) {
        Rules rules;
        for (const ConfNode& child : block.children) {
            const bool all = child.words.size() > 1 && child.words[1] == "all";
            rules.open = rules.open || child.name() == "allow";
            rules.closing = rules.closing || (all && child.name() == "deny");
            rules.for_all = rules.for_all || (all && child.name() == "allow");
        }
        return rules;
    }

    // One line may be included in several places: it is open if all of them are.
    void found(const ConfNode& node, const Rules& rules) {
        const bool open = rules.open;
        for (OperatorLine& line : lines_) {
            if (node.name() == view(line.directive) && line.at.line == node.at.line &&
                view(line.at.file) == view(node.at.file)) {
                line.conf->operator_open = open && (line.conf->operator_open || !line.seen);
                line.seen = true;
                // Whoever writes "allow all" has thought of it.
                if (open && !rules.closing && !rules.for_all) {
                    warning(cf_, node.at,
                            "\"" + node.name() +
                                "\" is open to everybody: \"allow\" alone refuses nobody; end the "
                                "list with \"deny all;\"");
                }
            }
        }
    }

    ngx_conf_t* cf_;
    std::span<OperatorLine> lines_;
};

// Who asks there is a program, which has no browser to log in with (api_conf.cpp refuses the same
// of orders, which have a session beside them). No mistake: a person may look at it, too.
void warn_about_login(ngx_conf_t* cf, const OperatorLine& line) {
    if (line.conf->mode != Mode::required || line.core->satisfy == NGX_HTTP_SATISFY_ANY) {
        return;
    }
    const std::string name = copy(line.directive);
    const char* asks = name == "clave_status" ? "monitoring" : "\"clavectl\"";
    warning(cf, line.at,
            "\"" + name + "\" answers only who is logged in, as of \"clave " +
                line.conf->requirement->level + "\", and " + asks +
                " cannot log in; add \"clave off;\" to its location");
}

// proxy_pass and its like make their location answer just so, and nginx has room for one of them.
char* refuse_company(ngx_conf_t* cf, const ConfPosition& at, const std::string& directive) {
    return mistake(cf, at,
                   "\"" + directive +
                       "\" answers in this location, and another directive does so, too, as "
                       "\"proxy_pass\" would: nginx takes the last one; give each a location of "
                       "its own");
}

}  // namespace

char* ngx_http_clave_take_location(ngx_conf_t* cf, LocConf* conf, ngx_http_handler_pt handler) {
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->handler == handler) {
        return const_cast<char*>("is duplicate");
    }
    const ngx_str_t directive = *static_cast<const ngx_str_t*>(cf->args->elts);
    const std::string name = copy(directive);
    if (core->handler == ngx_http_clave_status_handler ||
        core->handler == ngx_http_clave_control_handler ||
        core->handler == ngx_http_clave_sign_api_handler) {
        return mistake(cf, position_of(cf),
                       "\"clave_status\", \"clave_control\" and \"clave_sign_api\" need a location "
                       "each");
    }
    if (core->handler != nullptr) {
        return refuse_company(cf, position_of(cf), name);
    }
    bool plain = !core->named;
#if (NGX_PCRE)
    plain = plain && core->regex == nullptr;
#endif
    if (!plain) {
        std::string example = name;
        std::replace(example.begin(), example.end(), '_', '-');
        return mistake(cf, position_of(cf),
                       "\"" + name + "\" needs a location with a plain name, as in \"location /" +
                           example + "\"");
    }
    auto* line = static_cast<OperatorLine*>(ngx_array_push(&main_conf(cf)->operator_lines));
    if (line == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    *line = {conf, core, position_of(cf), directive, handler, false};
    core->handler = handler;
    return NGX_CONF_OK;
}

char* ngx_http_clave_set_status(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return guard_conf(cf, [&] {
        return ngx_http_clave_take_location(cf, static_cast<LocConf*>(conf),
                                            ngx_http_clave_status_handler);
    });
}

char* ngx_http_clave_set_control(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    return guard_conf(cf, [&] {
        return ngx_http_clave_take_location(cf, static_cast<LocConf*>(conf),
                                            ngx_http_clave_control_handler);
    });
}

ngx_int_t ngx_http_clave_review_operator(ngx_conf_t* cf, MainConf* mcf) {
    auto* first = static_cast<OperatorLine*>(mcf->operator_lines.elts);
    const std::span<OperatorLine> lines(first, mcf->operator_lines.nelts);
    if (lines.empty()) {
        return NGX_OK;
    }
    for (const OperatorLine& line : lines) {
        if (line.core->handler != line.handler) {
            refuse_company(cf, line.at, copy(line.directive));
            return NGX_ERROR;
        }
    }
    if (!mcf->used) {
        mistake(cf, lines.front().at,
                "\"" + copy(lines.front().directive) +
                    "\" has nothing to tell, because no location asks anybody to "
                    "identify; add a \"clave\" line, or remove this one");
        return NGX_ERROR;
    }
    guard_conf(cf, [&] {
        for (const OperatorLine& line : lines) {
            warn_about_login(cf, line);
        }
        const ConfNode tree = read_conf_tree(cf);
        if (const ConfNode* http = tree.find("http")) {
            OpenLocations(cf, lines).look_into(*http, {});
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
    return NGX_OK;
}
