// `clave_audit_log`: where the core's audit lines go, a file or syslog.
#pragma once

#include "clave/audit.h"
#include "clave/secret.h"
#include "conf.h"

namespace clave::nginx {

class Runtime;

// One per directive, shared by the servers that inherit it. Made at configuration time; what
// changes afterwards does so in each process for itself.
struct AuditLog {
    AuditLog(std::string words, const ConfPosition& where, NifForm form)
        : target(std::move(words)), at(where), trail(form) {}

    std::string target;  // as written
    ConfPosition at;
    AuditTrail trail;
    ngx_open_file_t* file = nullptr;  // one of the two
    ngx_syslog_peer_t* syslog = nullptr;
    time_t complained = 0;  // when the error log last heard that it cannot be written
    time_t failed = 0;      // when syslog last did not take a line
};

}  // namespace clave::nginx

// audit_log.cpp
char* ngx_http_clave_set_audit_log(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
ngx_int_t ngx_http_clave_review_audit_logs(ngx_conf_t* cf, const clave::nginx::MainConf& mcf);
// Never fails for the request's sake: what cannot be written is counted, and told once a minute.
void ngx_http_clave_audit(ngx_http_request_t* r, const clave::Reply& reply) noexcept;
// What no request tells: the server is the one that `site` belongs to.
void ngx_http_clave_audit(clave::nginx::Runtime& runtime, const clave::Site& site,
                          const clave::Event& event) noexcept;
// The same of a session that was for `service`; of one that this nginx knows nothing of (another
// machine's, in the same Redis), nothing is written.
void ngx_http_clave_audit(clave::nginx::Runtime& runtime, const std::string& service,
                          const clave::Event& event) noexcept;
// The same in the log of a server that the request is not for, but its reply concerns.
void ngx_http_clave_audit_for(ngx_http_request_t* r, const clave::nginx::SrvConf& server,
                              const clave::Reply& reply) noexcept;
// The process is about to end.
void ngx_http_clave_end_audit_logs(const clave::nginx::MainConf& mcf) noexcept;
