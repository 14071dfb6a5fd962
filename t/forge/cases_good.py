"""What the gateway may send though it usually does not: refusing it would turn citizens away."""

import xmldsig as x
import xmlenc as e
from answer import CLAVE, INNER_SIGNATURE, LOA, NATURAL, SAML, STATUS, Answer, attribute, attribute_value, utc
from cases_attributes import LEGAL_PERSON, afirma, with_certificate
from smithy import add, good, swap


def accepted(name, row, make, **settings):
    add(f"good-{name}", row, "", make, **settings)


def varied(name, row, changes):
    accepted(name, row, lambda s: s.signed(**changes(s.context)))


accepted("plain", "3.1", lambda s: s.sign(s.answer()))
accepted("encrypted", "3.2", lambda s: s.sealed())

# -- spelling -----------------------------------------------------------------------------------

accepted("other-prefixes", "S-20", lambda s: s.signed(
    p="samlp", a="saml", _signature={"prefix": "dsig"}))
accepted("no-declaration", "S-23", lambda s: s.signed(declaration_xml=""))
accepted("white-space", "S-23", lambda s: s.sign(Spread(s.context), space="\n      ", line=76))
accepted("carriage-returns-in-base64", "S-23", lambda s: s.sign(s.answer(), line=64).replace("\n", "\r\n"))
accepted("single-quotes", "S-23", lambda s: swap(
    s.signed(), 'Version="2.0"', "Version='2.0'"))
accepted("attribute-order", "S-23", lambda s: swap(swap(
    s.signed(), ' Version="2.0"', ""), "<saml2p:Response", '<saml2p:Response Version="2.0"'))
accepted("character-references", "S-25", lambda s: swap(
    s.sign(s.answer()), f">{s.context.nif}<", f">&#x{ord(s.context.nif[0]):x};{s.context.nif[1:]}<"))
accepted("empty-elements-spelled-out", "S-23", lambda s: swap(
    s.sign(s.answer()), "<saml2:OneTimeUse/>", "<saml2:OneTimeUse></saml2:OneTimeUse>"))
accepted("trailing-new-line", "S-23", lambda s: s.signed() + "\n")
accepted("declaration-in-single-quotes", "S-23", lambda s: s.signed(
    declaration_xml="<?xml version='1.0' encoding='UTF-8'?>\n"))

# -- signatures ---------------------------------------------------------------------------------

for name, changes in {
    "rsa-sha256": {"algorithm": x.RSA_SHA256, "digest_algorithm": x.SHA256},
    "rsa-sha384": {"algorithm": x.RSA_SHA384, "digest_algorithm": x.SHA384},
    "ecdsa-sha256": {"signer": "gateway-p256", "algorithm": x.ECDSA_SHA256, "digest_algorithm": x.SHA256},
    "ecdsa-sha384": {"signer": "gateway-p384", "algorithm": x.ECDSA_SHA384, "digest_algorithm": x.SHA384},
    "ecdsa-sha512": {"signer": "gateway-p521", "algorithm": x.ECDSA_SHA512},
    "rollover-key": {"signer": "rollover"},
    "prefix-list": {"prefix_list": ["ds", "saml2"]},
    "key-info-removed": {"key_info": ""},
    "signature-id": {"attributes": ' Id="_firma"'},
    "wrapped-base64": {"line": 76},
}.items():
    accepted(name, "S-16" if "sha" in name else "S-14", lambda s, c=changes: s.signed(_signature=c))
accepted("foreign-key-info", "S-14", lambda s: s.signed(
    _signature={"key_info": x.x509_key_info(s.keys["attacker"].certificate_der)}))


@good("good-inner-signature", "3.1")
def _(smithy):
    return smithy.sign(smithy.answer(inner_signature_xml=INNER_SIGNATURE))


@good("good-inner-signature-encrypted", "3.2")
def _(smithy):
    return smithy.sealed(inner_signature_xml=INNER_SIGNATURE)


# -- encryption ---------------------------------------------------------------------------------

accepted("encrypted-aes128", "3.2", lambda s: s.sealed(_box=s.box(content=e.AES128_GCM)))
accepted("encrypted-aes192", "3.2", lambda s: s.sealed(_box=s.box(content=e.AES192_GCM)))
accepted("encrypted-to-old-key", "S-45", lambda s: s.sealed(_box=s.box("sp-old")))
accepted("encrypted-oaep-sha256", "3.2", lambda s: s.sealed(_box=s.box(
    oaep_digest=x.SHA256)))
accepted("encrypted-prefix-outside", "S-43", lambda s: s.sealed(_plain=lambda t: swap(
    t, f' xmlns:saml2="{SAML}"', "")))
