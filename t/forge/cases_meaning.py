"""S-50 to S-66: answers that are properly signed and say the wrong thing."""

from answer import LOA, STATUS, utc
from smithy import vary

SKEW = 60  # clave_clock_skew's default

# -- S-50: InResponseTo -------------------------------------------------------------------------

vary("irt-absent", "S-50", "E-IRT", lambda c: {"in_response_to": None})
vary("irt-empty", "S-50", "E-IRT", lambda c: {"in_response_to": ""})
vary("irt-unknown", "S-50", "E-IRT", lambda c: {
    "in_response_to": "_desconocida", "confirmation_in_response_to": "_desconocida"})
vary("irt-altered", "S-50", "E-IRT", lambda c: {
    "in_response_to": other_id(c), "confirmation_in_response_to": other_id(c)})
vary("irt-longer", "S-50", "E-IRT", lambda c: {
    "in_response_to": c.request_id + "0", "confirmation_in_response_to": c.request_id + "0"})
vary("irt-only-in-confirmation-other", "S-50", "E-IRT",
     lambda c: {"confirmation_in_response_to": other_id(c)})
vary("irt-only-in-response-other", "S-50", "E-IRT", lambda c: {"in_response_to": other_id(c)})
vary("irt-confirmation-absent", "S-50", "E-IRT",
     lambda c: {"confirmation_in_response_to": None})
vary("irt-both-absent", "S-50", "E-IRT",
     lambda c: {"in_response_to": None, "confirmation_in_response_to": None})


def other_id(context):
    """As long as ours, of the same characters, and made at the same time."""
    at = len(context.request_id) // 2
    changed = "0" if context.request_id[at] != "0" else "1"
    return context.request_id[:at] + changed + context.request_id[at + 1 :]


# -- S-53: Destination and Recipient ------------------------------------------------------------


def addresses(url):
    scheme, rest = url.split("://")
    host, path = rest.split("/", 1)
    return {
        "absent": None,
        "empty": "",
        "other-host": f"{scheme}://otra.example.gob.es/{path}",
        "http": f"http://{host}/{path}",
        "host-case": f"{scheme}://{host.upper()}/{path}",
        "path-case": f"{scheme}://{host}/{path.upper()}",
        "trailing-slash": url + "/",
        "prefix": url[:-1],
        "suffix": url + "x",
        "query": url + "?a=b",
        "port": f"{scheme}://{host.split(':')[0]}:4433/{path}",
        "space": url + " ",
        "escaped": url[:-1] + "%73",
        "userinfo": f"{scheme}://{host}@evil.example/{path}",
    }


for name in addresses("https://h/p"):
    vary(f"destination-{name}", "S-53", "E-DEST",
         lambda c, n=name: {"destination": addresses(c.acs_url)[n]})
    vary(f"recipient-{name}", "S-53", "E-DEST",
         lambda c, n=name: {"recipient": addresses(c.acs_url)[n]})
    if name not in ("absent", "empty"):
        vary(f"audience-{name}", "S-54", "E-AUD",
             lambda c, n=name: {"audience": addresses(c.acs_url)[n]})

# -- S-54: Audience -----------------------------------------------------------------------------


def audiences(*values):
    texts = "".join(f"<saml2:Audience>{value}</saml2:Audience>" for value in values)
    return f"<saml2:AudienceRestriction>{texts}</saml2:AudienceRestriction>"


OTHER_SP = "https://otra.example.gob.es/acs"
vary("audience-none", "S-54", "E-AUD", lambda c: {"restrictions_xml": ""})
vary("audience-restriction-empty", "S-54", "E-AUD",
     lambda c: {"restrictions_xml": audiences()})
vary("audience-blank", "S-54", "E-AUD", lambda c: {"audience": ""})
vary("audience-other-provider", "S-54", "E-AUD", lambda c: {"audience": OTHER_SP})
vary("audience-two-restrictions", "S-54", "E-AUD",
     lambda c: {"restrictions_xml": audiences(c.acs_url) + audiences(OTHER_SP)})
