#include "clave/thread_pool.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace clave {

// Jobs travel as list nodes from queue to thread to loop: only submit() allocates.
class ThreadPool::Crew final : Loop::WatchHandler {
  public:
    using Jobs = std::list<std::unique_ptr<Job>>;

    explicit Crew(std::size_t limit) noexcept : limit_(limit) {}
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() {
        {
            const std::lock_guard lock(mutex_);
            leaving_ = true;
        }
        work_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
        watch_.reset();
        if (bell_ >= 0) {
            ::close(bell_);
        }
    }

    bool hire(Loop& loop, std::size_t threads) {
        bell_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (bell_ < 0) {
            return false;
        }
        watch_ = loop.watch(bell_, *this);
        if (!watch_) {
            return false;
        }
        watch_->want(Loop::in);
        threads_.reserve(threads);
        for (std::size_t i = 0; i < threads; ++i) {
            threads_.emplace_back([this] { toil(); });
        }
        return true;
    }

    bool submit(std::unique_ptr<Job> job) {
        Jobs one;
        one.push_back(std::move(job));
        {
            const std::lock_guard lock(mutex_);
            if (queue_.size() >= limit_) {
                return false;
            }
            queue_.splice(queue_.end(), one);
        }
        work_.notify_one();
        return true;
    }

  private:
    void toil() noexcept {
        std::unique_lock lock(mutex_);
        for (;;) {
            work_.wait(lock, [this] { return leaving_ || !queue_.empty(); });
            if (leaving_) {
                return;
            }
            Jobs mine;
            mine.splice(mine.end(), queue_, queue_.begin());
            lock.unlock();
            mine.front()->run();
            lock.lock();
            done_.splice(done_.end(), mine);
            const std::uint64_t ring = 1;
            // Fails only if the counter is full: then it rings already.
            static_cast<void>(::write(bell_, &ring, sizeof ring) == sizeof ring);
        }
    }

    void on_ready(Loop::Interest /*ready*/) noexcept override {
        std::uint64_t rings = 0;
        static_cast<void>(::read(bell_, &rings, sizeof rings) == sizeof rings);
        Jobs done;
        {
            const std::lock_guard lock(mutex_);
            done.swap(done_);
        }
        for (const std::unique_ptr<Job>& job : done) {
            job->finished();
        }
    }

    std::size_t limit_;
    int bell_ = -1;
    std::unique_ptr<Loop::Watch> watch_;
    std::mutex mutex_;
    std::condition_variable work_;
    bool leaving_ = false;
    Jobs queue_;
    Jobs done_;
    std::vector<std::thread> threads_;
};

ThreadPool::ThreadPool(std::unique_ptr<Crew> crew) noexcept : crew_(std::move(crew)) {}
ThreadPool::~ThreadPool() = default;

std::unique_ptr<ThreadPool> ThreadPool::create(Loop& loop, std::size_t threads, std::size_t queue) {
    auto crew = std::make_unique<Crew>(queue);
    try {
        if (!crew->hire(loop, threads)) {
            return nullptr;
        }
    } catch (const std::system_error&) {
        return nullptr;
    }
    return std::unique_ptr<ThreadPool>(new ThreadPool(std::move(crew)));
}

bool ThreadPool::submit(std::unique_ptr<Job> job) noexcept try {
    return crew_->submit(std::move(job));
} catch (const std::bad_alloc&) {
    return false;
}

}  // namespace clave
