"""S-19 to S-27: XML that is well-formed, signed, and not the shape of an answer."""

from answer import INNER_SIGNATURE, ROOT_SIGNATURE, SAML, SAMLP
from smithy import add, bad, swap

# -- S-19, S-24: identifiers --------------------------------------------------------------------

for name, extra in {
    "samlp-id": ' saml2p:ID="_otra"',
    "foreign-id": ' xmlns:x="urn:x" x:ID="_otra"',
    "second-spelling": ' Id="_otra"',
    "lower-case": ' id="_otra"',
    "xml-id": ' xml:id="_otra"',
    "mixed-case": ' iD="_otra"',
}.items():
    add(f"id-pollution-{name}", "S-19", "E-STRUCT", lambda s, e=extra: s.signed(root_extra=e))
    add(f"id-pollution-assertion-{name}", "S-19", "E-STRUCT",
        lambda s, e=extra.replace("saml2p", "saml2"): s.signed(assertion_extra=e))

add("id-of-root-missing", "S-19", "E-STRUCT",
    lambda s: swap(s.signed(response_id="_r"), ' ID="_r"', ""))
add("id-of-assertion-missing", "S-19", "E-STRUCT", lambda s: s.signed(assertion_id=None))
add("id-of-assertion-empty", "S-19", "E-STRUCT", lambda s: s.signed(assertion_id=""))
add("id-of-root-not-a-name", "S-19", "E-STRUCT", lambda s: s.signed(response_id="1 2"))

add("id-duplicate-assertion", "S-24", "E-ID-DUP",
    lambda s: s.signed(response_id="_r", assertion_id="_r", body_xml=lambda a: a.part("assertion")))
add("id-duplicate-foreign", "S-24", "E-ID-DUP", lambda s: s.signed(
    response_id="_r",
    extensions_xml='<saml2p:Extensions><x:a xmlns:x="urn:x" ID="_r"/></saml2p:Extensions>'))
add("id-duplicate-foreign-pair", "S-24", "E-ID-DUP", lambda s: s.signed(
    extensions_xml='<saml2p:Extensions><x:a xmlns:x="urn:x" ID="_q"/><x:a xmlns:x="urn:x" Id="_q"/>'
    "</saml2p:Extensions>"))
add("id-duplicate-in-value", "S-24", "E-ID-DUP", lambda s: s.signed(
    response_id="_r", more_attributes_xml='<saml2:Attribute Name="urn:x"><saml2:AttributeValue>'
    '<x:a xmlns:x="urn:x" ID="_r"/></saml2:AttributeValue></saml2:Attribute>',
    body_xml=lambda a: a.part("assertion")))
add("id-duplicate-xml-id", "S-24", "E-STRUCT", lambda s: s.signed(
    response_id="_r",
    extensions_xml='<saml2p:Extensions><x:a xmlns:x="urn:x" xml:id="_r"/></saml2p:Extensions>'))


@bad("id-duplicate-both-signed", "S-24", "E-ID-DUP")
def _(smithy):
    """Response and assertion share an ID, and each is signed under it."""
    answer = smithy.answer(response_id="_r", assertion_id="_r", inner_signature_xml=INNER_SIGNATURE)
    answer.replaced["body"] = smithy.assertion(answer)
    return smithy.sign_root(answer.text(), "_r")


add("attribute-unknown", "S-20", "E-STRUCT", lambda s: s.signed(root_extra=' Otro="x"'))

# -- S-20: names in the wrong namespace ---------------------------------------------------------


def in_namespace(old, new, **changes):
    """A good answer with `old` replaced before it is signed."""

    def make(smithy):
        answer = smithy.answer(**changes)
        return smithy.sign_root(swap(answer.text(), old, new), answer.response_id)

    return make


def tag_renamed(tag, new_tag, declaration):
    """Renames the element `tag`, start and end."""

    def make(smithy):
        answer = smithy.answer()
        text = answer.text()
        text = swap(text, f"<{tag}", f"<{new_tag}{declaration}")
        text = f"</{new_tag}>".join(text.rsplit(f"</{tag}>", 1))
        return smithy.sign_root(text, answer.response_id)

    return make


