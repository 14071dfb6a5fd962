// An event that is told of even if whoever has asked for it does not stay for the Reply: what he
// has changed by then stays changed, and his Task goes with him (operation.md, clave_audit_log).
#pragma once

#include <utility>

#include "clave/event.h"
#include "clave/request.h"

namespace clave {

// Made before the change is asked for, as that may suspend. Told of at tell(), or when it is
// destroyed before: the question is on its way by then, and its answer finds nobody.
class PromisedEvent {
  public:
    // `request` outlives it.
    PromisedEvent(const Request& request, Event event)
        : witness_(request.witness), event_(std::move(event)) {}
    ~PromisedEvent() { tell(); }
    PromisedEvent(const PromisedEvent&) = delete;
    PromisedEvent& operator=(const PromisedEvent&) = delete;

    void tell() noexcept {
        if (EventWitness* const witness = std::exchange(witness_, nullptr)) {
            witness->happened(event_);
        }
    }
    // There is somebody to be answered, and the Reply tells of it.
    void tell_with(Reply& reply) {
        call_off();
        reply.events.push_back(std::move(event_));
    }
    // It has not come to pass.
    void call_off() noexcept { witness_ = nullptr; }

  private:
    EventWitness* witness_;
    Event event_;
};

}  // namespace clave
