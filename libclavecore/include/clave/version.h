// Of core and module: they are built and shipped together.
#pragma once

#include <string_view>

namespace clave {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace clave
