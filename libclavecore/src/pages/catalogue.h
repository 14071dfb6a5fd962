// The texts of the pages by key and language. Everything is checked when the program is compiled:
// there is no missing text and no forgotten placeholder at run time.
//
// A further language is an enumerator of Language, one more array with the keys of the Spanish one
// in the same order, and a row in catalogue.cpp, where the compiler compares them.
#pragma once

#include <cstddef>
#include <string_view>

#include "clave/language.h"
#include "pages/catalogue_es.h"

namespace clave::pages {

class Key {
  public:
    consteval Key(const char* name) : index_(find(name)) {}
    std::size_t index() const noexcept { return index_; }

  private:
    static consteval std::size_t find(std::string_view name) {
        for (std::size_t i = 0; i < kSpanish.size(); ++i) {
            if (kSpanish[i].key == name) {
                return i;
            }
        }
        throw "no such key in the catalogue";  // not a constant expression: does not compile
    }
    std::size_t index_;
};

std::string_view text(Language language, Key key) noexcept;
// "Català": each language is named in itself.
std::string_view own_name(Language language) noexcept;

}  // namespace clave::pages
