// How much libqpdf may unfold. Half a megabyte of Flate becomes half a gigabyte of object stream,
// and libqpdf 11 has no limit of its own.
#pragma once

#include <cstddef>

namespace clave {

// While one lives, what libqpdf decodes on this thread is counted; beyond the limit decoding fails.
// LZW and RunLength, which nobody writes object streams with, are not decoded at all. The filters
// are libqpdf's, for the whole process: nothing else in it reads PDF.
class PdfBudget {
  public:
    PdfBudget();
    PdfBudget(const PdfBudget&) = delete;
    PdfBudget& operator=(const PdfBudget&) = delete;
    ~PdfBudget();
    bool is_spent() const noexcept;
};

}  // namespace clave
