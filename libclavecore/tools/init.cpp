// clavectl init: what an e-office begins with, in a directory of its own. Nothing that is there is
// touched, and if anything is, nothing is made.
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "certificate_directory.h"
#include "commands.h"
#include "key_directory.h"
#include "new_file.h"
#include "own_certificate.h"

namespace clave::tool {
namespace {

bool fits_in_quotes(const std::string& text) {
    return text.find_first_of("\"\\$\n\r") == std::string::npos;
}

// For the http block.
std::string snippet(const std::string& directory, const Beginning& beginning) {
    const bool complete = !beginning.gateway_certificate.empty();
    std::string text = "# Made by \"clavectl init\". In nginx.conf: http { include " + directory +
                       "/clave.conf; … }\n";
    text += "clave_session_store shared:clave:16m;\n";
    text += "include " + directory + "/session-keys.conf;\n";
    text += "clave_provider_name \"" + beginning.provider_name + "\";\n";
    text += "clave_certificate " + directory + "/sede.pem;\n";
    text += "clave_certificate_key " + directory + "/sede.key;\n";
    text += "include " + directory + "/decryption-keys.conf;\n";
    text += "clave_gateway " + beginning.gateway + ";\n";
    text += complete ? "clave_gateway_certificate " + beginning.gateway_certificate + ";\n"
                     : "# with the certificate that comes with the registration:\n"
                       "# clave_gateway_certificate " +
                           directory + "/pasarela.pem;\n";
    text += "\n# and in a server, for instance:  location /tramites/ { clave pin; … }\n";
    return text;
}

// Only the last part of a path is made: of those around it others decide who may enter.
ConfigError cannot_make(const std::string& name, int error) {
    const std::string what =
        "cannot make \"" + name + "\" (" + std::generic_category().message(error) + ")";
    if (error != ENOENT) {
        return {what, "choose another directory, or be a user who may make it"};
    }
    const auto parent =
        std::filesystem::absolute(std::filesystem::path(name) / "").parent_path().parent_path();
    auto missing = parent;
    std::error_code ignored;
    while (missing.has_relative_path() &&
           !std::filesystem::exists(missing.parent_path(), ignored)) {
        missing = missing.parent_path();
    }
    return {what + ": there is no \"" + missing.string() + "\"",
            "make it first: install -d -m 0755 " + parent.string()};
}

ConfigResult<std::string> ready_directory(const std::string& name) {
    if (::mkdir(name.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return tl::unexpected(cannot_make(name, errno));
    }
    char resolved[PATH_MAX];
    if (::realpath(name.c_str(), resolved) == nullptr) {
        return tl::unexpected(ConfigError{"\"" + name + "\" is no directory", {}});
    }
    const std::string directory = resolved;
    if (directory.find_first_of(" \t;{}\"'\\$#") != std::string::npos) {
        return tl::unexpected(ConfigError{"nginx would misread the name \"" + directory + "\"",
                                          "choose one without spaces and punctuation"});
    }
    return directory;
}

}  // namespace

int begin_directory(Report& report, const Beginning& beginning) {
    if (beginning.provider_name.empty() || !fits_in_quotes(beginning.provider_name)) {
        return report.cannot("no provider name", "as in \"E00000000X_E04975701;Sede\"");
    }
    const auto directory = ready_directory(beginning.directory);
    if (!directory) {
        return report.cannot(directory.error());
    }
    const std::string base = *directory + "/";
    const std::string there = first_existing(
        {base + "sede.key", base + "sede.csr", base + "sede.pem", base + "clave.conf",
         base + "decryption-keys.conf", base + "session-keys.conf", base + "session-1.key"});
    if (!there.empty()) {
        return report.cannot("\"" + there + "\" is there already",
                             "nothing is ever overwritten; choose another directory");
    }
    const auto own =
        make_certificate({beginning.server_name, beginning.organization}, beginning.days);
    if (!own) {
        return report.cannot(own.error());
    }
    struct File {
        const char* key;
        const char* name;
        std::string content;
        unsigned mode;
        const char* what;
    };
    const File files[] = {{"key", "sede.key", own->key, kPrivate, "the private key, RSA 3072"},
                          {"request", "sede.csr", own->request, kPublic,
                           "the request, for a certification authority"},
                          {"certificate", "sede.pem", own->certificate, kPublic,
                           "a certificate for tests: replace it by the one that you are issued"},
                          {"decryption_conf", "decryption-keys.conf", decryption_conf({}), kPublic,
                           "for the key of a former certificate: \"clavectl keys --certificate\""},
                          {"conf", "clave.conf", snippet(*directory, beginning), kPublic,
                           "to be included in nginx's http block"}};
    for (const File& file : files) {
        if (const auto written = write_new(base + file.name, file.content, file.mode); !written) {
            return report.cannot(written.error());
        }
        report.say(base + file.name + ": " + file.what);
        report.json().text(file.key, base + file.name);
    }
    const auto keys = KeyDirectory::begin(*directory);
    if (!keys) {
        return report.cannot(keys.error());
    }
    report.say(keys->files().front() + ": the first session key, as named by session-keys.conf");
    report.json().text("session_key", keys->files().front());
    if (beginning.gateway_certificate.empty()) {
        report.say("still to do: clave_gateway_certificate in " + base + "clave.conf");
    }
    return report.end(kFine);
}

}  // namespace clave::tool
