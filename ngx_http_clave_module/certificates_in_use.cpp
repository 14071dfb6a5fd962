#include "certificates_in_use.h"

#include <algorithm>

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
        for (const Certificate& certificate : conf.site->gateway_certificates) {
            add(all, "clave_gateway_certificate", certificate);
        }
    }
    return all;
}

}  // namespace clave::nginx
