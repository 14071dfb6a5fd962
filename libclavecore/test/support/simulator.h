// The simulator of this project, as a process of its own on free ports.
#pragma once

#include <jansson.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/https_stand.h"

namespace clave::test {

class Simulator {
  public:
    Simulator() {
        char place[] = "/tmp/clave-simulator-XXXXXX";
        directory_ = ::mkdtemp(place);
        int out[2];
        if (::pipe(out) != 0) {
            std::abort();
        }
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(out[1], STDOUT_FILENO);
            ::close(out[0]);
            // Tests run in their own directory.
            ::execl("../../scripts/simulate", "simulate", "--state", state().c_str(), "--port", "0",
                    "--office-port", "0", "--fire-port", "0", nullptr);
            ::_exit(127);
        }
        ::close(out[1]);
        std::FILE* const lines = ::fdopen(out[0], "r");
        // The whole line: whoever closes the pipe before its end, ends the simulator.
        char* line = nullptr;
        std::size_t room = 0;
        const bool said = ::getline(&line, &room, lines) > 0;
        addresses_ = said ? json_loads(line, 0, nullptr) : nullptr;
        std::free(line);
        std::fclose(lines);
        if (addresses_ == nullptr) {
            std::fputs("the simulator did not start\n", stderr);
            std::abort();
        }
    }
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;
    ~Simulator() {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
        json_decref(addresses_);
        std::filesystem::remove_all(directory_);
    }

    std::string address(const char* name) const {
        return json_string_value(json_object_get(addresses_, name));
    }
    std::string state() const { return directory_ + "/state"; }
    // With the certificate of the site that the simulator knows.
    HttpsTrust trust() const {
        return {Certificate::load(state() + "/sede.pem").value(),
                PrivateKey::load(state() + "/sede.key").value(),
                Certificate::load(state() + "/ca.pem").value()};
    }

  private:
    std::string directory_;
    pid_t process_ = -1;
    json_t* addresses_ = nullptr;
};

}  // namespace clave::test
