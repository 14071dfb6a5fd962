// CMS SignedData (RFC 5652) as CAdES and PAdES use it.
#pragma once

#include <span>
#include <string_view>

#include "sign/evidence.h"

namespace clave {

enum class CmsPlace {
    file,  // CAdES: may hold the content itself
    hole,  // of a PDF: the content is outside, zeros may follow
};

// One signer, whose signed attributes name `content` (the pieces in order), its certificate, and
// verify with its key. Whose certificate that is, is for others to judge.
Judged<Evidence> verify_cms(std::string_view der, std::span<const std::string_view> content,
                            CmsPlace place);

}  // namespace clave
