// The pages about a signature.
//
// What a person has to have seen, the document and what was signed, is among the actions of the
// page, as a template of the site's own cannot leave those out.
#pragma once

#include "pages/writer.h"

namespace clave::pages {

// `page` is one of PageId::sign_*.
void write_sign_page(PageId id, Writer& page);

// Parts of it.
void write_sign_review(Writer& page, const SignFacts& sign);
void write_sign_receipt(Writer& page, const SignFacts& sign);
void write_sign_quota(Writer& page, const SignFacts& sign);
void write_sign_end(PageId id, Writer& page, const SignFacts& sign);

}  // namespace clave::pages
