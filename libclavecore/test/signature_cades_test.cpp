// CAdES, with and without the document inside.
#include "support/signature_format.h"

int main() {
    using namespace clave::test;
    return run_format_test({SignatureCases("cades"), {"good-simulated", "good-attached"}, 7, 150});
}
