#include "redis/replication.h"

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

}  // namespace clave::redis
