// What the directives say. Filled at configuration time, const afterwards.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clave/gate.h"
#include "clave/level.h"
#include "clave/signing_site.h"
#include "clave/site.h"
#include "ngx.h"

extern "C" ngx_module_t ngx_http_clave_module;

namespace clave::nginx {

class Runtime;
struct AuditLog;
struct RedisConf;

// Where a directive stood, so that a mistake found after parsing still names file and line.
struct ConfPosition {
    ngx_str_t file;
    ngx_uint_t line;
};

ConfPosition position_of(const ngx_conf_t* cf);

// While alive, ngx_conf_log_error(cf, …) reports `position`.
class ReportAt {
  public:
    ReportAt(ngx_conf_t* cf, const ConfPosition& position);
    ~ReportAt();
    ReportAt(const ReportAt&) = delete;
    ReportAt& operator=(const ReportAt&) = delete;

  private:
    ngx_conf_t* cf_;
    ngx_conf_file_t* saved_;
    ngx_conf_file_t at_;
};

// A directive's arguments with its position; args is nullptr where it was not given.
struct Given {
    ngx_array_t* args;  // of ngx_str_t, [0] is the directive
    ConfPosition at;
};

struct LocConf;

// A line of `clave_status`, `clave_control` or `clave_sign_api`, and the location that it is in.
struct OperatorLine {
    LocConf* conf;
    const ngx_http_core_loc_conf_t* core;
    ConfPosition at;
    ngx_str_t directive;
    ngx_http_handler_pt handler;
    bool seen;  // in the configuration as written
};

struct MainConf {
    ConfPosition store_at;
    ngx_shm_zone_t* zone;  // where sessions live: here, or in Redis
    RedisConf* redis;
    ngx_shm_zone_t* parcels;  // where forms wait; nullptr: nowhere
    std::size_t largest_form;
    ConfPosition largest_form_at;
    ngx_shm_zone_t* metrics;     // what the workers count in
    ngx_array_t operator_lines;  // of OperatorLine
    ngx_array_t audit_logs;      // of AuditLog*
    ngx_array_t signs_of_files;  // of ConfPosition: of "clave_sign form" where nothing takes a form
    Given session_keys;
    std::vector<MasterKey>* keys;  // of clave_session_key
    std::vector<Level>* levels;    // built in and configured
    ngx_array_t level_lines;       // of Given
    bool used;                     // any location wants us
#if (NGX_THREADS)
    ngx_thread_pool_t* threads;
#endif
    Runtime* runtime;  // per worker, made in init_process
};

struct SrvConf {
    Given gateway, gateway_certificate, gateway_issuer, provider_name, issuer, certificate,
        certificate_key, decryption_key, base_url, path, logout, registration_attribute, attributes,
        languages, theme, pages;
    Given firma, firma_certificate, firma_certificate_key, firma_trusted_certificate,
        firma_public_url, sign_trusted_certificate, sign_archive, sign_evidence;
    std::size_t firma_max_document;
    ConfPosition firma_max_document_at;
    ngx_msec_t firma_timeout;
    ngx_open_file_t* evidence;  // of sign_evidence
    ngx_str_t session_cookie;
    ngx_msec_t clock_skew;
    ngx_flag_t require_encryption;
    time_t idle, absolute;
    ngx_int_t session_limit;
    ngx_flag_t simulator;

    AuditLog* audit;  // nullptr: off
    bool audit_given;

    bool used;  // a location of this server is protected or optional
    bool preserves_post;
    ConfPosition first_use;
    ConfPosition signs_at;               // a location that signs; no file: none does
    const char* signs_as;                // "clave_sign" or "clave_sign_api", by which it signs
    std::vector<std::string>* prefixes;  // folded identity prefixes that clients may not send
    bool begins_prefix[256];             // the characters that one of them may begin with
    Site* site;                          // nullptr unless used
};

enum class Mode : ngx_uint_t { off, optional, required };

// An identity header with its name worked out at configuration time.
struct HeaderName {
    ngx_str_t name;
    ngx_str_t lowcase;
    ngx_uint_t hash;
};

inline constexpr char kDefaultPrefix[] = "X-Clave-";
enum class HeaderEncoding : ngx_uint_t { percent, utf8, base64 };

struct LocConf {
    Given line;  // the `clave` line in force
    Mode mode;
    const Requirement* requirement;
    ngx_uint_t unauthenticated;  // of Unauthenticated
    ssize_t form_limit;          // of clave_preserve_post; 0: off
    Given sign;
    const SignOrder* order;  // of clave_sign; nullptr: off
    Given api;
    const SignApi* sign_api;  // of clave_sign_api; nullptr: off
    ngx_flag_t headers;
    ngx_str_t prefix;
    ngx_uint_t encoding;      // of HeaderEncoding
    const HeaderName* names;  // kIdentityHeaders of them
    bool operator_open;       // what OperatorLine says answers other machines, too
};

inline constexpr ngx_uint_t kIdentityHeaders = 11;
// "Nif", "Id", … in the order of IdentityField.
extern const std::string_view kIdentityHeaderNames[kIdentityHeaders];

// Of an initialised zone: nginx's allocator at its start, and the one block that is ours.
ngx_slab_pool_t* slab_pool(const ngx_shm_zone_t& zone);
std::span<std::byte> zone_memory(const ngx_shm_zone_t& zone);
// All that nginx's allocator has, as this one block; nullptr if it has less. To become pool->data.
void* take_all_memory(const ngx_shm_zone_t& zone);

inline MainConf* main_conf(ngx_conf_t* cf) {
    return static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_clave_module));
}
inline MainConf* main_conf(const ngx_http_request_t* r) {
    return static_cast<MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_clave_module));
}
inline SrvConf* srv_conf(const ngx_http_request_t* r) {
    return static_cast<SrvConf*>(ngx_http_get_module_srv_conf(r, ngx_http_clave_module));
}
inline const LocConf* loc_conf(const ngx_http_request_t* r) {
    return static_cast<LocConf*>(ngx_http_get_module_loc_conf(r, ngx_http_clave_module));
}

}  // namespace clave::nginx

