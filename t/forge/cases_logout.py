"""S-69: answers to a logout. Whatever can be wrong with any answer of the gateway is taken from the
cases of the login; what a login's answer says of itself and a logout's as well is one code there."""

from fnmatch import fnmatchcase

import xmldsig
from answer import STATUS, utc
from cases_wrapping import ROWS, Signed, evil_ids, expected, wrapped_response
from logout import LogoutSmithy
from smithy import CASES, Form, Smithy, add, swap

# Which cases of the login are about nothing but the envelope and its form, by shell pattern.
TAKEN = [
    "hmac-*", "algorithm-*", "digest-*", "transform-*", "canonicalization-*", "void-*",
    "signature-*", "reference-*", "key-of-*", "id-pollution-*", "id-of-root-*", "id-duplicate-*",
    "attribute-unknown", "namespace-foreign-status", "namespace-saml1", "namespace-case",
    "comment-*", "instruction-*", "stylesheet", "version-*", "root-*", "status-*",
    "text-in-response", "text-in-status*", "element-*-issuer", "element-*-status-*",
    "attribute-qualified-status-value", "unknown-child-of-response", "xml-*", "doctype-*", "xinclude", "size-*",
    "cap-*", "irt-absent", "irt-empty", "irt-only-in-response-other", "destination-*",
    "response-issued-*", "issuer-*", "form-*",
    "good-plain", "good-no-declaration", "good-no-consent", "good-no-status-message", "good-carriage-returns-*", "good-single-quotes",
    "good-trailing-*", "good-declaration-*", "good-rsa-*", "good-ecdsa-*", "good-rollover-key",
    "good-prefix-list", "good-key-info-removed", "good-signature-id", "good-wrapped-base64",
    "good-foreign-key-info",
]
# The same of those that need an assertion, its person, or the very name Response.
LEFT = [
    "digest-of-other-signature", "signature-of-assertion-only", "signature-moved-to-subject",
    "signature-moved-to-assertion", "reference-to-assertion*", "id-pollution-assertion-*",
    "id-duplicate-assertion", "id-duplicate-in-value", "id-duplicate-both-signed",
    "*-in-name-id", "*-in-attribute-value", "*-in-audience", "*-in-class-ref", "*-in-subject",
    "element-*-assertion-issuer", "comment-cuts-nif-*", "version-of-assertion", "root-LogoutResponse", "root-assertion",
    "xml-xml*-prefix-*", "doctype-entity-in-attribute", "cap-long-value", "form-logout-beside",
]
# What is said, but not about this logout.
SEMANTIC = {"E-STATUS", "E-CANCEL", "E-DEST", "E-IRT", "E-TIME", "E-ISS", "E-RELAY"}


def is_taken(case):
    def fits(patterns):
        return any(fnmatchcase(case.id, pattern) for pattern in patterns)

    return fits(TAKEN) and not fits(LEFT)


def add_logout(name, row, code, make, **options):
    add(f"logout-{name}", row, code, make, smithy=LogoutSmithy, **options)


for login in [case for case in CASES if is_taken(case)]:
    codes = {"E-SLO" if code in SEMANTIC else code for code in login.expected}
    add_logout(login.id, f"S-69 {login.row}", "|".join(sorted(codes)), login.make,
               kind=login.kind, **login.settings)

# -- S-01 to S-09: a confirmation hidden in one of another logout -------------------------------


def wrapping(shape, ids):
    def make(smithy):
        genuine = smithy.answer(in_response_to="_otra")
        signed = Signed(smithy.sign_root(genuine.text(), genuine.response_id))
        own = smithy.context.unique("_mala")
        response_id, extra = evil_ids(ids, shape, own, genuine.response_id)
        evil = smithy.answer(response_id=response_id, root_extra=extra)
        return wrapped_response(shape, evil.text(), signed)

    return make


for the_shape in range(1, 9):
    for the_ids in ("same", "distinct", "variant"):
        add_logout(f"xsw{the_shape}-{the_ids}", f"S-69 {ROWS[the_shape]} S-09",
                   expected(the_shape, the_ids, "response"), wrapping(the_shape, the_ids))

