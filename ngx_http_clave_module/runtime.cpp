#include "runtime.h"

#include <dirent.h>

#include <new>

#include "audit_log.h"
#include "clave/redis_store.h"
#include "clave/saml.h"
#include "guard.h"
#include "in_pool.h"
#include "redis_conf.h"

namespace clave::nginx {
namespace {

// A worker that shuts down goes when no timer is left, and a request that waits for a thread has
// none of its own: the job carries one (nginx's own thread operations do since 1.25.4, its ticket
// 2162).
constexpr ngx_msec_t kHold = 60000;
constexpr std::chrono::minutes kBetweenSweeps{1};

// A job on its way through nginx's thread pool. Owned by nobody between submit() and finished():
// nginx hands the pointer through.
struct PooledJob {
    explicit PooledJob(std::unique_ptr<Job> work) noexcept : job(std::move(work)) {
        task.ctx = this;
        task.handler = [](void* self, ngx_log_t*) { static_cast<PooledJob*>(self)->job->run(); };
        task.event.data = this;
        task.event.log = ngx_cycle->log;
        task.event.handler = [](ngx_event_t* event) {
            if (event->timedout) {  // the thread is still at it
                event->timedout = 0;
                ngx_add_timer(event, kHold);
                return;
            }
            if (event->timer_set) {
                ngx_del_timer(event);
            }
            const std::unique_ptr<PooledJob> self(static_cast<PooledJob*>(event->data));
            self->job->finished();
        };
    }

#if (NGX_THREADS)
    ngx_thread_task_t task{};
#else
    struct {
        void* ctx;
        void (*handler)(void*, ngx_log_t*);
        ngx_event_t event;
    } task{};
#endif
    std::unique_ptr<Job> job;
};

// Without a zone there are keys: nginx -t sees to it.
KeyRing sealing_keys(const MainConf& conf, const std::optional<Zone>& zone) {
    return conf.keys->empty() && zone ? KeyRing(zone->master_key()) : KeyRing(*conf.keys);
}

// Different for every process that ever writes evidence: host, process, start.
std::string process_name() {
    return copy({ngx_cycle->hostname.len, ngx_cycle->hostname.data}) + "/" +
           std::to_string(ngx_pid) + "/" + std::to_string(ngx_time());
}

}  // namespace

ngx_uint_t log_level(Severity severity) noexcept {
    switch (severity) {
        case Severity::error:
            return NGX_LOG_ERR;
        case Severity::warn:
            return NGX_LOG_WARN;
        case Severity::notice:
            return NGX_LOG_NOTICE;
        case Severity::info:
            return NGX_LOG_INFO;
    }
    return NGX_LOG_ERR;
}

void NgxLogger::log(Severity severity, std::string_view line) noexcept {
    ngx_log_error(log_level(severity), ngx_cycle->log, 0, "clave: %*s", line.size(), line.data());
}

bool NgxWorkerPool::submit(std::unique_ptr<Job> job) noexcept {
    std::unique_ptr<PooledJob> pooled(new (std::nothrow) PooledJob(std::move(job)));
    if (!pooled) {
        return false;
    }
#if (NGX_THREADS)
    if (threads_ != nullptr) {
        if (ngx_thread_task_post(threads_, &pooled->task) != NGX_OK) {
            return false;
        }
        ngx_add_timer(&pooled->task.event, kHold);
        static_cast<void>(pooled.release());  // now the pool's, until its event
        return true;
    }
#endif
    pooled->job->run();
    ngx_post_event(&pooled->task.event, &ngx_posted_events);
    static_cast<void>(pooled.release());  // now the event's
    return true;
}

Runtime::Runtime(const MainConf& conf)
    :
#if (NGX_THREADS)
      pool_(conf.threads),
#endif
      metrics_(zone_memory(*conf.metrics)),
      store_(open_store(conf)),
      desk_(loop_, pool_, logger_, process_name(), *this),
      audit_key_(sealing_keys(conf, zone_).derive("clave audit")),
      gate_(store_, sealing_keys(conf, zone_), pool_, clock_, random_, open_parcels(conf), &desk_),
      control_(gate_, store_, clock_) {
    if (zone_ && ngx_worker == 0) {
        sweeps_ = loop_.timer(*this);
        on_timer();
    }
}

void Runtime::ended(const Site& site, const Event& event) noexcept {
    metrics_.count(event);
    ngx_http_clave_audit(*this, site, event);
}

void Runtime::session_ended(const UnaskedEnd& end) noexcept {
    guard(ngx_cycle->log, [&] {
        const EndedSession ended = ended_session(end);
        metrics_.count(ended.event);
        logger_.log(Severity::info, event_line(ended.event));
        ngx_http_clave_audit(*this, ended.service, ended.event);
        return NGX_OK;
    });
}

// Sessions that nobody comes back to end all the same: they are told of, and leave no personal data
// in memory.
void Runtime::on_timer() noexcept {
    if (ngx_exiting) {
        return;  // a worker of the next configuration does it now
    }
    zone_->sweep(clock_.now());
    if (sweeps_) {
        sweeps_->arm(kBetweenSweeps);
    }
}

Store& Runtime::open_store(const MainConf& conf) {
    if (conf.redis != nullptr) {
        return open_redis(conf);
    }
    ZoneMutex& mutex = mutex_.emplace(slab_pool(*conf.zone));
    zone_size_ = zone_memory(*conf.zone).size();
    SessionWitness* const witness = this;  // which is nobody else's to know
    return zone_.emplace(zone_memory(*conf.zone), mutex, logger_, witness);
}

Store& Runtime::open_redis(const MainConf& conf) {
    const RedisConf& redis = *conf.redis;
    if (redis.cache != nullptr) {
        ZoneMutex& mutex = mutex_.emplace(slab_pool(*redis.cache));
        cache_.emplace(zone_memory(*redis.cache), mutex, loop_, redis.cache_valid);
    }
    redis_ = open_redis_store(redis.settings, redis.prefix, KeyRing(*conf.keys),
                              cache_ ? &*cache_ : nullptr, {loop_, pool_, random_, logger_, this});
    if (!redis_) {
        throw std::bad_alloc();
    }
    return measured_.emplace(*redis_, loop_, metrics_);
}

StatusFacts Runtime::facts() const {
    StatusFacts facts;
    facts.now = clock_.now();
    facts.store = zone_ ? "shared" : "redis";
    if (zone_) {
        facts.zone = StatusFacts::ZoneFacts{zone_->census(facts.now), Zone::capacity(zone_size_),
                                            zone_->counters()};
    }
    if (cache_) {
        facts.cached = cache_->census(facts.now);
    }
    return facts;
}

Parcels* Runtime::open_parcels(const MainConf& conf) {
    if (conf.parcels == nullptr) {
        return nullptr;
    }
    ZoneMutex& mutex = parcels_mutex_.emplace(slab_pool(*conf.parcels));
    return &parcels_.emplace(zone_memory(*conf.parcels), mutex);
}

}  // namespace clave::nginx

