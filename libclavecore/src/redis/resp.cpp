#include "redis/resp.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>

namespace clave::redis {
namespace {

// What hiredis reads becomes a Value where it stands: that of the whole reply is the reader's
// privdata, an element belongs to the array that is its parent. nullptr: no memory. C calls these,
// so nothing is thrown through them.
Value* place_of(const redisReadTask* task) noexcept {
    return task->parent == nullptr ? static_cast<Value*>(task->privdata)
                                   : &static_cast<Value*>(task->parent->obj)
                                          ->elements[static_cast<std::size_t>(task->idx)];
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) noexcept try {
    Value* const value = place_of(task);
    value->kind = task->type == REDIS_REPLY_ERROR ? Value::Kind::error : Value::Kind::text;
    value->text.assign(text, size);
    return value;
} catch (const std::bad_alloc&) {
    return nullptr;
}

// int in hiredis 0.14, size_t from 1.0 on; as many as the scanner allows.
template <class Count>
void* create_array(const redisReadTask* task, Count count) noexcept try {
    Value* const value = place_of(task);
    value->kind = Value::Kind::array;
    value->elements.resize(static_cast<std::size_t>(count));
    return value;
} catch (const std::bad_alloc&) {
    return nullptr;
}

void* create_integer(const redisReadTask* task, long long number) noexcept {
    Value* const value = place_of(task);
    value->kind = Value::Kind::integer;
    value->number = number;
    return value;
}

void* create_nil(const redisReadTask* task) noexcept {
    return place_of(task);
}

// None for what RESP3 has: the scanner lets none of it through.
redisReplyObjectFunctions values() noexcept {
    redisReplyObjectFunctions functions{};
    functions.createString = create_string;
    functions.createArray = create_array;
    functions.createInteger = create_integer;
    functions.createNil = create_nil;
    functions.freeObject = [](void*) {};  // whoever has asked has the Value
    return functions;
}

redisReplyObjectFunctions functions = values();  // not const for hiredis, which does not write

}  // namespace

// The library's own would leave copies of passwords.
Command::Command(std::span<const std::string_view> words) {
    constexpr std::size_t kMostCount = 20;  // digits of a 64-bit number
    std::size_t size = kMostCount + 3;
    for (const std::string_view word : words) {
        size += kMostCount + word.size() + 5;
    }
    text_.reserve(size);  // once, or a part of it would stay behind
    const auto count = [this](char kind, std::size_t number) {
        std::array<char, kMostCount> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        text_ += kind;
        text_.append(digits.data(), end);
        text_ += "\r\n";
    };
    count('*', words.size());
    for (const std::string_view word : words) {
        count('$', word.size());
        text_ += word;
        text_ += "\r\n";
    }
}

void ReplyReader::Free::operator()(redisReader* reader) const noexcept {
    redisReaderFree(reader);
}

ReplyReader::ReplyReader(ReplyLimits limits)
    : reader_(redisReaderCreateWithFunctions(&functions)), scanner_(limits) {
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
    value = Value();
    reader_->privdata = &value;
    void* object = nullptr;
    if (redisReaderFeed(reader_.get(), rest.data(), scanner_.length()) != REDIS_OK ||
        redisReaderGetReply(reader_.get(), &object) != REDIS_OK || object == nullptr) {
        complaint_ = "not RESP2";
        return Got::garbage;
    }
    taken_ += scanner_.length();
    scanner_.restart();
    return Got::value;
}

}  // namespace clave::redis
