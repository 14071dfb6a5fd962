#include "certificates_in_use.h"

#include <algorithm>
#include <span>

#include "clave/signing_site.h"
#include "redis_conf.h"

namespace clave::nginx {
namespace {

void add(std::vector<CertificateInUse>& all, std::string_view role,
         const Certificate& certificate) {
    const std::string fingerprint = certificate.fingerprint();
    const bool known = std::any_of(all.begin(), all.end(), [&](const CertificateInUse& other) {
        return other.role == role && other.certificate.fingerprint() == fingerprint;
    });
    if (!known) {
        all.push_back({certificate, role});
    }
}

void add_all(std::vector<CertificateInUse>& all, std::string_view role,
             std::span<const Certificate> certificates) {
    for (const Certificate& certificate : certificates) {
        add(all, role, certificate);
    }
}

void add_signing(std::vector<CertificateInUse>& all, const SigningSite& signing) {
    if (!signing.trust.chain.empty()) {
        add(all, "clave_firma_certificate", signing.trust.chain.front());
    }
    add_all(all, "clave_firma_trusted_certificate", signing.trust.trusted);
    add_all(all, "clave_sign_trusted_certificate", signing.authorities);
}

void add_store(std::vector<CertificateInUse>& all, const RedisConf& store) {
    if (!store.certificate.empty()) {
        add(all, "clave_session_store certificate", store.certificate.front());
    }
    add_all(all, "clave_session_store trusted_certificate", store.trusted);
}

}  // namespace

std::vector<CertificateInUse> certificates_in_use(const ngx_array_t& servers) {
    std::vector<CertificateInUse> all;
    auto** server = static_cast<ngx_http_core_srv_conf_t**>(servers.elts);
    for (ngx_uint_t i = 0; i < servers.nelts; ++i) {
        const auto& conf =
            *static_cast<const SrvConf*>(server[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
        if (conf.site == nullptr) {
            continue;
        }
        add(all, "clave_certificate", conf.site->certificate.front());
        add_all(all, "clave_gateway_certificate", conf.site->gateway_certificates);
        if (conf.site->signing != nullptr) {
            add_signing(all, *conf.site->signing);
        }
        const auto& main = *static_cast<const MainConf*>(
            server[i]->ctx->main_conf[ngx_http_clave_module.ctx_index]);
        if (main.redis != nullptr) {
            add_store(all, *main.redis);
        }
    }
    return all;
}

}  // namespace clave::nginx
