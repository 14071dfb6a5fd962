#include "command_line.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "clave/version.h"
#include "commands.h"

namespace clave::tool {
namespace {

// What was asked for, once the line is read.
using Command = std::function<int(Report&)>;

class CommandLine {
  public:
    CommandLine() {
        app_.require_subcommand(1);
        app_.fallthrough();
        app_.add_flag("--json", json_, "one JSON object instead of lines");
        app_.set_version_flag("--version", std::string("clavectl ") + std::string(kVersion));
        add_init();
        add_check();
        add_explain();
        add_sessions();
        add_keys();
        add_import();
        add_saml();
        add_audit();
        add_login();
        add_onboarding();
    }

    int run(int argc, const char* const* argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? kFine : kCannot;
        }
        Report report(json_);
        return command_(report);
    }

  private:
    CLI::App* group(const char* name, const char* what) {
        CLI::App* app = app_.add_subcommand(name, what);
        app->require_subcommand(1);
        return app;
    }

    void on(CLI::App* app, Command command) {
        app->callback([this, command = std::move(command)] { command_ = command; });
    }

    void add_init();
    void add_check();
    void add_explain();
    void add_sessions();
    void add_keys();
    void add_import();
    void add_saml();
    void add_audit();
    void add_login();
    void add_onboarding();

    CLI::App app_{"For whoever runs an e-office behind the Cl@ve module of nginx.", "clavectl"};
    bool json_ = false;
    Command command_;

