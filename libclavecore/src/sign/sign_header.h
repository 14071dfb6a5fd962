// What an application says with a document that it wants signed (product.md section 5):
//
//   X-Clave-Sign: return=/recibido; format=pades; name=solicitud.pdf; title="Alta de beneficiario"
//
// Parameters as in RFC 9110 section 5.6.6, each at most once, none that is unknown: an application
// that is misunderstood has to hear of it, not its citizens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/fire.h"
#include "clave/signing_site.h"
#include "clave/site.h"

namespace clave {

struct SignHeader {
    std::string deliver;               // `return`: where the signed document goes
    std::optional<SignFormat> format;  // not said: as the location has it
    std::string upgrade;               // as well
    std::string name, title, procedure;
};

inline constexpr std::size_t kMostSignText = 200;  // bytes of a name, title or procedure

// Code::sign_header, with what is wrong in words, and nothing of the value in them.
Result<SignHeader> read_sign_header(const Site& site, std::string_view value);

// The location's order with what the header says instead. Code::sign_header if the two together are
// nothing that can be asked for.
Result<SignOrder> order_with(const SignOrder& location, SignHeader header);

}  // namespace clave
