#include "sign/api_order.h"

#include <jansson.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/dumped_json.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/identity.h"
#include "clave/upgrade.h"
#include "login/target.h"
#include "sign/intake.h"

namespace clave {
namespace {

constexpr std::size_t kMostText = 200;  // bytes, as in the configuration
constexpr std::size_t kMostKey = 128;
constexpr std::size_t kMostTarget = 512;
constexpr std::size_t kMostName = 120;
constexpr std::size_t kMostType = 80;
constexpr std::size_t kMostDocumentId = 40;  // FIRe's limit
constexpr std::size_t kSessionHash = 16;

struct JsonDeleter {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonDeleter>;

tl::unexpected<Error> wrong(const std::string& member, std::string_view why) {
    return fail(Code::api_field, "\"" + member + "\" " + std::string(why));
}

bool is_one_of(std::string_view text, std::string_view letters) noexcept {
    return text.find_first_not_of(letters) == std::string_view::npos;
}

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kIdLetters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-";

bool is_visible_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

// RFC 9110 section 8.3.1, in lower case and without parameters.
bool is_media_type(std::string_view text) noexcept {
    constexpr std::string_view kToken = "0123456789abcdefghijklmnopqrstuvwxyz!#$&^_.+-";
    const std::size_t slash = text.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
           is_one_of(text.substr(0, slash), kToken) && is_one_of(text.substr(slash + 1), kToken);
}

// One object whose members are asked for by name; whoever is done asks whether there are others.
class Members {
  public:
    // `place`: "", or "documents[2]."
    Members(const json_t* object, std::string place) : object_(object), place_(std::move(place)) {}

    std::string name_of(const char* member) const { return place_ + member; }
    const json_t* value(const char* member) {
        const json_t* found = json_object_get(object_, member);
        asked_ += found != nullptr ? 1 : 0;
        return found;
    }
    // Empty: it is absent, and may be.
    Result<std::string> text(const char* member, std::size_t most, bool required = true) {
        const json_t* found = value(member);
        if (found == nullptr && !required) {
            return std::string();
        }
        if (found == nullptr) {
            return wrong(name_of(member), "is missing");
        }
        if (!json_is_string(found)) {
            return wrong(name_of(member), "should be a string");
        }
        std::string text(json_string_value(found), json_string_length(found));
        if (text.empty() || text.size() > most) {
            return wrong(name_of(member), "should have 1 to " + std::to_string(most) + " bytes");
        }
        if (!guard("api control characters", !has_control_characters(text))) {
            return wrong(name_of(member), "has control characters");
        }
        return text;
    }
    bool has_others() const noexcept { return json_object_size(object_) != asked_; }

