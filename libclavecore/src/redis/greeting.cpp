#include "redis/greeting.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <span>
#include <system_error>

#include "base/guard.h"
#include "clave/offload.h"
#include "clave/secret.h"
#include "redis/refusal.h"

namespace clave::redis {
namespace {

void wipe_text(std::string& text) noexcept {
    wipe(std::as_writable_bytes(std::span(text)));
}

// One line. Whoever wrote it with an editor ended it with a line feed.
Result<std::string> read_password(const std::string& path) {
    std::array<char, 1024> buffer;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const ssize_t got = fd < 0 ? -1 : ::read(fd, buffer.data(), buffer.size());
    const int error = errno;
    if (fd >= 0) {
        ::close(fd);
    }
    if (got < 0) {
        return fail(Code::store, "cannot read the password file \"" + path +
                                     "\": " + std::generic_category().message(error));
    }
    std::string password(buffer.data(), static_cast<std::size_t>(got));
    wipe(std::as_writable_bytes(std::span(buffer)));
    if (const auto end = password.find_first_of("\r\n"); end != std::string::npos) {
        password.resize(end);
    }
    if (password.empty() || password.size() == buffer.size()) {
        return fail(Code::store, "the password file \"" + path + "\" holds no password");
    }
    return password;
}

// Answered with anything but an error.
Result<void> accepted(const Result<Value>& reply, const char* command) {
    if (!reply) {
        return fail(Code::store, reply.error().detail);
    }
    if (reply->kind == Value::Kind::error) {
        return fail(Code::store, std::string(command) + ": " + refusal_word(*reply));
    }
    return {};
}

bool is_primary(const Value& role) {
    return role.kind == Value::Kind::array && !role.elements.empty() &&
           role.elements.front().text == "master";
}

void report(Wire& wire, const Whom& whom, const std::string& what) {
    wire.warn(Severity::error, "E-REDIS-AUTH", "E-REDIS-AUTH " + whom.shown + what);
}

Task<Result<void>> identify(Wire& wire, Connection& connection, const Whom& whom) {
    const Greeting& greeting = whom.greeting;
    if (greeting.password_file.empty()) {
        co_return Result<void>();
    }
    auto work =
        offload(wire.host.pool, [path = greeting.password_file] { return read_password(path); });
    Result<std::string> password = co_await work;
    if (!password) {
        report(wire, whom, ": " + password.error().detail);
        co_return fail(Code::store, password.error().detail);
    }
    Command command = greeting.user.empty() ? Command{"AUTH", *password}
                                            : Command{"AUTH", greeting.user, *password};
    wipe_text(*password);
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    if (reply && reply->kind == Value::Kind::error) {
        report(wire, whom,
               " does not accept the user or the password (" + refusal_word(*reply) + ")");
    }
    co_return accepted(reply, "AUTH");
}

Task<Result<void>> select(Wire& wire, Connection& connection, unsigned database) {
    if (database == 0) {
        co_return Result<void>();
    }
    Command command{"SELECT", std::to_string(database)};
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    co_return accepted(reply, "SELECT");
}

// What calls itself primary may have been deposed, but what does not has been.
Task<Result<void>> check_role(Wire& wire, Connection& connection) {
    Command command{"ROLE"};
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    Result<void> done = accepted(reply, "ROLE");
    if (done && !guard("redis role", is_primary(*reply))) {
        done = fail(Code::store, "not a primary");
    }
    co_return done;
}

// For whoever looks at CLIENT LIST; a user who may not name himself is as welcome.
Task<Result<void>> set_name(Wire& wire, Connection& connection) {
    Command command{"CLIENT", "SETNAME", "clave"};
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    co_return reply ? Result<void>() : accepted(reply, "CLIENT");
}

// Is answered as every command would be: LOADING, MASTERDOWN, BUSY, NOAUTH.
Task<Result<void>> ping(Wire& wire, Connection& connection, const Whom& whom) {
    Command command{"PING"};
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    const bool may_not_ping = reply && reply->error_code() == "NOPERM";
    if (reply && refusal(*reply) == Refusal::not_allowed && !may_not_ping) {
        report(wire, whom, " wants a password (" + refusal_word(*reply) + ")");
    }
    co_return may_not_ping ? Result<void>() : accepted(reply, "PING");
}

Task<Result<void>> greet(Wire& wire, Connection& connection, const Whom& whom) {
    Task<Result<void>> identifying = identify(wire, connection, whom);
    Result<void> done = co_await std::move(identifying);
    if (done) {
        Task<Result<void>> selecting = select(wire, connection, whom.greeting.database);
        done = co_await std::move(selecting);
    }
    if (done && whom.greeting.want_primary) {
        Task<Result<void>> checking = check_role(wire, connection);
        done = co_await std::move(checking);
    }
    if (done) {
        Task<Result<void>> naming = set_name(wire, connection);
        done = co_await std::move(naming);
    }
    if (done) {
        Task<Result<void>> pinging = ping(wire, connection, whom);
        done = co_await std::move(pinging);
    }
    co_return done;
}

Task<Result<std::vector<Address>>> addresses_of(Wire& wire, const StoreHost& host) {
    Result<std::vector<Address>> found;
    if (host.name.empty()) {
        found->push_back(Address::of_path(wire.settings.url.path));
    } else {
        Task<Result<std::vector<Address>>> resolving = resolve(wire.host.pool, host);
        found = co_await std::move(resolving);
    }
    co_return found;
}

Task<Result<void>> connect_and_greet(Wire& wire, Connection& connection, const Whom& whom) {
    Task<Result<std::vector<Address>>> looking = addresses_of(wire, whom.host);
    Result<std::vector<Address>> addresses = co_await std::move(looking);
    if (!addresses) {
        co_return fail(Code::store, addresses.error().detail);
    }
    const std::string& name =
        wire.settings.tls_name.empty() ? whom.host.name : wire.settings.tls_name;
    Task<Result<void>> opening = connection.open(std::move(*addresses), name);
    Result<void> done = co_await std::move(opening);
    if (done) {
        Task<Result<void>> greeting = greet(wire, connection, whom);
        done = co_await std::move(greeting);
    }
    co_return done;
}

}  // namespace

Whom Whom::server(const RedisSettings& settings, const StoreHost& host) {
    Whom whom;
    whom.host = host;
    whom.shown = host.name.empty() ? "unix:" + settings.url.path : host.shown();
    whom.greeting.user = settings.url.user;
    whom.greeting.password_file = settings.password_file;
    whom.greeting.database = settings.url.database;
    return whom;
}

Task<Result<Value>> ask(Wire& wire, Connection& connection, Command command) {
    Exchange exchange(Request::of(std::move(command)), wire.now() + wire.settings.timeout);
    connection.send(exchange);
    co_return co_await exchange;
}

Task<Result<void>> reach(Wire& wire, Connection& connection, const Whom& whom) {
    Result<void> done;
    try {
        Task<Result<void>> trying = connect_and_greet(wire, connection, whom);
        done = co_await std::move(trying);
    } catch (const std::bad_alloc&) {
        done = fail(Code::store, "out of memory");
    }
    co_return done;
}

}  // namespace clave::redis
