// Has an incremental update changed what people see? ("Shadow attacks on PDF signatures", NDSS
// 2021; the attacks on incremental saving of 2019.)
#pragma once

#include <optional>
#include <string>

#include "sign/pdf_file.h"

namespace clave {

// Every object that was in `before` is in `after` as it was, but for those that a signature needs:
// the form with the signature's field, the annotations of its page with the field's widget, the
// catalog for these, and metadata. Says what else changed. May throw what libqpdf throws.
std::optional<std::string> foreign_change(QPDF& before, QPDF& after, const PdfSignature& signature);

}  // namespace clave
