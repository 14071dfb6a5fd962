// Commands of a single server.
#pragma once

#include <cstdint>
#include <memory>

#include "redis/ear.h"
#include "redis/node.h"

namespace clave::redis {

class Server final : public Commands, Node::Observer {
  public:
    Server(std::unique_ptr<Wire> wire, const Watching& watching);

    Task<Result<Value>> run(std::string key, Command command) override;
    Task<Result<Value>> transact(std::string key, std::vector<Command> commands) override;
    Task<Result<std::uint64_t>> epoch(std::string key) override;

  private:
    // Behind the name there may be another one now, which is to be listened to as well.
    void on_down() noexcept override {
        if (ear_) {
            ear_->begin_anew();
        }
    }
    Task<Result<Value>> ask(Request request);

    std::unique_ptr<Wire> wire_;
    Node node_;
    std::unique_ptr<Ear> ear_;
};

}  // namespace clave::redis
