// PAdES: byte ranges, and updates that change what was there (shadow attacks).
#include "support/signature_format.h"

int main() {
    using namespace clave::test;
    return run_format_test({SignatureCases("pades"), {"good-simulated"}, 331, 80});
}
