#include "expiry_watch.h"

#include <algorithm>
#include <new>

#include "guard.h"
#include "in_pool.h"

namespace clave::nginx {
namespace {

// The clock may be set while we sleep.
constexpr Seconds kLongestSleep = std::chrono::hours(1);

}  // namespace

ExpiryWatch::ExpiryWatch(const ngx_array_t& of_servers)
    : watched_(certificates_in_use(of_servers)), last_(clock_.now()), timer_(loop_.timer(*this)) {
    for (const CertificateInUse& watched : watched_) {
        if (const auto notice = end_notice_at_start(watched.certificate.not_after(), last_)) {
            tell(watched, *notice);
        }
    }
    sleep();
}

void ExpiryWatch::tell(const CertificateInUse& watched, const EndNotice& notice) noexcept {
    try {
        logger_.log(notice.severity, end_notice_text(notice, watched.role, watched.certificate));
    } catch (const std::bad_alloc&) {
        logger_.log(notice.severity, "a certificate ends, and there is no memory to name it");
    }
}

void ExpiryWatch::sleep() noexcept {
    if (!timer_) {
        return;  // no memory at start: nginx -t still says it
    }
    Time wake = last_ + kLongestSleep;
    for (const CertificateInUse& watched : watched_) {
        wake = std::min(wake, next_end_notice(watched.certificate.not_after(), last_));
    }
    timer_->arm(wake - last_);
}

void ExpiryWatch::on_timer() noexcept {
    if (ngx_exiting) {
        return;  // the workers of the next configuration watch now
    }
    const Time now = clock_.now();
    for (const CertificateInUse& watched : watched_) {
        if (const auto notice = end_notice(watched.certificate.not_after(), last_, now)) {
            tell(watched, *notice);
        }
    }
    last_ = now;
    sleep();
}

}  // namespace clave::nginx

using namespace clave::nginx;

ngx_int_t ngx_http_clave_watch_expiry(ngx_cycle_t* cycle) {
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_clave_module));
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
    // Also the cache manager calls itself worker 0.
    const bool serves = ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
    if (conf == nullptr || core == nullptr || !conf->used || !serves || ngx_worker != 0) {
        return NGX_OK;
    }
    return guard(cycle->log, [&]() -> ngx_int_t {
        return make_in_pool<ExpiryWatch>(cycle->pool, core->servers) ? NGX_OK : NGX_ERROR;
    });
}
