// Ends signatures whose time is over, erases what has been kept for as long as clave_sign_archive
// says (checklist F-20), and what never became a signature, and goes on with signatures that FIRe
// completes later: in one worker, on its threads.
#include <memory>
#include <vector>

#include "guard.h"
#include "in_pool.h"
#include "ngx_loop.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

// FIRe forgets after ten minutes what nobody asks it for.
constexpr std::chrono::minutes kBetween{1};
// All that there is in the archive is looked at in each round: every quarter of an hour.
constexpr unsigned kLooksPerRound = 15;

class ArchiveWatch final : private Loop::TimerHandler {
  public:
    ArchiveWatch(const Gate& gate, const ngx_array_t& of_servers)
        : gate_(gate), timer_(loop_.timer(*this)) {
        auto** servers = static_cast<ngx_http_core_srv_conf_t**>(of_servers.elts);
        for (ngx_uint_t i = 0; i < of_servers.nelts; ++i) {
            const auto& conf = *static_cast<const SrvConf*>(
                servers[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
            if (conf.site != nullptr && conf.site->signing != nullptr) {
                sites_.push_back(conf.site);
            }
        }
        if (!sites_.empty()) {
            on_timer();
        }
    }

  private:
    void on_timer() noexcept override {
        if (ngx_exiting) {
            return;  // the workers of the next configuration do it now
        }
        guard(ngx_cycle->log, [&] {
            const bool is_round = looks_++ % kLooksPerRound == 0;
            for (const Site* site : sites_) {
                gate_.end_overdue(*site);
                if (is_round) {
                    gate_.erase_old_signatures(*site);
                    gate_.go_on_waiting(*site);
                }
            }
            return NGX_OK;
        });
        if (timer_) {
            timer_->arm(kBetween);
        }
    }

    const Gate& gate_;
    NgxLoop loop_;
    std::vector<const Site*> sites_;
    unsigned looks_ = 0;
    std::unique_ptr<Loop::Timer> timer_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave::nginx;

ngx_int_t ngx_http_clave_watch_archives(ngx_cycle_t* cycle) {
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_clave_module));
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
    if (conf == nullptr || core == nullptr || conf->runtime == nullptr || ngx_worker != 0) {
        return NGX_OK;
    }
    return guard(cycle->log, [&]() -> ngx_int_t {
        return make_in_pool<ArchiveWatch>(cycle->pool, conf->runtime->gate(), core->servers)
                   ? NGX_OK
                   : NGX_ERROR;
    });
}
