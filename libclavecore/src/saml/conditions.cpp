#include "saml/conditions.h"

#include <algorithm>

#include "base/guard.h"
#include "clave/iso_time.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

constexpr Seconds kMaxAge{10 * 60};          // S-57
constexpr Seconds kMaxWindow{24 * 60 * 60};  // protocol-clave.md section 8
constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

std::optional<Time> time_attribute(const xmlNode* node, std::string_view name) {
    const std::optional<std::string> text = attribute(node, name);
    return text ? parse_utc(*text) : std::nullopt;
}

const xmlNode* only(const std::vector<xmlNode*>& nodes) {
    return nodes.empty() ? nullptr : nodes.front();
}

// SubjectConfirmationData. Address is not compared: it is the citizen's as the gateway saw it.
Result<Time> check_confirmation(const xmlNode* data, const std::string& request_id,
                                const Expectations& expected, const Clockwork& clock) {
    if (!guard("subject.recipient", attribute(data, "Recipient") == expected.acs_url)) {
        return fail(Code::destination, "Recipient is not this service");
    }
    if (!guard("subject.in-response-to", attribute(data, "InResponseTo") == request_id)) {
        return fail(Code::in_response_to, "the confirmation answers another request");
    }
    const std::optional<Time> end = time_attribute(data, "NotOnOrAfter");
    if (!guard("subject.not-on-or-after", end && !clock.is_over(*end))) {
        return fail(Code::time, "the confirmation is over, or without end");
    }
    if (!guard("subject.window", !end || *end <= clock.now() + kMaxWindow)) {
        return fail(Code::time, "the confirmation holds for over a day");
    }
    if (attribute(data, "NotBefore")) {
        const std::optional<Time> start = time_attribute(data, "NotBefore");
        if (!guard("subject.not-before", start && !clock.is_future(*start))) {
            return fail(Code::time, "the confirmation has not begun");
        }
    }
    return end.value_or(clock.now());
}

// AND over restrictions, OR over the audiences of each (SAML core 2.5.1.4).
Result<void> check_audience(const xmlNode* conditions, const Expectations& expected) {
    const std::vector<xmlNode*> restrictions = children(conditions, element::kAudienceRestriction);
    if (!guard("conditions.audience-present", !restrictions.empty())) {
        return fail(Code::audience, "no AudienceRestriction");
    }
    const auto is_us = [&expected](const xmlNode* audience) {
        const std::string text = text_of(audience);
        return text == expected.acs_url ||
               (!expected.own_issuer.empty() && text == expected.own_issuer);
    };
    for (const xmlNode* restriction : restrictions) {
        const std::vector<xmlNode*> audiences = children(restriction, element::kAudience);
        if (!guard("conditions.audience", std::ranges::any_of(audiences, is_us))) {
            return fail(Code::audience, "made for another service");
        }
    }
    return {};
}

}  // namespace

Result<void> check_issue_instant(const xmlNode* element, const Clockwork& clock) {
    const std::optional<Time> issued = time_attribute(element, "IssueInstant");
    if (!guard("time.issue-instant", issued.has_value())) {
        return fail(Code::time, "IssueInstant is missing or not a time");
    }
    if (!guard("time.issued-in-future", !issued || !clock.is_future(*issued))) {
        return fail(Code::time, "IssueInstant is in the future");
    }
    if (!guard("time.issued-long-ago", !issued || !clock.is_older_than(*issued, kMaxAge))) {
        return fail(Code::time, "IssueInstant is too old");
    }
    return {};
}