// conf.cpp: create and merge
void* ngx_http_clave_create_main_conf(ngx_conf_t* cf);
char* ngx_http_clave_init_main_conf(ngx_conf_t* cf, void* conf);
void* ngx_http_clave_create_srv_conf(ngx_conf_t* cf);
char* ngx_http_clave_merge_srv_conf(ngx_conf_t* cf, void* parent, void* child);
void* ngx_http_clave_create_loc_conf(ngx_conf_t* cf);
char* ngx_http_clave_merge_loc_conf(ngx_conf_t* cf, void* parent, void* child);
// site_conf.cpp: builds the Site of every server that uses us
ngx_int_t ngx_http_clave_build_sites(ngx_conf_t* cf);
// conf_review.cpp: warnings about directives of other modules around protected locations
void ngx_http_clave_review_neighbours(ngx_conf_t* cf);
// metrics_zone.cpp
ngx_int_t ngx_http_clave_add_metrics_zone(ngx_conf_t* cf, clave::nginx::MainConf* mcf);
// operator_conf.cpp: `clave_status` and `clave_control`; status.cpp and control.cpp answer
char* ngx_http_clave_set_status(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
char* ngx_http_clave_set_control(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
// The location of the directive that is being read, for a handler that answers this machine only.
char* ngx_http_clave_take_location(ngx_conf_t* cf, clave::nginx::LocConf* conf,
                                   ngx_http_handler_pt handler);
ngx_int_t ngx_http_clave_review_operator(ngx_conf_t* cf, clave::nginx::MainConf* mcf);
ngx_int_t ngx_http_clave_status_handler(ngx_http_request_t* r);
ngx_int_t ngx_http_clave_control_handler(ngx_http_request_t* r);
// levels.cpp: `clave_level` and `clave` lines
char* ngx_http_clave_read_levels(ngx_conf_t* cf, clave::nginx::MainConf* mcf);
char* ngx_http_clave_read_requirement(ngx_conf_t* cf, clave::nginx::LocConf* lcf);
// setters.cpp
extern ngx_command_t ngx_http_clave_commands[];
// parcel_zone.cpp: `clave_preserve_post`, and the zone of its forms
char* ngx_http_clave_set_preserve_post(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
ngx_int_t ngx_http_clave_review_parcels(ngx_conf_t* cf, clave::nginx::MainConf* mcf);
// signing_conf.cpp: `clave_sign_archive`, `clave_sign_evidence`, and `clave_sign` of a location
char* ngx_http_clave_set_archive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
char* ngx_http_clave_set_evidence(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
char* ngx_http_clave_read_sign(ngx_conf_t* cf, clave::nginx::LocConf* lcf);
// api_conf.cpp: `clave_sign_api`; application_api.cpp answers
char* ngx_http_clave_set_sign_api(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
char* ngx_http_clave_read_sign_api(ngx_conf_t* cf, clave::nginx::LocConf* lcf);
ngx_int_t ngx_http_clave_sign_api_handler(ngx_http_request_t* r);
// signing_conf.cpp: whether who is known by it can sign at Cl@ve Firma
bool ngx_http_clave_may_sign(const clave::Requirement& requirement);
// levels.cpp: the words of a requirement
clave::ConfigResult<clave::Requirement> ngx_http_clave_requirement_of(
    ngx_conf_t* cf, std::span<const std::string_view> words, std::string_view directive);
// setters.cpp: keeps the words of a directive
char* ngx_http_clave_set_line(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
// session_store.cpp: `clave_session_store`, its zone, `clave_session_key`
char* ngx_http_clave_set_store(ngx_conf_t* cf, ngx_command_t* cmd, void* conf);
// redis_conf.cpp: the same with Redis
bool ngx_http_clave_is_redis(std::string_view spec);
char* ngx_http_clave_set_redis(ngx_conf_t* cf, clave::nginx::MainConf& mcf);
ngx_int_t ngx_http_clave_review_redis(ngx_conf_t* cf, const clave::nginx::MainConf& mcf);
// session_store.cpp
ngx_int_t ngx_http_clave_read_session_keys(ngx_conf_t* cf, clave::nginx::MainConf* mcf);
