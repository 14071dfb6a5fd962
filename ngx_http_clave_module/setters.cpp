// The directives, in the order of the README.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "audit_log.h"
#include "clave/zone.h"
#include "conf_text.h"
#include "header_name.h"

using namespace clave;
using namespace clave::nginx;

namespace {

// The words live as long as the configuration; cf->args is used again for the next directive.
char* keep_line(ngx_conf_t* cf, Given& given) {
    given.args = ngx_array_create(cf->pool, cf->args->nelts, sizeof(ngx_str_t));
    void* words = given.args ? ngx_array_push_n(given.args, cf->args->nelts) : nullptr;
    if (words == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    ngx_memcpy(words, cf->args->elts, cf->args->nelts * sizeof(ngx_str_t));
    given.at = position_of(cf);
    return NGX_CONF_OK;
}

// nginx hands the address of the field's struct and cmd->offset, as to its own slot setters.
template <class Field>
Field& slot(ngx_command_t* cmd, void* conf) {
    // offsetof into a standard-layout struct that nginx allocated for us
    return *reinterpret_cast<Field*>(static_cast<char*>(conf) + cmd->offset);
}

char* ngx_http_clave_set_level(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto* line = static_cast<Given*>(ngx_array_push(&static_cast<MainConf*>(conf)->level_lines));
    return line ? keep_line(cf, *line) : static_cast<char*>(NGX_CONF_ERROR);
}

// Nobody reads a page in less: most likely minutes were meant.
constexpr time_t kHastyTimeout = 60;

void warn_about_haste(ngx_conf_t* cf, time_t idle, std::string_view word) {
    if (idle >= kHastyTimeout) {
        return;
    }
    const bool no_unit = word.back() >= '0' && word.back() <= '9';
    warning(cf, position_of(cf),
            "\"clave_session_timeout " + std::string(word) + "\" ends a session after " +
                std::to_string(idle) + " seconds without a request" +
                (no_unit ? ": a time without a unit is in seconds" : "") +
                "; write \"15m\" for 15 minutes");
}

char* ngx_http_clave_set_timeout(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& scf = *static_cast<SrvConf*>(conf);
    auto* words = static_cast<ngx_str_t*>(cf->args->elts);
    if (scf.idle != NGX_CONF_UNSET) {
        return const_cast<char*>("is duplicate");
    }
    scf.idle = ngx_parse_time(&words[1], 1);
    scf.absolute = cf->args->nelts > 2 ? ngx_parse_time(&words[2], 1) : time_t{8 * 3600};
    const bool idle_is_wrong = scf.idle <= 0;
    if (idle_is_wrong || scf.absolute <= 0) {
        return mistake(cf, position_of(cf),
                       "invalid time \"" + copy(words[idle_is_wrong ? 1 : 2]) +
                           "\" in \"clave_session_timeout\"; give two, as in \"15m 8h\"");
    }
    if (scf.absolute < scf.idle) {
        const std::string idle = copy(words[1]);
        const std::string absolute = cf->args->nelts > 2 ? copy(words[2]) : "8h";
        return mistake(cf, position_of(cf),
                       "a session would end after " + absolute + ", before it could be idle for " +
                           idle + "; give the longer time second, as in \"clave_session_timeout " +
                           (cf->args->nelts > 2 ? absolute : idle) + " " + idle + "\"");
    }
    warn_about_haste(cf, scf.idle, view(words[1]));
    return NGX_CONF_OK;
}

// Fit for the name of a cookie or of a header, and unharmed by whatever carries it.
bool is_token(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    });
}

// A cookie that any subdomain or plain connection could set would undo the binding of the session
// to this origin, hence the prefix (checklist S-68, K-04).
char* ngx_http_clave_check_cookie(ngx_conf_t* cf, void*, void* data) {
    const std::string_view name = view(*static_cast<ngx_str_t*>(data));
    constexpr std::string_view kPrefix = "__Host-";
    const bool token = name.size() > kPrefix.size() && name.size() <= 64 && is_token(name);
    if (!token || !name.starts_with(kPrefix)) {
        return mistake(cf, position_of(cf),
                       "\"clave_session_cookie\" must begin with \"__Host-\" and consist of "
                       "letters, digits, \"-\" and \"_\"; try \"__Host-" +
                           std::string(token ? name : "clave") + "\"");
    }
    return NGX_CONF_OK;
}

char* ngx_http_clave_check_limit(ngx_conf_t* cf, void*, void* data) {
    const ngx_int_t limit = *static_cast<ngx_int_t*>(data);
    if (limit >= 1 && limit <= static_cast<ngx_int_t>(Zone::kMaxSessionLimit)) {
        return NGX_CONF_OK;
    }
    return mistake(cf, position_of(cf),
                   "\"clave_session_limit " + std::to_string(limit) + "\" should be 1 to " +
                       std::to_string(Zone::kMaxSessionLimit) +
                       (limit == 0 ? "; nobody could log in with 0, use \"1\" for one session a "
                                     "person"
                                   : ""));
}

