// When, where and for whom an assertion holds: the checks of section 1.5 that need no attribute.
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string>

#include "clave/saml.h"

namespace clave::saml {

// Time as the answer's sender and we may disagree about it.
class Clockwork {
  public:
    Clockwork(Time now, Seconds skew) : now_(now), skew_(skew) {}

    bool is_future(Time time) const { return time > now_ + skew_; }
    // NotOnOrAfter: at that instant it is over.
    bool is_over(Time end) const { return now_ - skew_ >= end; }
    bool is_before(Time time, Time earliest) const { return time < earliest - skew_; }
    bool is_older_than(Time time, Seconds age) const { return time < now_ - age - skew_; }
    Time now() const { return now_; }

  private:
    Time now_;
    Seconds skew_;
};

// IssueInstant of a Response or Assertion: neither of the future nor older than a login may last.
Result<void> check_issue_instant(const xmlNode* element, const Clockwork& clock);

struct Subject {
    std::string name_id;
    Time not_on_or_after{};
};
// One NameID, one bearer confirmation, for this ACS and this request. Code::subject, destination,
// in_response_to, time.
Result<Subject> read_subject(const xmlNode* assertion, const std::string& request_id,
                             const Expectations& expected, const Clockwork& clock);

// Validity and audience. The later of the two instants until which the assertion could be presented
// is the caller's to compute. Code::time, audience.
Result<Time> check_conditions(const xmlNode* assertion, const Expectations& expected,
                              const Clockwork& clock);

struct Authentication {
    Loa loa = Loa::low;
    Time instant{};
    std::optional<Time> session_end;
};
// One AuthnStatement, made after the request (ForceAuthn is always sent), with one LoA of the
// table. Code::loa, time.
Result<Authentication> read_authentication(const xmlNode* assertion, Time requested_at,
                                           const Clockwork& clock);

}  // namespace clave::saml
