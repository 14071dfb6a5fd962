// The directives of signing: `clave_firma…` and `clave_sign…` (product.md section 3).
#include <unistd.h>

#include <algorithm>

#include "clave/encoding.h"
#include "clave/upgrade.h"
#include "clave/verified_signature.h"
#include "guard.h"
#include "in_pool.h"
#include "private_file.h"
#include "signing_files.h"
#include "site_reading.h"

namespace clave::nginx {
namespace {

// As many as the store's record of one person has room for.
constexpr ngx_int_t kMostOpen = 80;
constexpr std::size_t kDefaultDocument = 8 * 1024 * 1024;
// FIRe refuses what is longer, in base64, than that (protocol section 2.5).
constexpr std::size_t kFireDocument = 8'388'606;

// nginx opens it as its master, and again at USR1, in every worker.
class OpenEvidence final : public EvidenceFile {
  public:
    explicit OpenEvidence(const ngx_open_file_t* file) noexcept : file_(file) {}
    int descriptor() const noexcept override {
        return file_->fd == NGX_INVALID_FILE ? -1 : file_->fd;
    }

  private:
    const ngx_open_file_t* file_;
};

struct SignWord {
    std::string_view key;
    std::string SignOrder::*field;
};
constexpr SignWord kTexts[] = {{"title", &SignOrder::title},
                               {"procedure", &SignOrder::procedure},
                               {"deliver", &SignOrder::deliver}};
constexpr std::size_t kMostText = 200;

struct NamedFormat {
    std::string_view name;
    SignFormat format;
};
constexpr NamedFormat kFormats[] = {{"cades", SignFormat::cades},
                                    {"xades", SignFormat::xades},
                                    {"pades", SignFormat::pades},
                                    {"none", SignFormat::none}};

char* read_format(ngx_conf_t* cf, const Given& line, std::string_view name, SignOrder& order) {
    std::vector<std::string_view> known;
    for (const NamedFormat& one : kFormats) {
        known.push_back(one.name);
        if (one.name == name) {
            order.format = one.format;
            return NGX_CONF_OK;
        }
    }
    return mistake(cf, line.at,
                   "unknown format \"" + std::string(name) + "\" of \"clave_sign\"" +
                       did_you_mean(name, known) + " (known: " + quoted(known) + ")");
}

char* read_upgrade(ngx_conf_t* cf, const Given& line, std::string_view name, SignOrder& order) {
    if (is_upgrade(name)) {
        order.upgrade = name;
        return NGX_CONF_OK;
    }
    const std::vector<std::string_view> known(upgrade_words().begin(), upgrade_words().end());
    return mistake(cf, line.at,
                   "unknown upgrade \"" + std::string(name) + "\" of \"clave_sign\"" +
                       did_you_mean(name, known) + " (known: " + quoted(known) + ")");
}

char* read_word(ngx_conf_t* cf, const Given& line, std::string_view word, std::string_view before,
                SignOrder& order) {
    if (const auto format = value_of(word, "format")) {
        return read_format(cf, line, *format, order);
    }
    if (const auto upgrade = value_of(word, "upgrade")) {
        return read_upgrade(cf, line, *upgrade, order);
    }
    if (const auto operation = value_of(word, "operation")) {
        return *operation == "sign"
                   ? static_cast<char*>(NGX_CONF_OK)
                   : mistake(cf, line.at,
                             "operation \"" + std::string(*operation) +
                                 "\" of \"clave_sign\" is not for " +
                                 (order.source == SignSource::form ? "forms" : "answers") +
                                 "; use \"operation=sign\"");
    }
    for (const SignWord& text : kTexts) {
        const auto given = value_of(word, text.key);
        if (!given) {
            continue;
        }
        const bool bad = given->empty() || given->size() > kMostText || !is_valid_utf8(*given) ||
                         has_control_characters(*given);
        if (bad || (text.key == "deliver" && !given->starts_with('/'))) {
            return mistake(cf, line.at,
                           "\"" + std::string(word) + "\" of \"clave_sign\" should be " +
                               (text.key == "deliver" ? "a path of this site, as in "
                                                        "\"deliver=/recibido\""
                                                      : "a text of at most 200 bytes in UTF-8"));
        }
        if (text.key == "deliver" && order.source == SignSource::answer) {
            return mistake(cf, line.at,
                           "\"deliver\" is not for \"clave_sign upstream\": the application says "
                           "where, with \"return=\" in X-Clave-Sign");
        }
        order.*text.field = *given;
        return NGX_CONF_OK;
    }
    const std::string quote = quote_it(word, before);
    const std::vector<std::string_view> known{"format",  "operation", "upgrade",
                                              "deliver", "title",     "procedure"};
    return mistake(
        cf, line.at,
        "invalid parameter \"" + std::string(word) + "\" of \"clave_sign\"" +
            (quote.empty() ? did_you_mean(word.substr(0, word.find('=')), known) : quote));
}

std::string https_url(const Given& given, std::size_t i, std::string_view example) {
    std::string url = value(given, i);
    if (!url.starts_with("https://") || url.find_first_of("\"<>$ \\#?@") != std::string::npos) {
        const ngx_str_t* directive = static_cast<ngx_str_t*>(given.args->elts);
        throw Mistake(given.at, "\"" + copy(*directive) + " " + url +
                                    "\" should be an https URL, as in \"" + std::string(example) +
                                    "\"");
    }
    return url;
}

void want(const Server& server, const Given& given, const char* directive, const char* why) {
    if (given.args == nullptr) {
        throw Mistake(server.conf.signs_at, "\"" + std::string(server.conf.signs_as) +
                                                "\" needs a \"" + directive + "\", " + why);
    }
}

void read_fire(const Server& server, SigningSite& site) {
    const SrvConf& conf = server.conf;
    site.fire.url =
        https_url(conf.firma, 0, "https://fire.example.gob.es/fire-signature/fireService");
    const auto words = arguments(conf.firma);
    const auto app_id =
        words.size() > 1 ? value_of(view(words[1]), "app_id") : std::optional<std::string_view>();
    if (!app_id || app_id->empty()) {
        throw Mistake(conf.firma.at,
                      "\"clave_firma\" needs \"app_id=\" and the name under which FIRe has "
                      "registered this office, as in \"clave_firma " +
                          site.fire.url + " app_id=SEDE;\"");
    }
    site.fire.app_id = *app_id;
    if (conf.firma_public_url.args != nullptr) {
        site.fire.public_url =
            https_url(conf.firma_public_url, 0, "https://fire.example.gob.es/fire-signature");
    } else {
        site.fire.public_url = site.fire.url.substr(0, site.fire.url.rfind('/'));
    }
    // The default is written as people write sizes, and means FIRe's own limit.
    const bool is_default = conf.firma_max_document == kDefaultDocument;
    const std::size_t most = is_default ? kFireDocument : conf.firma_max_document;
    if (most > kMostVerifiedBytes / 2) {
        throw Mistake(conf.firma_max_document_at,
                      "\"clave_firma_max_document\" can be 128m at most: of more, "
                      "no signature could be verified");
    }
    site.fire.most_document_bytes = most;
    // The document may be in it, and FIRe gives it only once.
    site.fire.most_signature_bytes =
        std::max<std::uint64_t>(site.fire.most_signature_bytes, 2 * most);
    site.fire.most_request_bytes =
        std::max<std::size_t>(site.fire.most_request_bytes, most / 3 * 4 + kDefaultDocument / 8);
    site.fire.limit = std::chrono::milliseconds(conf.firma_timeout);
    site.fire.compose_limit = 4 * site.fire.limit;
}

void read_identity(const Server& server, SigningSite& site) {
    const SrvConf& conf = server.conf;
    want(server, conf.firma_certificate, "clave_firma_certificate",
         "by which FIRe knows this office");
    want(server, conf.firma_certificate_key, "clave_firma_certificate_key",
         "by which FIRe knows this office");
    const auto load = [&](const Given& given, std::size_t i) {
        return loaded(Certificate::load(full_path(server.cf, arguments(given)[i])), given);
    };
    site.trust.chain = load(conf.firma_certificate, 0);
    refuse_simulator(server, conf.firma_certificate, site.trust.chain.front());
    warn_about_dates(server, conf.firma_certificate, site.trust.chain.front());
    const Given& key = conf.firma_certificate_key;
    if (value(key).starts_with("pkcs11:")) {
        throw Mistake(key.at,
                      "\"clave_firma_certificate_key\" cannot be in a token: TLS would "
                      "wait for it; give a file");
    }
    site.trust.key = loaded(PrivateKey::load(full_path(server.cf, arguments(key)[0])), key);
    if (!site.trust.chain.front().matches(*site.trust.key)) {
        throw Mistake(key.at,
                      "\"clave_firma_certificate\" and \"clave_firma_certificate_key\" do "
                      "not match (certificate: " +
                          site.trust.chain.front().describe_key() +
                          ", key: " + site.trust.key->describe() + ")");
    }
    if (conf.firma_trusted_certificate.args != nullptr) {
        site.trust.trusted = load(conf.firma_trusted_certificate, 0);
        for (const Certificate& one : site.trust.trusted) {
            refuse_simulator(server, conf.firma_trusted_certificate, one);
        }
    }
    for (std::size_t i = 0; i < arguments(conf.sign_trusted_certificate).size(); ++i) {
        for (Certificate& one : load(conf.sign_trusted_certificate, i)) {
            refuse_simulator(server, conf.sign_trusted_certificate, one);
            site.authorities.push_back(std::move(one));
        }
    }
}

// F-15. Not an error: who has no file of the issuers yet still has every other check.
void warn_about_authorities(const Server& server, const SigningSite& site) {
    if (site.authorities.empty()) {
        warning(server.cf, server.conf.signs_at,
                "\"" + std::string(server.conf.signs_as) +
                    "\" without \"clave_sign_trusted_certificate\" takes the certificate of a "
                    "signer from any issuer; give the authorities of Cl@ve Firma");
    }
}

// ngx_parse_time() and ngx_parse_size() do not write to it.
ngx_str_t as_str(std::string& text) noexcept {
    // u_char and char may alias each other
    return {text.size(), reinterpret_cast<u_char*>(text.data())};
}

void read_archive_parameter(const Given& given, std::size_t at, SigningSite& site) {
    const std::string_view argument = view(arguments(given)[at]);
    const auto refuse = [&](const std::string& wanted) {
        throw Mistake(given.at, "invalid parameter \"" + value(given, at) +
                                    "\" of \"clave_sign_archive\"; give " + wanted);
    };
    if (const auto number = value_of(argument, "per_person")) {
        std::string text(*number);
        const ngx_str_t digits = as_str(text);
        const ngx_int_t most = *number == "off" ? 0 : ngx_atoi(digits.data, digits.len);
        if (*number != "off" && (most < 1 || most > kMostOpen)) {
            refuse("\"per_person=off\" or a number from 1 to " + std::to_string(kMostOpen));
        }
        site.most_open = static_cast<std::size_t>(most);
        return;
    }
    if (const auto size = value_of(argument, "per_person_size")) {
        std::string text(*size);
        ngx_str_t bytes = as_str(text);
        const ssize_t most = *size == "off" ? 0 : ngx_parse_size(&bytes);
        const auto least = static_cast<ssize_t>(site.fire.most_document_bytes);
        if (*size != "off" && most < least) {
            refuse(
                "\"per_person_size=off\" or at least one document, as in "
                "\"per_person_size=128m\" (see \"clave_firma_max_document\")");
        }
        site.most_open_bytes = static_cast<std::uint64_t>(most);
        return;
    }
    const auto retain = value_of(argument, "retain");
    std::string text = retain ? std::string(*retain) : std::string();
    ngx_str_t time = as_str(text);
    const ngx_int_t seconds = text.empty() ? NGX_ERROR : ngx_parse_time(&time, 1);
    if (seconds == NGX_ERROR || Seconds(seconds) < Seconds(24 * 3600)) {
        refuse("\"retain=\" and a time of at least a day, as in \"retain=30d\"");
    }
    site.retain = Seconds(seconds);
}

void read_archive(const Server& server, SigningSite& site) {
    const Given& given = server.conf.sign_archive;
    want(server, given, "clave_sign_archive", "where documents and signatures are kept");
    site.archive = full_path(server.cf, arguments(given)[0]);
    while (site.archive.size() > 1 && site.archive.back() == '/') {
        site.archive.pop_back();
    }
    site.most_open_bytes = 16 * site.fire.most_document_bytes;
    for (std::size_t i = 1; i < arguments(given).size(); ++i) {
        read_archive_parameter(given, i, site);
    }
}

}  // namespace

std::shared_ptr<const SigningSite> read_signing(const Server& server) {
    if (server.conf.signs_at.file.data == nullptr) {
        return nullptr;
    }
#if !(NGX_THREADS)
    throw Mistake(server.conf.signs_at, "\"" + std::string(server.conf.signs_as) +
                                            "\" needs an nginx built with --with-threads");
#endif
    want(server, server.conf.firma, "clave_firma", "the broker of Cl@ve Firma");
    want(server, server.conf.sign_evidence, "clave_sign_evidence",
         "without which nothing may be signed");
    auto site = std::make_shared<SigningSite>();
    read_fire(server, *site);
    read_identity(server, *site);
    warn_about_authorities(server, *site);
    read_archive(server, *site);
    site->evidence = std::make_shared<OpenEvidence>(server.conf.evidence);
    warn_about_reach(server.cf, server.conf.sign_archive, site->archive);
    warn_about_reach(server.cf, server.conf.sign_evidence, copy(server.conf.evidence->name));
    make_private(server.conf.evidence->name);
    return site;
}

}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