# -- one kind of message for another ------------------------------------------------------------


def login_answer(smithy):
    login = Smithy(smithy.context)
    return login.sign(login.answer())


add_logout("answer-to-a-login", "S-69 S-27", "E-STRUCT", login_answer)
add_logout("root-Response", "S-69 S-27", "E-STRUCT",
           lambda s: s.signed(root_tag="saml2p:Response"))
for name, child in {
    "assertion": '<saml2:Assertion ID="_a" Version="2.0"/>',
    "name-id": "<saml2:NameID>00000000T</saml2:NameID>",
    "session-index": "<saml2p:SessionIndex>a</saml2p:SessionIndex>"
    "<saml2p:SessionIndex>b</saml2p:SessionIndex>",
    "logout-request": '<saml2p:LogoutRequest ID="_b" Version="2.0"/>',
}.items():
    add_logout(f"with-{name}", "S-69", "E-STRUCT",
               lambda s, child=child: s.signed(after_status_xml=child))
for name, child in {"itself": "LogoutResponse", "response": "Response"}.items():
    add_logout(f"with-{name}", "S-69 S-01", "E-SIG-BIND", lambda s, child=child: s.signed(
        after_status_xml=f'<saml2p:{child} ID="_b" Version="2.0"/>'))

# -- changed by somebody else -------------------------------------------------------------------


def changed(old, new, **made):
    return lambda smithy: swap(
        smithy.signed(**{name: make(smithy.context) for name, make in made.items()}),
        old(smithy.context), new(smithy.context))


add_logout("changed-in-response-to", "S-69 S-22", "E-SIG", changed(
    lambda c: "_otra", lambda c: c.request_id, in_response_to=lambda c: "_otra"))
add_logout("changed-destination", "S-69 S-22", "E-SIG", changed(
    lambda c: "https://otra.example", lambda c: c.acs_url,
    destination=lambda c: "https://otra.example"))
add_logout("changed-status", "S-69 S-22", "E-SIG", changed(
    lambda c: f'Value="{STATUS}Responder"', lambda c: f'Value="{STATUS}Success"',
    status_xml=lambda c: f'<saml2p:Status><saml2p:StatusCode Value="{STATUS}Responder"/></saml2p:Status>'))
add_logout("changed-time", "S-69 S-22", "E-SIG", changed(
    lambda c: utc(c.now - 7200), lambda c: utc(c.now), issue_instant=lambda c: utc(c.now - 7200)))

# -- what a gateway says that has not ended its session -----------------------------------------

for second in ("PartialLogout", "UnknownPrincipal", "RequestUnsupported", "NoSupportedIDP"):
    for top in ("Success", "Requester", "Responder"):
        add_logout(f"status-{top.lower()}-{second.lower()}", "S-69 S-63", "E-SLO",
                   lambda s, top=top, second=second: s.signed(status_xml=(
                       f'<saml2p:Status><saml2p:StatusCode Value="{STATUS}{top}">'
                       f'<saml2p:StatusCode Value="{STATUS}{second}"/></saml2p:StatusCode>'
                       "</saml2p:Status>")))

# -- the form -----------------------------------------------------------------------------------


def form(name, code, fields):
    def make(smithy):
        b64 = xmldsig.b64(smithy.signed().encode())
        return Form(fields=[*fields(b64), ("RelayState", smithy.context.relay_state)])

    add_logout(f"form-{name}", "S-69 S-35", code, make, kind="form")


form("login-beside", "E-FMT", lambda b64: [("logoutResponse", b64), ("SAMLResponse", b64)])
form("request-beside", "E-FMT", lambda b64: [("logoutResponse", b64), ("logoutRequest", b64)])
form("login-request-beside", "E-FMT", lambda b64: [("logoutResponse", b64), ("SAMLRequest", b64)])
form("as-request", "E-FMT", lambda b64: [("logoutRequest", b64)])
form("as-login", "E-STRUCT", lambda b64: [("SAMLResponse", b64)])
form("old-name", "E-FMT", lambda b64: [("samlResponseLogout", b64)])
form("other-case", "E-FMT", lambda b64: [("LogoutResponse", b64)])
