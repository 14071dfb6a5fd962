// `clave_sign_api` in the configuration: where it may stand, and who may sign what is ordered
// there.
#include "conf_text.h"
#include "guard.h"
#include "in_pool.h"

using namespace clave;
using namespace clave::nginx;

namespace {

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
    const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    if (core->exact_match) {
        return mistake(cf, position_of(cf),
                       "\"clave_sign_api\" needs a location with a plain name, as in \"location "
                       "/clave-sign-api/\"");
    }
    return ngx_http_clave_take_location(cf, static_cast<LocConf*>(conf),
                                        ngx_http_clave_sign_api_handler);
}

char* ngx_http_clave_read_sign_api(ngx_conf_t* cf, LocConf* lcf) {
    if (lcf->mode != Mode::off) {
        return mistake(cf, lcf->api.at,
                       "\"clave_sign_api\" is for applications, which do not log in; add \"clave "
                       "off;\" to its location");
    }
    const std::vector<std::string_view> words = words_of(lcf->api);
    const auto requirement = ngx_http_clave_requirement_of(cf, words, "clave_sign_api");
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
