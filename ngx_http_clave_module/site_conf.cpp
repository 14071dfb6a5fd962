// Builds the Site of every server that uses us, once everything has been read, and finds what
// product and protocol do not allow: with file, line and remedy.

#include <algorithm>

#include "clave/expiry.h"
#include "clave/look.h"
#include "guard.h"
#include "in_pool.h"
#include "site_reading.h"
#include "tcp_listeners.h"

namespace clave::nginx {

std::string value(const Given& given, std::size_t i) {
    return copy(arguments(given)[i]);
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

bool is_https(std::string_view url) {
    return url.starts_with("https://");
}

// ---- who we are

// "https://sede.example.gob.es" or "https://sede.example.gob.es:8443": no path, no user, no query.
std::string check_origin(const Given& given) {
    std::string url = value(given);
    if (url.ends_with('/')) {
        url.pop_back();
    }
    const std::string_view host =
        std::string_view(url).substr(std::min<std::size_t>(8, url.size()));
    if (!is_https(url) || host.empty() ||
        host.find_first_of("/?#@\\ $\"<>") != std::string_view::npos) {
        throw Mistake(given.at, "\"clave_base_url " + value(given) +
                                    "\" should be an https origin without a path, as in "
                                    "\"https://sede.example.gob.es\"");
    }
    return url;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "_" && name.find_first_of("*~$^ ") == std::string_view::npos &&
           name.front() != '.' && name != "localhost.";
}

// In small letters, as nginx keeps its names.
ngx_str_t host_of(ngx_conf_t* cf, std::string_view origin) {
    origin.remove_prefix(std::string_view("https://").size());
    ngx_str_t host =
        to_ngx(cf->pool, origin.starts_with('[') ? origin.substr(0, origin.find(']') + 1)
                                                 : origin.substr(0, origin.find(':')));
    ngx_strlow(host.data, host.data, host.len);
    return host;
}

// As nginx chooses a server by its names; one without a name, or with "_", is there for all.
bool is_name_of(const ngx_http_server_name_t& name, ngx_str_t given) {
    const std::string_view text = view(name.name);
    const std::string_view host = view(given);
#if (NGX_PCRE)
    if (name.regex != nullptr) {
        return ngx_regex_exec(name.regex->regex, &given, nullptr, 0) >= 0;
    }
#endif
    if (text.starts_with("*.")) {
        return host.ends_with(text.substr(1));
    }
    if (text.ends_with(".*")) {
        return host.starts_with(text.substr(0, text.size() - 1));
    }
    return text.empty() || text == "_" || text == host ||
           (text.starts_with('.') && (host.ends_with(text) || host == text.substr(1)));
}

void warn_about_foreign_origin(const Server& server, const std::string& origin) {
    const std::span<const ngx_http_server_name_t> names(
        static_cast<ngx_http_server_name_t*>(server.core.server_names.elts),
        server.core.server_names.nelts);
    const ngx_str_t host = host_of(server.cf, origin);
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&](const auto& name) { return is_name_of(name, host); });
    if (!known && !names.empty()) {
        warning(server.cf, server.conf.base_url.at,
                "\"clave_base_url " + origin +
                    "\" is no name of this server; correct it, or add \"" + copy(host) +
                    "\" to \"server_name\"");
    }
}

