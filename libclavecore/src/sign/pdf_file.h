// What libqpdf reads of a PDF: its signatures. Any of these may throw what libqpdf throws.
#pragma once

// libqpdf's own pointers are those of the standard, and it wants to be told that we know.
#define POINTERHOLDER_TRANSITION 4
#if defined(__clang__) && __clang_major__ < 15
// Which cannot read its JSON.hh as C++20 (a vector of a class inside the class, which has a
// constexpr destructor since then), and nothing of it is used here: the name will do.
#define JSON_HH
class JSON;
#endif
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>

#include <memory>
#include <string_view>
#include <vector>

namespace clave {

struct PdfSignature {
    QPDFObjectHandle field;
    QPDFObjectHandle value;
};

// Nothing is repaired: what has to be, is read otherwise by others. `bytes` outlive it.
std::unique_ptr<QPDF> read_pdf(std::string_view bytes);

// All signature fields that have a value, wherever in the form.
std::vector<PdfSignature> signatures_in(QPDF& pdf);

}  // namespace clave
