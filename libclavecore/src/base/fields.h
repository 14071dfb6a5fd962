// Length-prefixed fields, for every record that is sealed into a cookie or kept in a store.
// Big-endian, no padding, no self-description: each record begins with a version of its own.
// Everything is checked on the way in: a record may come from a store that others can write to
//
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/host.h"

namespace clave {

class FieldWriter {
  public:
    void u8(std::uint8_t value) { bytes_.push_back(std::byte{value}); }
    void i64(std::int64_t value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes_.push_back(static_cast<std::byte>(value >> shift));
        }
    }
    void time(Time value) { i64(value.time_since_epoch().count()); }
    void raw(std::span<const std::byte> value) {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
    }
    // At most 65535 bytes: every text is bounded far below that, or makes a record that its writer
    // refuses as too long.
    void text(std::string_view value) {
        bytes_.push_back(static_cast<std::byte>(value.size() >> 8U));
        bytes_.push_back(static_cast<std::byte>(value.size()));
        raw(as_bytes(value));
    }

    std::size_t size() const noexcept { return bytes_.size(); }
    void reserve(std::size_t size) { bytes_.reserve(size); }
    std::vector<std::byte> take() { return std::move(bytes_); }

  private:
    std::vector<std::byte> bytes_;
};

// Reading past the end yields zeros and marks the record as bad: the caller asks once, at the end.
class FieldReader {
  public:
    explicit FieldReader(std::span<const std::byte> bytes) noexcept : rest_(bytes) {}

    std::uint8_t u8() noexcept {
        const auto one = raw(1);
        return one.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(one[0]);
    }
    std::int64_t i64() noexcept {
        std::uint64_t value = 0;
        for (const std::byte byte : raw(8)) {
            value = value << 8U | std::to_integer<std::uint64_t>(byte);
        }
        return static_cast<std::int64_t>(value);
    }
    // From 1970 to 9999: beyond that, whoever calculates with it may overflow.
    Time time() noexcept {
        constexpr std::int64_t kLastSecond = 253402300799;
        const std::int64_t seconds = i64();
        if (!guard("record time range", seconds >= 0 && seconds <= kLastSecond)) {
            good_ = false;
            return {};
        }
        return Time{Seconds{seconds}};
    }
    std::string_view text() noexcept {
        const auto size = raw(2);
        if (size.empty()) {
            return {};
        }
        return as_text(raw(std::to_integer<std::size_t>(size[0]) << 8U |
                           std::to_integer<std::size_t>(size[1])));
    }
    // Empty if there are not as many.
    std::span<const std::byte> raw(std::size_t count) noexcept {
        if (count > rest_.size()) {
            good_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    // All that follows.
    std::span<const std::byte> rest() noexcept { return raw(rest_.size()); }
    bool good() const noexcept { return good_; }  // nothing was missing so far
    bool at_end() const noexcept { return rest_.empty(); }
    bool complete() const noexcept { return good() && at_end(); }

  private:
    std::span<const std::byte> rest_;
    bool good_ = true;
};

}  // namespace clave
