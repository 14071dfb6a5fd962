// What a check has found, one line each.
#pragma once

#include <string>
#include <vector>

#include "commands.h"

namespace clave::tool {

enum class State { good, warning, bad };

class Checks {
  public:
    explicit Checks(Report& report) noexcept : report_(report) {}

    void add(State state, const std::string& name, const std::string& text,
             const std::string& remedy = {});
    void bad(const std::string& name, const ConfigError& error) {
        add(State::bad, name, error.what, error.remedy);
    }
    // 0 if all is good, 1 if anything is not.
    int end();

  private:
    Report& report_;
    std::vector<JsonObject> list_;
    bool all_good_ = true;
};

// check_online.cpp: what only an answer can tell.
void check_gateway(Checks& checks, const Checklist& list);
void check_firma(Checks& checks, const Checklist& list);
// check_redis.cpp
void check_redis(Checks& checks, const Checklist& list);

}  // namespace clave::tool