vary("audience-list-in-one", "S-54", "E-AUD", lambda c: {"audience": f"{OTHER_SP} {c.acs_url}"})
vary("audience-leading-space", "S-54", "E-AUD", lambda c: {"audience": " " + c.acs_url})
vary("audience-newline", "S-54", "E-AUD", lambda c: {"audience": f"\n{c.acs_url}\n"})

# -- S-55, S-56, S-57: times --------------------------------------------------------------------

vary("not-before-future", "S-55", "E-TIME", lambda c: {"not_before": utc(c.now + SKEW + 30)})
vary("not-on-or-after-past", "S-55", "E-TIME", lambda c: {
    "not_before": utc(c.now - 900), "not_on_or_after": utc(c.now - SKEW - 30)})
vary("not-on-or-after-absent", "S-55", "E-TIME", lambda c: {"not_on_or_after": None})
vary("not-before-absent", "S-55", "E-TIME", lambda c: {"not_before": None})
vary("conditions-absent", "S-55", "E-TIME", lambda c: {"conditions_xml": ""})
vary("confirmation-past", "S-55", "E-TIME",
     lambda c: {"confirmation_not_on_or_after": utc(c.now - SKEW - 30)})
vary("confirmation-time-absent", "S-55", "E-TIME",
     lambda c: {"confirmation_not_on_or_after": None})
vary("confirmation-not-before-future", "S-55", "E-TIME",
     lambda c: {"confirmation_not_before": utc(c.now + SKEW + 30)})
vary("confirmation-over-24h", "S-55", "E-TIME",
     lambda c: {"confirmation_not_on_or_after": utc(c.now + 86400 + 60)})
vary("window-turned-round", "S-55", "E-TIME", lambda c: {
    "not_before": utc(c.now + 30), "not_on_or_after": utc(c.now + 20)})
vary("window-empty", "S-55", "E-TIME", lambda c: {
    "not_before": utc(c.now), "not_on_or_after": utc(c.now)})
vary("window-over-24h", "S-55", "E-TIME", lambda c: {"not_on_or_after": utc(c.now + 86400 + 60)})
vary("session-end-past", "S-55", "E-TIME",
     lambda c: {"session_not_on_or_after": utc(c.now - SKEW - 30)})
vary("session-end-malformed", "S-56", "E-TIME", lambda c: {"session_not_on_or_after": "siempre"})
vary("authn-instant-absent", "S-57", "E-TIME", lambda c: {"authn_instant": None})
vary("authn-instant-future", "S-57", "E-TIME", lambda c: {"authn_instant": utc(c.now + SKEW + 30)})
vary("authn-instant-before-request", "S-57", "E-TIME", lambda c: {"authn_instant": utc(c.now - 3600)})
vary("response-issued-long-ago", "S-57", "E-TIME", lambda c: {"issue_instant": utc(c.now - 700)})
vary("response-issued-in-future", "S-57", "E-TIME", lambda c: {"issue_instant": utc(c.now + SKEW + 30)})
vary("response-issued-never", "S-57", "E-TIME", lambda c: {"issue_instant": None})
vary("assertion-issued-long-ago", "S-57", "E-TIME", lambda c: {"assertion_issue_instant": utc(c.now - 700)})
vary("assertion-issued-in-future", "S-57", "E-TIME",
     lambda c: {"assertion_issue_instant": utc(c.now + SKEW + 30)})
vary("assertion-issued-never", "S-57", "E-TIME", lambda c: {"assertion_issue_instant": None})


