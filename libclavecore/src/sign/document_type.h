// What a document is, by its own bytes, as they come (F-06): its sender's word decides nothing that
// a page does with it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace clave {

class DocumentType {
  public:
    void add(std::string_view bytes);
    // Of the few that pages can show, else application/octet-stream. `claimed`: the Content-Type
    // that its sender gave it; only one of text is asked.
    std::string found(std::string_view claimed) const;

  private:
    std::string begin_;    // the first few bytes
    std::string pending_;  // a letter that has not ended yet
    bool is_text_ = true;
};

}  // namespace clave
