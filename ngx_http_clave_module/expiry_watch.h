// Says in the log that a certificate ends, in one worker, for as long as nginx runs.
#pragma once

#include <memory>
#include <vector>

#include "certificates_in_use.h"
#include "clave/expiry.h"
#include "ngx_loop.h"
#include "runtime.h"

namespace clave::nginx {

class ExpiryWatch final : private Loop::TimerHandler {
  public:
    // Tells at once what is about to end or has ended, of nginx's array of all servers.
    explicit ExpiryWatch(const ngx_array_t& of_servers);

  private:
    void tell(const CertificateInUse& watched, const EndNotice& notice) noexcept;
    void sleep() noexcept;
    void on_timer() noexcept override;

    NgxClock clock_;
    NgxLogger logger_;
    NgxLoop loop_;
    std::vector<CertificateInUse> watched_;
    Time last_;
    std::unique_ptr<Loop::Timer> timer_;
};

}  // namespace clave::nginx

// module.cpp calls it in every worker
ngx_int_t ngx_http_clave_watch_expiry(ngx_cycle_t* cycle);
