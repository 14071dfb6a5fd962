// Builds the Site of every server that uses us, once everything has been read, and finds what
// product and protocol do not allow: with file, line and remedy.

#include <algorithm>

#include "clave/expiry.h"
#include "clave/look.h"
#include "guard.h"
#include "in_pool.h"
#include "site_reading.h"

namespace clave::nginx {

std::string value(const Given& given, std::size_t i) {
    return copy(arguments(given)[i]);
}

std::string directive_of(const Given& given) {
    return copy(*static_cast<ngx_str_t*>(given.args->elts));
}

// Once and for all: https, and somewhere to go, without a user before it.
bool has_https_host(std::string_view url) {
    constexpr std::string_view kScheme = "https://";
    if (!url.starts_with(kScheme)) {
        return false;
    }
    const std::string_view authority =
        url.substr(kScheme.size(), url.find_first_of("/?#", kScheme.size()) - kScheme.size());
    return !authority.empty() && authority.front() != ':' &&
           authority.find('@') == std::string_view::npos;
}

std::string told(const ConfigError& error, const Given& given) {
    std::string text = error.what + (error.remedy.empty() ? "" : "; ") + error.remedy;
    for (const ngx_str_t& word : arguments(given)) {
        const std::string_view path = view(word);
        if (error.remedy == kCheckPath && !path.starts_with('/') &&
            error.what.find(path) != std::string::npos) {
            return text + ": \"" + std::string(path) + "\" is relative to nginx.conf's folder";
        }
    }
    return text;
}

void refuse_variables(const Given& given) {
    const std::string directive = directive_of(given);
    for (const ngx_str_t& word : arguments(given)) {
        if (view(word).find('$') != std::string_view::npos) {
            throw Mistake(given.at, "\"" + directive + " " + copy(word) +
                                        "\" takes no variables; write the value itself");
        }
    }
}

// What is sent or compared as it is: a variable in it would be taken for its own name, and nothing
// would be compared with whatever comes.
void require_texts(const Given& given) {
    refuse_variables(given);
    for (const ngx_str_t& word : arguments(given)) {
        if (word.len == 0) {
            throw Mistake(given.at, "\"" + directive_of(given) +
                                        "\" has an empty value; write the name, or leave the "
                                        "line out");
        }
    }
}

std::string full_path(ngx_conf_t* cf, const ngx_str_t& name) {
    ngx_str_t path = name;
    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        throw std::bad_alloc();
    }
    return copy(path);
}

// Never a mistake: one lapsed certificate must not stop a web server at boot.
void warn_about_dates(const Server& server, const Given& given, const Certificate& certificate) {
    const std::string_view directive = view(*static_cast<ngx_str_t*>(given.args->elts));
    const Time now{Seconds(ngx_time())};
    if (const auto notice = begin_notice(directive, certificate, now)) {
        warning(server.cf, given.at, *notice);
    }
    if (const auto notice = end_notice_at_start(certificate.not_after(), now)) {
        warning(server.cf, given.at, end_notice_text(*notice, directive, certificate));
    }
}

void refuse_simulator(const Server& server, const Given& given, const Certificate& certificate) {
    if (certificate.is_simulator() && !server.conf.simulator) {
        throw Mistake(given.at, "certificate \"" + certificate.subject() +
                                    "\" belongs to the simulator; use the real one, or "
                                    "\"clave_simulator on\" in a test server");
    }
}

namespace {

void require(const Server& server, const Given& given, std::string_view directive) {
    if (given.args == nullptr) {
        throw Mistake(server.conf.first_use, "this location needs a \"" + std::string(directive) +
                                                 "\" at the server or http level");
    }
}

// ---- what we say of ourselves

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20;
}

std::string provider_name_of(const Server& server) {
    const SrvConf& conf = server.conf;
    refuse_variables(conf.provider_name);
    std::string name = value(conf.provider_name);
    const bool plain = std::none_of(name.begin(), name.end(), is_control);
    if (name.empty() || name.size() > 128 || !plain) {  // protocol section 2.1
        throw Mistake(conf.provider_name.at,
                      "\"clave_provider_name\" should have 1 to 128 bytes and no control "
                      "characters; write it as it was registered with Cl@ve, as in "
                      "\"E00000000X_E04975701;Sede\"");
    }
    if (name.find(';') == std::string::npos) {  // as the gateway itself: protocol section 2.1
        warning(server.cf, conf.provider_name.at,
                "\"clave_provider_name " + name +
                    "\" names no application, and Cl@ve expects one after a \";\"; if it was "
                    "registered so, write it in quotes, as in \"" +
                    name + ";Sede\"");
    }
    return name;
}

std::string gateway_of(const SrvConf& conf) {
    std::string url = value(conf.gateway);
    if (!has_https_host(url) || url.find_first_of("\"<>$ \\#") != std::string::npos ||
        std::any_of(url.begin(), url.end(), is_control)) {
        throw Mistake(conf.gateway.at,
                      "\"clave_gateway " + url +
                          "\" should be an https URL, as in "
                          "\"https://pasarela.clave.gob.es/Proxy2/ServiceProvider\"");
    }
    return url;
}

