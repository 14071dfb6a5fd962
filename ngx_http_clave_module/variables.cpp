// $clave_…: empty when absent, raw UTF-8, never cached, because a location that was not asked for
// may not keep what another one was told.
#include <algorithm>

#include "context.h"
#include "guard.h"
#include "identity_field.h"
#include "site_reading.h"

using namespace clave;
using namespace clave::nginx;

namespace {

ngx_int_t give(ngx_http_variable_value_t* v, std::string_view text) {
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = text.empty();
    v->len = static_cast<unsigned>(text.size()) & 0xfffffffU;
    // nginx does not write to a variable's value
    v->data = reinterpret_cast<u_char*>(const_cast<char*>(text.data()));
    return NGX_OK;
}

ngx_int_t ngx_http_clave_identity_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                           uintptr_t field) {
    Context* context = exposed_identity(r);
    if (context == nullptr) {
        return give(v, {});
    }
    return guard(r->connection->log,
                 [&] { return give(v, identity_field(r, *context, static_cast<Field>(field))); });
}

ngx_int_t ngx_http_clave_authenticated_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                                uintptr_t) {
    return give(v, exposed_identity(r) ? "1" : "");
}

ngx_int_t ngx_http_clave_ref_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                      uintptr_t) {
    const Context* context = find_context(r);
    return give(v, context ? std::string_view(context->ref) : std::string_view());
}

// Of a signed form that is handed over.
ngx_int_t ngx_http_clave_sign_id_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                          uintptr_t) {
    const Context* context = exposed_identity(r);
    const SignedForm* handed = context != nullptr ? context->handed : nullptr;
    return give(v, handed != nullptr ? std::string_view(handed->id) : std::string_view());
}

ngx_int_t ngx_http_clave_sign_status_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                              uintptr_t) {
    const Context* context = exposed_identity(r);
    return give(v, context != nullptr && context->handed != nullptr ? "signed" : "");
}

// nginx has lower-cased the name of the variable.
bool is_tail_of(std::string_view lowcase, std::string_view uri) {
    const std::string_view tail = uri.substr(uri.find_last_of("/:") + 1);
    return std::equal(tail.begin(), tail.end(), lowcase.begin(), lowcase.end(), [](char a, char b) {
        return ngx_tolower(static_cast<u_char>(a)) == static_cast<u_char>(b);
    });
}

// $clave_attr_NAME: NAME is the last part of the attribute's URI, in any case.
ngx_int_t ngx_http_clave_attribute_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                                            uintptr_t data) {
    // of a variable with a prefix, nginx hands the address of its whole name, as a number
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    const std::string_view name = view(*reinterpret_cast<const ngx_str_t*>(data));
    const Context* context = exposed_identity(r);
    if (context != nullptr && name.size() > kAttributeVariable.size()) {
        for (const std::string& uri : srv_conf(r)->site->attributes) {
            if (is_tail_of(name.substr(kAttributeVariable.size()), uri)) {
                return give(v, context->identified->session.attribute(uri));
            }
        }
    }
    return give(v, {});
}

struct IdentityVariable {
    std::string_view name;
    Field field;
};
constexpr IdentityVariable kIdentityVariables[] = {
    {"clave_nif", Field::nif},
    {"clave_id", Field::id},
    {"clave_name", Field::name},
    {"clave_given_name", Field::given_name},
    {"clave_first_surname", Field::first_surname},
    {"clave_surnames", Field::surnames},
    {"clave_level", Field::level},
    {"clave_loa", Field::loa},
    {"clave_method", Field::method},
    {"clave_auth_time", Field::auth_time},
    {"clave_session_hash", Field::session},
    {"clave_nif_masked", Field::nif_masked},
    {"clave_represented_nif", Field::represented_nif},
    {"clave_represented_name", Field::represented_name},
};

bool add(ngx_conf_t* cf, std::string_view name, ngx_http_get_variable_pt handler,
         uintptr_t data = 0, ngx_uint_t flags = 0) {
    ngx_str_t copied = to_ngx(cf->pool, name);
    ngx_http_variable_t* variable =
        copied.data ? ngx_http_add_variable(cf, &copied, flags | NGX_HTTP_VAR_NOCACHEABLE)
                    : nullptr;
    if (variable == nullptr) {
        return false;
    }
    variable->get_handler = handler;
    variable->data = data;
    return true;
}

}  // namespace

ngx_int_t ngx_http_clave_add_variables(ngx_conf_t* cf) {
    for (const IdentityVariable& wanted : kIdentityVariables) {
        if (!add(cf, wanted.name, ngx_http_clave_identity_variable,
                 static_cast<uintptr_t>(wanted.field))) {
            return NGX_ERROR;
        }
    }
    const bool added =
        add(cf, "clave_authenticated", ngx_http_clave_authenticated_variable) &&
        add(cf, "clave_ref", ngx_http_clave_ref_variable) &&
        add(cf, "clave_sign_id", ngx_http_clave_sign_id_variable) &&
        add(cf, "clave_sign_status", ngx_http_clave_sign_status_variable) &&
        add(cf, "clave_attr_", ngx_http_clave_attribute_variable, 0, NGX_HTTP_VAR_PREFIX);
    return added ? NGX_OK : NGX_ERROR;
}
