// XAdES, and the wrapping and reference games that are played with XML signatures.
#include "support/signature_format.h"

int main() {
    using namespace clave::test;
    return run_format_test({SignatureCases("xades"), {"good-simulated"}, 23, 100});
}
