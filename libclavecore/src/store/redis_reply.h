// A reply as the store means it: the value, or the reason why there is none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "clave/error.h"
#include "clave/host.h"
#include "redis/value.h"

namespace clave {

using redis::Value;

template <class T>
tl::unexpected<Error> error_of(const Result<T>& failed) {
    return tl::unexpected<Error>(failed.error());
}

// Redis carries out the command, or says why not: its first word, for the rest may name keys.
inline Result<Value> answered(Result<Value> reply) {
    if (reply && reply->kind == Value::Kind::error) {
        return fail(Code::store, "redis refused: " + std::string(reply->error_code()));
    }
    return reply;
}

// Of a transaction, that each of its commands was carried out.
inline Result<Value> answered_all(Result<Value> reply) {
    reply = answered(std::move(reply));
    if (!reply) {
        return reply;
    }
    if (reply->kind != Value::Kind::array) {
        return fail(Code::store, "redis gave up a transaction");
    }
    for (const Value& one : reply->elements) {
        if (one.kind == Value::Kind::error) {
            return fail(Code::store, "redis refused: " + std::string(one.error_code()));
        }
    }
    return reply;
}

// As Redis takes it: an expiry of 0 is an error to it.
inline std::string seconds_text(Seconds seconds) {
    return std::to_string(std::max<std::int64_t>(seconds.count(), 1));
}

}  // namespace clave
