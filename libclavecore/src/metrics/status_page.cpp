// The two forms of a status page, and whether we are well.
#include <jansson.h>

#include <cmath>
#include <memory>
#include <new>
#include <utility>

#include "base/dumped_json.h"
#include "clave/metrics.h"
#include "metrics/families.h"

namespace clave {
namespace {

using metrics::Family;
using metrics::Sample;

// ---- text

// Of our own words and of the configuration's: what could end a label early is escaped all the
// same.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out;
}

std::string labels_of(const Sample& sample) {
    std::string text;
    for (const auto& [label, value] : sample.labels) {
        text += text.empty() ? '{' : ',';
        text.append(label).append("=\"").append(escaped(value)).append("\"");
    }
    return text.empty() ? text : text + "}";
}

// ---- JSON

struct JsonDeleter {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonDeleter>;

Json made(json_t* json) {
    return json != nullptr ? Json(json) : throw std::bad_alloc();
}

Json json_text(std::string_view text) {
    return made(json_stringn(text.data(), text.size()));
}

void put(const Json& object, std::string_view key, Json value) {
    if (json_object_set_new(object.get(), std::string(key).c_str(), value.release()) != 0) {
        throw std::bad_alloc();
    }
}

void append(const Json& array, Json value) {
    if (json_array_append_new(array.get(), value.release()) != 0) {
        throw std::bad_alloc();
    }
}

Json json_number(double value) {
    constexpr double kExact = 9007199254740992.0;  // 2^53
    const bool whole = std::trunc(value) == value && std::abs(value) <= kExact;
    return made(whole ? json_integer(static_cast<json_int_t>(value)) : json_real(value));
}

Json json_sample(const Family& family, const Sample& sample) {
    Json labels = made(json_object());
    for (const auto& [label, value] : sample.labels) {
        put(labels, label, json_text(value));
    }
    Json object = made(json_object());
    put(object, "name", json_text(std::string(family.name) + std::string(sample.suffix)));
    put(object, "labels", std::move(labels));
    put(object, "value", json_number(sample.value));
    return object;
}

Json json_family(const Family& family) {
    Json samples = made(json_array());
    for (const Sample& sample : family.samples) {
        append(samples, json_sample(family, sample));
    }
    Json object = made(json_object());
    put(object, "name", json_text(family.name));
    put(object, "type", json_text(name(family.type)));
    put(object, "help", json_text(family.help));
    put(object, "samples", std::move(samples));
    return object;
}

std::string dumped(const Json& json) {
    auto text = dumped_json(json.get(), JSON_COMPACT);
    return text ? std::move(*text) : throw std::bad_alloc();
}

// ----

bool wants_json(const Request& request) noexcept {
    return request.accept.find("application/json") != std::string_view::npos;
}

Reply answer(int status, bool json, std::string body) {
    Reply reply;
    reply.status = status;
    reply.content_type = json ? "application/json" : "text/plain; version=0.0.4; charset=utf-8";
    reply.body = std::move(body);
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Vary", "Accept");
    return reply;
}

}  // namespace

std::string metrics_text(const Metrics& metrics, const StatusFacts& facts) {
    std::string text;
    for (const Family& family : metrics::collect(metrics, facts)) {
        text.append("# HELP ").append(family.name).append(" ").append(family.help).append("\n");
        text.append("# TYPE ").append(family.name).append(" ").append(name(family.type));
        text.append("\n");
        for (const Sample& sample : family.samples) {
            text.append(family.name).append(sample.suffix).append(labels_of(sample)).append(" ");
            text.append(metrics::shown(sample.value)).append("\n");
        }
    }
    return text;
}

std::string metrics_json(const Metrics& metrics, const StatusFacts& facts) {
    Json families = made(json_array());
    for (const Family& family : metrics::collect(metrics, facts)) {
        append(families, json_family(family));
    }
    const Json page = made(json_object());
    put(page, "metrics", std::move(families));
    return dumped(page) + "\n";
}

Reply metrics_answer(const Metrics& metrics, const StatusFacts& facts, const Request& request) {
    const bool json = wants_json(request);
    return answer(200, json, json ? metrics_json(metrics, facts) : metrics_text(metrics, facts));
}

Reply health_answer(bool well, const Request& request) {
    const bool json = wants_json(request);
    if (well) {
        return answer(200, json, json ? "{\"status\":\"ok\"}\n" : "ok\n");
    }
    return answer(503, json,
                  json ? "{\"status\":\"down\",\"reason\":\"store\"}\n"
                       : "down: the session store does not answer\n");
}

}  // namespace clave
