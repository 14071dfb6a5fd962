#include "hold.h"

namespace clave::nginx {
namespace {

constexpr ngx_msec_t kAgain = 60000;

// nginx's debug log prints the descriptor of the connection that a timer belongs to.
ngx_connection_t no_connection() {
    ngx_connection_t connection{};
    connection.fd = -1;
    return connection;
}
ngx_connection_t nobody = no_connection();

}  // namespace

Hold::Hold() noexcept {
    event_.data = &nobody;
    event_.log = ngx_cycle->log;
    event_.handler = [](ngx_event_t* event) { ngx_add_timer(event, kAgain); };
}

void Hold::take() noexcept {
    if (!event_.timer_set) {
        ngx_add_timer(&event_, kAgain);
    }
}

void Hold::release() noexcept {
    if (event_.timer_set) {
        ngx_del_timer(&event_);
    }
}

}  // namespace clave::nginx