// ---- keys and certificates

void read_gateway_certificates(const Server& server, Site& site) {
    const Given& given = server.conf.gateway_certificate;
    for (const ngx_str_t& file : arguments(given)) {
        for (Certificate& certificate :
             loaded(Certificate::load(full_path(server.cf, file)), given)) {
            refuse_simulator(server, given, certificate);
            warn_about_dates(server, given, certificate);
            site.gateway_certificates.push_back(std::move(certificate));
        }
    }
}

PrivateKey load_key(const Server& server, const Given& given, const ngx_str_t& file) {
    if (!view(file).starts_with("pkcs11:")) {
        return loaded(PrivateKey::load(full_path(server.cf, file)), given);
    }
    const auto known = server.token_keys.find(view(file));
    if (known != server.token_keys.end()) {
        return known->second;
    }
    PrivateKey key = loaded(PrivateKey::in_token(copy(file)), given);
    server.token_keys.emplace(copy(file), key);
    return key;
}

// Answers are encrypted to RSA keys only (protocol section 3.2). Another may sign, if one is there
// to decrypt with.
void refuse_elliptic(const Given& given, const ngx_str_t& file, const PrivateKey& key) {
    if (key.is_elliptic()) {
        throw Mistake(given.at, "\"" + directive_of(given) + " " + copy(file) +
                                    "\" is an EC key (" + key.describe() +
                                    "), and Cl@ve encrypts to RSA keys; ask for a certificate of "
                                    "an RSA key, as \"clavectl init\" makes it");
    }
}

void read_own_keys(const Server& server, Site& site) {
    const SrvConf& conf = server.conf;
    if (conf.certificate_key.args == nullptr) {
        throw Mistake(conf.certificate.at,
                      "no \"clave_certificate_key\" is defined for certificate \"" +
                          value(conf.certificate) + "\"");
    }
    const std::string file = full_path(server.cf, arguments(conf.certificate)[0]);
    site.certificate = loaded(Certificate::load(file), conf.certificate);
    const Certificate& leaf = site.certificate.front();
    refuse_simulator(server, conf.certificate, leaf);
    warn_about_dates(server, conf.certificate, leaf);

    site.keys.push_back(load_key(server, conf.certificate_key, arguments(conf.certificate_key)[0]));
    if (!leaf.matches(site.keys.front())) {
        throw Mistake(conf.certificate_key.at,
                      "certificate \"" + file + "\" and key \"" + value(conf.certificate_key) +
                          "\" do not match (certificate: " + leaf.describe_key() +
                          ", key: " + site.keys.front().describe() + ")");
    }
    const auto former = arguments(conf.decryption_key);
    if (former.empty()) {
        refuse_elliptic(conf.certificate_key, arguments(conf.certificate_key)[0],
                        site.keys.front());
    }
    for (const ngx_str_t& old : former) {
        site.keys.push_back(load_key(server, conf.decryption_key, old));
        refuse_elliptic(conf.decryption_key, old, site.keys.back());
    }
    for (const Certificate& gateway : site.gateway_certificates) {
        if (gateway.fingerprint() == leaf.fingerprint()) {
            throw Mistake(
                conf.gateway_certificate.at,
                "\"clave_gateway_certificate\" is our own \"clave_certificate\"; it should "
                "be the certificate with which the gateway signs");
        }
    }
}

// ---- pages

void read_languages(const SrvConf& conf, Site& site) {
    const auto words = arguments(conf.languages);
    if (words.empty()) {
        return;
    }
    std::vector<std::string_view> known(kLanguages.size());
    std::transform(kLanguages.begin(), kLanguages.end(), known.begin(), tag);
    site.languages.clear();
    for (const ngx_str_t& word : words) {
        const auto language = language_of(view(word));
        if (!language) {
            throw Mistake(conf.languages.at,
                          "unknown language \"" + copy(word) + "\"; known: " + quoted(known));
        }
        if (std::find(site.languages.begin(), site.languages.end(), *language) !=
            site.languages.end()) {
            throw Mistake(conf.languages.at, "language \"" + copy(word) + "\" is there twice");
        }
        site.languages.push_back(*language);
    }
}

struct ThemeWord {
    std::string_view key;
    std::string LookWords::*field;
    bool is_file;
};
constexpr ThemeWord kThemeWords[] = {
    {"logo", &LookWords::logo, true},
    {"css", &LookWords::css, true},
    {"accent", &LookWords::accent, false},
    {"name", &LookWords::name, false},
    {"footer", &LookWords::footer, false},
    {"help_phone", &LookWords::help_phone, false},
    {"accessibility", &LookWords::accessibility, false},
};

