// What a document is. Its first bytes say it, or that all of it is text; its sender's word decides
// nothing that a page does with it (F-06). Fed piece by piece: a document may be larger than
// memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace clave {

class DocumentKind {
  public:
    void feed(std::string_view bytes);

    // Of the few that pages can show, else application/octet-stream. Of texts, which one they are
    // is their sender's word.
    std::string media_type(std::string_view claimed) const;

  private:
    std::string head_;        // as much as tells a kind
    std::string unfinished_;  // the begin of a letter
    bool is_text_ = true;
};

}  // namespace clave
