// Looks over a reply of Redis, octet by octet, before the reader of hiredis sees it: that one
// allocates what a server announces (hiredis 0.14; CVE-2021-32765), recurses, and knows types that
// RESP2 does not have.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clave::redis {

struct ReplyLimits {
    std::size_t bytes = 1024 * 1024;   // of one reply
    std::size_t elements = 64 * 1024;  // of all its arrays together
    std::size_t text = 64 * 1024;      // of one text; a longer one is not kept
};

class ReplyScanner {
  public:
    // `too_long`: at length() the line of a text begins that is over the limit. Whoever puts
    // kInstead there, without a line end, and leaves out too_long() octets behind that line, may go
    // on: the text's own end is that of the error, then.
    enum class Verdict : std::uint8_t { more, whole, too_long, bad };

    static constexpr std::string_view kInstead = "-TOOLONG";

    // No text of Redis is longer (proto-max-bulk-len).
    static constexpr std::uint64_t kMostText = 512ULL * 1024 * 1024;

    // CLUSTER SLOTS is the deepest that is asked for: slots, a range, a node, what is known of it.
    // hiredis takes seven.
    static constexpr std::size_t kMostDepth = 5;

    explicit ReplyScanner(ReplyLimits limits) noexcept : limits_(limits) {}

    // `text` begins where the reply begins, and only grows from call to call.
    Verdict look(std::string_view text) noexcept;
    std::size_t length() const noexcept { return at_; }  // of the whole reply
    std::size_t too_long() const noexcept { return too_long_; }
    const char* complaint() const noexcept { return complaint_; }
    void restart() noexcept { *this = ReplyScanner(limits_); }

  private:
    Verdict bad(const char* complaint) noexcept;
    Verdict header(std::string_view line) noexcept;
    Verdict bulk(std::int64_t size) noexcept;
    Verdict array(std::int64_t count) noexcept;
    void one_less() noexcept;
    bool fits(std::size_t end) const noexcept;

    ReplyLimits limits_;
    std::size_t at_ = 0;        // all before it has been looked at
    std::size_t searched_ = 0;  // of the line that begins there
    std::size_t bulk_ = 0;      // octets of it to come, its line end included
    std::size_t too_long_ = 0;
    std::size_t elements_ = 0;
    std::size_t depth_ = 0;  // arrays that are open
    std::array<std::size_t, kMostDepth> missing_{};
    bool instead_ = false;  // kInstead is what has to be there
    bool whole_ = false;
    const char* complaint_ = "";
};

}  // namespace clave::redis