char* ngx_http_clave_check_skew(ngx_conf_t* cf, void*, void* data) {
    if (*static_cast<ngx_msec_t*>(data) > 300000) {
        return mistake(cf, position_of(cf),
                       "\"clave_clock_skew\" is at most 300s; synchronise the clock instead");
    }
    return NGX_CONF_OK;
}

// A header that back ends need, and that would go with all that begin with `prefix`.
std::optional<std::string_view> needed_header(std::string_view prefix) {
    for (const std::string_view name :
         {"Accept", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie",
          "Forwarded", "Host", "Origin", "Referer", "Upgrade", "User-Agent", "Via",
          "X-Forwarded-For", "X-Real-IP", "X-Requested-With"}) {
        if (begins_with_folded(name, prefix)) {
            return name;
        }
    }
    return std::nullopt;
}

char* ngx_http_clave_set_headers(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& lcf = *static_cast<LocConf*>(conf);
    if (lcf.headers != NGX_CONF_UNSET) {
        return const_cast<char*>("is duplicate");
    }
    auto* words = static_cast<ngx_str_t*>(cf->args->elts);
    const std::string_view on = view(words[1]);
    if (on != "on" && on != "off") {
        return mistake(
            cf, position_of(cf),
            "\"clave_identity_headers\" is \"on\" or \"off\", not \"" + std::string(on) + "\"");
    }
    lcf.headers = on == "on";
    // The line replaces the one above it whole, as any of nginx's.
    ngx_str_set(&lcf.prefix, kDefaultPrefix);
    lcf.encoding = static_cast<ngx_uint_t>(HeaderEncoding::percent);
    std::vector<std::string_view> given;
    for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
        const std::string_view word = view(words[i]);
        const std::string_view key = word.substr(0, word.find('=') + 1);
        if (std::find(given.begin(), given.end(), key) != given.end()) {
            return mistake(cf, position_of(cf),
                           "\"" + std::string(key) + "\" is given twice; leave one of them out");
        }
        given.push_back(key);
        if (const auto prefix = value_of(word, "prefix"); prefix && !prefix->empty()) {
            if (const auto taken = needed_header(*prefix)) {
                return mistake(cf, position_of(cf),
                               "prefix \"" + std::string(*prefix) + "\" would take \"" +
                                   std::string(*taken) +
                                   "\" out of every request; use a longer one, as in "
                                   "\"prefix=X-Clave-\"");
            }
            if (!is_token(*prefix)) {
                return mistake(cf, position_of(cf),
                               "prefix \"" + std::string(*prefix) +
                                   "\" must consist of letters, digits, \"-\" and \"_\", as in "
                                   "\"prefix=X-Clave-\"");
            }
            lcf.prefix = {prefix->size(), words[i].data + (words[i].len - prefix->size())};
        } else if (const auto name = value_of(word, "encoding")) {
            if (*name == "percent") {
                lcf.encoding = static_cast<ngx_uint_t>(HeaderEncoding::percent);
            } else if (*name == "utf8") {
                lcf.encoding = static_cast<ngx_uint_t>(HeaderEncoding::utf8);
            } else if (*name == "base64") {
                lcf.encoding = static_cast<ngx_uint_t>(HeaderEncoding::base64);
            } else {
                return mistake(cf, position_of(cf),
                               "unknown encoding \"" + std::string(*name) + "\"" +
                                   did_you_mean(*name, {"percent", "utf8", "base64"}));
            }
        } else {
            return mistake(cf, position_of(cf),
                           "invalid parameter \"" + std::string(word) +
                               "\" of \"clave_identity_headers\"" +
                               did_you_mean(key, {"prefix=", "encoding="}));
        }
    }
    return NGX_CONF_OK;
}

char* ngx_http_clave_set_max_document(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    static_cast<SrvConf*>(conf)->firma_max_document_at = position_of(cf);
    return ngx_conf_set_size_slot(cf, cmd, conf);
}

ngx_conf_post_t check_cookie = {ngx_http_clave_check_cookie};
ngx_conf_post_t check_limit = {ngx_http_clave_check_limit};
ngx_conf_post_t check_skew = {ngx_http_clave_check_skew};

char* ngx_http_clave_set_unauthenticated(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    constexpr std::pair<std::string_view, Unauthenticated> kModes[] = {
        {"auto", Unauthenticated::automatic},
        {"login", Unauthenticated::login},
        {"401", Unauthenticated::status_401}};
    auto& given = slot<ngx_uint_t>(cmd, conf);
    const std::string_view word = view(static_cast<const ngx_str_t*>(cf->args->elts)[1]);
    if (given != NGX_CONF_UNSET_UINT) {
        return const_cast<char*>("is duplicate");
    }
    for (const auto& [name, mode] : kModes) {
        if (name == word) {
            given = static_cast<ngx_uint_t>(mode);
            return NGX_CONF_OK;
        }
    }
    return mistake(cf, position_of(cf),
                   "\"clave_unauthenticated " + std::string(word) +
                       "\" should be \"auto\", \"login\" or \"401\"");
}

constexpr ngx_uint_t kHttp = NGX_HTTP_MAIN_CONF;
constexpr ngx_uint_t kServer = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF;
constexpr ngx_uint_t kLocation = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

}  // namespace

