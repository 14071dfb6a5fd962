// How a Site is read: what its parts (site_*.cpp, signing_conf.cpp) share.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "clave/signing_site.h"
#include "conf_text.h"

namespace clave::nginx {

// Thrown while a site is read only, and caught at its edge: reading one is a long list of things
// that may be wrong.
struct Mistake : std::runtime_error {
    Mistake(const ConfPosition& position, const std::string& text)
        : std::runtime_error(text), at(position) {}
    ConfPosition at;
};

// By their URI: each is looked up once, however many servers use it.
using TokenKeys = std::map<std::string, PrivateKey, std::less<>>;

struct Server {
    ngx_conf_t* cf;
    MainConf& main;
    SrvConf& conf;
    const ngx_http_core_srv_conf_t& core;
    TokenKeys& token_keys;
};

std::string value(const Given& given, std::size_t i = 0);
std::string directive_of(const Given& given);
bool has_https_host(std::string_view url);
void refuse_variables(const Given& given);
void require_texts(const Given& given);  // neither variables nor empty ones
std::string full_path(ngx_conf_t* cf, const ngx_str_t& name);

// In one sentence; of a file that is not there, where a path like that of the directive begins.
std::string told(const ConfigError& error, const Given& given);

template <class T>
T loaded(ConfigResult<T>&& result, const Given& given) {
    if (!result) {
        throw Mistake(given.at, told(result.error(), given));
    }
    return std::move(*result);
}

void warn_about_dates(const Server& server, const Given& given, const Certificate& certificate);
void refuse_simulator(const Server& server, const Given& given, const Certificate& certificate);

// site_origin.cpp
std::string read_origin(const Server& server);
std::string read_path(const SrvConf& conf);
std::string read_logout_target(const SrvConf& conf, const Site& site);

// site_attributes.cpp
inline constexpr std::string_view kAttributeVariable = "clave_attr_";
void read_attributes(const SrvConf& conf, Site& site);
void refuse_unknown_attributes(const ngx_http_core_main_conf_t& core,
                               std::span<const SrvConf* const> sites);

// signing_conf.cpp: nullptr if no location of this server signs
std::shared_ptr<const SigningSite> read_signing(const Server& server);

}  // namespace clave::nginx
