// The audit log: one JSON object a line for every login, step-up, logout, end of a session,
// signature, and refusal. Unlike the error log it may say who somebody is, in the form that is
// configured.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clave/request.h"
#include "clave/secret.h"

namespace clave {

// masked: "***4567**". hashed: a keyed digest, the same for the same person under the same key.
enum class NifForm { masked, hashed, full };

// The fourth to seventh digit, as the Spanish data protection agency has it: enough to find a line
// again, not enough to know the person. Of what is no NIF, nothing.
std::string masked_nif(std::string_view nif);

// What the host knows of a request.
struct AuditScene {
    std::chrono::sys_time<std::chrono::milliseconds> time;
    std::string_view address;
    std::string_view service;  // provider name
    std::string_view origin;
};

// One per log and process.
class AuditTrail {
  public:
    // Refusals a second: nobody needs to have proved anything to cause one. Logins and logouts are
    // never left out.
    static constexpr std::uint64_t kMostRefusals = 100;

    explicit AuditTrail(NifForm form) noexcept : form_(form) {}
    NifForm form() const noexcept { return form_; }

    // What `reply` adds to the log: lines with their line feed, {} for most replies. Refusals over
    // the limit are counted, and their number is told by the first line of a later second.
    std::vector<std::string> lines(const Reply& reply, const AuditScene& scene,
                                   const MasterKey& key);
    // Of what no reply tells.
    std::string line(const Event& event, const AuditScene& scene, const MasterKey& key) const;
    // What a process that ends has to add; empty if nothing was left out.
    std::string last_line(std::chrono::sys_time<std::chrono::milliseconds> now);
    // Left out since this was last asked.
    std::uint64_t take_suppressed() noexcept;

  private:
    bool admits_refusal(std::int64_t second) noexcept;

    NifForm form_;
    std::int64_t second_ = 0;
    std::uint64_t refusals_ = 0;    // in that second
    std::uint64_t suppressed_ = 0;  // not yet told
    std::uint64_t uncounted_ = 0;   // not yet taken
};

}  // namespace clave