accepted("encrypted-without-oaep-digest", "3.2", lambda s: s.sealed(_box=s.box(
    on_key=lambda t: swap(t, f'<ds:DigestMethod xmlns:ds="{x.DS}" Algorithm="{x.SHA1}"/>', ""))))

# -- what it says -------------------------------------------------------------------------------

varied("relay-state-attribute-missing", "3.3", lambda c: {"relay_xml": ""})
varied("second-audience", "S-54", lambda c: {"restrictions_xml": (
    "<saml2:AudienceRestriction><saml2:Audience>https://otra.example.gob.es</saml2:Audience>"
    f"<saml2:Audience>{c.acs_url}</saml2:Audience></saml2:AudienceRestriction>")})
varied("no-fraction", "S-56", lambda c: {"not_on_or_after": utc(c.now + 300)[:-5] + "Z"})
varied("nine-digits-of-fraction", "S-56", lambda c: {"not_on_or_after": utc(c.now + 300)[:-1] + "456789Z"})
varied("clock-a-little-ahead", "S-55", lambda c: {
    "not_before": utc(c.now + 30), "issue_instant": utc(c.now + 30),
    "assertion_issue_instant": utc(c.now + 30), "authn_instant": utc(c.now + 30)})
varied("prefixed-nif", "S-65", lambda c: {"nif": f"ES/ES/{c.nif}"})
varied("nie", "S-65", lambda c: {"nif": "X0000000T", "name_id": "X0000000T"})
varied("opaque-name-id", "S-64", lambda c: {"name_id": "identificador-opaco"})
varied("no-address", "3.1", lambda c: {"address": None})
varied("no-consent", "3.1", lambda c: {"consent": None})
varied("no-status-message", "3.1", lambda c: {
    "status_xml": f'<saml2p:Status><saml2p:StatusCode Value="{STATUS}Success"/></saml2p:Status>'})
varied("other-issuer-of-assertion", "S-59", lambda c: {"assertion_issuer": "urn:es:clave:SEGSOC"})
varied("high", "S-60", lambda c: {"loa": LOA + "high", "selected_idp": "AFIRMA"})
varied("method-lower-case", "3.4", lambda c: {"selected_idp": "segsoc"})
varied("session-end", "S-55", lambda c: {"session_not_on_or_after": utc(c.now + 3600)})
varied("unknown-attribute", "3.3", lambda c: {
    "more_attributes_xml": attribute(f"{CLAVE}/RegisterType", "RegisterType", "avanzado")})
varied("unknown-attribute-of-two-values", "3.3", lambda c: {"more_attributes_xml": attribute(
    "urn:x", "X", values_xml=attribute_value("a") + attribute_value("b"))})
varied("for-somebody-else", "S-65", lambda c: with_certificate(afirma(*LEGAL_PERSON)))
varied("own-certificate", "S-65", lambda c: with_certificate(afirma(("clasificacion", "0"))))
varied("ampersand-in-name", "S-66", lambda c: {"surnames": "O'DONNELL & \"HIJOS\" <B>"})
varied("escaped-crlf-in-name", "S-66", lambda c: {"given_name": "ANA%0d%0aX-Clave-Nif: 00000000T"})


def _twin(name, friendly, latin, other):
    plain = "eidas-natural:CurrentGivenNameType"
    return attribute(f"{NATURAL}/{name}", friendly, values_xml=(
        attribute_value(other, kind=plain, extra=f' xmlns:n="{NATURAL}" n:LatinScript="false"')
        + attribute_value(latin, kind=plain)))


varied("latin-script-twin", "3.3", lambda c: {"names_xml": (
    _twin("CurrentGivenName", "FirstName", c.given_name, "Ωνάσης")
    + _twin("CurrentFamilyName", "FamilyName", c.surnames, "Παπαδόπουλος"))})


class Spread:
    """An answer with every element on its own line, as a serialiser that indents would write it."""

    def __init__(self, context):
        self.answer = Answer(context)
        self.response_id = self.answer.response_id
        self.assertion_id = self.answer.assertion_id

    def part(self, name):
        return self.answer.part(name)

    def text(self):
        text = self.answer.text().replace("{{signature}}", "\n  {{signature}}\n  ")
        for tag in ("Status>", "StatusMessage>", "Assertion ", "Subject>", "NameID ", "SubjectConfirmation ",
                    "SubjectConfirmationData ", "Conditions ", "AudienceRestriction>", "Audience>",
                    "AuthnStatement ", "AuthnContext>", "AttributeStatement>", "Attribute "):
            for prefix in ("saml2p", "saml2"):
                text = text.replace(f"<{prefix}:{tag}", f"\n    <{prefix}:{tag}")
                closing = tag.rstrip("> ")
                if closing not in ("StatusMessage", "NameID", "Audience"):
                    text = text.replace(f"</{prefix}:{closing}>", f"\n    </{prefix}:{closing}>")
        return text