namespace {

char* refuse(ngx_conf_t* cf, const std::string& fault) {
    return fault.empty() ? NGX_CONF_OK : mistake(cf, position_of(cf), fault);
}

// As nginx finds what it opens: below its prefix, and not beside its configuration.
std::string opened_path(ngx_conf_t* cf, ngx_str_t name) {
    if (ngx_conf_full_name(cf->cycle, &name, 0) != NGX_OK) {
        throw std::bad_alloc();
    }
    return copy(name);
}

}  // namespace

// nginx makes it at start, for the user that workers run as, and would at "nginx -t": who only
// tests a configuration, and is told that another place were better, has nothing to clean up.
char* ngx_http_clave_set_archive(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    char* rc = ngx_http_clave_set_line(cf, cmd, conf);
    auto* path = static_cast<ngx_path_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_path_t)));
    if (rc != NGX_CONF_OK || path == nullptr) {
        return path == nullptr ? static_cast<char*>(NGX_CONF_ERROR) : rc;
    }
    path->name = static_cast<ngx_str_t*>(cf->args->elts)[1];
    if (path->name.len > 1 && path->name.data[path->name.len - 1] == '/') {
        --path->name.len;
    }
    if (ngx_conf_full_name(cf->cycle, &path->name, 1) != NGX_OK) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;
    bool is_there = false;
    rc = guard_conf(cf, [&] {
        const std::string name = copy(path->name);
        is_there = ::access(name.c_str(), F_OK) == 0;
        return refuse(cf, fault_of_archive(name));
    });
    if (rc != NGX_CONF_OK || (ngx_test_config && !is_there)) {
        return rc;
    }
    return ngx_add_path(cf, &path) == NGX_OK ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

