// Hears what one server says of the keys that anyone changes.
#pragma once

#include "redis/open.h"
#include "redis/subscription.h"

namespace clave::redis {

class Ear final : Subscription::Handler {
  public:
    // Only if somebody listens.
    static std::unique_ptr<Ear> open(Wire& wire, Whom whom, const Watching& watching);
    Ear(Wire& wire, Whom whom, const Watching& watching);

    void begin_anew() noexcept { subscription_.begin_anew(); }

  private:
    void on_subscribed() noexcept override { listener_.on_hearing(); }
    void on_lost() noexcept override { listener_.on_deaf(); }
    void on_message(const Value& payload) noexcept override;

    ChangeListener& listener_;
    Subscription subscription_;
};

}  // namespace clave::redis
