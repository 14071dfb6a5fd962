/* The tables nginx reads after dlopen(). */

#include <ngx_config.h>
#include <ngx_core.h>


extern ngx_module_t  ngx_clave_loop_contract_module;

ngx_module_t *ngx_modules[] = {
    &ngx_clave_loop_contract_module,
    NULL
};

char *ngx_module_names[] = {
    "ngx_clave_loop_contract_module",
    NULL
};

char *ngx_module_order[] = {
    NULL
};
