// libxml2, xmlsec and OpenSSL report errors through state of the thread, which other modules of the
// host use as well (H-35). While a Quiet lives, nothing is printed; when it goes, the thread is as
// it was: nginx, for one, complains about whatever is left in OpenSSL's queue.
#pragma once

#include <libxml/xmlerror.h>

namespace clave::saml {

class Quiet {
  public:
    Quiet() noexcept;
    ~Quiet();
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

  private:
    xmlStructuredErrorFunc handler_;
    void* context_;
};

}  // namespace clave::saml
