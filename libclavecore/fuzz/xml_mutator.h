// Mutates XML as a tree: bytes flipped at random rarely leave a document behind, and never a signed
// one (T-02).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace clave::fuzz {

enum class Signing { never, often };

// As LLVMFuzzerCustomMutator. With `often`, most results are signed by the fixed key, as if the
// gateway had written them.
std::size_t mutate_xml(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed,
                       Signing signing);

}  // namespace clave::fuzz
