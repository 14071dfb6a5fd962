#include "audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "conf_text.h"
#include "guard.h"
#include "in_pool.h"
#include "private_file.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

constexpr time_t kBetweenComplaints = 60;
// nginx's own error log has a line for each attempt to reach a syslog that is not there.
constexpr time_t kBetweenAttempts = 5;

// ---- configuration

std::optional<NifForm> form_of(std::string_view word) {
    if (word == "masked") {
        return NifForm::masked;
    }
    if (word == "hash") {
        return NifForm::hashed;
    }
    return word == "full" ? std::optional(NifForm::full) : std::nullopt;
}

// Made here, because nginx would make it readable by everybody. What is wrong with it; empty if
// nothing is.
std::string prepare_file(const std::string& path) {
    // O_NONBLOCK: a pipe that nobody reads is a mistake, and none to wait for
    const int fd =
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
               S_IRUSR | S_IWUSR | S_IRGRP);
    if (fd < 0) {
        const std::string why = std::strerror(errno);
        const std::string directory = path.substr(0, path.rfind('/'));
        return "cannot write audit log \"" + path + "\" (" + why +
               "); its directory has to be there, as after: install -d -m 0750 " + directory;
    }
    struct stat status {};
    const bool fit =
        ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode));
    ::close(fd);
    return fit ? std::string() : "audit log \"" + path + "\" is not a file; give it a file's name";
}

char* open_target(ngx_conf_t* cf, AuditLog& log) {
    if (log.target.starts_with("syslog:")) {
        log.syslog =
            static_cast<ngx_syslog_peer_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_syslog_peer_t)));
        return log.syslog ? ngx_syslog_process_conf(cf, log.syslog)
                          : static_cast<char*>(NGX_CONF_ERROR);
    }
    ngx_str_t path = to_ngx(cf->pool, log.target);
    if (path.data == nullptr || ngx_conf_full_name(cf->cycle, &path, 0) != NGX_OK) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (const std::string wrong = prepare_file(copy(path)); !wrong.empty()) {
        return mistake(cf, log.at, wrong);
    }
    log.file = ngx_conf_open_file(cf->cycle, &path);  // reopened on USR1
    if (log.file == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    keep_private(*log.file);
    return NGX_CONF_OK;
}

char* read_audit_log(ngx_conf_t* cf, SrvConf& conf) {
    const auto* words = static_cast<const ngx_str_t*>(cf->args->elts);
    const ConfPosition at = position_of(cf);
    const std::string target = copy(words[1]);
    conf.audit_given = true;
    if (target == "off") {
        return cf->args->nelts == 2
                   ? NGX_CONF_OK
                   : mistake(cf, at, "\"clave_audit_log off\" takes no parameters");
    }
    std::optional<NifForm> form = NifForm::masked;
    if (cf->args->nelts > 2) {
        const std::string_view word = view(words[2]);
        const auto value = value_of(word, "nif");
        if (!value) {
            return mistake(cf, at,
                           "invalid parameter \"" + std::string(word) +
                               "\" of \"clave_audit_log\"" +
                               did_you_mean(split(word, '=').front(), {"nif"}) +
                               "; it takes \"nif=masked\", \"nif=hash\" or \"nif=full\"");
        }
        form = form_of(*value);
        if (!form) {
            return mistake(cf, at,
                           "unknown form \"nif=" + std::string(*value) + "\"" +
                               did_you_mean(*value, {"masked", "hash", "full"}) +
                               "; known: \"masked\", \"hash\", \"full\"");
        }
    }
    auto* log = make_in_pool<AuditLog>(cf->pool, target, at, *form);
    auto** place =
        log ? static_cast<AuditLog**>(ngx_array_push(&main_conf(cf)->audit_logs)) : nullptr;
    if (place == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    *place = log;
    conf.audit = log;
    return open_target(cf, *log);
}

// ---- writing

bool write_to_file(const AuditLog& log, const std::string& line) noexcept {
    const ssize_t written = ::write(log.file->fd, line.data(), line.size());
    if (written >= 0 && static_cast<std::size_t>(written) != line.size()) {
        ngx_set_errno(ENOSPC);  // the rest did not fit
    }
    return written == static_cast<ssize_t>(line.size());
}

bool send_to_syslog(AuditLog& log, std::string_view line) {
    if (log.failed != 0 && ngx_time() - log.failed < kBetweenAttempts) {
        ngx_set_errno(0);
        return false;
    }
    ngx_syslog_peer_t* peer = log.syslog;
    line.remove_suffix(1);  // a message has no line feed
    const std::size_t head =
        sizeof("<255>Jan 01 00:00:00 ") + ngx_cycle->hostname.len + 1 + peer->tag.len + 2;
    std::vector<u_char> message(head + line.size());
    u_char* end = ngx_syslog_add_header(peer, message.data());
    end = ngx_cpymem(end, line.data(), line.size());
    const auto size = static_cast<std::size_t>(end - message.data());
    const bool sent = ngx_syslog_send(peer, message.data(), size) >= 0;
    log.failed = sent ? 0 : ngx_time();
    return sent;
}

void write(AuditLog& log, const std::string& line, ngx_log_t* errors, Metrics& metrics) {
    const bool written = log.file ? write_to_file(log, line) : send_to_syslog(log, line);
    if (written) {
        return;
    }
    const ngx_err_t error = ngx_errno;
    metrics.count_audit_failed();
    if (log.complained == 0 || ngx_time() - log.complained >= kBetweenComplaints) {
        log.complained = ngx_time();
        ngx_log_error(NGX_LOG_ERR, errors, log.file ? error : 0,
                      "clave: cannot write audit log \"%*s\"", log.target.size(),
                      log.target.data());
    }
}

std::chrono::sys_time<std::chrono::milliseconds> exact_time() {
    const ngx_time_t* now = ngx_timeofday();
    return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(
        static_cast<std::int64_t>(now->sec) * 1000 + static_cast<std::int64_t>(now->msec)));
}

