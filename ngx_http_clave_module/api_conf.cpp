// `clave_sign_api` in the configuration: where it may stand, who may sign what is ordered there,
// and whether its location opens it to other machines by an `allow`, which is read from the
// configuration as written (as for `clave_status`).
#include "conf_text.h"
#include "conf_tree.h"
#include "guard.h"
#include "in_pool.h"

using namespace clave;
using namespace clave::nginx;

namespace {

class OpenApis {
  public:
    explicit OpenApis(std::span<ApiLine> lines) : lines_(lines) {}

    // As the access module inherits: rules of a block replace those around it.
    void look_into(const ConfNode& block, bool open) {
        if (block.find("allow") != nullptr) {
            open = true;
        } else if (block.find("deny") != nullptr) {
            open = false;
        }
        for (const ConfNode& child : block.children) {
            if (child.name() == "clave_sign_api") {
                found(child.at, open);
            }
            look_into(child, open);
        }
    }

  private:
    // One line may be included in several places: it is open if all of them are.
    void found(const ConfPosition& at, bool open) {
        for (ApiLine& line : lines_) {
            if (line.at.line == at.line && view(line.at.file) == view(at.file)) {
                line.conf->api_open = open && (line.conf->api_open || !line.seen);
                line.seen = true;
            }
        }
    }

    std::span<ApiLine> lines_;
};

// Of `level=NAME` and what else a `clave` line may say.
std::vector<std::string_view> words_of(const Given& line) {
    std::vector<std::string_view> words = {"permanente_otp"};
    for (const ngx_str_t& word : arguments(line)) {
        if (const auto level = value_of(view(word), "level")) {
            words.front() = *level;
        } else {
            words.push_back(view(word));
        }
    }
    return words;
}

}  // namespace

char* ngx_http_clave_set_sign_api(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    char* rc = ngx_http_clave_set_line(cf, cmd, conf);
    if (rc != NGX_CONF_OK) {
        return rc;
    }
    auto* core = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    bool plain = !core->named && !core->exact_match;
#if (NGX_PCRE)
    plain = plain && core->regex == nullptr;
#endif
    if (!plain) {
        return mistake(cf, position_of(cf),
                       "\"clave_sign_api\" needs a location with a plain name, as in \"location "
                       "/clave-api/\"");
    }
    auto* line = static_cast<ApiLine*>(ngx_array_push(&main_conf(cf)->api_lines));
    if (line == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    *line = {static_cast<LocConf*>(conf), position_of(cf), false};
    core->handler = ngx_http_clave_sign_api_handler;
    return NGX_CONF_OK;
}

char* ngx_http_clave_read_sign_api(ngx_conf_t* cf, LocConf* lcf) {
    if (lcf->mode != Mode::off) {
        return mistake(cf, lcf->api.at,
                       "\"clave_sign_api\" is for applications, which do not log in; add \"clave "
                       "off;\" to its location");
    }
    const std::vector<std::string_view> words = words_of(lcf->api);
    const auto requirement = ngx_http_clave_requirement_of(cf, words);
    if (!requirement) {
        return mistake(cf, lcf->api.at, requirement.error());
    }
    if (!ngx_http_clave_may_sign(*requirement)) {
        return mistake(cf, lcf->api.at,
                       "level \"" + requirement->level +
                           "\" is too low for \"clave_sign_api\": Cl@ve Firma needs Cl@ve "
                           "Permanente; use \"level=permanente_otp\"");
    }
    auto* api = make_in_pool<SignApi>(cf->pool, SignApi{*requirement});
    if (api == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    lcf->sign_api = api;
    // clave_firma_max_document says how large a document may be, and the answer says so.
    static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module))
        ->client_max_body_size = 0;
    return NGX_CONF_OK;
}

void ngx_http_clave_review_sign_api(ngx_conf_t* cf, MainConf* mcf) {
    auto* first = static_cast<ApiLine*>(mcf->api_lines.elts);
    const std::span<ApiLine> lines(first, mcf->api_lines.nelts);
    if (lines.empty()) {
        return;
    }
    guard_conf(cf, [&] {
        const ConfNode tree = read_conf_tree(cf);
        if (const ConfNode* http = tree.find("http")) {
            OpenApis(lines).look_into(*http, false);
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
}
