#include "redis/resp.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace clave::redis {
namespace {

struct FreeReply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

void convert(const redisReply& reply, Value& value) {
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            value.kind = Value::Kind::integer;
            value.number = reply.integer;
            return;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            value.kind = Value::Kind::text;
            value.text.assign(reply.str, static_cast<std::size_t>(reply.len));
            return;
        case REDIS_REPLY_ERROR:
            value.kind = Value::Kind::error;
            value.text.assign(reply.str, static_cast<std::size_t>(reply.len));
            return;
        case REDIS_REPLY_ARRAY:
            value.kind = Value::Kind::array;
            value.elements.resize(reply.elements);
            for (std::size_t i = 0; i < reply.elements; ++i) {
                convert(*reply.element[i], value.elements[i]);  // as deep as the scanner allows
            }
            return;
        default:
            value.kind = Value::Kind::nil;
    }
}

}  // namespace

// Into one string that whoever has it may wipe: the library's would leave copies of passwords.
std::string encode(const Command& command) {
    constexpr std::size_t kMostCount = 20;  // digits of a 64-bit number
    std::size_t size = kMostCount + 3;
    for (const std::string& word : command) {
        size += kMostCount + word.size() + 5;
    }
    std::string text;
    text.reserve(size);
    const auto count = [&text](char kind, std::size_t number) {
        std::array<char, kMostCount> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        text += kind;
        text.append(digits.data(), end);
        text += "\r\n";
    };
    count('*', command.size());
    for (const std::string& word : command) {
        count('$', word.size());
        text += word;
        text += "\r\n";
    }
    return text;
}

void ReplyReader::Free::operator()(redisReader* reader) const noexcept {
    redisReaderFree(reader);
}

ReplyReader::ReplyReader(ReplyLimits limits) : reader_(redisReaderCreate()), scanner_(limits) {
    if (!reader_) {
        throw std::bad_alloc();
    }
}

void ReplyReader::feed(std::string_view bytes) {
    const std::size_t gone = std::min(left_out_, bytes.size());
    left_out_ -= gone;
    text_.append(bytes.substr(gone));
}

// Its line end stays, and becomes that of the error.
void ReplyReader::leave_out() {
    const std::size_t line = taken_ + scanner_.length();
    const std::size_t begin = text_.find('\n', line) + 1;
    const std::size_t there = std::min(scanner_.too_long(), text_.size() - begin);
    left_out_ = scanner_.too_long() - there;
    text_.replace(line, begin + there - line, ReplyScanner::kInstead);
}

ReplyReader::Got ReplyReader::next(Value& value) {
    ReplyScanner::Verdict verdict = scanner_.look(std::string_view(text_).substr(taken_));
    while (verdict == ReplyScanner::Verdict::too_long) {
        leave_out();
        verdict = scanner_.look(std::string_view(text_).substr(taken_));
    }
    const std::string_view rest = std::string_view(text_).substr(taken_);
    switch (verdict) {
        case ReplyScanner::Verdict::bad:
            complaint_ = scanner_.complaint();
            return Got::garbage;
        case ReplyScanner::Verdict::more:
            text_.erase(0, std::exchange(taken_, 0));
            return Got::nothing;
        default:
            break;
    }
    void* object = nullptr;
    if (redisReaderFeed(reader_.get(), rest.data(), scanner_.length()) != REDIS_OK ||
        redisReaderGetReply(reader_.get(), &object) != REDIS_OK || object == nullptr) {
        complaint_ = "not RESP2";
        return Got::garbage;
    }
    const Reply reply(static_cast<redisReply*>(object));
    value = Value();
    convert(*reply, value);
    taken_ += scanner_.length();
    scanner_.restart();
    return Got::value;
}

}  // namespace clave::redis
