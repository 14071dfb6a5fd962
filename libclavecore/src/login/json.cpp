#include "login/json.h"

#include <jansson.h>

#include <new>
#include <utility>

#include "base/dumped_json.h"

namespace clave {

void JsonObject::Deleter::operator()(json_t* json) const noexcept {
    json_decref(json);
}

JsonObject::JsonObject() : object_(json_object()) {
    if (!object_) {
        throw std::bad_alloc();
    }
}

// jansson takes `value`, also on failure, and fails for a nullptr.
JsonObject& JsonObject::set(const char* key, json_t* value) {
    if (json_object_set_new(object_.get(), key, value) != 0) {
        throw std::bad_alloc();
    }
    return *this;
}

JsonObject& JsonObject::text(const char* key, std::string_view value) {
    return set(key, json_stringn(value.data(), value.size()));
}

JsonObject& JsonObject::number(const char* key, std::int64_t value) {
    return set(key, json_integer(value));
}

JsonObject& JsonObject::boolean(const char* key, bool value) {
    return set(key, json_boolean(value));
}

JsonObject& JsonObject::object(const char* key, JsonObject value) {
    return set(key, value.object_.release());
}

JsonObject& JsonObject::list(const char* key, std::vector<JsonObject> values) {
    json_t* array = json_array();
    set(key, array);
    for (JsonObject& value : values) {
        if (json_array_append_new(array, value.object_.release()) != 0) {
            throw std::bad_alloc();
        }
    }
    return *this;
}

std::string JsonObject::dump() const {
    auto text = dumped_json(object_.get(), JSON_COMPACT);
    return text ? std::move(*text) : throw std::bad_alloc();
}

}  // namespace clave
