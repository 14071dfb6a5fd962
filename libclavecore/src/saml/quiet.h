// libxml2, xmlsec and OpenSSL report errors through state of the thread, which other modules of the
// host use as well (H-35). While a Quiet lives, nothing is printed; when it goes, the thread is as
// it was: nginx, for one, complains about whatever is left in OpenSSL's queue.
//
// libxml2 allocates what it knows of a thread when the thread first asks for any of it, and does
// not look whether it got it. So where there is no memory for that, a Quiet does nothing, and
// Document::parse() refuses.
#pragma once

#include <libxml/xmlerror.h>

namespace clave::saml {

class Quiet {
  public:
    Quiet() noexcept;
    ~Quiet();
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

    // Whether one lives on this thread, and has its way.
    static bool is_here() noexcept;

  private:
    const bool possible_;
    xmlStructuredErrorFunc handler_ = nullptr;
    void* context_ = nullptr;
};

}  // namespace clave::saml