// The public origin comes from the configuration only, never from Host (checklist H-12).
std::string origin_of(const Server& server) {
    const bool tls_here = listens_only_with_tls(server.cf, server.core);
    if (server.conf.base_url.args != nullptr) {
        std::string origin = check_origin(server.conf.base_url);
        warn_about_foreign_origin(server, origin);
        return origin;
    }
    if (!tls_here) {
        throw Mistake(server.conf.first_use,
                      "this server has a listener without TLS; if TLS ends in front of nginx, say "
                      "so with \"clave_base_url https://…;\", else use \"listen … ssl\"");
    }
    const auto* names = static_cast<ngx_http_server_name_t*>(server.core.server_names.elts);
    const std::string_view first =
        server.core.server_names.nelts > 0 ? view(names[0].name) : std::string_view();
    if (!is_plain_name(first)) {
        throw Mistake(server.conf.first_use,
                      "the public origin cannot be told from \"server_name" +
                          (first.empty() ? std::string() : " " + std::string(first)) +
                          "\"; add \"clave_base_url https://…;\" to the server");
    }
    if (!listens_on_port(server.cf, server.core, 443)) {
        throw Mistake(server.conf.first_use,
                      "this server does not listen on port 443; add \"clave_base_url https://" +
                          std::string(first) + ":PORT;\" with the port that browsers use");
    }
    return "https://" + std::string(first);
}

std::string path_of(const SrvConf& conf) {
    if (conf.path.args == nullptr) {
        return "/.clave/";
    }
    std::string path = value(conf.path);
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '.' || c == '-' || c == '_';
    });
    if (!plain || path.size() < 3 || path.front() != '/' || path.back() != '/' ||
        path.find("//") != std::string::npos || path.find("/../") != std::string::npos ||
        path.find("/./") != std::string::npos) {
        throw Mistake(conf.path.at, "\"clave_path " + path +
                                        "\" should begin and end with \"/\", as in \"/.clave/\"");
    }
    return path;
}

bool is_uri_text(std::string_view uri) {
    return std::all_of(uri.begin(), uri.end(), [](char c) {
        return c > ' ' && c < 0x7F &&
               std::string_view("\"<>\\^`{|}$#").find(c) == std::string_view::npos;
    });
}

// Where a logout leads, as a path. A foreign one would make an open redirect of us, and one of our
// endpoints a loop.
std::string logout_target_of(const SrvConf& conf, const Site& site) {
    if (conf.logout.args == nullptr) {
        return "/";
    }
    const std::string given = value(conf.logout);
    std::string uri = given;
    if (uri.starts_with(site.origin) && uri.substr(site.origin.size()).find('/') == 0) {
        uri.erase(0, site.origin.size());
    }
    if (!uri.starts_with('/') || uri.starts_with("//")) {
        throw Mistake(conf.logout.at, "\"clave_logout " + given + "\" does not lead to \"" +
                                          site.origin + "\"; give a path, as in \"/\"");
    }
    if (!is_uri_text(uri)) {
        throw Mistake(conf.logout.at,
                      "\"clave_logout " + given +
                          "\" has characters that a URI must not have; it takes no variables, and "
                          "spaces or accents should be percent-encoded");
    }
    if (Gate::owns(site, uri)) {
        throw Mistake(conf.logout.at, "\"clave_logout " + given +
                                          "\" leads to an endpoint of ours; give a page of the "
                                          "site, as in \"/\"");
    }
    return uri;
}

// What is sent or compared as it is: a variable in it would be taken for its own name.
void refuse_variables(const Given& given) {
    const std::string directive = copy(*static_cast<ngx_str_t*>(given.args->elts));
    for (const ngx_str_t& word : arguments(given)) {
        if (view(word).find('$') != std::string_view::npos) {
            throw Mistake(given.at, "\"" + directive + " " + copy(word) +
                                        "\" takes no variables; write the value itself");
        }
    }
}

