// A FIRe client before the simulator's FIRe, and a directory for what it fetches.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "clave/crypto.h"
#include "clave/fire.h"
#include "support/simulator.h"

namespace clave::test {

class FrozenText {
  public:
    explicit FrozenText(std::string text) : text_(std::move(text)) {
        char path[] = "/tmp/clave-document-XXXXXX";
        file_ = ::mkstemp(path);
        ::unlink(path);
        rewrite(text_);
    }
    FrozenText(const FrozenText&) = delete;
    FrozenText& operator=(const FrozenText&) = delete;
    ~FrozenText() { ::close(file_); }
    void rewrite(const std::string& text) const {
        static_cast<void>(::pwrite(file_, text.data(), text.size(), 0) >= 0);
    }
    FireDocument document() const { return {file_, text_.size(), sha256(text_)}; }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
    int file_;
};

inline std::string file_content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct FireStand {
    explicit FireStand(std::chrono::milliseconds compose_limit = std::chrono::seconds(20))
        : stand(simulator().trust()) {
        FireSettings settings;
        settings.url = simulator().address("fire");
        settings.public_url = simulator().address("fire_public");
        settings.app_id = "SEDE";
        settings.compose_limit = compose_limit;
        fire = std::make_unique<FireClient>(*stand.client, *stand.pool, settings);
        char place[] = "/tmp/clave-spool-XXXXXX";
        directory = ::mkdtemp(place);
        control("reset", "{}");
    }
    ~FireStand() { std::filesystem::remove_all(directory); }
    FireStand(const FireStand&) = delete;
    FireStand& operator=(const FireStand&) = delete;

    // One for all tests of a program.
    static const Simulator& simulator() {
        static const Simulator one;
        return one;
    }

    std::string control(const std::string& path, const std::string& json = "") {
        const std::string url = simulator().address("control") + path;
        TextBody body(json);
        HttpsRequest request{.url = url, .content_type = "application/json"};
        request.body = json.empty() ? nullptr : &body;
        const auto answer = stand.send(std::move(request));
        return answer ? answer->body : "";
    }
    void fault(const std::string& name) { control("fire/next", "{\"fault\": \"" + name + "\"}"); }
    void authorise(const FireTransaction& transaction) {
        control("fire/authorise", "{\"transaction\": \"" + transaction.id + "\"}");
    }
    // How many requests FIRe has had.
    int requests() {
        const std::string seen = control("fire/requests");
        int count = 0;
        for (auto at = seen.find("\"op\""); at != std::string::npos;
             at = seen.find("\"op\"", at + 1)) {
            ++count;
        }
        return count;
    }
    static FireOrder order(SignFormat format = SignFormat::cades, std::string nif = "00000000T") {
        return {.signer = {.nif = std::move(nif)},
                .format = format,
                .office = "Sede",
                .name = "solicitud.txt",
                .title = "Solicitud",
                .procedure = "PROC1",
                .ok_url = "https://sede.example/firma/ok?id=77",
                .error_url = "https://sede.example/firma/ko?id=77"};
    }

    template <class T>
    T wait(Task<T> task) {
        return wait_for(stand.loop, std::move(task));
    }
    FireResult<FireStarted> start(const FrozenText& text, FireOrder what = order()) {
        return wait(fire->start(std::move(what), text.document()));
    }
    FireResult<FireComposed> compose(const FireTransaction& transaction) {
        return wait(fire->compose(FireRecovery(transaction), ""));
    }
    FireResult<UnverifiedSignature> fetch(FireTicket ticket, const std::string& name = "firma") {
        SpoolPlace place{directory, name, 65536};
        return wait(fire->fetch(std::move(ticket), std::move(place)));
    }
    int files() const {
        const std::filesystem::directory_iterator all(directory);
        return static_cast<int>(std::distance(begin(all), end(all)));
    }

    Stand stand;
    std::unique_ptr<FireClient> fire;
    std::string directory;
};

}  // namespace clave::test
