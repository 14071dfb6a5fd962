// Where the browser goes when the login is done.
#pragma once

#include <string>
#include <string_view>

#include "clave/request.h"
#include "clave/site.h"

namespace clave {

inline constexpr std::size_t kMaxTarget = 1024;

// `raw` if it is a path and query of this origin that is fit for a Location header, else "/". No
// server name, scheme or backslash trick leads elsewhere, and nothing leads back to the login
// itself (S-67, CVE-2019-13038); to a signature under way it may.
std::string safe_target(const Site& site, std::string_view raw);

// What `request` asked for.
std::string return_target(const Site& site, const Request& request);

// The page from which a script sent `request`, for the login that the script may offer; "/" if its
// Referer is of another origin or missing.
std::string calling_page(const Site& site, const Request& request);

}  // namespace clave