std::string provider_name_of(const SrvConf& conf) {
    refuse_variables(conf.provider_name);
    std::string name = value(conf.provider_name);
    if (name.size() > 128) {  // protocol section 2.1
        throw Mistake(conf.provider_name.at, "\"clave_provider_name\" is at most 128 bytes long");
    }
    if (std::any_of(name.begin(), name.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
        throw Mistake(conf.provider_name.at,
                      "\"clave_provider_name\" must not have control characters");
    }
    return name;
}

std::string gateway_of(const SrvConf& conf) {
    std::string url = value(conf.gateway);
    if (!is_https(url) || url.find_first_of("\"<>$ \\#") != std::string::npos) {
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
    for (const ngx_str_t& old : arguments(conf.decryption_key)) {
        site.keys.push_back(load_key(server, conf.decryption_key, old));
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

// ---- attributes

// Known by friendly name or by URI; the rest of the name of $clave_attr_NAME.
struct KnownAttribute {
    std::string_view friendly;
    std::string_view name;
};
constexpr KnownAttribute kAttributes[] = {
    {"DateOfBirth", "http://eidas.europa.eu/attributes/naturalperson/DateOfBirth"},
    {"BirthName", "http://eidas.europa.eu/attributes/naturalperson/BirthName"},
    {"PlaceOfBirth", "http://eidas.europa.eu/attributes/naturalperson/PlaceOfBirth"},
    {"CurrentAddress", "http://eidas.europa.eu/attributes/naturalperson/CurrentAddress"},
    {"Gender", "http://eidas.europa.eu/attributes/naturalperson/Gender"},
    {"NationalPersonIdentifier", "http://es.minhafp.clave/NationalPersonIdentifier"},
    {"RegisterType", "http://es.minhafp.clave/RegisterType"},
    {"PartialAfirma", "http://es.minhafp.clave/PartialAfirma"},
};

std::string attribute_name(const Given& given, std::string_view word) {
    if (word.find(':') != std::string_view::npos) {
        return std::string(word);
    }
    std::vector<std::string_view> known;
    for (const KnownAttribute& attribute : kAttributes) {
        if (attribute.friendly == word) {
            return std::string(attribute.name);
        }
        known.push_back(attribute.friendly);
    }
    throw Mistake(given.at, "unknown attribute \"" + std::string(word) + "\"" +
                                did_you_mean(word, known) + " (known: " + quoted(known) +
                                "; any other by its URI)");
}

void read_attributes(const SrvConf& conf, Site& site) {
    for (const ngx_str_t& word : arguments(conf.attributes)) {
        site.attributes.push_back(attribute_name(conf.attributes, view(word)));
    }
    const auto words = arguments(conf.registration_attribute);
    if (words.empty()) {
        return;
    }
    site.registration_attribute = attribute_name(conf.registration_attribute, view(words[0]));
    for (const ngx_str_t& word : words.subspan(1)) {
        site.registration_values.push_back(copy(word));
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

void read_theme_word(const Server& server, const ngx_str_t& word, LookWords& words) {
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
    throw Mistake(server.conf.theme.at, "unknown parameter \"" + std::string(key) +
                                            "\" of \"clave_theme\"" + did_you_mean(key, known) +
                                            " (known: " + quoted(known) + ")");
}

void read_look(const Server& server, Site& site) {
    const SrvConf& conf = server.conf;
    LookWords words;
    for (const ngx_str_t& word : arguments(conf.theme)) {
        read_theme_word(server, word, words);
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
    site->origin = origin_of(server);
    site->path = path_of(conf);
    site->logout_target = logout_target_of(conf, *site);
    site->provider_name = provider_name_of(conf);
    site->gateway_url = gateway_of(conf);
    if (conf.issuer.args != nullptr) {
        refuse_variables(conf.issuer);
        site->issuer = value(conf.issuer);
    }
    if (conf.gateway_issuer.args != nullptr) {
        refuse_variables(conf.gateway_issuer);
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
    for (ngx_uint_t i = 0; i < cmcf->servers.nelts; ++i) {
        auto& conf =
            *static_cast<SrvConf*>(servers[i]->ctx->srv_conf[ngx_http_clave_module.ctx_index]);
        if (!conf.used) {
            continue;
        }
        try {
            conf.site = build_site({cf, *mcf, conf, *servers[i], token_keys});
        } catch (const Mistake& wrong) {
            mistake(cf, wrong.at, wrong.what());
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}