    Beginning beginning_;
    Checklist checklist_;
    Logs logs_;
    std::string reference_;
    ControlPlace place_;
    SessionChoice choice_;
    std::size_t limit_ = 100;
    std::string cursor_;
    std::string key_directory_ = "/etc/nginx/clave";
    bool of_certificate_ = false;
    Import import_;
    Verification verification_;
    EvidenceToVerify evidence_;
    Login login_;
    Onboarding onboarding_;
};

void CommandLine::add_init() {
    CLI::App* app = app_.add_subcommand(
        "init", "a key, a request for its certificate, a session key, and lines for nginx");
    beginning_.directory = "/etc/nginx/clave";
    beginning_.gateway = "https://se-pasarela.clave.gob.es/Proxy2/ServiceProvider";
    app->add_option("directory", beginning_.directory, "where to; made if it is not there")
        ->capture_default_str();
    app->add_option("--sede", beginning_.server_name, "the office's host name")->required();
    app->add_option("--provider-name", beginning_.provider_name,
                    "as registered: \"E00000000X_E04975701;Sede\"")
        ->required();
    app->add_option("--organization", beginning_.organization, "O= of the certificate");
    app->add_option("--gateway", beginning_.gateway, "clave_gateway")->capture_default_str();
    app->add_option("--gateway-certificate", beginning_.gateway_certificate,
                    "clave_gateway_certificate");
    app->add_option("--days", beginning_.days, "of the certificate for tests")
        ->capture_default_str()
        ->check(CLI::Range(1, 3650));
    on(app, [this](Report& report) { return begin_directory(report, beginning_); });
}

void CommandLine::add_check() {
    CLI::App* app =
        app_.add_subcommand("check", "files, their modes and ends; with --online who answers");
    Checklist& list = checklist_;
    app->add_option("directory,--directory", list.directory, "as init makes it");
    app->add_option("--certificate", list.certificate);
    app->add_option("--certificate-key", list.certificate_key, "a file, or pkcs11:…");
    app->add_option("--gateway-certificate", list.gateway_certificates);
    app->add_option("--session-key", list.session_keys);
    app->add_flag("--online", list.online, "ask whoever is named below");
    app->add_option("--gateway", list.gateway, "URL of the gateway");
    app->add_option("--trusted-certificate", list.trusted_certificate,
                    "authority of the gateway's TLS; the system's unless given");
    app->add_option("--firma", list.firma, "URL of FIRe");
    app->add_option("--firma-certificate", list.firma_certificate);
    app->add_option("--firma-certificate-key", list.firma_certificate_key);
    app->add_option("--firma-trusted-certificate", list.firma_trusted_certificate);
    app->add_option("--redis", list.redis, "as in clave_session_store");
    app->add_option("--redis-password-file", list.redis_password_file);
    app->add_option("--redis-trusted-certificate", list.redis_trusted_certificate);
    app->add_option("--redis-prefix", list.redis_prefix, "prefix= of clave_session_store")
        ->capture_default_str();
    on(app, [this](Report& report) { return check(report, checklist_); });
}

void CommandLine::add_explain() {
    CLI::App* app =
        app_.add_subcommand("explain", "what happened under a reference, or what a code means");
    logs_.audit = {"/var/log/nginx/clave/audit.log"};
    logs_.errors = {"/var/log/nginx/error.log"};
    app->add_option("reference", reference_, "7F3K-92QD, or E-SIG-KEY")->required();
    app->add_option("--audit-log", logs_.audit, "")->capture_default_str();
    app->add_option("--error-log", logs_.errors, "")->capture_default_str();
    on(app, [this](Report& report) { return explain(report, reference_, logs_); });
}

void CommandLine::add_sessions() {
    CLI::App* app = group("sessions", "of a running nginx, through clave_control");
    app->add_option("--socket", place_.socket, "unix socket that the server listens on")
        ->capture_default_str();
    app->add_option("--url", place_.url, "of the location, instead of a socket");
    app->add_option("--location", place_.location, "where clave_control is")->capture_default_str();

    CLI::App* list = app->add_subcommand("list", "who is in");
    list->add_option("--limit", limit_, "about how many at most")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000000));
    list->add_option("--cursor", cursor_, "where the last list has stopped");
    on(list, [this](Report& report) { return list_sessions(report, place_, limit_, cursor_); });

    const auto choose = [this](CLI::App* chosen, Command command) {
        CLI::Option* hash = chosen->add_option("session", choice_.hash, "its hash in the logs");
        CLI::Option* nif = chosen->add_option(
            "--nif", choice_.nif,
            "all sessions of a person; asked for unless given, \"-\" is standard input");
        nif->expected(0, 1);
        hash->excludes(nif);
        on(chosen, [this, nif, command = std::move(command)](Report& report) {
            choice_.by_nif = nif->count() > 0;
            if (choice_.hash.empty() && !choice_.by_nif) {
                return report.cannot("whose?", "name a session's hash, or --nif");
            }
            return command(report);
        });
    };
    choose(app->add_subcommand("show", "one of them, or all of a person"),
           [this](Report& report) { return show_sessions(report, place_, choice_); });
    choose(app->add_subcommand("end", "one of them, or all of a person; at once"),
           [this](Report& report) { return end_sessions(report, place_, choice_); });
}

void CommandLine::add_keys() {
    CLI::App* app = group("keys", "session keys that follow each other, or certificates");
    CLI::Option* directory = app->add_option("--directory", key_directory_, "as init makes it");
    directory->capture_default_str();
    // As "check" takes it, too.
    const auto where = [this, directory](CLI::App* step) {
        step->add_option("directory", key_directory_, "the same")->excludes(directory);
    };
    using Change = int (*)(Report&, const std::string&);
    CLI::App* show =
        app->add_subcommand("show", "which there are, and the office's own certificate");
    where(show);
    on(show, [this](Report& report) { return show_keys(report, key_directory_); });
    const auto add = [&](const char* name, const char* what, Change of_session,
                         Change of_certificate) {
        CLI::App* step = app->add_subcommand(name, what);
        where(step);
        step->add_flag("--certificate", of_certificate_,
                       "of the office's own certificate (clave_certificate) instead");
        on(step, [=, this](Report& report) {
            return (of_certificate_ ? of_certificate : of_session)(report, key_directory_);
        });
    };
    add("new", "1: a next key", new_key, new_certificate);
    add("promote", "2: the next key seals, or signs; the former one still opens", promote_key,
        promote_certificate);
    add("retire", "3: the former key goes", retire_key, retire_certificate);
}