AuditScene scene_at(const Site& site) {
    AuditScene scene;
    scene.time = exact_time();
    scene.service = site.provider_name;
    scene.origin = site.origin;
    return scene;
}

void record(ngx_http_request_t* r, const SrvConf& server, const Reply& reply) {
    AuditLog& log = *server.audit;
    Runtime& runtime = *main_conf(r)->runtime;
    AuditScene scene = scene_at(*server.site);
    scene.address = view(r->connection->addr_text);
    for (const std::string& line : log.trail.lines(reply, scene, runtime.audit_key())) {
        write(log, line, r->connection->log, runtime.metrics());
    }
    runtime.metrics().count_audit_suppressed(log.trail.take_suppressed());
}

// Of the servers of this process, the first one that is `wanted` and keeps a log; nullptr: none.
struct LogOfSite {
    const Site* site = nullptr;
    AuditLog* log = nullptr;
};
template <class Wanted>
LogOfSite log_of(Wanted wanted) {
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf(ngx_cycle, ngx_http_core_module));
    if (core == nullptr) {
        return {};  // a configuration without "http" knows nobody
    }
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(core->servers.elts);
    for (ngx_uint_t i = 0; i < core->servers.nelts; ++i) {
        const auto& conf = *static_cast<const SrvConf*>(
            servers[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
        if (conf.site != nullptr && conf.audit != nullptr && wanted(*conf.site)) {
            return {conf.site, conf.audit};
        }
    }
    return {};
}

void write_unasked(Runtime& runtime, const LogOfSite& where, const Event& event) {
    if (where.log != nullptr) {
        const std::string line =
            where.log->trail.line(event, scene_at(*where.site), runtime.audit_key());
        write(*where.log, line, ngx_cycle->log, runtime.metrics());
    }
}

std::span<AuditLog* const> logs_of(const MainConf& mcf) {
    return {static_cast<AuditLog* const*>(mcf.audit_logs.elts), mcf.audit_logs.nelts};
}

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

char* ngx_http_clave_set_audit_log(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& scf = *static_cast<SrvConf*>(conf);
    if (scf.audit_given) {
        return const_cast<char*>("is duplicate");
    }
    return guard_conf(cf, [&] { return read_audit_log(cf, scf); });
}

ngx_int_t ngx_http_clave_review_audit_logs(ngx_conf_t* cf, const MainConf& mcf) {
    for (const AuditLog* log : logs_of(mcf)) {
        if (log->trail.form() == NifForm::hashed && mcf.session_keys.args == nullptr) {
            mistake(cf, log->at,
                    "\"nif=hash\" needs a \"clave_session_key\": without one the same person would "
                    "be another one after every restart");
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

void ngx_http_clave_audit(ngx_http_request_t* r, const Reply& reply) noexcept {
    ngx_http_clave_audit_for(r, *srv_conf(r), reply);
}

void ngx_http_clave_audit_for(ngx_http_request_t* r, const SrvConf& server,
                              const Reply& reply) noexcept {
    if (server.audit != nullptr && !(reply.refusals.empty() && reply.events.empty())) {
        guard(r->connection->log, [&] {
            record(r, server, reply);
            return NGX_OK;
        });
    }
}

void ngx_http_clave_audit(Runtime& runtime, const Site& site, const Event& event) noexcept {
    guard(ngx_cycle->log, [&] {
        const auto where = log_of([&](const Site& one) { return &one == &site; });
        write_unasked(runtime, where, event);
        return NGX_OK;
    });
}

void ngx_http_clave_audit(Runtime& runtime, const std::string& service,
                          const Event& event) noexcept {
    guard(ngx_cycle->log, [&] {
        const auto where = log_of([&](const Site& one) { return one.is_service(service); });
        write_unasked(runtime, where, event);
        return NGX_OK;
    });
}

void ngx_http_clave_end_audit_logs(const MainConf& mcf) noexcept {
    for (AuditLog* log : logs_of(mcf)) {
        guard(ngx_cycle->log, [&] {
            const std::string line = log->trail.last_line(exact_time());
            if (!line.empty()) {
                write(*log, line, ngx_cycle->log, mcf.runtime->metrics());
            }
            return NGX_OK;
        });
    }
}
