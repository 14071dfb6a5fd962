// Tells the cache what becomes of sessions in Redis.
#pragma once

#include <utility>

#include "clave/session_cache.h"
#include "redis/commands.h"
#include "store/sealed_records.h"

namespace clave {

class CacheWatch final : public redis::ChangeListener {
  public:
    CacheWatch(SessionCache& cache, RecordNames names) : cache_(cache), names_(std::move(names)) {}

    void on_changed(std::string_view name) noexcept override {
        if (const auto key = names_.session_key(name)) {
            cache_.forget(*key);
        }
    }
    void on_deaf() noexcept override { cache_.is_deaf(); }
    void on_hearing() noexcept override { cache_.hears(); }

  private:
    SessionCache& cache_;
    const RecordNames names_;
};

}  // namespace clave
