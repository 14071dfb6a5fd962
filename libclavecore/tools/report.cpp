#include "report.h"

#include <cstdio>

namespace clave::tool {
namespace {

void write(std::FILE* file, std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), file);
    std::fputc('\n', file);
}

}  // namespace

void Report::say(std::string_view line) const {
    if (!json_) {
        write(stdout, line);
    }
}

int Report::end(int code) {
    if (json_) {
        write(stdout, object_.dump());
    }
    // What was not written was not said: a full disk is no success.
    return std::fflush(stdout) == 0 ? code : kCannot;
}

int Report::cannot(const ConfigError& error) {
    const std::string more = error.remedy.empty() ? std::string() : "; " + error.remedy;
    write(stderr, "clavectl: " + error.what + more);
    if (json_) {
        JsonObject json;
        json.text("error", error.what);
        if (!error.remedy.empty()) {
            json.text("remedy", error.remedy);
        }
        write(stdout, json.dump());
    }
    return kCannot;
}

}  // namespace clave::tool