char* ngx_http_clave_set_evidence(ngx_conf_t* cf, ngx_command_t* cmd, void* conf) {
    char* rc = ngx_http_clave_set_line(cf, cmd, conf);
    if (rc != NGX_CONF_OK) {
        return rc;
    }
    ngx_str_t name = static_cast<ngx_str_t*>(cf->args->elts)[1];
    auto& scf = *static_cast<SrvConf*>(conf);
    rc = guard_conf(cf, [&] { return refuse(cf, fault_of_evidence(opened_path(cf, name))); });
    if (rc != NGX_CONF_OK) {
        return rc;
    }
    scf.evidence = ngx_conf_open_file(cf->cycle, &name);
    if (scf.evidence == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    keep_private(*scf.evidence);
    return NGX_CONF_OK;
}

// Whoever is known by less cannot sign at Cl@ve Firma anyway, and would find out at its end.
bool ngx_http_clave_may_sign(const Requirement& requirement) {
    for (std::size_t i = 0; i < kMethods; ++i) {
        const auto method = static_cast<Method>(i);
        if (requirement.accept[i] && method != Method::permanente &&
            method != Method::certificado) {
            return false;
        }
    }
    return true;
}

char* ngx_http_clave_read_sign(ngx_conf_t* cf, LocConf* lcf) {
    const auto words = arguments(lcf->sign);
    const std::string_view mode = view(words[0]);
    if (mode == "off") {
        return words.size() == 1
                   ? static_cast<char*>(NGX_CONF_OK)
                   : mistake(cf, lcf->sign.at, "\"clave_sign off\" takes no parameters");
    }
    if (mode != "form" && mode != "upstream") {
        return mistake(cf, lcf->sign.at,
                       "\"clave_sign " + std::string(mode) +
                           "\" should be \"off\", \"form\" or \"upstream\"" +
                           did_you_mean(mode, {"off", "form", "upstream"}));
    }
    if (lcf->mode != Mode::required) {
        return mistake(cf, lcf->sign.at,
                       "\"clave_sign\" needs to know who signs; add \"clave permanente_otp;\" to "
                       "the location");
    }
    if (!ngx_http_clave_may_sign(*lcf->requirement)) {
        return mistake(cf, lcf->sign.at,
                       "\"clave " + lcf->requirement->level +
                           "\" is too low for \"clave_sign\": Cl@ve Firma needs Cl@ve Permanente; "
                           "use \"clave permanente_otp;\"");
    }
    auto* order = make_in_pool<SignOrder>(cf->pool);
    if (order == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    order->source = mode == "form" ? SignSource::form : SignSource::answer;
    for (std::size_t i = 1; i < words.size(); ++i) {
        char* rc = read_word(cf, lcf->sign, view(words[i]), view(words[i - 1]), *order);
        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }
    const std::string_view objection = order->upgrade.empty()
                                           ? std::string_view()
                                           : objection_to_upgrade(order->format, order->upgrade);
    if (!objection.empty()) {
        return mistake(
            cf, lcf->sign.at,
            "\"upgrade=" + order->upgrade + "\" of \"clave_sign\" is " + std::string(objection));
    }
    order->requirement = *lcf->requirement;
    lcf->order = order;
    return NGX_CONF_OK;
}