X = ' xmlns:x="urn:x"'
for name, tag in {
    "response": "saml2p:Response", "status": "saml2p:Status", "assertion": "saml2:Assertion",
    "subject": "saml2:Subject", "conditions": "saml2:Conditions",
    "attribute-statement": "saml2:AttributeStatement",
}.items():
    add(f"namespace-foreign-{name}", "S-20", "E-STRUCT",
        tag_renamed(tag, "x:" + tag.partition(":")[2], X))
add("namespace-assertion-in-protocol", "S-20", "E-STRUCT",
    tag_renamed("saml2:Assertion", "saml2p:Assertion", ""))
add("namespace-none-response", "S-20", "E-STRUCT", tag_renamed("saml2p:Response", "Response", ""))
add("namespace-saml1", "S-20", "E-STRUCT",
    in_namespace(f'xmlns:saml2p="{SAMLP}"', 'xmlns:saml2p="urn:oasis:names:tc:SAML:1.0:protocol"'))
add("namespace-case", "S-20", "E-STRUCT",
    in_namespace(f'xmlns:saml2p="{SAMLP}"', f'xmlns:saml2p="{SAMLP.upper()}"'))
add("namespace-rebound", "S-20", "E-STRUCT", lambda s: s.signed(
    assertion_extra="", body_xml=lambda a: swap(
        a.part("assertion"), f'xmlns:saml2="{SAML}"', 'xmlns:saml2="urn:x"')))


@bad("namespace-signature-foreign", "S-20", "E-STRUCT")
def _(smithy):
    signed = smithy.signed(body_xml=lambda a: a.part("assertion"))
    start, end = signed.index("<ds:Signature"), signed.index("</ds:Signature>") + 15
    other = signed[start:end].replace("http://www.w3.org/2000/09/xmldsig#", "urn:x", 1)
    return signed[:start] + other + signed[end:]


# -- S-25: what splits a text -------------------------------------------------------------------


def split(text, by):
    return text[:4] + by + text[4:]


COMMENT, PI, ELEMENT = "<!--x-->", "<?x y?>", '<x:b xmlns:x="urn:x"/>'
PLACES = {
    "name-id": lambda by: {"name_id_element_xml": lambda a: swap(
        a.make_name_id_element(), a.name_id, split(a.name_id, by))},
    "attribute-value": lambda by: {"identifier_xml": lambda a: swap(
        a.make_identifier(), a.nif, split(a.nif, by))},
    "issuer": lambda by: {"issuer_element_xml": lambda a: swap(
        a.make_issuer_element(), a.issuer, split(a.issuer, by))},
    "audience": lambda by: {"restrictions_xml": lambda a: swap(
        a.make_restrictions(), a.audience, split(a.audience, by))},
    "class-ref": lambda by: {"class_ref_xml": lambda a: swap(
        a.make_class_ref(), a.loa, split(a.loa, by))},
    "status": lambda by: {"status_xml": lambda a: swap(
        a.make_status(), "<saml2p:StatusMessage>", f"{by}<saml2p:StatusMessage>")},
    "subject": lambda by: {"subject_xml": lambda a: swap(
        a.make_subject(), "<saml2:Subject>", f"<saml2:Subject>{by}")},
}
for place, changes in PLACES.items():
    add(f"comment-in-{place}", "S-25", "E-STRUCT",
        lambda s, changes=changes: s.signed(**changes(COMMENT)))
    add(f"instruction-in-{place}", "S-25", "E-STRUCT",
        lambda s, changes=changes: s.signed(**changes(PI)))
    add(f"element-in-{place}", "S-25", "E-STRUCT",
        lambda s, changes=changes: s.signed(**changes(ELEMENT)))
for place in ("name-id", "attribute-value", "audience"):
    add(f"cdata-in-{place}", "S-25", "E-STRUCT",
        lambda s, changes=PLACES[place]: s.signed(**changes("<![CDATA[]]>")))


def added_after_signing(before="", after=""):
    def make(smithy):
        answer = smithy.answer()
        return before + smithy.sign_root(answer.text(), answer.response_id) + after

    return make


@bad("comment-cuts-nif-after-signing", "S-25", "E-STRUCT")
def _(smithy):
    """CVE-2017-11427: nobody had to sign it."""
    answer = smithy.answer(nif=smithy.context.nif + "00000000T")
    text = smithy.sign_root(answer.text(), answer.response_id)
    return swap(text, answer.nif, f"{smithy.context.nif}<!---->00000000T")


