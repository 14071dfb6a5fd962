// RESP2, the language of Redis. hiredis reads it (product.md 8.6), nothing else of it is used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "redis/commands.h"
#include "redis/reply_scanner.h"
#include "redis/value.h"

using redisReader = struct redisReader;

namespace clave::redis {

// Bytes in, values out.
class ReplyReader {
  public:
    enum class Got : std::uint8_t { nothing, value, garbage };

    explicit ReplyReader(ReplyLimits limits);

    void feed(std::string_view bytes);
    // The next reply, if it is there as a whole. After garbage there is no next one. A text that is
    // longer than any of ours is never in memory; in its place is an error, TOOLONG, so that it is
    // nobody else's business in the same pipeline.
    Got next(Value& value);
    const char* complaint() const noexcept { return complaint_; }

  private:
    void leave_out();

    struct Free {
        void operator()(redisReader* reader) const noexcept;
    };

    std::unique_ptr<redisReader, Free> reader_;
    ReplyScanner scanner_;
    std::string text_;
    std::size_t taken_ = 0;     // of it
    std::size_t left_out_ = 0;  // of what comes next
    const char* complaint_ = "";
};

}  // namespace clave::redis
