// Create and merge. What a directive says is only collected here and in setters.cpp; it is
// understood in levels.cpp and site_conf.cpp, when everything it may refer to has been read.
#include "conf.h"

#include "guard.h"
#include "header_name.h"
#include "in_pool.h"

namespace clave::nginx {

ConfPosition position_of(const ngx_conf_t* cf) {
    return {cf->conf_file ? cf->conf_file->file.name : ngx_str_t{0, nullptr},
            cf->conf_file ? cf->conf_file->line : 0};
}

ReportAt::ReportAt(ngx_conf_t* cf, const ConfPosition& position)
    : cf_(cf), saved_(cf->conf_file), at_{} {
    if (position.file.data != nullptr) {
        at_.file.name = position.file;
        at_.file.fd = 0;  // any but NGX_INVALID_FILE: "in FILE:LINE" is wanted
        at_.line = position.line;
        cf_->conf_file = &at_;
    }
}

ReportAt::~ReportAt() {
    cf_->conf_file = saved_;
}

namespace {

// A line given here replaces the inherited one whole.
void inherit(Given& own, const Given& parent) {
    if (own.args == nullptr) {
        own = parent;
    }
}

const HeaderName* identity_header_names(ngx_conf_t* cf, const ngx_str_t& prefix) {
    auto* names =
        static_cast<HeaderName*>(ngx_pcalloc(cf->pool, kIdentityHeaders * sizeof(HeaderName)));
    for (ngx_uint_t i = 0; names != nullptr && i < kIdentityHeaders; ++i) {
        names[i].name = to_ngx(cf->pool, copy(prefix) + std::string(kIdentityHeaderNames[i]));
        names[i].lowcase = to_ngx(cf->pool, view(names[i].name));
        if (names[i].name.data == nullptr || names[i].lowcase.data == nullptr) {
            return nullptr;
        }
        names[i].hash =
            ngx_hash_strlow(names[i].lowcase.data, names[i].lowcase.data, names[i].lowcase.len);
    }
    return names;
}

// Two locations of one server may use different prefixes; a client may send neither anywhere.
void remember_prefix(SrvConf& server, const ngx_str_t& prefix) {
    const std::string name = folded(view(prefix));
    for (const std::string& known : *server.prefixes) {
        if (known == name) {
            return;
        }
    }
    server.prefixes->push_back(name);
    for (unsigned c = 0; c < std::size(server.begins_prefix); ++c) {
        if (name.starts_with(folded(static_cast<char>(c)))) {
            server.begins_prefix[c] = true;
        }
    }
}

// What is signed there goes to the application, and that is what answers in the location. Whether a
// form may get anywhere else, conf_review.cpp looks at.
ngx_int_t remember_files(ngx_conf_t* cf, const LocConf& conf) {
    const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    const bool delivers_here = conf.order != nullptr && conf.order->source == SignSource::form &&
                               conf.order->deliver.empty();
    if (!delivers_here || core->handler != nullptr || core->named) {
        return NGX_OK;
    }
    auto* place = static_cast<ConfPosition*>(ngx_array_push(&main_conf(cf)->signs_of_files));
    if (place == nullptr) {
        return NGX_ERROR;
    }
    *place = conf.sign.at;
    return NGX_OK;
}

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

void* ngx_http_clave_create_main_conf(ngx_conf_t* cf) {
    constexpr std::size_t kPointer = sizeof(void*);  // audit_logs is of pointers

    auto* mcf = static_cast<MainConf*>(ngx_pcalloc(cf->pool, sizeof(MainConf)));
    if (mcf == nullptr || ngx_array_init(&mcf->level_lines, cf->pool, 4, sizeof(Given)) != NGX_OK ||
        ngx_array_init(&mcf->operator_lines, cf->pool, 1, sizeof(OperatorLine)) != NGX_OK ||
        ngx_array_init(&mcf->audit_logs, cf->pool, 1, kPointer) != NGX_OK ||
        ngx_array_init(&mcf->signs_of_files, cf->pool, 1, sizeof(ConfPosition)) != NGX_OK) {
        return nullptr;
    }
    mcf->levels = make_in_pool<std::vector<Level>>(cf->pool, builtin_levels());
    mcf->keys = make_in_pool<std::vector<MasterKey>>(cf->pool);
    return mcf->levels && mcf->keys ? mcf : nullptr;
}

char* ngx_http_clave_init_main_conf(ngx_conf_t* cf, void* conf) {
    return guard_conf(cf,
                      [&] { return ngx_http_clave_read_levels(cf, static_cast<MainConf*>(conf)); });
}

void* ngx_http_clave_create_srv_conf(ngx_conf_t* cf) {
    auto* scf = static_cast<SrvConf*>(ngx_pcalloc(cf->pool, sizeof(SrvConf)));
    if (scf == nullptr) {
        return nullptr;
    }
    scf->clock_skew = NGX_CONF_UNSET_MSEC;
    scf->require_encryption = NGX_CONF_UNSET;
    scf->idle = NGX_CONF_UNSET;
    scf->absolute = NGX_CONF_UNSET;
    scf->session_limit = NGX_CONF_UNSET;
    scf->simulator = NGX_CONF_UNSET;
    scf->firma_max_document = NGX_CONF_UNSET_SIZE;
    scf->firma_timeout = NGX_CONF_UNSET_MSEC;
    scf->prefixes = make_in_pool<std::vector<std::string>>(cf->pool);
    return scf->prefixes ? scf : nullptr;
}

char* ngx_http_clave_merge_srv_conf(ngx_conf_t*, void* parent, void* child) {
    const auto& prev = *static_cast<SrvConf*>(parent);
    auto& conf = *static_cast<SrvConf*>(child);

    inherit(conf.gateway, prev.gateway);
    inherit(conf.gateway_certificate, prev.gateway_certificate);
    inherit(conf.gateway_issuer, prev.gateway_issuer);
    inherit(conf.provider_name, prev.provider_name);
    inherit(conf.issuer, prev.issuer);
    inherit(conf.certificate, prev.certificate);
    inherit(conf.certificate_key, prev.certificate_key);
    inherit(conf.decryption_key, prev.decryption_key);
    inherit(conf.path, prev.path);
    inherit(conf.logout, prev.logout);
    inherit(conf.registration_attribute, prev.registration_attribute);
    inherit(conf.attributes, prev.attributes);
    inherit(conf.languages, prev.languages);
    inherit(conf.theme, prev.theme);
    inherit(conf.pages, prev.pages);
    inherit(conf.firma, prev.firma);
    inherit(conf.firma_certificate, prev.firma_certificate);
    inherit(conf.firma_certificate_key, prev.firma_certificate_key);
    inherit(conf.firma_trusted_certificate, prev.firma_trusted_certificate);
    inherit(conf.firma_public_url, prev.firma_public_url);
    inherit(conf.sign_trusted_certificate, prev.sign_trusted_certificate);
    inherit(conf.sign_archive, prev.sign_archive);
    if (conf.sign_evidence.args == nullptr) {
        conf.evidence = prev.evidence;
    }
    inherit(conf.sign_evidence, prev.sign_evidence);
    if (conf.firma_max_document == NGX_CONF_UNSET_SIZE) {
        conf.firma_max_document_at = prev.firma_max_document_at;
    }
    ngx_conf_merge_size_value(conf.firma_max_document, prev.firma_max_document, 8 * 1024 * 1024);
    ngx_conf_merge_msec_value(conf.firma_timeout, prev.firma_timeout, 30000);
    if (!conf.audit_given) {
        conf.audit = prev.audit;
    }

    ngx_conf_merge_str_value(conf.session_cookie, prev.session_cookie, "__Host-clave");
    ngx_conf_merge_msec_value(conf.clock_skew, prev.clock_skew, 60000);
    ngx_conf_merge_value(conf.require_encryption, prev.require_encryption, 0);
    ngx_conf_merge_sec_value(conf.idle, prev.idle, 15 * 60);
    ngx_conf_merge_sec_value(conf.absolute, prev.absolute, 8 * 3600);
    ngx_conf_merge_value(conf.session_limit, prev.session_limit, 10);
    ngx_conf_merge_value(conf.simulator, prev.simulator, 0);
    return NGX_CONF_OK;
}

void* ngx_http_clave_create_loc_conf(ngx_conf_t* cf) {
    auto* lcf = static_cast<LocConf*>(ngx_pcalloc(cf->pool, sizeof(LocConf)));
    if (lcf == nullptr) {
        return nullptr;
    }
    lcf->unauthenticated = NGX_CONF_UNSET_UINT;
    lcf->form_limit = NGX_CONF_UNSET;
    lcf->headers = NGX_CONF_UNSET;
    lcf->encoding = NGX_CONF_UNSET_UINT;
    return lcf;
}

char* ngx_http_clave_merge_loc_conf(ngx_conf_t* cf, void* parent, void* child) {
    const auto& prev = *static_cast<LocConf*>(parent);
    auto& conf = *static_cast<LocConf*>(child);
    auto& server =
        *static_cast<SrvConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_clave_module));

