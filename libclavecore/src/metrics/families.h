// All that a status page tells, as data: the one source of both of its forms.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/metrics.h"

namespace clave::metrics {

struct Sample {
    std::string_view suffix;  // of the family's name: "_bucket"
    std::vector<std::pair<std::string_view, std::string>> labels;
    double value = 0;
};

enum class Type { counter, gauge, histogram };
std::string_view name(Type type) noexcept;

struct Family {
    std::string_view name;
    Type type;
    std::string_view help;  // one line, no backslash
    std::vector<Sample> samples;
};

// Those without samples are left out: a gauge that nobody can read is none, not zero.
std::vector<Family> collect(const Metrics& metrics, const StatusFacts& facts);

// Shortest form that is the same number again: "3", "0.025", "1e+21".
std::string shown(double value);

}  // namespace clave::metrics
