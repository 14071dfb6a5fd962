// What a page says, sealed into the page itself: its language switch sends it back, so that the
// same page can be shown once more, whatever request it was the answer to. A form that was posted
// is not posted again, nothing is stored, and nobody can have a page of ours say what he likes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/level.h"
#include "login/login_services.h"
#include "pages/page.h"

namespace clave {

// Empty where the site offers one language only, or without randomness.
std::string page_ticket(const LoginServices& services, const Site& site, PageId page,
                        const pages::Facts& facts);

class TicketedPage {
  public:
    // nullopt for anything that page_ticket() did not make for this site.
    static std::optional<TicketedPage> open(const LoginServices& services, const Site& site,
                                            std::string_view ticket);

    PageId page() const noexcept { return page_; }
    const std::string& onward() const noexcept { return onward_; }
    // onward() leads to the page itself, with all that it says: it is asked for there, not shown
    // from here.
    bool shown_by_itself() const noexcept { return shown_by_itself_; }
    // Views into this object. Without what a page posts: that is made anew.
    pages::Facts facts() const noexcept;

  private:
    TicketedPage() = default;

    PageId page_ = PageId::error;
    Code code_ = Code::internal;
    Admission wanting_ = Admission::level_low;
    bool shown_by_itself_ = false;
    bool form_waits_ = false;
    std::string ref_;
    std::string onward_;
    std::optional<Requirement> needed_;
    std::optional<Credential> held_;
};

}  // namespace clave
