// What is known of a signature, as a list of terms; and numbers and times as people read them.
#pragma once

#include <cstdint>
#include <string_view>

#include "pages/writer.h"

namespace clave::pages {

class FactList {
  public:
    explicit FactList(const Writer& page) : page_(page) {}

    // Text of others, shown as visible_text(); nothing if it is empty.
    void add(Key label, std::string_view text);
    void add_code(Key label, std::string_view text);
    void add(Key label, const Html& html);

    Html html() const;

  private:
    const Writer& page_;
    Html items_;
};

// "12,3 kB"
Html size_in_words(const Writer& page, std::uint64_t bytes);
// "29/03/2026", in Madrid
Html day_in_words(const Writer& page, Time time);
Html madrid_time_in_words(const Writer& page, Time time);
Html utc_in_words(const Writer& page, Time time);

}  // namespace clave::pages
