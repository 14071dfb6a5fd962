// The commands of clavectl, each with what its options say. The result is the exit code.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "report.h"

namespace clave::tool {

// sessions.cpp
struct ControlPlace {
    std::string socket = "/run/nginx-clave/control.sock";
    std::string url;  // instead of the socket
    std::string location = "/clave-control";
};
struct SessionChoice {
    std::string hash;
    bool by_nif = false;
    std::string nif;  // empty: asked for at the terminal; "-": on standard input
};
int list_sessions(Report& report, const ControlPlace& place, std::size_t limit,
                  const std::string& cursor);
int show_sessions(Report& report, const ControlPlace& place, const SessionChoice& choice);
int end_sessions(Report& report, const ControlPlace& place, const SessionChoice& choice);

// session_keys.cpp
int new_key(Report& report, const std::string& directory);
int promote_key(Report& report, const std::string& directory);
int retire_key(Report& report, const std::string& directory);
int show_keys(Report& report, const std::string& directory);

// certificate_keys.cpp
int new_certificate(Report& report, const std::string& directory);
int promote_certificate(Report& report, const std::string& directory);
int retire_certificate(Report& report, const std::string& directory);
// Part of a report that somebody else ends; the result is the exit code so far.
int tell_certificates(Report& report, const std::string& directory, bool only_if_there);

// init.cpp
struct Beginning {
    std::string directory;
    std::string provider_name;
    std::string server_name;
    std::string organization;
    std::string gateway;
    std::string gateway_certificate;
    int days = 365;
};
int begin_directory(Report& report, const Beginning& beginning);

// import_p12.cpp
struct Import {
    std::string file;
    std::string password_file;
    std::string certificate;
    std::string key;
};
int import_p12(Report& report, const Import& import);

// onboarding.cpp
struct Onboarding {
    std::string provider_name;
    std::string base_url;
    std::string path = "/.clave/";
    std::string certificate;
};
int onboarding(Report& report, const Onboarding& values);

// check.cpp
struct Checklist {
    std::string directory;  // as init makes it; what is named beside it comes first
    std::string certificate;
    std::string certificate_key;
    std::vector<std::string> gateway_certificates;
    std::vector<std::string> session_keys;
    bool online = false;
    std::string gateway;
    std::string trusted_certificate;
    std::string firma;
    std::string firma_certificate;
    std::string firma_certificate_key;
    std::string firma_trusted_certificate;
    std::string redis;
    std::string redis_password_file;
    std::string redis_trusted_certificate;
    std::string redis_prefix = "clave:";
};
int check(Report& report, Checklist list);

// audit.cpp
struct EvidenceToVerify {
    std::vector<std::string> files;
    std::string archive;             // empty: the heads of the chains are not looked at
    std::vector<std::string> noted;  // digests of lines
};
int verify_evidence_files(Report& report, const EvidenceToVerify& evidence);

// explain.cpp
struct Logs {
    std::vector<std::string> audit;
    std::vector<std::string> errors;
};
int explain(Report& report, const std::string& reference, const Logs& logs);

// saml_decode.cpp, saml_verify.cpp
int decode_saml(Report& report, const std::string& file);
struct Verification {
    std::string file;
    std::vector<std::string> gateway_certificates;
    std::vector<std::string> keys;
    std::string acs_url;
    std::string at;  // empty: now
    bool require_encryption = false;
};
int verify_saml(Report& report, const Verification& verification);

// login.cpp
struct Login {
    std::string url;
    std::string simulator;
    std::string persona = "ana";
    std::string method;
    std::string level;
    std::string trusted_certificate;
};
int log_in(Report& report, const Login& login);

}  // namespace clave::tool