add("comment-before-root", "S-25", "E-STRUCT", added_after_signing(before=COMMENT))
add("comment-after-root", "S-25", "E-STRUCT", added_after_signing(after=COMMENT))
add("instruction-before-root", "S-25", "E-STRUCT", added_after_signing(before=PI))
add("stylesheet", "S-30", "E-STRUCT",
    added_after_signing(before='<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/x"?>'))

# -- S-26, S-27: other messages, other numbers of assertions ------------------------------------


@bad("two-signed-assertions", "S-26", "E-STRUCT")
def _(smithy):
    one = smithy.answer(inner_signature_xml=INNER_SIGNATURE)
    two = smithy.answer(inner_signature_xml=INNER_SIGNATURE, nif="00000000T", name_id="00000000T")
    holder = f'<r xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{two.part("assertion")}</r>'
    second = smithy.sign_inner(holder, two)
    second = second[second.index("<saml2:") : -len("</r>")]
    text = smithy.sign_inner(one.text(), one).replace("</saml2p:Response>", second + "</saml2p:Response>")
    return smithy.sign_root(text, one.response_id)


add("no-assertion", "S-63", "E-STRUCT", lambda s: s.signed(body_xml=""))
add("assertion-in-extensions", "S-06", "E-STRUCT", lambda s: s.signed(
    extensions_xml=f"<saml2p:Extensions>{s.answer().part('assertion')}</saml2p:Extensions>",
    body_xml=""))
add("version-1", "S-27", "E-STRUCT", lambda s: s.signed(version="1.1"))
add("version-missing", "S-27", "E-STRUCT", lambda s: s.signed(version=None))
add("version-of-assertion", "S-27", "E-STRUCT", lambda s: s.signed(assertion_version="1.1"))
for root in ("LogoutResponse", "ArtifactResponse", "AuthnRequest", "LogoutRequest"):
    add(f"root-{root}", "S-27", "E-STRUCT", lambda s, root=root: s.signed(root_tag=f"saml2p:{root}"))
add("root-metadata", "S-27", "E-STRUCT", lambda s: s.signed(
    root_tag="md:EntityDescriptor",
    root_extra=' xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'))


@bad("root-assertion", "S-27", "E-STRUCT")
def _(smithy):
    answer = smithy.answer(inner_signature_xml=ROOT_SIGNATURE)
    return smithy.sign_root(answer.part("assertion"), answer.assertion_id)


@bad("root-soap", "S-27", "E-STRUCT")
def _(smithy):
    answer = smithy.answer()
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    signed = smithy.sign_root(answer.text(), answer.response_id)
    return f'<s:Envelope xmlns:s="{soap}" ID="_sobre"><s:Body>{signed}</s:Body></s:Envelope>'


add("status-missing", "S-63", "E-STATUS", lambda s: s.signed(status_xml=""))
add("status-twice", "S-63", "E-STRUCT", lambda s: s.signed(
    status_xml=lambda a: a.make_status() + a.make_status().replace("Success", "Responder")))
add("subject-twice", "S-64", "E-STRUCT", lambda s: s.signed(
    subject_xml=lambda a: a.make_subject() * 2))
add("conditions-twice", "S-55", "E-STRUCT", lambda s: s.signed(
    conditions_xml=lambda a: a.make_conditions() * 2))
add("authn-statement-twice", "S-60", "E-LOA", lambda s: s.signed(
    authn_statement_xml=lambda a: a.make_authn_statement() * 2))
add("attribute-statement-twice", "S-65", "E-STRUCT", lambda s: s.signed(
    attribute_statement_xml=lambda a: a.make_attribute_statement() * 2))
add("text-in-response", "S-23", "E-STRUCT", lambda s: s.signed(after_status_xml="texto"))
add("text-in-assertion", "S-23", "E-STRUCT", lambda s: s.signed(
    conditions_xml=lambda a: a.make_conditions() + "texto"))
add("unknown-child-of-response", "S-20", "E-STRUCT",
    lambda s: s.signed(after_status_xml='<x:a xmlns:x="urn:x"/>'))
add("unknown-statement", "S-20", "E-STRUCT", lambda s: s.signed(
    conditions_xml=lambda a: a.make_conditions() + '<x:a xmlns:x="urn:x"/>'))