def malformed_times(now):
    plain = utc(now + 200)[:-5]
    return {
        "without-z": plain,
        "offset": plain + "+00:00",
        "offset-west": plain + "-05:00",
        "lower-case-z": plain + "z",
        "lower-case-t": plain.replace("T", "t") + "Z",
        "space-for-t": plain.replace("T", " ") + "Z",
        "leap-second": plain[:-2] + "60Z",
        "minute-60": plain[:-5] + "60:00Z",
        "hour-24": plain[:-8] + "24:00:00Z",
        "february-30": plain[:4] + "-02-30T10:00:00Z",
        "month-13": plain[:4] + "-13-01T10:00:00Z",
        "day-0": plain[:4] + "-01-00T10:00:00Z",
        "year-0000": "0000" + plain[4:] + "Z",
        "year-9999": "9999" + plain[4:] + "Z",
        "year-10000": "1" + plain + "Z",
        "negative-year": "-" + plain + "Z",
        "empty-fraction": plain + ".Z",
        "comma-fraction": plain + ",5Z",
        "fraction-13": plain + ".1234567890123Z",
        "trailing": plain + "Zx",
        "trailing-space": plain + "Z ",
        "leading-space": " " + plain + "Z",
        "empty": "",
        "epoch": str(int(now + 200)),
        "date-only": plain[:10],
        "arabic-digits": "٢٠٢٦" + plain[4:] + "Z",
    }


for name in malformed_times(0):
    vary(f"time-{name}", "S-56", "E-TIME",
         lambda c, n=name: {"not_on_or_after": malformed_times(c.now)[n]})

# Each of the others by itself: it is no rule for one of them alone. Six ways to be lenient.
for field, place in {
    "not_before": "not-before",
    "confirmation_not_on_or_after": "confirmation",
    "confirmation_not_before": "confirmation-not-before",
    "session_not_on_or_after": "session-end",
    "authn_instant": "authn-instant",
    "issue_instant": "response-issued",
    "assertion_issue_instant": "assertion-issued",
}.items():
    for name in ("without-z", "offset", "empty", "epoch", "february-30", "trailing-space"):
        vary(f"{place}-malformed-{name}", "S-56", "E-TIME",
             lambda c, field=field, n=name: {field: malformed_times(c.now)[n]})

# -- S-59: Issuer, where clave_gateway_issuer is given ------------------------------------------

vary("issuer-absent", "S-59", "E-ISS", lambda c: {"issuer_element_xml": ""}, issuer=True)
for name, change in {
    "other": lambda i: "https://otra.example.gob.es",
    "pre-production": lambda i: i.replace("https://", "https://se-"),
    "empty": lambda i: "",
    "space": lambda i: i + " ",
    "newline": lambda i: f"\n{i}\n",
    "slash": lambda i: i + "/",
    "prefix": lambda i: i[:-1],
    "case": lambda i: i.upper(),
}.items():
    vary(f"issuer-{name}", "S-59", "E-ISS",
         lambda c, change=change: {"issuer": change(c.issuer)}, issuer=True)

# -- S-60: LoA ----------------------------------------------------------------------------------


def class_refs(*values):
    return "".join(f"<saml2:AuthnContextClassRef>{v}</saml2:AuthnContextClassRef>" for v in values)


for name, uri in {
    "unknown": LOA + "zzz",
    "above-high": LOA + "higher",
    "upper-case": LOA + "HIGH",
    "space": LOA + "high ",
    "empty": "",
    "https": LOA.replace("http:", "https:") + "high",
    "not-notified": "http://eidas.europa.eu/NotNotified/LoA/high",
    "other-prefix": "http://eidas.europa.eu.evil.example/LoA/high",
    "saml-password": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "number": "3",
}.items():
    vary(f"loa-{name}", "S-60", "E-LOA", lambda c, uri=uri: {"loa": uri})
vary("loa-absent", "S-60", "E-LOA", lambda c: {"class_ref_xml": ""})
vary("loa-two-classes", "S-60", "E-LOA",
     lambda c: {"class_ref_xml": class_refs(LOA + "low", LOA + "high")})
vary("authn-statement-absent", "S-60", "E-LOA", lambda c: {"authn_statement_xml": ""})
vary("authn-context-absent", "S-60", "E-LOA", lambda c: {
    "authn_statement_xml": f'<saml2:AuthnStatement AuthnInstant="{utc(c.now)}"/>'})

# -- S-63: Status -------------------------------------------------------------------------------


