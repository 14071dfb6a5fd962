// A JSON object, for the answers to scripts. Throws std::bad_alloc, and nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct json_t;

namespace clave {

class JsonObject {
  public:
    JsonObject();

    JsonObject& text(const char* key, std::string_view value);  // UTF-8
    JsonObject& number(const char* key, std::int64_t value);
    JsonObject& boolean(const char* key, bool value);
    JsonObject& object(const char* key, JsonObject value);
    JsonObject& list(const char* key, std::vector<JsonObject> values);

    std::string dump() const;  // in one line

  private:
    struct Deleter {
        void operator()(json_t* json) const noexcept;
    };
    JsonObject& set(const char* key, json_t* value);

    std::unique_ptr<json_t, Deleter> object_;
};

}  // namespace clave
