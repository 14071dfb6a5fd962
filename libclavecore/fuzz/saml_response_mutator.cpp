#include "xml_mutator.h"

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
    return clave::fuzz::mutate_xml(data, size, most, seed, clave::fuzz::Signing::often);
}
