// Runs the contract of clave::Loop over NgxLoop inside a nginx worker, before it serves, and writes
// the verdicts to the error log for t/loop_contract.t. For tests only.
#include "loop_contract.h"

#include "ngx_loop.h"

extern "C" ngx_module_t ngx_clave_loop_contract_module;

namespace {

// One round of nginx's own loop, which waits for as long as no timer is due.
void pump(ngx_cycle_t* cycle) {
    static ngx_connection_t nobody;
    ngx_event_t tick{};
    nobody.fd = -1;
    tick.data = &nobody;
    tick.log = cycle->log;
    tick.handler = [](ngx_event_t*) {};
    ngx_add_timer(&tick, 2);
    ngx_process_events_and_timers(cycle);
    if (tick.timer_set) {
        ngx_del_timer(&tick);
    }
}

ngx_int_t ngx_clave_loop_contract_run(ngx_cycle_t* cycle) {
    for (const clave::contract::Check& check : clave::contract::kLoopChecks) {
        clave::nginx::NgxLoop loop;
        const std::string seen = check.run(loop, [&] { pump(cycle); });
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0, "loop contract: %s: %s", check.name,
                      seen.empty() ? "kept" : seen.c_str());
    }
    ngx_log_error(NGX_LOG_ERR, cycle->log, 0, "loop contract: all run");
    return NGX_OK;
}

ngx_core_module_t ngx_clave_loop_contract_module_ctx = {ngx_string("clave_loop_contract"), nullptr,
                                                        nullptr};

}  // namespace

ngx_module_t ngx_clave_loop_contract_module = {NGX_MODULE_V1,
                                               &ngx_clave_loop_contract_module_ctx,
                                               nullptr,
                                               NGX_CORE_MODULE,
                                               nullptr,
                                               nullptr,
                                               ngx_clave_loop_contract_run,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               NGX_MODULE_V1_PADDING};
