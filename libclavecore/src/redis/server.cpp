#include "redis/server.h"

#include "redis/replication.h"

namespace clave::redis {

namespace {

Whom whom_of(const RedisSettings& settings) {
    const StoreUrl& url = settings.url;
    return Whom::server(settings, url.path.empty() ? url.hosts.front() : StoreHost());
}

}  // namespace

Server::Server(std::unique_ptr<Wire> wire, const Watching& watching)
    : wire_(std::move(wire)),
      node_(*wire_, whom_of(wire_->settings), this),
      ear_(Ear::open(*wire_, whom_of(wire_->settings), watching)) {
    node_.start();
}

Task<Result<Value>> Server::ask(Request request) {
    Task<Result<Value>> asking =
        node_.ask(std::move(request), wire_->now() + wire_->settings.timeout);
    Result<Value> reply = co_await std::move(asking);
    co_return node_.judged(std::move(reply));
}

Task<Result<Value>> Server::run(std::string /*key*/, Command command) {
    return ask(Request::of(std::move(command)));
}

Task<Result<Value>> Server::transact(std::string /*key*/, std::vector<Command> commands) {
    return ask(Request::transaction(commands));
}

Task<Result<std::uint64_t>> Server::epoch(std::string /*key*/) {
    Task<Result<Value>> asking = ask(replication_request());
    const Result<Value> reply = co_await std::move(asking);
    co_return epoch_of(reply);
}

}  // namespace clave::redis
