// clavectl: for whoever runs an e-office behind this module. Works on files and on what listens; it
// never needs nginx's configuration, nor the right to change it.
#include <curl/curl.h>

#include <cstdio>
#include <exception>

#include "clave/saml.h"
#include "command_line.h"
#include "report.h"

int main(int argc, char** argv) {
    try {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            return clave::tool::kCannot;
        }
        clave::saml::initialise();
        return clave::tool::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "clavectl: %s\n", error.what());
    }
    return clave::tool::kCannot;
}