char* ngx_http_clave_set_line(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    auto& given = slot<Given>(cmd, conf);
    if (given.args != nullptr) {
        return const_cast<char*>("is duplicate");
    }
    return keep_line(cf, given);
}

ngx_command_t ngx_http_clave_commands[] = {

    {ngx_string("clave"), kLocation | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocConf, line), nullptr},

    {ngx_string("clave_level"), kHttp | NGX_CONF_2MORE, ngx_http_clave_set_level,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_unauthenticated"), kLocation | NGX_CONF_TAKE1,
     ngx_http_clave_set_unauthenticated, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocConf, unauthenticated), nullptr},

    {ngx_string("clave_preserve_post"), kLocation | NGX_CONF_TAKE12,
     ngx_http_clave_set_preserve_post, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_identity_headers"), kLocation | NGX_CONF_1MORE, ngx_http_clave_set_headers,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_registration_attribute"), kServer | NGX_CONF_2MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, registration_attribute), nullptr},

    {ngx_string("clave_attributes"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, attributes), nullptr},

    {ngx_string("clave_gateway"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, gateway), nullptr},

    {ngx_string("clave_gateway_certificate"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, gateway_certificate), nullptr},

    {ngx_string("clave_gateway_issuer"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, gateway_issuer), nullptr},

    {ngx_string("clave_issuer"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, issuer), nullptr},

    {ngx_string("clave_provider_name"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, provider_name), nullptr},

    {ngx_string("clave_certificate"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, certificate), nullptr},

    {ngx_string("clave_certificate_key"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, certificate_key), nullptr},

    {ngx_string("clave_decryption_key"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, decryption_key), nullptr},

    {ngx_string("clave_path"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, path), nullptr},

    {ngx_string("clave_base_url"), NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, base_url), nullptr},

    {ngx_string("clave_clock_skew"), kServer | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, clock_skew), &check_skew},

    {ngx_string("clave_require_encryption"), kServer | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, require_encryption), nullptr},

    {ngx_string("clave_session_store"), kHttp | NGX_CONF_1MORE, ngx_http_clave_set_store,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_session_key"), kHttp | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(MainConf, session_keys), nullptr},

    {ngx_string("clave_session_timeout"), kServer | NGX_CONF_TAKE12, ngx_http_clave_set_timeout,
     NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_session_limit"), kServer | NGX_CONF_TAKE1, ngx_conf_set_num_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, session_limit), &check_limit},

    {ngx_string("clave_session_cookie"), kServer | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, session_cookie), &check_cookie},

    {ngx_string("clave_logout"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, logout), nullptr},

    {ngx_string("clave_languages"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, languages), nullptr},

    {ngx_string("clave_theme"), kServer | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, theme), nullptr},

    {ngx_string("clave_pages"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, pages), nullptr},

    {ngx_string("clave_firma"), kServer | NGX_CONF_TAKE12, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, firma), nullptr},

    {ngx_string("clave_firma_certificate"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, firma_certificate), nullptr},

    {ngx_string("clave_firma_certificate_key"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, firma_certificate_key), nullptr},

    {ngx_string("clave_firma_trusted_certificate"), kServer | NGX_CONF_TAKE1,
     ngx_http_clave_set_line, NGX_HTTP_SRV_CONF_OFFSET,
     offsetof(SrvConf, firma_trusted_certificate), nullptr},

    {ngx_string("clave_firma_public_url"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_line,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, firma_public_url), nullptr},

    {ngx_string("clave_firma_max_document"), kServer | NGX_CONF_TAKE1,
     ngx_http_clave_set_max_document, NGX_HTTP_SRV_CONF_OFFSET,
     offsetof(SrvConf, firma_max_document), nullptr},

    {ngx_string("clave_firma_timeout"), kServer | NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, firma_timeout), nullptr},

    {ngx_string("clave_sign"), NGX_HTTP_LOC_CONF | NGX_CONF_1MORE, ngx_http_clave_set_line,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocConf, sign), nullptr},

    {ngx_string("clave_sign_api"), NGX_HTTP_LOC_CONF | NGX_CONF_ANY, ngx_http_clave_set_sign_api,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocConf, api), nullptr},

    {ngx_string("clave_sign_trusted_certificate"), kServer | NGX_CONF_1MORE,
     ngx_http_clave_set_line, NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, sign_trusted_certificate),
     nullptr},

    {ngx_string("clave_sign_archive"), kServer | NGX_CONF_TAKE1234, ngx_http_clave_set_archive,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, sign_archive), nullptr},

    {ngx_string("clave_sign_evidence"), kServer | NGX_CONF_TAKE1, ngx_http_clave_set_evidence,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, sign_evidence), nullptr},

    {ngx_string("clave_audit_log"), kServer | NGX_CONF_TAKE12, ngx_http_clave_set_audit_log,
     NGX_HTTP_SRV_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_control"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_http_clave_set_control,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("clave_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, ngx_http_clave_set_status,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},

    {ngx_string("clave_simulator"), NGX_HTTP_SRV_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_SRV_CONF_OFFSET, offsetof(SrvConf, simulator), nullptr},

    ngx_null_command};
