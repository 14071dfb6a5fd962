// A document that an application has answered with to have it signed (clave_sign upstream), on its
// way into the archive while the answer comes in.
//
// Of the loop's thread. Nothing of it is kept in memory but what comes before the archive has made
// room for it, which is at most the document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "clave/request.h"
#include "clave/task.h"

namespace clave {

// What an application says around such a document.
struct ApplicationAnswer {
    int status = 200;
    std::vector<std::string_view> sign;  // each X-Clave-Sign, as it came
    std::string_view content_type;
    std::string_view content_encoding;    // empty: as it is
    std::optional<std::uint64_t> length;  // as announced
};

class AnsweredDocument {
  public:
    struct Parts;  // src/sign/answered_document.cpp

    // Gate::take_answer() makes it.
    explicit AnsweredDocument(std::unique_ptr<Parts> parts) noexcept;
    AnsweredDocument(const AnsweredDocument&) = delete;
    AnsweredDocument& operator=(const AnsweredDocument&) = delete;
    // What has not become a signature under way leaves nothing behind.
    ~AnsweredDocument();

    // In order. False: no more of it is wanted, and refusal() says why. Never suspends; the bytes
    // go into the kernel's memory, as those of a temporary file.
    [[nodiscard]] bool write(std::span<const std::byte> bytes);
    // After a write() that was false; or when the rest will never come.
    Reply refusal();
    // After the last byte, once: 303 to the page that shows the document, or 202 and JSON for a
    // script; or why not. The document outlives the Task.
    Task<Reply> finish();

  private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace clave