    ngx_conf_merge_uint_value(conf.unauthenticated, prev.unauthenticated,
                              static_cast<ngx_uint_t>(Unauthenticated::automatic));
    ngx_conf_merge_value(conf.form_limit, prev.form_limit, 0);
    ngx_conf_merge_value(conf.headers, prev.headers, 1);
    ngx_conf_merge_str_value(conf.prefix, prev.prefix, kDefaultPrefix);
    ngx_conf_merge_uint_value(conf.encoding, prev.encoding,
                              static_cast<ngx_uint_t>(HeaderEncoding::percent));
    inherit(conf.line, prev.line);
    const bool own_sign = conf.sign.args != nullptr;
    inherit(conf.sign, prev.sign);

    return guard_conf(cf, [&] {
        remember_prefix(server, conf.prefix);
        conf.names = identity_header_names(cf, conf.prefix);
        if (conf.names == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        if (conf.line.args != nullptr) {
            char* rc = ngx_http_clave_read_requirement(cf, &conf);
            if (rc != NGX_CONF_OK) {
                return rc;
            }
        }
        if (conf.sign.args != nullptr) {
            char* rc = ngx_http_clave_read_sign(cf, &conf);
            if (rc != NGX_CONF_OK) {
                return rc;
            }
        }
        if (own_sign && remember_files(cf, conf) != NGX_OK) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        if (conf.order != nullptr && server.signs_at.file.data == nullptr) {
            server.signs_at = conf.sign.at;
            server.signs_as = "clave_sign";
        }
        if (conf.api.args != nullptr) {
            char* rc = ngx_http_clave_read_sign_api(cf, &conf);
            if (rc != NGX_CONF_OK) {
                return rc;
            }
            if (server.signs_at.file.data == nullptr) {
                server.signs_at = conf.api.at;
                server.signs_as = "clave_sign_api";
            }
        }
        if (conf.mode != Mode::off || conf.sign_api != nullptr) {
            main_conf(cf)->used = true;
            server.preserves_post = server.preserves_post || conf.form_limit > 0;
            if (!server.used) {
                server.used = true;
                server.first_use = conf.mode != Mode::off ? conf.line.at : conf.api.at;
            }
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
}
