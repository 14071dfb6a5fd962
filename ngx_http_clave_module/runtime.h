// One worker's core: the gate over the store, and nginx in the parts of its host.
#pragma once

#include "clave/control.h"
#include "clave/crypto.h"
#include "clave/gate.h"
#include "clave/measured_store.h"
#include "clave/metrics.h"
#include "clave/session_cache.h"
#include "clave/session_end.h"
#include "clave/sign_desk.h"
#include "clave/zone.h"
#include "conf.h"
#include "ngx_loop.h"

namespace clave::nginx {

class NgxClock final : public Clock {
  public:
    Time now() const noexcept override { return Time(Seconds(ngx_time())); }
};

class NgxLogger final : public Logger {
  public:
    void log(Severity severity, std::string_view line) noexcept override;
};

ngx_uint_t log_level(Severity severity) noexcept;

// The mutex of the zone's slab allocator: nginx's master releases it when its holder has died.
class SlabMutex final : public ZoneMutex {
  public:
    explicit SlabMutex(ngx_slab_pool_t* pool) noexcept : pool_(pool) {}
    void lock() noexcept override { ngx_shmtx_lock(&pool_->mutex); }
    void unlock() noexcept override { ngx_shmtx_unlock(&pool_->mutex); }

  private:
    ngx_slab_pool_t* pool_;
};

// nginx's threads where it has them; otherwise the work is done at once and reported later.
class NgxWorkerPool final : public WorkerPool {
  public:
#if (NGX_THREADS)
    explicit NgxWorkerPool(ngx_thread_pool_t* threads) noexcept : threads_(threads) {}
#endif
    [[nodiscard]] bool submit(std::unique_ptr<Job> job) noexcept override;

  private:
#if (NGX_THREADS)
    ngx_thread_pool_t* threads_;
#endif
};

class Runtime final : private SignWitness, private SessionWitness, private Loop::TimerHandler {
  public:
    explicit Runtime(const MainConf& conf);
    Runtime(const Runtime&) = delete;  // its parts point at each other
    Runtime& operator=(const Runtime&) = delete;

    const Gate& gate() const noexcept { return gate_; }
    const Control& control() const noexcept { return control_; }
    const Clock& clock() const noexcept { return clock_; }
    Store& store() const noexcept { return store_; }
    const Metrics& metrics() const noexcept { return metrics_; }
    Metrics& metrics() noexcept { return metrics_; }
    const MasterKey& audit_key() const noexcept { return audit_key_.current(); }
    // Without host and certificates.
    StatusFacts facts() const;

    // The worker is about to leave: no connection of ours may be open then. Serves nobody any more.
    void close() noexcept {
        desk_.close();
        redis_.reset();
    }

  private:
    void ended(const Site& site, const Event& event) noexcept override;
    void session_ended(const UnaskedEnd& end) noexcept override;
    void on_timer() noexcept override;

    Store& open_store(const MainConf& conf);
    Store& open_redis(const MainConf& conf);
    Parcels* open_parcels(const MainConf& conf);

    NgxClock clock_;
    NgxLogger logger_;
    SystemRandom random_;
    NgxLoop loop_;
    NgxWorkerPool pool_;
    Metrics metrics_;
    std::optional<SlabMutex> mutex_;  // of the zone, or of the cache
    std::optional<Zone> zone_;
    std::unique_ptr<Loop::Timer> sweeps_;
    std::size_t zone_size_ = 0;
    std::optional<SessionCache> cache_;
    std::unique_ptr<Store> redis_;
    std::optional<MeasuredStore> measured_;  // what redis_ does
    std::optional<SlabMutex> parcels_mutex_;
    std::optional<Parcels> parcels_;
    Store& store_;
    SignDesk desk_;
    KeyRing audit_key_;
    Gate gate_;
    Control control_;
};

}  // namespace clave::nginx

// module.cpp calls them in every worker, at its begin and its end
ngx_int_t ngx_http_clave_start_runtime(ngx_cycle_t* cycle);
void ngx_http_clave_end_runtime(ngx_cycle_t* cycle);
// archive_watch.cpp: after the start
ngx_int_t ngx_http_clave_watch_archives(ngx_cycle_t* cycle);
