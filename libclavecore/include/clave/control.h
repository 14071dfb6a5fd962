// What whoever runs the service asks of a running server: which sessions there are, and that some
// end. Answers JSON to programs (clavectl); says nobody's name or whole NIF, and no token.
//
//     GET sessions?cursor=C         {"sessions": […], "next": C}: a page of about a hundred at
//     most;
//                                   without "next" it was the last
//     GET sessions/HASH?cursor=C    {"session": {…}}; {"next": C}: not found so far, ask again; or
//     404 DELETE sessions/HASH?cursor=C {"ended": [{…}]}, or as above POST sessions/find, /end
//     {"nif": N}: {"sessions": […]}, {"ended": […]}
//
// A NIF is in a body, since addresses are logged. HASH is the hash of the logs, or more digits of
// the key that it begins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/gate.h"
#include "clave/request.h"
#include "clave/site.h"
#include "clave/store.h"
#include "clave/task.h"

namespace clave {

// Whose audit log hears of it is decided by the service that the session was for.
struct OperatorEnd {
    std::string service;  // as in Session
    Event event;
};

struct ControlAnswer {
    Reply reply;
    std::vector<OperatorEnd> ended;  // also where the reply is an error
    std::string trouble;             // for the log; empty if all went well
};

class Control {
  public:
    static constexpr std::size_t kMaxBody = 1024;

    // All outlive the Control.
    Control(const Gate& gate, Store& store, const Clock& clock) noexcept
        : gate_(gate), store_(store), clock_(clock) {}

    // Whether the request brings a body that serve() wants.
    static bool reads_body(const Request& request) noexcept { return request.method == "POST"; }
    static Reply too_large();

    // `what` follows the location's name and a slash. `sites` are all of this server. They, and
    // what `request` points to, outlive the Task. May suspend (store).
    Task<ControlAnswer> serve(std::vector<const Site*> sites, std::string what,
                              const Request& request) const;

  private:
    struct Found;

    Task<Result<Found>> look_at(Digest key) const;
    Task<ControlAnswer> list(std::string cursor) const;
    Task<ControlAnswer> one(std::string hash, std::string cursor, bool ends) const;
    Task<ControlAnswer> of_person(std::vector<const Site*> sites, std::string person,
                                  bool ends) const;

    const Gate& gate_;
    Store& store_;
    const Clock& clock_;
};

}  // namespace clave
