#include "redis/ear.h"

namespace clave::redis {

std::unique_ptr<Ear> Ear::open(Wire& wire, Whom whom, const Watching& watching) {
    return watching.listener == nullptr ? nullptr
                                        : std::make_unique<Ear>(wire, std::move(whom), watching);
}

Ear::Ear(Wire& wire, Whom whom, const Watching& watching)
    : listener_(*watching.listener),
      subscription_(wire, std::move(whom), "__redis__:invalidate", watching.prefixes, *this) {
    subscription_.start();
}

// The keys, or nil: all of them (FLUSHALL, FLUSHDB).
void Ear::on_message(const Value& payload) noexcept {
    if (payload.kind == Value::Kind::array) {
        for (const Value& key : payload.elements) {
            listener_.on_changed(key.text);
        }
    } else {
        listener_.on_deaf();
        listener_.on_hearing();
    }
}

}  // namespace clave::redis
