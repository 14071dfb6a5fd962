// What a server says (R-09, R-11, CVE-2021-32765): however it is cut into pieces it means the same,
// and nothing of it is larger or deeper than it may be.
#include <algorithm>
#include <string>
#include <vector>

#include "redis/resp.h"
#include "target.h"

namespace clave::fuzz {
namespace {

using redis::ReplyReader;
using redis::Value;

constexpr redis::ReplyLimits kLimits{4096, 64, 512};

struct Said {
    std::vector<Value> values;
    bool garbage = false;
};

bool operator==(const Value& a, const Value& b) {
    return a.kind == b.kind && a.number == b.number && a.text == b.text &&
           std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
                      [](const Value& x, const Value& y) { return x == y; });
}

Said read(std::string_view input, std::size_t piece) {
    ReplyReader reader(kLimits);
    Said said;
    while (!input.empty() && !said.garbage) {
        reader.feed(input.substr(0, piece));
        input.remove_prefix(std::min(piece, input.size()));
        for (bool more = true; more;) {
            Value value;
            const ReplyReader::Got got = reader.next(value);
            more = got == ReplyReader::Got::value;
            said.garbage = got == ReplyReader::Got::garbage;
            if (more) {
                said.values.push_back(std::move(value));
            }
        }
    }
    return said;
}

struct Size {
    std::size_t octets = 0;
    std::size_t elements = 0;
    std::size_t depth = 0;
};

Size size_of(const Value& value) {
    Size size;
    size.octets = value.text.size();
    size.elements = value.elements.size();
    for (const Value& one : value.elements) {
        const Size part = size_of(one);
        size.octets += part.octets;
        size.elements += part.elements;
        size.depth = std::max(size.depth, part.depth);
    }
    size.depth += value.kind == Value::Kind::array && !value.elements.empty() ? 1 : 0;
    return size;
}

}  // namespace

bool run(std::string_view input) {
    const Said said = read(input, input.size());
    for (const std::size_t piece : {1U, 7U}) {
        const Said again = read(input, piece);
        require(
            std::equal(said.values.begin(), said.values.end(), again.values.begin(),
                       again.values.end(), [](const Value& a, const Value& b) { return a == b; }) &&
                said.garbage == again.garbage,
            "pieces mean what the whole means");
    }
    for (const Value& value : said.values) {
        const Size size = size_of(value);
        require(size.octets <= kLimits.bytes, "a reply is no longer than it may be");
        require(size.elements <= kLimits.elements, "arrays are no larger than they may be");
        require(size.depth <= redis::ReplyScanner::kMostDepth, "nor are they deeper");
        require(value.kind == Value::Kind::error || value.error_code().empty(),
                "only an error has a code");
    }
    return !said.values.empty() && !said.garbage;
}

}  // namespace clave::fuzz
