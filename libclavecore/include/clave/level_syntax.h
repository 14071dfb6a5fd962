// How an administrator writes levels: the words of `clave_level` and `clave` (product.md sections 2
// and 3). Pure: no file, no host, so that it can be fuzzed.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "clave/level.h"
#include "clave/pki.h"

namespace clave {

// A duration as the host writes them everywhere else ("30m"); nullopt if it is none.
using ReadSeconds = std::optional<Seconds> (*)(std::string_view);

// `off` and `optional` are words of `clave`, not names of levels.
bool is_reserved_level(std::string_view name) noexcept;

// NAME loa=LOA accept=METHOD:LOA,… [offer=METHOD,…]; at least the name.
ConfigResult<Level> read_level(std::span<const std::string_view> words);

// LEVEL [registration=advanced] [loa=LOA] [methods=METHOD,…] [max_age=TIME] [represented=on|off];
// at least the level, which is one of `levels`. A parameter never makes the level weaker. Mistakes
// name `directive`: the words are those of `clave`, and another one may have taken them over.
ConfigResult<Requirement> read_requirement(std::span<const std::string_view> words,
                                           const std::vector<Level>& levels,
                                           ReadSeconds read_seconds,
                                           std::string_view directive = "clave");

}  // namespace clave