void CommandLine::add_import() {
    CLI::App* app =
        app_.add_subcommand("import-p12", "PKCS#12 into the PEM files that nginx reads");
    app->add_option("file", import_.file)->required();
    app->add_option("--password-file", import_.password_file,
                    "\"-\" is standard input; asked for unless given");
    app->add_option("--certificate", import_.certificate, "to be made")->required();
    app->add_option("--key", import_.key, "to be made, mode 0600")->required();
    on(app, [this](Report& report) { return tool::import_p12(report, import_); });
}

void CommandLine::add_saml() {
    CLI::App* app = group("saml", "messages of the gateway, in a file or \"-\"");
    CLI::App* decode = app->add_subcommand("decode", "what it says, believing nothing");
    decode->add_option("file", verification_.file)->required();
    on(decode, [this](Report& report) { return decode_saml(report, verification_.file); });

    CLI::App* verify = app->add_subcommand("verify", "an answer, as nginx checks it");
    verify->add_option("file", verification_.file)->required();
    verify->add_option("--gateway-certificate", verification_.gateway_certificates)->required();
    verify
        ->add_option("--acs", verification_.acs_url,
                     "where it was sent to: https://sede.example.gob.es/.clave/acs")
        ->required();
    verify->add_option("--key", verification_.keys, "to decrypt with");
    verify->add_option("--at", verification_.at, "as of this time: 2026-11-21T10:00:00Z");
    verify->add_flag("--require-encryption", verification_.require_encryption);
    on(verify, [this](Report& report) { return verify_saml(report, verification_); });
}

void CommandLine::add_audit() {
    CLI::App* app = group("audit", "the books");
    CLI::App* verify = app->add_subcommand("verify", "whether the evidence is as it was written");
    verify->add_option("files", evidence_.files, "of clave_sign_evidence, the older first")
        ->required();
    verify->add_option("--archive", evidence_.archive,
                       "directory of clave_sign_archive, which knows how long each chain is");
    verify
        ->add_option("--expect", evidence_.noted,
                     "SHA-256 of a line that has to be there, as noted before")
        ->allow_extra_args(false);  // what follows is a file
    on(verify, [this](Report& report) { return verify_evidence_files(report, evidence_); });
}

void CommandLine::add_login() {
    CLI::App* app = app_.add_subcommand("login", "a whole login against the simulator, with times");
    app->add_option("--url", login_.url, "a protected page")->required();
    app->add_option("--simulator", login_.simulator,
                    "\"control\" of its addresses; without it, it has to be in --auto");
    app->add_option("--persona", login_.persona, "who logs in")->capture_default_str();
    app->add_option("--method", login_.method, "pin, movil, permanente, certificado, …");
    app->add_option("--level", login_.level,
                    "pin, permanente, permanente_otp; or low, substantial, high");
    app->add_option("--trusted-certificate", login_.trusted_certificate, "its ca.pem");
    on(app, [this](Report& report) { return log_in(report, login_); });
}

void CommandLine::add_onboarding() {
    CLI::App* app = app_.add_subcommand("onboarding", "what the registration in Cl@ve asks for");
    app->add_option("--provider-name", onboarding_.provider_name)->required();
    app->add_option("--base-url", onboarding_.base_url, "https://sede.example.gob.es")->required();
    app->add_option("--path", onboarding_.path, "clave_path")->capture_default_str();
    app->add_option("--certificate", onboarding_.certificate)->required();
    on(app, [this](Report& report) { return onboarding(report, onboarding_); });
}

}  // namespace

int run(int argc, const char* const* argv) {
    CommandLine line;
    return line.run(argc, argv);
}

}  // namespace clave::tool
