#include "redis/reply_scanner.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/guard.h"

namespace clave::redis {
namespace {

// As Redis writes it: no plus, no zero in front.
std::optional<std::int64_t> number(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    const bool plain = !digits.starts_with('0') || text == "0";
    if (error != std::errc{} || end != text.data() + text.size() || !plain) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

ReplyScanner::Verdict ReplyScanner::bad(const char* complaint) noexcept {
    complaint_ = complaint;
    return Verdict::bad;
}

// One value is there: perhaps the last one of its array, and that of the one around it.
void ReplyScanner::one_less() noexcept {
    while (depth_ > 0 && --missing_[depth_ - 1] == 0) {
        --depth_;
    }
    whole_ = depth_ == 0;
}

ReplyScanner::Verdict ReplyScanner::bulk(std::int64_t size) noexcept {
    if (size == -1) {
        one_less();
        return Verdict::more;
    }
    if (!guard("redis bulk length", size >= 0 && static_cast<std::uint64_t>(size) <= kMostText)) {
        return bad("a text of impossible length");
    }
    if (!guard("redis text length", static_cast<std::uint64_t>(size) <= limits_.text)) {
        too_long_ = static_cast<std::size_t>(size);
        return Verdict::too_long;
    }
    bulk_ = static_cast<std::size_t>(size) + 2;
    return Verdict::more;
}

ReplyScanner::Verdict ReplyScanner::array(std::int64_t count) noexcept {
    if (count == -1 || count == 0) {
        one_less();
        return Verdict::more;
    }
    if (!guard("redis element count",
               count > 0 && static_cast<std::uint64_t>(count) <= limits_.elements - elements_)) {
        return bad("an array of impossible size");
    }
    if (depth_ == kMostDepth) {
        return bad("arrays nested too deep");
    }
    elements_ += static_cast<std::size_t>(count);
    missing_[depth_++] = static_cast<std::size_t>(count);
    return Verdict::more;
}

ReplyScanner::Verdict ReplyScanner::header(std::string_view line) noexcept {
    if (line.empty()) {
        return bad("an empty line");
    }
    if (line.front() == '+' || line.front() == '-') {
        one_less();
        return Verdict::more;
    }
    const auto value = number(line.substr(1));
    if (!value) {
        return bad("neither a number nor a type of RESP2");
    }
    switch (line.front()) {
        case ':':
            one_less();
            return Verdict::more;
        case '$':
            return bulk(*value);
        case '*':
            return array(*value);
        default:
            return bad("a type that RESP2 does not have");
    }
}

// The limit holds for what is there, and for what is announced.
bool ReplyScanner::fits(std::size_t end) const noexcept {
    return guard("redis reply size", end <= limits_.bytes);
}

ReplyScanner::Verdict ReplyScanner::look(std::string_view text) noexcept {
    while (!whole_) {
        if (!fits(at_ + bulk_)) {
            return bad("a reply over the limit");
        }
        if (bulk_ > 0) {
            if (text.size() - at_ < bulk_) {
                return Verdict::more;
            }
            at_ += bulk_;
            bulk_ = 0;
            if (text.substr(at_ - 2, 2) != "\r\n") {
                return bad("a text without its end");
            }
            one_less();
            continue;
        }
        const std::size_t end = text.find_first_of("\r\n", at_ + searched_);
        if (end == std::string_view::npos || text.substr(end) == "\r") {
            searched_ = (end == std::string_view::npos ? text.size() : end) - at_;
            return fits(at_ + searched_) ? Verdict::more : bad("a reply over the limit");
        }
        if (text.substr(end, 2) != "\r\n") {
            return bad("a line without its end");
        }
        const std::size_t begin = std::exchange(at_, end + 2);
        searched_ = 0;
        const std::string_view line = text.substr(begin, end - begin);
        if (std::exchange(instead_, false) && line != kInstead) {
            return bad("a text without its end");
        }
        const Verdict verdict = header(line);
        if (verdict == Verdict::too_long) {
            at_ = begin;
            instead_ = true;
        }
        if (verdict != Verdict::more) {
            return verdict;
        }
    }
    return fits(at_) ? Verdict::whole : bad("a reply over the limit");
}

}  // namespace clave::redis
