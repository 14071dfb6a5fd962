#include "redis/scan.h"

#include <algorithm>
#include <utility>

namespace clave::redis {
namespace {

// How many keys Redis looks at for one page, whether they match or not: about as long as a few
// commands take, and Redis does nothing else meanwhile.
constexpr const char* kLookedAt = "200";

}  // namespace

bool is_scan_cursor(std::string_view cursor) noexcept {
    return cursor.size() <= 20 &&
           std::all_of(cursor.begin(), cursor.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Command scan_command(const std::string& cursor, const std::string& pattern) {
    return {"SCAN", cursor.empty() ? "0" : cursor, "MATCH", pattern, "COUNT", kLookedAt};
}

Result<KeyPage> read_scan(const Result<Value>& reply) {
    if (!reply) {
        return tl::unexpected<Error>(reply.error());
    }
    if (reply->kind == Value::Kind::error) {
        return fail(Code::store, "redis refused SCAN: " + std::string(reply->error_code()));
    }
    const bool is_page =
        reply->elements.size() == 2 && reply->elements[0].kind == Value::Kind::text &&
        is_scan_cursor(reply->elements[0].text) && reply->elements[1].kind == Value::Kind::array;
    if (!is_page) {
        return fail(Code::store, "SCAN gives no page of keys");
    }
    KeyPage page;
    for (const Value& key : reply->elements[1].elements) {
        page.keys.push_back(key.text);
    }
    const std::string& next = reply->elements[0].text;
    page.next = next == "0" ? std::string() : next;
    return page;
}

Task<Result<KeyPage>> Commands::scan(std::string cursor, std::string pattern) {
    if (!is_scan_cursor(cursor)) {
        co_return fail(Code::format, "not a cursor of this store");
    }
    Task<Result<Value>> asking = run({}, scan_command(cursor, pattern));
    const Result<Value> reply = co_await std::move(asking);
    co_return read_scan(reply);
}

}  // namespace clave::redis
