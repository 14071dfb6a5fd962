#include "redis/replication.h"

#include <algorithm>
#include <utility>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "redis/refusal.h"

namespace clave::redis {
namespace {

Result<std::string> field(const Result<Value>& reply, std::string_view name) {
    if (!reply) {
        return fail(Code::store, reply.error().detail);
    }
    if (reply->kind != Value::Kind::text) {
        return fail(Code::store, "INFO: " + refusal_word(*reply));
    }
    const std::string text = "\r\n" + reply->text;
    const std::string label = "\r\n" + std::string(name) + ":";
    const std::size_t begin = text.find(label);
    const std::size_t end =
        begin == std::string::npos ? begin : text.find("\r\n", begin + label.size());
    if (end == std::string::npos) {
        return fail(Code::store, "INFO does not name " + std::string(name));
    }
    return text.substr(begin + label.size(), end - begin - label.size());
}

}  // namespace

Request replication_request() {
    return Request::of({"INFO", "replication"});
}

Result<std::uint64_t> epoch_of(const Result<Value>& reply) {
    const Result<std::string> id = field(reply, "master_replid");
    if (!id) {
        return fail(Code::store, id.error().detail);
    }
    if (id->size() != 40) {
        return fail(Code::store, "INFO names no replication ID");
    }
    const Digest digest = sha256(as_bytes(*id));
    std::uint64_t epoch = 0;
    for (std::size_t i = 0; i < sizeof epoch; ++i) {
        epoch = epoch << 8U | std::to_integer<std::uint64_t>(digest[i]);
    }
    return epoch;
}

Result<bool> has_replica(const Result<Value>& reply) {
    const Result<std::string> count = field(reply, "connected_slaves");
    if (!count) {
        return fail(Code::store, count.error().detail);
    }
    return *count != "0";
}

Request copied_request(const Command& command, std::chrono::milliseconds most) {
    return Request::one_after_the_other(
        {command, {"WAIT", "1", std::to_string(std::max<std::int64_t>(most.count(), 1))}});
}

Result<Value> copied_reply(Result<Value> reply) {
    if (!reply || reply->kind == Value::Kind::error) {
        return reply;
    }
    if (reply->elements.size() != 2 || reply->elements[1].number < 1) {
        return fail(Code::store, "no replica has it yet");
    }
    Value first = std::move(reply->elements[0]);
    return first;
}

}  // namespace clave::redis