using namespace clave::nginx;

namespace {

#if (NGX_THREADS)
std::size_t threads_of_this_process() noexcept {
    DIR* const tasks = ::opendir("/proc/self/task");
    std::size_t count = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own
    for (const dirent* task = tasks ? ::readdir(tasks) : nullptr; task; task = ::readdir(tasks)) {
        count += task->d_name[0] != '.' ? 1 : 0;
    }
    if (tasks != nullptr) {
        ::closedir(tasks);
    }
    return count;
}

// nginx has told its threads to end, and they have said that they will. What they still do is let
// go of what OpenSSL and libxml2 keep for each thread, and exit() takes the same away from under
// them.
void wait_for_threads() noexcept {
    constexpr int kTries = 200;
    constexpr ngx_msec_t kBetween = 5;
    for (int i = 0; i < kTries && threads_of_this_process() > 1; ++i) {
        ngx_msleep(kBetween);
    }
}
#endif

}  // namespace

ngx_int_t ngx_http_clave_start_runtime(ngx_cycle_t* cycle) {
    auto* conf =
        static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_clave_module));
    // The helpers that look after caches are started as workers are, and serve nobody.
    const bool serves = ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
    if (conf == nullptr || !conf->used || !serves) {
        return NGX_OK;
    }
    return guard(cycle->log, [&]() -> ngx_int_t {
        clave::saml::initialise();
        conf->runtime = make_in_pool<Runtime>(cycle->pool, *conf);
        return conf->runtime ? NGX_OK : NGX_ERROR;
    });
}

void ngx_http_clave_end_runtime(ngx_cycle_t* cycle) {
    auto* conf =
        static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_clave_module));
    if (conf != nullptr && conf->runtime != nullptr) {
        ngx_http_clave_end_audit_logs(*conf);
        conf->runtime->close();
#if (NGX_THREADS)
        wait_for_threads();
#endif
    }
}

void ngx_http_clave_count_internal_error() noexcept {
    auto* cycle = const_cast<ngx_cycle_t*>(ngx_cycle);  // nginx's own is volatile
    auto* conf =
        static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_clave_module));
    if (conf != nullptr && conf->runtime != nullptr) {
        conf->runtime->metrics().count_refusal(clave::Code::internal);
    }
}
