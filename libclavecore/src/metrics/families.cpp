#include "metrics/families.h"

#include <charconv>

#include "clave/version.h"
#include "metrics/cells.h"

namespace clave::metrics {
namespace {

constexpr std::array<std::string_view, kResults> kResultNames = {"ok", "cancelled", "refused",
                                                                 "failed"};
constexpr std::size_t kFingerprint = 16;  // digits: enough to tell the certificates of one office

double number(Cell& cell) noexcept {
    return static_cast<double>(read(cell));
}

Family single(std::string_view name, Type type, std::string_view help, double value) {
    return {name, type, help, {Sample{{}, {}, value}}};
}

// Only what there was: few of the possible ones ever happen.
Family logins(Cells& cells) {
    Family family{"clave_logins_total",
                  Type::counter,
                  "Logins that came back to the browser, by level asked for, method and result.",
                  {}};
    for (std::size_t level = 0; level <= kLevels; ++level) {
        for (std::size_t method = 0; method <= kNoMethod; ++method) {
            for (std::size_t result = 0; result < kResults; ++result) {
                const double value = number(cells.logins[level][method][result]);
                if (value == 0) {
                    continue;
                }
                const std::string_view how = method == kNoMethod
                                                 ? std::string_view("unknown")
                                                 : clave::name(static_cast<Method>(method));
                family.samples.push_back({{},
                                          {{"level", std::string(level_name(cells, level))},
                                           {"method", std::string(how)},
                                           {"result", std::string(kResultNames[result])}},
                                          value});
            }
        }
    }
    return family;
}

Family step_ups(Cells& cells) {
    Family family{"clave_step_ups_total",
                  Type::counter,
                  "Those of the logins that were to raise the level of a session.",
                  {}};
    for (std::size_t result = 0; result < kResults; ++result) {
        family.samples.push_back(
            {{}, {{"result", std::string(kResultNames[result])}}, number(cells.step_ups[result])});
    }
    return family;
}

Family refusals(Cells& cells) {
    Family family{
        "clave_refusals_total", Type::counter, "Refusals, by the code in the error log.", {}};
    for (std::size_t i = 0; i < kCodes; ++i) {
        family.samples.push_back({{},
                                  {{"code", std::string(info(static_cast<Code>(i)).word)}},
                                  number(cells.refusals[i])});
    }
    return family;
}

// Where nothing was ever signed, nothing is said.
void add_signatures(std::vector<Family>& families, Cells& cells) {
    Family ends{"clave_signatures_total",
                Type::counter,
                "Documents signed, delivered, or not signed in the end, by format.",
                {}};
    for (std::size_t format = 0; format < kSignFormats; ++format) {
        for (auto state = static_cast<std::size_t>(SignState::finished); state < kSignStates;
             ++state) {
            const double value = number(cells.signatures[format][state]);
            if (value != 0) {
                ends.samples.push_back(
                    {{},
                     {{"format", std::string(word(static_cast<SignFormat>(format)))},
                      {"state", std::string(word(static_cast<SignState>(state)))}},
                     value});
            }
        }
    }
    Family failures{
        "clave_signature_failures_total", Type::counter, "Of those that failed, why.", {}};
    for (std::size_t reason = 0; reason < kSignReasons; ++reason) {
        const double value = number(cells.signature_failures[reason]);
        if (value != 0) {
            failures.samples.push_back(
                {{}, {{"reason", std::string(word(static_cast<SignReason>(reason)))}}, value});
        }
    }
    families.push_back(std::move(ends));
    families.push_back(std::move(failures));
}

Family latency(Cells& cells) {
    Family family{"clave_store_latency_seconds",
                  Type::histogram,
                  "Time until the session store answered.",
                  {}};
    double sum = 0;
    for (std::size_t i = 0; i <= kLatencyBounds.size(); ++i) {
        sum += number(cells.store_latency[i]);
        const bool bounded = i < kLatencyBounds.size();
        std::string bound =
            bounded ? shown(static_cast<double>(kLatencyBounds[i]) / 1e6) : std::string("+Inf");
        family.samples.push_back({"_bucket", {{"le", std::move(bound)}}, sum});
    }
    family.samples.push_back({"_sum", {}, number(cells.store_microseconds) / 1e6});
    family.samples.push_back({"_count", {}, sum});  // of the same reading as the buckets
    return family;
}

Family certificates(const StatusFacts& facts) {
    Family family{"clave_certificate_remaining_seconds",
                  Type::gauge,
                  "Time until a certificate of the configuration ends; negative since it has.",
                  {}};
    for (const auto& [role, certificate] : facts.certificates) {
        const Seconds left = certificate->not_after() - facts.now;
        family.samples.push_back(
            {{},
             {{"role", std::string(role)},
              {"fingerprint", certificate->fingerprint().substr(0, kFingerprint)}},
             static_cast<double>(left.count())});
    }
    return family;
}

void add_zone(std::vector<Family>& families, const StatusFacts::ZoneFacts& zone) {
    families.push_back(single("clave_sessions", Type::gauge,
                              "Sessions in the shared memory that have not ended.",
                              static_cast<double>(zone.sessions.live)));
    families.push_back(single("clave_sessions_capacity", Type::gauge,
                              "Sessions of ordinary size that the shared memory holds.",
                              static_cast<double>(zone.capacity.sessions)));
    families.push_back(single("clave_sessions_evicted_total", Type::counter,
                              "Sessions that had to end early for new ones.",
                              static_cast<double>(zone.counters.evicted)));
    families.push_back(single("clave_sessions_damaged_total", Type::counter,
                              "Records found damaged and thrown away.",
                              static_cast<double>(zone.counters.discarded)));
}

void add_events(std::vector<Family>& families, Cells& cells) {
    const auto of = [&](EventKind kind) {
        return number(cells.events[static_cast<std::size_t>(kind)]);
    };
    const auto replaced = [&](EndReason reason) {
        return number(cells.session_ends[static_cast<std::size_t>(reason)]);
    };
    families.push_back(single("clave_logouts_total", Type::counter,
                              "Sessions that a person has ended.", of(EventKind::logout)));
    families.push_back(single("clave_logouts_confirmed_total", Type::counter,
                              "Logouts that the gateway has confirmed.",
                              of(EventKind::logout_confirmed)));
    families.push_back(single("clave_sessions_replaced_total", Type::counter,
                              "Sessions that ended because of a new login in the same browser.",
                              replaced(EndReason::login) + replaced(EndReason::step_up)));
    Family ends{"clave_sessions_ended_total",
                Type::counter,
                "Sessions that ended without anybody asking for it, as far as noticed, by reason.",
                {}};
    for (auto reason = static_cast<std::size_t>(EndReason::idle); reason < kEndReasons; ++reason) {
        ends.samples.push_back({{},
                                {{"reason", std::string(word(static_cast<EndReason>(reason)))}},
                                number(cells.session_ends[reason])});
    }
    families.push_back(std::move(ends));
    families.push_back(single("clave_sessions_ended_by_operator_total", Type::counter,
                              "Sessions that the operator has ended.",
                              of(EventKind::operator_end)));
}

}  // namespace

std::string_view name(Type type) noexcept {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
            return "gauge";
        case Type::histogram:
            return "histogram";
    }
    return {};
}

