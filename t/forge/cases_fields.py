"""S-20, S-23: each element and each attribute of an answer, called something else or holding what it
has no room for. A library that looks at local names, ignores case, or takes an attribute of any
namespace (as xmlGetProp does) would read them as if they were right."""

import re

from answer import Answer
from smithy import vary

X = ' xmlns:x="urn:x"'
# What holds it, its name. An element is in a part of the Answer, and so in what is encrypted.
ELEMENTS = {
    "issuer": ("issuer_element", "saml2:Issuer"),
    "status-code": ("status", "saml2p:StatusCode"),
    "status-message": ("status", "saml2p:StatusMessage"),
    "assertion-issuer": ("assertion_issuer_element", "saml2:Issuer"),
    "name-id": ("name_id_element", "saml2:NameID"),
    "confirmation": ("confirmation", "saml2:SubjectConfirmation"),
    "confirmation-data": ("confirmation_data", "saml2:SubjectConfirmationData"),
    "audience-restriction": ("restrictions", "saml2:AudienceRestriction"),
    "audience": ("restrictions", "saml2:Audience"),
    "one-time-use": ("conditions", "saml2:OneTimeUse"),
    "authn-statement": ("authn_statement", "saml2:AuthnStatement"),
    "authn-context": ("authn_statement", "saml2:AuthnContext"),
    "class-ref": ("class_ref", "saml2:AuthnContextClassRef"),
    "context-declaration": ("authn_statement", "saml2:AuthnContextDecl"),
    "attribute": ("identifier", "saml2:Attribute"),
    "attribute-value": ("identifier", "saml2:AttributeValue"),
}


def replaced(text, pattern, new):
    changed, times = re.subn(pattern, new, text)
    if not times:
        raise ValueError(f"nothing to replace: {pattern}")
    return changed


def in_part(name, change):
    """The Answer's part `name`, its text changed."""
    return {f"{name}_xml": lambda answer: change(getattr(answer, f"make_{name}")())}


def renamed(tag, new_tag):
    declaration = X if new_tag.startswith("x:") else ""

    def change(text):
        text = replaced(text, f"<{tag}(?=[ />])", f"<{new_tag}{declaration}")
        return re.sub(f"</{tag}>", f"</{new_tag}>", text)

    return change


for place, (part, tag) in ELEMENTS.items():
    prefix, local = tag.split(":")
    for kind, other in {"foreign": f"x:{local}", "bare": local, "case": f"{prefix}:{local.lower()}"}.items():
        vary(f"element-{kind}-{place}", "S-20", "E-STRUCT",
             lambda c, part=part, tag=tag, other=other: in_part(part, renamed(tag, other)))

# -- attributes, in a namespace where they have none --------------------------------------------

for field, local in {
    "in_response_to": "InResponseTo", "issue_instant": "IssueInstant", "destination": "Destination",
}.items():
    vary(f"attribute-qualified-{field.replace('_', '-')}", "S-20", "E-STRUCT",
         lambda c, field=field, local=local: {
             field: None, "root_extra": f'{X} x:{local}="{getattr(Answer(c), field)}"'})


QUALIFIED = {
    "status-value": ("status", "Value"),
    "assertion-version": ("assertion", "Version"),
    "method": ("confirmation", "Method"),
    "confirmation-in-response-to": ("confirmation_data", "InResponseTo"),
    "confirmation-end": ("confirmation_data", "NotOnOrAfter"),
    "recipient": ("confirmation_data", "Recipient"),
    "not-before": ("conditions", "NotBefore"),
    "not-on-or-after": ("conditions", "NotOnOrAfter"),
    "authn-instant": ("authn_statement", "AuthnInstant"),
    "name": ("identifier", "Name"),
    "name-format": ("identifier", "NameFormat"),
}
for place, (part, local) in QUALIFIED.items():
    vary(f"attribute-qualified-{place}", "S-20", "E-STRUCT", lambda c, part=part, local=local: in_part(
        part, lambda text: replaced(text, f" {local}=", f"{X} x:{local}=")))

# -- text where only elements belong ------------------------------------------------------------


def with_text(text, tag):
    if f"<{tag}>" in text or re.search(f"<{tag} [^>]*[^/]>", text):
        return replaced(text, f"(<{tag}(?: [^>]*)?>)", r"\1texto")
    return replaced(text, f"<{tag}([^>]*)/>", rf"<{tag}\1>texto</{tag}>")


for place, (part, tag) in {
    "status": ("status", "saml2p:Status"),
    "status-code": ("status", "saml2p:StatusCode"),
    "subject": ("subject", "saml2:Subject"),
    **{name: ELEMENTS[name] for name in (
        "confirmation", "confirmation-data", "audience-restriction", "one-time-use", "authn-statement",
        "authn-context", "context-declaration", "attribute")},
    "conditions": ("conditions", "saml2:Conditions"),
    "attribute-statement": ("attribute_statement", "saml2:AttributeStatement"),
}.items():
    vary(f"text-in-{place}", "S-23", "E-STRUCT", lambda c, part=part, tag=tag: in_part(
        part, lambda text: with_text(text, tag)))