void read_theme_word(const Server& server, const ngx_str_t& word, std::string_view before,
                     LookWords& words) {
    std::vector<std::string_view> known;
    for (const ThemeWord& theme : kThemeWords) {
        known.push_back(theme.key);
        const auto given = value_of(view(word), theme.key);
        if (!given) {
            continue;
        }
        const ngx_str_t text = {given->size(), word.data + (word.len - given->size())};
        words.*theme.field = theme.is_file ? full_path(server.cf, text) : copy(text);
        return;
    }
    const std::string_view key = view(word).substr(0, view(word).find('='));
    const std::string quote = quote_it(view(word), before);
    throw Mistake(
        server.conf.theme.at,
        "unknown parameter \"" + std::string(key) + "\" of \"clave_theme\"" +
            (quote.empty() ? did_you_mean(key, known) + " (known: " + quoted(known) + ")" : quote));
}

void read_look(const Server& server, Site& site) {
    const SrvConf& conf = server.conf;
    LookWords words;
    std::string_view before;
    for (const ngx_str_t& word : arguments(conf.theme)) {
        read_theme_word(server, word, before, words);
        before = view(word);
    }
    if (conf.pages.args != nullptr) {
        words.pages = full_path(server.cf, arguments(conf.pages)[0]);
    }
    auto look = load_look(words);
    if (!look) {
        const LookMistake& wrong = look.error();
        const ConfigError& error = wrong.error;
        ConfPosition at = wrong.in_pages ? conf.pages.at : conf.theme.at;
        if (!wrong.file.empty()) {
            at = {to_ngx(server.cf->pool, wrong.file), wrong.line};
        }
        throw Mistake(at, error.what + (error.remedy.empty() ? "" : "; ") + error.remedy);
    }
    site.look = std::move(*look);
    // RD 1112/2018 wants the statement linked from every page. Whoever tests a configuration is
    // told, and no log is: it is for the body to know, and the same at every start.
    if (words.accessibility.empty() && conf.simulator == 0 && ngx_test_config && !ngx_quiet_mode) {
        ngx_log_stderr(0,
                       "[notice] clave: the pages of server \"%V\" lead to no statement of "
                       "accessibility; add \"accessibility=URL\" to its \"clave_theme\"",
                       &server.core.server_name);
    }
}

// ----

Site* build_site(const Server& server) {
    const SrvConf& conf = server.conf;
    if (server.main.zone == nullptr && server.main.redis == nullptr) {
        throw Mistake(conf.first_use,
                      "this location needs a \"clave_session_store\" at the http level, as in "
                      "\"clave_session_store shared:clave:16m;\"");
    }
    require(server, conf.gateway, "clave_gateway");
    require(server, conf.gateway_certificate, "clave_gateway_certificate");
    require(server, conf.provider_name, "clave_provider_name");
    require(server, conf.certificate, "clave_certificate");

    auto* site = make_in_pool<Site>(server.cf->pool);
    if (site == nullptr) {
        throw std::bad_alloc();
    }
    site->origin = read_origin(server);
    site->path = read_path(conf);
    site->logout_target = read_logout_target(conf, *site);
    site->provider_name = provider_name_of(server);
    site->gateway_url = gateway_of(conf);
    if (conf.issuer.args != nullptr) {
        require_texts(conf.issuer);
        site->issuer = value(conf.issuer);
    }
    if (conf.gateway_issuer.args != nullptr) {
        require_texts(conf.gateway_issuer);
    }
    for (const ngx_str_t& issuer : arguments(conf.gateway_issuer)) {
        site->gateway_issuers.push_back(copy(issuer));
    }
    read_gateway_certificates(server, *site);
    read_own_keys(server, *site);
    read_attributes(conf, *site);
    read_languages(conf, *site);
    read_look(server, *site);
    site->skew = Seconds(conf.clock_skew / 1000);
    site->require_encryption = conf.require_encryption != 0;
    site->idle = Seconds(conf.idle);
    site->absolute = Seconds(conf.absolute);
    site->session_limit = static_cast<std::size_t>(conf.session_limit);
    site->cookie = copy(conf.session_cookie);
    site->simulator = conf.simulator != 0;
    site->preserve_post = conf.preserves_post;
    site->signing = read_signing(server);
    return site;
}

}  // namespace
}  // namespace clave::nginx

using namespace clave::nginx;

ngx_int_t ngx_http_clave_build_sites(ngx_conf_t* cf) {
    MainConf* mcf = main_conf(cf);
    const auto* cmcf = static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(cmcf->servers.elts);

    TokenKeys token_keys;
    std::vector<const SrvConf*> sites;
    try {
        for (ngx_uint_t i = 0; i < cmcf->servers.nelts; ++i) {
            auto& conf =
                *static_cast<SrvConf*>(servers[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
            if (conf.used) {
                conf.site = build_site({cf, *mcf, conf, *servers[i], token_keys});
                sites.push_back(&conf);
            }
        }
        refuse_unknown_attributes(*cmcf, sites);
    } catch (const Mistake& wrong) {
        mistake(cf, wrong.at, wrong.what());
        return NGX_ERROR;
    }
    return NGX_OK;
}
