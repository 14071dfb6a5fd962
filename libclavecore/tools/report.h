// What a command has to say: lines for people, or one JSON object for programs, and the exit code.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "clave/pki.h"
#include "login/json.h"

namespace clave::tool {

inline constexpr int kFine = 0;
inline constexpr int kFinding = 1;
inline constexpr int kCannot = 2;  // wrong use, or what was asked for could not be done

class Report {
  public:
    explicit Report(bool json) noexcept : json_(json) {}

    // For people only.
    void say(std::string_view line) const;
    // For programs only.
    JsonObject& json() noexcept { return object_; }
    bool is_json() const noexcept { return json_; }

    // Ends it; the result is `code`.
    int end(int code);
    // Of a command that cannot do it: to standard error, and kCannot.
    int cannot(const ConfigError& error);
    int cannot(std::string what, std::string remedy = {}) {
        return cannot(ConfigError{std::move(what), std::move(remedy)});
    }

  private:
    bool json_;
    JsonObject object_;
};

}  // namespace clave::tool