Result<Subject> read_subject(const xmlNode* assertion, const std::string& request_id,
                             const Expectations& expected, const Clockwork& clock) {
    const xmlNode* subject = child(assertion, element::kSubject);
    const std::vector<xmlNode*> names = children(subject, element::kNameId);
    Subject read;
    read.name_id = text_of(only(names));
    const bool named = read.name_id.find_first_not_of(" \t\r\n") != std::string::npos;
    if (!guard("subject.name-id", names.size() == 1 && named)) {
        return fail(Code::subject, "not exactly one NameID");
    }
    const std::vector<xmlNode*> confirmations = children(subject, element::kSubjectConfirmation);
    if (!guard("subject.one-confirmation", confirmations.size() == 1)) {
        return fail(Code::subject, "not exactly one SubjectConfirmation");
    }
    const xmlNode* confirmation = only(confirmations);
    if (!guard("subject.bearer", attribute(confirmation, "Method") == kBearer)) {
        return fail(Code::subject, "the confirmation method is not bearer");
    }
    const std::vector<xmlNode*> data = children(confirmation, element::kSubjectConfirmationData);
    if (!guard("subject.one-data", data.size() == 1)) {
        return fail(Code::subject, "not exactly one SubjectConfirmationData");
    }
    Result<Time> end = check_confirmation(only(data), request_id, expected, clock);
    if (!end) {
        return tl::unexpected(std::move(end.error()));
    }
    read.not_on_or_after = *end;
    return read;
}

Result<Time> check_conditions(const xmlNode* assertion, const Expectations& expected,
                              const Clockwork& clock) {
    const xmlNode* conditions = child(assertion, element::kConditions);
    const std::optional<Time> start = time_attribute(conditions, "NotBefore");
    const std::optional<Time> end = time_attribute(conditions, "NotOnOrAfter");
    if (!guard("conditions.times-present", start && end)) {
        return fail(Code::time, "no validity, or not times");
    }
    if (start && end) {
        if (!guard("conditions.not-before", !clock.is_future(*start))) {
            return fail(Code::time, "not yet valid");
        }
        if (!guard("conditions.not-on-or-after", !clock.is_over(*end))) {
            return fail(Code::time, "no longer valid");
        }
        if (!guard("conditions.order", *start < *end)) {
            return fail(Code::time, "validity ends before it begins");
        }
        if (!guard("conditions.window", *end - *start <= kMaxWindow)) {
            return fail(Code::time, "valid for over a day");
        }
    }
    if (auto good = check_audience(conditions, expected); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    return end.value_or(clock.now());
}

Result<Authentication> read_authentication(const xmlNode* assertion, Time requested_at,
                                           const Clockwork& clock) {
    const std::vector<xmlNode*> statements = children(assertion, element::kAuthnStatement);
    if (!guard("authn.one-statement", statements.size() == 1)) {
        return fail(Code::loa, "not exactly one AuthnStatement");
    }
    const xmlNode* statement = only(statements);
    const std::optional<Time> instant = time_attribute(statement, "AuthnInstant");
    if (!guard("authn.instant", instant.has_value())) {
        return fail(Code::time, "AuthnInstant is missing or not a time");
    }
    Authentication read;
    read.instant = instant.value_or(clock.now());
    if (!guard("authn.instant-in-future", !clock.is_future(read.instant))) {
        return fail(Code::time, "AuthnInstant is in the future");
    }
    if (!guard("authn.instant-before-request", !clock.is_before(read.instant, requested_at))) {
        return fail(Code::time, "authenticated before we asked");
    }
    if (attribute(statement, "SessionNotOnOrAfter")) {
        read.session_end = time_attribute(statement, "SessionNotOnOrAfter");
        if (!guard("authn.session-end", read.session_end && !clock.is_over(*read.session_end))) {
            return fail(Code::time, "SessionNotOnOrAfter is over, or not a time");
        }
    }
    const std::vector<xmlNode*> contexts = children(statement, element::kAuthnContext);
    const std::vector<xmlNode*> classes = children(only(contexts), element::kAuthnContextClassRef);
    if (!guard("authn.one-context", contexts.size() == 1 && classes.size() == 1)) {
        return fail(Code::loa, "not exactly one level of assurance");
    }
    const std::optional<Loa> loa = loa_from_uri(text_of(only(classes)));
    if (!guard("authn.loa", loa.has_value())) {
        return fail(Code::loa, "the level of assurance is not one of the three");
    }
    read.loa = loa.value_or(Loa::low);
    return read;
}

}  // namespace clave::saml
