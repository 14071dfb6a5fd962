#include "sign/fire_answer.h"

#include <jansson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <set>

#include "base/guard.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::size_t kMostId = 64;
constexpr std::size_t kMostUrl = 2048;
constexpr json_int_t kMostCode = 9999;

struct JsonFree {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonFree>;

// jansson bounds the depth, the caller the size.
Json parse(std::string_view text) {
    return Json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
}

std::string text_at(const json_t* object, const char* key) {
    const json_t* const value = json_object_get(object, key);
    return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value))
                                 : std::string();
}

int number_at(const json_t* object, const char* key, int otherwise) {
    const json_t* const value = json_object_get(object, key);
    const json_int_t number = json_is_integer(value) ? json_integer_value(value) : otherwise;
    return number >= -1 && number <= kMostCode ? static_cast<int>(number) : otherwise;
}

int code_at(const json_t* object, const char* key) {
    return std::max(number_at(object, key, 0), 0);
}

// A printable word of FIRe's that we keep but do not understand.
std::string word_at(const json_t* object, const char* key) {
    std::string word = text_at(object, key);
    return is_fire_id(word, kMostId) ? word : std::string();
}

std::optional<FireGrace> grace_at(const json_t* object) {
    const json_t* const grace = json_object_get(object, "grace");
    const json_t* const date = json_object_get(grace, "date");
    FireGrace found{text_at(grace, "id"), {}};
    if (!is_fire_id(found.id, kMostId) || !json_is_integer(date)) {
        return std::nullopt;
    }
    found.after = Time{Seconds{json_integer_value(date) / 1000}};  // milliseconds since 1970
    return found;
}

std::string certificate_at(const json_t* object) {
    return base64_decode(text_at(object, "cert")).value_or(std::string());
}

// {"c": 503, "m": "…"}, where the text may hold anything, a quotation mark too.
int leading_code(std::string_view body) {
    std::string squeezed;
    for (const char c : body.substr(0, 32)) {
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            squeezed += c;
        }
    }
    constexpr std::string_view kBegin = "{\"c\":";
    if (!squeezed.starts_with(kBegin)) {
        return 0;
    }
    int code = 0;
    const char* const end = squeezed.data() + squeezed.size();
    const auto [rest, error] = std::from_chars(squeezed.data() + kBegin.size(), end, code);
    const bool ended = error == std::errc{} && rest != end && (*rest == ',' || *rest == '}');
    return ended && code > 0 && code <= kMostCode ? code : 0;
}

}  // namespace

bool is_fire_id(std::string_view id, std::size_t most) noexcept {
    return !id.empty() && id.size() <= most && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

FireRefusal parse_fire_refusal(std::string_view body) {
    FireRefusal refusal;
    refusal.code = leading_code(body);
    const Json json = refusal.code == 0 ? parse(body) : Json();
    if (const json_t* const result = json_object_get(json.get(), "result")) {
        refusal.code = code_at(result, "ercod");
    } else if (json != nullptr) {
        refusal.code = code_at(json.get(), "c");
        refusal.transaction = word_at(json.get(), "transactionid");
    }
    return refusal;
}

std::optional<FireRedirect> parse_fire_redirect(std::string_view body) {
    const Json json = parse(body);
    FireRedirect redirect{word_at(json.get(), "transactionid"), text_at(json.get(), "redirecturl")};
    if (redirect.transaction.empty() || redirect.url.empty()) {
        return std::nullopt;
    }
    return redirect;
}

std::optional<std::string> parse_fire_transaction(std::string_view body) {
    const Json json = parse(body);
    std::string transaction = word_at(json.get(), "transactionid");
    if (transaction.empty()) {
        return std::nullopt;
    }
    return transaction;
}

std::optional<FireState> parse_fire_state(std::string_view body) {
    const Json json = parse(body);
    const json_t* const result = json_object_get(json.get(), "result");
    if (!json_is_integer(json_object_get(result, "state"))) {
        return std::nullopt;
    }
    FireState state;
    state.state = number_at(result, "state", -1);
    state.code = code_at(result, "ercod");
    state.composed.provider = word_at(result, "prov");
    state.composed.certificate = certificate_at(result);
    state.composed.upgrade = word_at(result, "upgrade");
    state.composed.partial = state.state == 2;
    state.composed.grace = grace_at(result);
    if (state.state < -1 || state.state > 2 ||
        (state.state == 1) != state.composed.grace.has_value()) {
        return std::nullopt;
    }
    return state;
}

std::optional<FireBatchState> parse_fire_batch(std::string_view body) {
    const Json json = parse(body);
    const json_t* const documents = json_object_get(json.get(), "batch");
    if (!json_is_array(documents)) {
        return std::nullopt;
    }
    FireBatchState state{{word_at(json.get(), "prov"), certificate_at(json.get()), {}}, {}};
    std::set<std::string> seen;
    for (std::size_t i = 0; i < json_array_size(documents); ++i) {
        const json_t* const one = json_array_get(documents, i);
        const json_t* const ok = json_object_get(one, "ok");
        FireBatchDocument document{word_at(one, "id"), word_at(one, "dt"), grace_at(one), {}};
        if (document.id.empty() || !json_is_boolean(ok) || !seen.insert(document.id).second) {
            return std::nullopt;
        }
        if (json_is_true(ok) && !document.grace) {
            state.signed_ids.push_back(document.id);
        }
        state.batch.documents.push_back(std::move(document));
    }
    return state;
}

std::optional<double> parse_fire_progress(std::string_view body) {
    double progress = 0;
    const char* const end = body.data() + body.size();
    const auto [rest, error] = std::from_chars(body.data(), end, progress);
    if (error != std::errc{} || rest != end || !(progress >= 0 && progress <= 1)) {
        return std::nullopt;
    }
    return progress;
}

bool is_our_redirect(std::string_view url, std::string_view public_url,
                     std::string_view transaction) {
    while (public_url.ends_with('/')) {
        public_url.remove_suffix(1);
    }
    const std::string prefix = std::string(public_url) + "/public/entry?";
    const std::string ours = "transactionid=" + std::string(transaction);
    const bool plain = url.size() <= kMostUrl && std::all_of(url.begin(), url.end(), [](char c) {
                           return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '<' &&
                                  c != '>' && c != '\\' && c != '#';
                       });
    if (!plain || !guard("FIRe redirect prefix", url.starts_with(prefix))) {
        return false;
    }
    int named = 0;
    bool matches = false;
    for (std::string_view rest = url.substr(std::min(url.find('?'), url.size() - 1) + 1);
         !rest.empty();) {
        const std::string_view field = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(field.size() + 1, rest.size()));
        named += field.starts_with("transactionid=") ? 1 : 0;
        matches = matches || field == ours;
    }
    return guard("FIRe redirect transaction", named == 1 && matches);
}

}  // namespace clave
