#include "ngx_loop.h"

#include <new>

namespace clave::nginx {
namespace {

// nginx's debug log prints the descriptor of the connection that an event belongs to; ours belong
// to none.
ngx_connection_t no_connection() {
    ngx_connection_t connection{};
    connection.fd = -1;
    return connection;
}
ngx_connection_t nobody = no_connection();

// An event that knows its owner: nginx hands the event back, and `data` is nginx's own.
template <class Owner>
struct OwnedEvent : ngx_event_t {
    OwnedEvent(Owner* event_owner, ngx_event_handler_pt call) : ngx_event_t{}, owner(event_owner) {
        handler = call;
        data = &nobody;
        log = ngx_cycle->log;
    }
    static Owner& of(ngx_event_t* event) { return *static_cast<OwnedEvent*>(event)->owner; }

    Owner* owner;
};

class NgxTimer final : public Loop::Timer {
  public:
    explicit NgxTimer(Loop::TimerHandler& handler) : handler_(handler), event_(this, fire) {
        event_.cancelable = 1;  // a worker that shuts down does not wait for it
    }
    ~NgxTimer() override { cancel(); }

    void arm(std::chrono::milliseconds after) noexcept override {
        cancel();  // ngx_add_timer would keep an armed timer that is due at nearly the same time
        ngx_add_timer(&event_, static_cast<ngx_msec_t>(after.count() > 0 ? after.count() : 0));
    }
    void cancel() noexcept override {
        if (event_.timer_set) {
            ngx_del_timer(&event_);
        }
    }

  private:
    static void fire(ngx_event_t* event) {
        OwnedEvent<NgxTimer>::of(event).handler_.on_timer();  // may destroy the timer
    }

    Loop::TimerHandler& handler_;
    OwnedEvent<NgxTimer> event_;
};

class NgxPost final : public Loop::Post {
  public:
    explicit NgxPost(Loop::PostHandler& handler) : handler_(handler), event_(this, run) {}
    ~NgxPost() override {
        if (event_.posted) {
            ngx_delete_posted_event(&event_);
        }
    }

    // The next round rather than this one, so that a handler that posts itself starves nobody.
    void post() noexcept override { ngx_post_event(&event_, &ngx_posted_next_events); }

  private:
    static void run(ngx_event_t* event) {
        OwnedEvent<NgxPost>::of(event).handler_.on_posted();  // may destroy the post
    }

    Loop::PostHandler& handler_;
    OwnedEvent<NgxPost> event_;
};

class NgxWatch final : public Loop::Watch {
  public:
    NgxWatch(ngx_connection_t* connection, Loop::WatchHandler& handler)
        : connection_(connection), handler_(handler) {
        connection_->data = this;
        connection_->log = ngx_cycle->log;
        connection_->read->handler = readable;
        connection_->write->handler = writable;
        connection_->read->log = ngx_cycle->log;
        connection_->write->log = ngx_cycle->log;
    }

    ~NgxWatch() override {
        want(Loop::none);
        for (ngx_event_t* event : {connection_->read, connection_->write}) {
            if (event->posted) {
                ngx_delete_posted_event(event);
            }
        }
        ngx_free_connection(connection_);
        connection_->fd = -1;  // events of this round that nginx has read already are stale
    }

    void want(Loop::Interest interest) noexcept override {
        listen(connection_->read, NGX_READ_EVENT, (interest & Loop::in) != 0);
        listen(connection_->write, NGX_WRITE_EVENT, (interest & Loop::out) != 0);
    }

  private:
    // Level-triggered, unlike nginx's own connections: the contract of Loop.
    static void listen(ngx_event_t* event, ngx_int_t direction, bool wanted) {
        if (wanted && !event->active) {
            ngx_add_event(event, direction, NGX_LEVEL_EVENT);
        } else if (!wanted && event->active) {
            ngx_del_event(event, direction, 0);
        }
    }
    static NgxWatch& of(ngx_event_t* event) {
        return *static_cast<NgxWatch*>(static_cast<ngx_connection_t*>(event->data)->data);
    }
    static void readable(ngx_event_t* event) { of(event).handler_.on_ready(Loop::in); }
    static void writable(ngx_event_t* event) { of(event).handler_.on_ready(Loop::out); }

    ngx_connection_t* connection_;
    Loop::WatchHandler& handler_;
};

}  // namespace

std::unique_ptr<Loop::Watch> NgxLoop::watch(int fd, WatchHandler& handler) noexcept {
    ngx_connection_t* connection = ngx_get_connection(fd, ngx_cycle->log);
    if (connection == nullptr) {
        return nullptr;
    }
    std::unique_ptr<Watch> watch(new (std::nothrow) NgxWatch(connection, handler));
    if (!watch) {
        ngx_free_connection(connection);
    }
    return watch;
}

std::unique_ptr<Loop::Timer> NgxLoop::timer(TimerHandler& handler) noexcept {
    return std::unique_ptr<Timer>(new (std::nothrow) NgxTimer(handler));
}

std::unique_ptr<Loop::Post> NgxLoop::poster(PostHandler& handler) noexcept {
    return std::unique_ptr<Post>(new (std::nothrow) NgxPost(handler));
}

Loop::Monotonic NgxLoop::now() const noexcept {
    return Monotonic(std::chrono::milliseconds(ngx_current_msec));
}

}  // namespace clave::nginx