std::string shown(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return {digits.data(), end.ptr};
}

std::vector<Family> collect(const Metrics& metrics, const StatusFacts& facts) {
    Cells& cells = metrics.cells();
    std::vector<Family> families;
    families.push_back({"clave_build_info",
                        Type::gauge,
                        "Version of the module and of its host, and where sessions live.",
                        {Sample{{},
                                {{"version", std::string(kVersion)},
                                 {"host", std::string(facts.host)},
                                 {"store", std::string(facts.store)}},
                                1}}});
    families.push_back(logins(cells));
    families.push_back(step_ups(cells));
    add_events(families, cells);
    add_signatures(families, cells);
    families.push_back(refusals(cells));
    if (facts.zone) {
        add_zone(families, *facts.zone);
    } else {
        // Of all that there are, a question would be wrong (others' keys), or long (each key).
        if (facts.cached) {
            families.push_back(single(
                "clave_sessions_cached", Type::gauge,
                "Sessions of Redis in this machine's cache: those that it had a request of within "
                "the last minute. How many there are in all is not counted.",
                static_cast<double>(facts.cached->live)));
        }
        families.push_back(latency(cells));
        families.push_back(single("clave_store_errors_total", Type::counter,
                                  "Questions that the session store did not answer.",
                                  number(cells.store_errors)));
    }
    families.push_back(certificates(facts));
    if (read(cells.gateway_answers) != 0) {
        const std::int64_t ahead =
            std::atomic_ref(cells.gateway_ahead).load(std::memory_order_relaxed);
        families.push_back(single("clave_gateway_clock_ahead_seconds", Type::gauge,
                                  "By how much the gateway's last answer was dated in the future.",
                                  static_cast<double>(ahead)));
    }
    families.push_back(single("clave_audit_suppressed_total", Type::counter,
                              "Refusals left out of the audit log because there were too many.",
                              number(cells.audit_suppressed)));
    families.push_back(single("clave_audit_failed_total", Type::counter,
                              "Lines that could not be written to the audit log.",
                              number(cells.audit_failed)));
    std::erase_if(families, [](const Family& family) { return family.samples.empty(); });
    return families;
}

}  // namespace clave::metrics
