// clavectl keys … --certificate: the office's own certificate, in the steps of doc/operation.md,
// "Keys and certificates that change".
#include "certificate_directory.h"
#include "clave/iso_time.h"
#include "commands.h"

namespace clave::tool {
namespace {

// As certification authorities and Cl@ve write it: pairs of capitals.
std::string shown_fingerprint(const Certificate& certificate) {
    std::string text;
    for (const char digit : certificate.fingerprint()) {
        if (text.size() % 3 == 2) {
            text += ':';
        }
        text += digit >= 'a' && digit <= 'f' ? static_cast<char>(digit - 'a' + 'A') : digit;
    }
    return text;
}

// One of the pairs; false if it has a fault.
bool tell_pair(const Report& report, const CertificateDirectory& office, const char* name,
               const char* use, std::vector<JsonObject>& list) {
    const std::string certificate_file = office.file(name) + ".pem";
    JsonObject json;
    json.text("file", certificate_file).text("use", use);
    const auto certificates = Certificate::load(certificate_file);
    const auto key = PrivateKey::load(office.file(name) + ".key");
    std::string fault;
    if (!certificates) {
        fault = certificates.error().what;
    } else if (!key) {
        fault = key.error().what;
    } else if (!certificates->front().matches(*key)) {
        fault = "its key is another one";
    }
    if (!certificates) {
        report.say(certificate_file + ": " + use + "; " + fault);
    } else {
        const Certificate& certificate = certificates->front();
        const std::string end = format_utc(certificate.not_after());
        report.say(certificate_file + ": " + use + "; " + certificate.subject() + ", until " + end +
                   (fault.empty() ? "" : "; " + fault) + "\n  SHA-256 " +
                   shown_fingerprint(certificate));
        json.text("subject", certificate.subject())
            .text("not_after", end)
            .text("fingerprint", shown_fingerprint(certificate));
    }
    if (!fault.empty()) {
        json.text("fault", fault);
    }
    list.push_back(std::move(json));
    return fault.empty();
}

std::string next_step(const CertificateDirectory& office) {
    if (office.has("sede-former.key")) {
        return "reload nginx, on every machine of this office; ten minutes later: clavectl keys "
               "retire --certificate";
    }
    if (office.has("sede-next.pem")) {
        return "tell Cl@ve the next certificate, and agree when it counts; then: clavectl keys "
               "promote --certificate";
    }
    if (office.has("sede-next.key")) {
        return "have " + office.file("sede-next.csr") +
               " certified, and put the certificate into " + office.file("sede-next.pem");
    }
    return {};
}

template <class Change>
int change(Report& report, const std::string& directory, Change what) {
    const auto office = CertificateDirectory::open(directory);
    if (!office) {
        return report.cannot(office.error());
    }
    if (const ConfigResult<void> done = what(*office); !done) {
        return report.cannot(done.error());
    }
    return report.end(tell_certificates(report, directory, false));
}

tl::unexpected<ConfigError> not_now(std::string what, std::string remedy) {
    return tl::unexpected(ConfigError{std::move(what), std::move(remedy)});
}

}  // namespace

int tell_certificates(Report& report, const std::string& directory, bool only_if_there) {
    const auto office = CertificateDirectory::open(directory);
    if (!office || (only_if_there && !office->has("sede.pem"))) {
        return kFine;
    }
    std::vector<JsonObject> list;
    bool good = tell_pair(report, *office, "sede", "in use", list);
    if (office->has("sede-next.pem")) {
        good = tell_pair(report, *office, "sede-next", "the next one", list) && good;
    }
    if (office->has("sede-former.pem")) {
        good =
            tell_pair(report, *office, "sede-former", "the former one; its key decrypts", list) &&
            good;
    }
    report.json().list("certificates", std::move(list));
    std::string next = next_step(*office);
    if (office->has("sede-former.key") && office->is_left_out()) {
        next = "add to " + office->file("clave.conf") + ": include " + office->conf() + "; then " +
               next;
    }
    if (!next.empty()) {
        report.say(next);
        report.json().text("next_certificate", next);
    }
    return good ? kFine : kFinding;
}

int new_certificate(Report& report, const std::string& directory) {
    return change(report, directory, [](const CertificateDirectory& office) -> ConfigResult<void> {
        if (office.has("sede-next.key")) {
            return not_now("there is a next key already", next_step(office));
        }
        if (office.has("sede-former.key")) {
            return not_now("the former key is still read", "retire it first");
        }
        return office.add();
    });
}

int promote_certificate(Report& report, const std::string& directory) {
    return change(report, directory, [](const CertificateDirectory& office) -> ConfigResult<void> {
        if (!office.has("sede-next.key")) {
            return not_now("there is no next key", "make one: clavectl keys new --certificate");
        }
        if (office.has("sede-former.key")) {
            return not_now("the former key is still read", "retire it first");
        }
        if (!office.has("sede-next.pem")) {
            return not_now("the next certificate is not there", next_step(office));
        }
        return office.promote();
    });
}

int retire_certificate(Report& report, const std::string& directory) {
    return change(report, directory, [](const CertificateDirectory& office) -> ConfigResult<void> {
        if (!office.has("sede-former.key")) {
            return not_now("there is no former key", "");
        }
        return office.retire();
    });
}

}  // namespace clave::tool
