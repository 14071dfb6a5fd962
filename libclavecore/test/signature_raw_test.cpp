// NONE: a bare PKCS#1 or ECDSA value, with the certificate that FIRe claims.
#include "support/signature_format.h"

int main() {
    using namespace clave::test;
    return run_format_test({SignatureCases("raw"), {"good-sha512"}, 3, 80});
}
