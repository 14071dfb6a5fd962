// The refusal of whoever leaves before he is answered: nobody forges an answer of the gateway, or
// begins a session, without a line, an audit record and a count (product.md 8.3).
#pragma once

#include <optional>
#include <utility>

#include "clave/event.h"
#include "clave/request.h"
#include "login/answer.h"
#include "login/login_services.h"

namespace clave {

// Made before anything is waited for. Told of when it is destroyed, which with a Reply at hand it
// has to be kept from: that says what has become of it.
class PromisedRefusal {
  public:
    // `request` outlives it. `of`: what nothing has come of, and of whom.
    PromisedRefusal(const LoginServices& services, const Request& request,
                    std::optional<EventKind> of = {}, Concerned who = {})
        : witness_(request.witness) {
        if (witness_ != nullptr) {
            refusal_ = {{Code::left, {}}, make_reference(services.random), std::move(who), of};
        }
    }
    ~PromisedRefusal() {
        if (witness_ != nullptr) {
            witness_->refused(refusal_);
        }
    }
    PromisedRefusal(const PromisedRefusal&) = delete;
    PromisedRefusal& operator=(const PromisedRefusal&) = delete;

    // There is a better reason by now, or it is known of whom.
    void becomes(const Refusal& refusal) { refusal_ = refusal; }
    void is_of(Concerned who) { refusal_.who = std::move(who); }
    void call_off() noexcept { witness_ = nullptr; }

  private:
    EventWitness* witness_;
    Refusal refusal_;
};

}  // namespace clave