def status(*codes, message="Se ha producido un fallo"):
    text = ""
    for code in reversed(codes):
        text = f'<saml2p:StatusCode Value="{code}">{text}</saml2p:StatusCode>'
    return f"<saml2p:Status>{text}<saml2p:StatusMessage>{message}</saml2p:StatusMessage></saml2p:Status>"


for name, codes, expected in [
    ("requester", ["Requester"], "E-STATUS"),
    ("responder", ["Responder"], "E-STATUS"),
    ("version-mismatch", ["VersionMismatch"], "E-STATUS"),
    ("unknown-sub-code", ["Responder", "Otro"], "E-STATUS"),
    ("invalid-name-id-policy", ["Requester", "InvalidNameIDPolicy"], "E-STATUS"),
    ("no-passive", ["Responder", "NoPassive"], "E-STATUS"),
    ("authn-failed", ["Responder", "AuthnFailed"], "E-CANCEL"),
    ("request-denied", ["Responder", "RequestDenied"], "E-CANCEL"),
    ("requester-denied", ["Requester", "RequestDenied"], "E-CANCEL"),
    ("failure-below-success", ["Success", "AuthnFailed"], "E-STATUS"),
    ("success-below-success", ["Success", "Success"], "E-STATUS"),
    ("success-below-failure", ["Responder", "Success"], "E-STATUS"),
    ("sub-code-on-top", ["AuthnFailed"], "E-STATUS"),
]:
    vary(f"status-{name}", "S-63", expected,
         lambda c, codes=codes: {"status_xml": status(*[STATUS + code for code in codes])})
vary("status-empty-code", "S-63", "E-STATUS", lambda c: {"status_xml": status("")})
vary("status-success-case", "S-63", "E-STATUS", lambda c: {"status_xml": status(STATUS + "success")})
vary("status-success-space", "S-63", "E-STATUS", lambda c: {"status_xml": status(STATUS + "Success ")})
vary("status-without-code", "S-63", "E-STATUS", lambda c: {"status_xml": "<saml2p:Status/>"})
vary("status-message-with-markup", "S-63", "E-CANCEL", lambda c: {"status_xml": status(
    STATUS + "Responder", STATUS + "AuthnFailed",
    message="&lt;script&gt;alert(1)&lt;/script&gt;&#10;clave: E-OK ref=0000-0000 " + "A" * 600)})
vary("status-refusal-for-other-request", "S-63", "E-IRT", lambda c: {
    "status_xml": status(STATUS + "Responder", STATUS + "AuthnFailed"),
    "in_response_to": other_id(c)})
vary("status-refusal-for-other-destination", "S-63", "E-DEST", lambda c: {
    "status_xml": status(STATUS + "Responder", STATUS + "AuthnFailed"),
    "destination": OTHER_SP})

# -- S-64: SubjectConfirmation ------------------------------------------------------------------

CM = "urn:oasis:names:tc:SAML:2.0:cm:"
vary("confirmation-absent", "S-64", "E-SUBJ", lambda c: {"confirmation_xml": ""})
vary("confirmation-twice", "S-64", "E-SUBJ", lambda c: {
    "confirmation_xml": lambda a: a.make_confirmation() * 2})
for name, method in {
    "holder-of-key": CM + "holder-of-key", "sender-vouches": CM + "sender-vouches",
    "case": CM + "Bearer", "space": CM + "bearer ", "empty": "", "absent": None,
}.items():
    vary(f"confirmation-method-{name}", "S-64", "E-SUBJ",
         lambda c, method=method: {"confirmation_method": method})
vary("confirmation-without-data", "S-64", "E-SUBJ", lambda c: {"confirmation_data_xml": ""})
vary("subject-absent", "S-64", "E-SUBJ", lambda c: {"subject_xml": ""})
vary("name-id-absent", "S-64", "E-SUBJ", lambda c: {"name_id_element_xml": ""})
vary("name-id-empty", "S-64", "E-SUBJ", lambda c: {"name_id": ""})
vary("name-id-of-somebody-else", "S-64", "E-SUBJ", lambda c: {"name_id": "00000000T"})
