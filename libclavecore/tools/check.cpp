// clavectl check: what nginx -t says of files, before nginx has a word of configuration about them,
// and of what it never asks: whether the other side is there.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/small_file.h"
#include "checks.h"
#include "clave/config_words.h"
#include "clave/expiry.h"
#include "clave/iso_time.h"
#include "key_directory.h"

namespace clave::tool {
namespace {

Time now() {
    return std::chrono::floor<Seconds>(std::chrono::system_clock::now());
}

const char* word(State state) {
    switch (state) {
        case State::good:
            return "ok";
        case State::warning:
            return "warning";
        case State::bad:
            break;
    }
    return "bad";
}

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

// Those that the clave.conf of "clavectl init" names, or the one whose name is expected.
std::vector<std::string> gateway_certificates_in(const std::string& directory) {
    constexpr std::string_view kDirective = "clave_gateway_certificate ";
    std::vector<std::string> files;
    const std::string conf = read_small_file(directory + "/clave.conf", 65536).value_or("");
    for (const std::string_view line : split(conf, '\n')) {
        if (line.starts_with(kDirective) && line.ends_with(';')) {
            std::string_view names = line.substr(kDirective.size());
            names.remove_suffix(1);
            for (const std::string_view name : split(names, ' ')) {
                if (name.starts_with('/')) {
                    files.emplace_back(name);
                }
            }
        }
    }
    const std::string expected = directory + "/pasarela.pem";
    if (files.empty() && exists(expected)) {
        files.push_back(expected);
    }
    return files;
}

void complete(Checklist& list) {
    if (list.directory.empty()) {
        return;
    }
    const auto named = [&](std::string& value, const char* name) {
        value = value.empty() ? list.directory + "/" + name : value;
    };
    named(list.certificate, "sede.pem");
    named(list.certificate_key, "sede.key");
    if (list.gateway_certificates.empty()) {
        list.gateway_certificates = gateway_certificates_in(list.directory);
    }
    if (list.session_keys.empty()) {
        if (const auto keys = KeyDirectory::open(list.directory)) {
            list.session_keys = keys->files();
        }
    }
}

void check_time(Checks& checks, const std::string& name, const std::string& directive,
                const Certificate& certificate) {
    if (certificate.not_before() > now()) {
        checks.add(
            State::bad, name,
            "begins only on " + format_utc(certificate.not_before()) + ": " + certificate.subject(),
            "is this machine's clock right?");
        return;
    }
    const auto notice = end_notice_at_start(certificate.not_after(), now());
    if (!notice) {
        checks.add(State::good, name,
                   certificate.subject() + ", until " + format_utc(certificate.not_after()));
        return;
    }
    checks.add(notice->ended ? State::bad : State::warning, name,
               end_notice_text(*notice, directive, certificate));
}

void check_pair(Checks& checks, const Checklist& list) {
    const auto certificates = Certificate::load(list.certificate);
    if (!certificates) {
        checks.bad("certificate", certificates.error());
    } else {
        check_time(checks, "certificate", "clave_certificate", certificates->front());
        if (certificates->front().is_simulator()) {
            checks.add(State::warning, "certificate", "it says SIMULADOR: good for tests only");
        } else if (certificates->front().is_self_signed()) {
            checks.add(State::warning, "certificate", "it is signed by itself: good for tests only",
                       "have an authority issue one for the request (sede.csr), and put it there");
        }
    }
    if (list.certificate_key.empty()) {
        return;
    }
    const bool token = list.certificate_key.starts_with("pkcs11:");
    const auto key =
        token ? PrivateKey::in_token(list.certificate_key) : PrivateKey::load(list.certificate_key);
    if (!key) {
        checks.bad("certificate_key", key.error());
        return;
    }
    checks.add(State::good, "certificate_key", key->describe());
    if (certificates && !certificates->front().matches(*key)) {
        checks.add(State::bad, "pair",
                   "certificate and key do not belong together: " +
                       certificates->front().describe_key() + ", " + key->describe());
    } else if (certificates) {
        checks.add(State::good, "pair", "certificate and key belong together");
    }
    struct stat status {};
    if (!token && ::stat(list.certificate_key.c_str(), &status) == 0 &&
        (status.st_mode & static_cast<mode_t>(S_IRWXG)) != 0) {
        checks.add(State::warning, "certificate_key", "its group may read it",
                   "run: chmod 600 " + list.certificate_key);
    }
}

}  // namespace

void Checks::add(State state, const std::string& name, const std::string& text,
                 const std::string& remedy) {
    all_good_ = all_good_ && state == State::good;
    std::string shown = word(state);
    shown.resize(8, ' ');
    report_.say(shown + name + ": " + text + (remedy.empty() ? "" : "; " + remedy));
    JsonObject json;
    json.text("state", word(state)).text("check", name).text("text", text);
    if (!remedy.empty()) {
        json.text("remedy", remedy);
    }
    list_.push_back(std::move(json));
}

int Checks::end() {
    report_.json().boolean("good", all_good_).list("checks", std::move(list_));
    return report_.end(all_good_ ? kFine : kFinding);
}

int check(Report& report, Checklist list) {
    complete(list);
    const bool asks =
        list.online && !(list.gateway.empty() && list.firma.empty() && list.redis.empty());
    if (list.certificate.empty() && list.gateway_certificates.empty() &&
        list.session_keys.empty() && !asks) {
        return report.cannot("nothing to check", "name a directory, or files; see --help");
    }
    if (!list.online && !(list.gateway.empty() && list.firma.empty() && list.redis.empty())) {
        return report.cannot("what is elsewhere can be checked with --online only");
    }
    Checks checks(report);
    if (!list.certificate.empty()) {
        check_pair(checks, list);
    }
    for (const std::string& file : list.gateway_certificates) {
        const auto certificates = Certificate::load(file);
        if (!certificates) {
            checks.bad("gateway_certificate", certificates.error());
            continue;
        }
        for (const Certificate& certificate : *certificates) {
            check_time(checks, "gateway_certificate", "clave_gateway_certificate", certificate);
            if (certificate.is_simulator()) {
                checks.add(State::warning, "gateway_certificate",
                           "it says SIMULADOR: good for tests only");
            }
        }
    }
    if (list.gateway_certificates.empty() && !list.directory.empty()) {
        checks.add(State::warning, "gateway_certificate",
                   "there is no \"" + list.directory + "/pasarela.pem\"",
                   "put the gateway's signing certificate there, which comes with the registration "
                   "in Cl@ve, and name it in clave_gateway_certificate");
    }
    for (const std::string& file : list.session_keys) {
        const std::string fault = fault_of_session_key(file);
        checks.add(fault.empty() ? State::good : State::bad, "session_key",
                   "\"" + file + "\"" + (fault.empty() ? "" : " " + fault));
    }
    if (list.online) {
        check_gateway(checks, list);
        check_firma(checks, list);
        check_redis(checks, list);
    }
    return checks.end();
}

}  // namespace clave::tool