  private:
    const json_t* object_;
    std::string place_;
    std::size_t asked_ = 0;
};

// Puts what `members` says into `field`, if `fits`; otherwise the refusal.
template <class Fits>
std::optional<Error> take(Members& members, const char* member, std::size_t most, Fits fits,
                          std::string_view should_be, std::string& field, bool required = true) {
    auto text = members.text(member, most, required);
    if (!text) {
        return std::move(text.error());
    }
    if (!text->empty() && !guard("api " + std::string(member), fits(*text))) {
        return wrong(members.name_of(member), should_be).value();
    }
    field = std::move(*text);
    return std::nullopt;
}

bool any_text(std::string_view) noexcept {
    return true;
}

std::optional<Error> read_document(const json_t* json, std::size_t number, SignFormat format,
                                   std::vector<AnnouncedDocument>& documents) {
    const std::string place = "documents[" + std::to_string(number) + "]";
    if (!json_is_object(json)) {
        return wrong(place, "should be an object").value();
    }
    Members members(json, place + ".");
    AnnouncedDocument document;
    std::string sha256;
    // An address of ours ends with it: nginx would take "." and ".." away.
    const auto is_id = [](std::string_view text) {
        return is_one_of(text, kIdLetters) && text.front() != '.';
    };
    const auto is_name = [](std::string_view text) { return safe_file_name(text) == text; };
    const auto is_digest = [](std::string_view text) {
        return text.size() == 64 && is_one_of(text, kHex);
    };
    const auto is_type = [&](std::string_view text) {
        return is_media_type(text) && (format != SignFormat::pades || text == "application/pdf");
    };
    auto error = take(members, "id", kMostDocumentId, is_id,
                      "should consist of letters, digits, \"-\", \"_\" and \".\"", document.id);
    error = error ? error
                  : take(members, "name", kMostName, is_name,
                         "should be the name of a file, without a path", document.name);
    error = error ? error
                  : take(members, "type", kMostType, is_type,
                         format == SignFormat::pades
                             ? "should be \"application/pdf\" for a signature in a PDF"
                             : "should be a media type in lower case, without parameters",
                         document.media_type);
    error = error ? error
                  : take(members, "sha256", 64, is_digest,
                         "should be 64 hexadecimal digits in lower case", sha256);
    if (error) {
        return error;
    }
    if (!guard("api unknown member", !members.has_others())) {
        return wrong(place, "has a member that is not known").value();
    }
    const bool again =
        std::any_of(documents.begin(), documents.end(),
                    [&](const AnnouncedDocument& other) { return other.id == document.id; });
    if (!guard("api document twice", !again)) {
        return wrong(members.name_of("id"), "is that of another document").value();
    }
    if (!hex_decode_to(document.sha256, sha256)) {
        return wrong(members.name_of("sha256"), "is no digest").value();
    }
    documents.push_back(std::move(document));
    return std::nullopt;
}

std::optional<Error> read_documents(Members& members, SignFormat format, std::size_t most,
                                    std::vector<AnnouncedDocument>& documents) {
    const json_t* list = members.value("documents");
    const std::size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > most) {
        return wrong("documents",
                     "should be an array of 1 to " + std::to_string(most) + " documents")
            .value();
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (auto error = read_document(json_array_get(list, i), i, format, documents)) {
            return error;
        }
    }
    return std::nullopt;
}

// FIRe's own option of a batch: of one document it would mean nothing.
std::optional<Error> read_stop_on_error(Members& members, ApiOrder& order) {
    const json_t* told = members.value("stop_on_error");
    if (told == nullptr) {
        return std::nullopt;
    }
    if (!json_is_boolean(told)) {
        return wrong("stop_on_error", "should be true or false").value();
    }
    order.stop_on_error = json_is_true(told);
    if (order.stop_on_error && order.documents.size() < 2) {
        return wrong("stop_on_error", "is for several documents").value();
    }
    return std::nullopt;
}

std::optional<SignFormat> format_named(std::string_view name) noexcept {
    if (name == "cades") {
        return SignFormat::cades;
    }
    if (name == "xades") {
        return SignFormat::xades;
    }
    if (name == "pades") {
        return SignFormat::pades;
    }
    return name == "none" ? std::optional(SignFormat::none) : std::nullopt;
}

// The same for the same members with the same values.
std::optional<Digest> digest_of(const json_t* json) {
    const auto text = dumped_json(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII);
    return text ? std::optional(sha256(*text)) : std::nullopt;
}

}  // namespace

Result<ApiOrder> read_order(const Site& site, std::string_view json, std::size_t most_documents) {
    if (json.size() > kMostOrder) {
        return fail(Code::too_large, "an order over " + std::to_string(kMostOrder) + " bytes");
    }
    json_error_t where;
    const Json root(json_loadb(json.data(), json.size(), JSON_REJECT_DUPLICATES, &where));
    if (!json_is_object(root.get())) {
        return fail(Code::api_format, "not a JSON object, or one that has a member twice");
    }
    ApiOrder order;
    Members members(root.get(), "");
    std::string format, operation;
    const auto is_session = [](std::string_view text) {
        return text.size() == kSessionHash && is_one_of(text, kHex);
    };
    const auto is_target = [&](std::string_view text) {
        return safe_target(site, text) == text && !Gate::owns(site, text);
    };
    auto error = take(members, "nif", 16, is_valid_nif,
                      "should be a DNI or NIE in upper case, with its letter", order.nif);
    error = error ? error
                  : take(members, "session", kSessionHash, is_session,
                         "should be what X-Clave-Session says", order.session, false);
    error = error ? error
                  : take(
                        members, "format", 8,
                        [](std::string_view name) { return format_named(name).has_value(); },
                        "should be \"cades\", \"xades\", \"pades\" or \"none\"", format);
    error =
        error ? error
              : take(
                    members, "operation", 16, [](std::string_view name) { return name == "sign"; },
                    "should be \"sign\"; nothing else can be verified here", operation, false);
    error = error ? error
                  : take(members, "upgrade", 16, is_upgrade,
                         "should be a word of FIRe's, as \"ES-T\" or \"LTA-LEVEL\"", order.upgrade,
                         false);
    error = error ? error : take(members, "title", kMostText, any_text, {}, order.title);
    error =
        error ? error : take(members, "procedure", kMostText, any_text, {}, order.procedure, false);
    error = error ? error
                  : take(members, "return", kMostTarget, is_target,
                         "should be a path of this site, and none of our own", order.target);
    error = error ? error
                  : take(members, "idempotency_key", kMostKey, is_visible_ascii,
                         "should be ASCII without spaces", order.idempotency_key);
    if (!error) {
        order.format = format_named(format).value_or(SignFormat::cades);
        error = read_documents(members, order.format, most_documents, order.documents);
    }
    if (!error) {
        error = read_stop_on_error(members, order);
    }
    const std::string_view objection = error || order.upgrade.empty()
                                           ? std::string_view()
                                           : objection_to_upgrade(order.format, order.upgrade);
    if (!objection.empty()) {
        error = wrong("upgrade", "is " + std::string(objection)).value();
    }
    if (error) {
        return tl::unexpected(std::move(*error));
    }
    if (!guard("api unknown member", !members.has_others())) {
        return fail(Code::api_field, "a member that is not known");
    }
    const auto meaning = digest_of(root.get());
    if (!meaning) {
        return fail(Code::internal, "no memory");
    }
    order.meaning = *meaning;
    return order;
}

}  // namespace clave
