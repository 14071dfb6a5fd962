"""S-65, S-66: attributes that a back end must never see."""

from answer import CLAVE, NATURAL, URI_FORMAT, attribute, attribute_value
from smithy import vary
from xmldsig import b64


def person_identifier(values_xml, **changes):
    return attribute(f"{NATURAL}/PersonIdentifier", "PersonIdentifier", values_xml=values_xml, **changes)


def value(content, extra=""):
    return attribute_value(content, kind="eidas-natural:PersonIdentifierType", extra=extra)


# The NIF and what may not stand in its place. NameID follows, so that it is not what is wrong.
for name, change in {
    "check-letter": lambda nif: nif[:-1] + ("A" if nif[-1] != "A" else "B"),
    "lower-case": lambda nif: nif.lower(),
    "leading-space": lambda nif: " " + nif,
    "trailing-space": lambda nif: nif + " ",
    "hyphen": lambda nif: nif[:-1] + "-" + nif[-1],
    "short": lambda nif: nif[1:],
    "long": lambda nif: "0" + nif,
    "letter-missing": lambda nif: nif[:-1],
    "fullwidth": lambda nif: nif.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"}),
    "legal-person": lambda nif: "S2833002E",
    "empty": lambda nif: "",
    "two-in-one": lambda nif: f"{nif},00000000T",
    "of-other-country": lambda nif: f"ES/FR/{nif}",
    "from-other-country": lambda nif: f"FR/ES/{nif}",
    "twice-prefixed": lambda nif: f"ES/ES/ES/ES/{nif}",
    "lower-case-prefix": lambda nif: f"es/es/{nif}",
    "prefix-only": lambda nif: "ES/ES/",
    "new-line": lambda nif: f"{nif}\n",
    "header-injection": lambda nif: f"{nif}&#13;&#10;X-Clave-Nif: 00000000T",
    "bidi": lambda nif: f"\u202e{nif}",
    "tab": lambda nif: f"&#9;{nif}",
}.items():
    vary(f"nif-{name}", "S-65", "E-ATTR",
         lambda c, change=change: {"name_id": "identificador-opaco",
                                   "identifier_xml": person_identifier(value(change(c.nif)))})

vary("nif-absent", "S-65", "E-ATTR", lambda c: {"identifier_xml": ""})
vary("nif-without-value", "S-65", "E-ATTR", lambda c: {"identifier_xml": person_identifier("")})
vary("nif-two-values", "S-65", "E-ATTR",
     lambda c: {"identifier_xml": person_identifier(value(c.nif) + value("00000000T"))})
vary("nif-same-value-twice", "S-65", "E-ATTR",
     lambda c: {"identifier_xml": person_identifier(value(c.nif) * 2)})
vary("nif-two-attributes", "S-65", "E-ATTR", lambda c: {
    "identifier_xml": person_identifier(value(c.nif)) + person_identifier(value("00000000T"))})
vary("nif-wrong-format", "S-65", "E-ATTR", lambda c: {"identifier_xml": person_identifier(
    value(c.nif), name_format=URI_FORMAT.replace("uri", "basic"))})
vary("nif-nil", "S-65", "E-ATTR",
     lambda c: {"identifier_xml": person_identifier(value(c.nif, ' xsi:nil="true"'))})
vary("nif-with-element", "S-65", "E-STRUCT",
     lambda c: {"identifier_xml": person_identifier(value(f"<b>{c.nif}</b>"))})
vary("nif-name-case", "S-65", "E-ATTR", lambda c: {"identifier_xml": attribute(
    f"{NATURAL}/personidentifier", "PersonIdentifier", c.nif)})
vary("nif-by-friendly-name-only", "S-65", "E-ATTR",
     lambda c: {"identifier_xml": attribute("urn:x", "PersonIdentifier", c.nif)})
vary("attribute-name-absent", "S-65", "E-ATTR", lambda c: {
    "more_attributes_xml": "<saml2:Attribute><saml2:AttributeValue>x</saml2:AttributeValue>"
    "</saml2:Attribute>"})
vary("attribute-statement-absent", "S-65", "E-ATTR", lambda c: {"attribute_statement_xml": ""})

# Spellings in another script: one value must be left.
def _spelled(*marks):
    return "".join(attribute_value("ANA", extra="" if m is None else f' LatinScript="{m}"') for m in marks)


for name, marks in {"unknown": ["quizá"], "none-left": ["false"], "two-left": ["true", None]}.items():
    vary(f"latin-script-{name}", "S-65", "E-ATTR", lambda c, marks=marks: {"names_xml": (
        attribute(f"{NATURAL}/CurrentGivenName", "FirstName", values_xml=_spelled(*marks))
        + attribute(f"{NATURAL}/CurrentFamilyName", "FamilyName", c.surnames))})

# The method.
vary("method-absent", "S-65", "E-ATTR", lambda c: {"idp_xml": ""})
vary("method-unknown", "S-65", "E-ATTR", lambda c: {"selected_idp": "OTRO"})
vary("method-empty", "S-65", "E-ATTR", lambda c: {"selected_idp": ""})
vary("method-space", "S-65", "E-ATTR", lambda c: {"selected_idp": "SEGSOC "})
vary("method-two", "S-65", "E-ATTR", lambda c: {
    "idp_xml": attribute(f"{CLAVE}/SelectedIdP", "SelectedIdP", "PIN24H")
    + attribute(f"{CLAVE}/SelectedIdP", "SelectedIdP", "SEGSOC")})

# The name: S-66, what could become a header or a log line.
for name, text in {
    "line-feed": "ANA&#10;X-Clave-Nif: 00000000T",
    "carriage-return": "ANA&#13;X-Clave-Nif: 00000000T",
    "tab": "ANA&#9;LUISA",
    "next-line": "ANA\u0085LUISA",
    "delete": "ANA\x7fLUISA",
    "bidi-override": "ANA\u202eASIUL",
}.items():
    vary(f"name-{name}", "S-66", "E-ATTR", lambda c, text=text: {"names_xml": (
        attribute(f"{NATURAL}/CurrentGivenName", "FirstName",
                  values_xml=attribute_value(text, kind="eidas-natural:CurrentGivenNameType"))
        + attribute(f"{NATURAL}/CurrentFamilyName", "FamilyName", c.surnames))})


# Each of the other attributes that we read, not the NIF's alone.
READ = {
    "given-name": (f"{NATURAL}/CurrentGivenName", "FirstName", "given_name"),
    "surnames": (f"{NATURAL}/CurrentFamilyName", "FamilyName", "surnames"),
    "first-surname": (f"{CLAVE}/FirstSurname", "FirstSurname", "first_surname"),
    "method": (f"{CLAVE}/SelectedIdP", "SelectedIdP", "selected_idp"),
}


def read_ones(context, other, make):
    """All of READ, `other` as make(Name, FriendlyName, value) has it."""
    texts = {key: (make if key == other else attribute)(name, friendly, getattr(context, field))
             for key, (name, friendly, field) in READ.items()}
    return {"names_xml": texts["given-name"] + texts["surnames"],
            "first_surname_element_xml": texts["first-surname"], "idp_xml": texts["method"]}


for kind, (expected, make) in {
    "nil": ("E-ATTR", lambda name, friendly, text: attribute(
        name, friendly, values_xml=attribute_value(text, extra=' xsi:nil="true"'))),
    "wrong-format": ("E-ATTR", lambda name, friendly, text: attribute(
        name, friendly, text, name_format=URI_FORMAT.replace("uri", "basic"))),
    "same-value-twice": ("E-ATTR", lambda name, friendly, text: attribute(
        name, friendly, values_xml=attribute_value(text) * 2)),
    "with-element": ("E-STRUCT", lambda name, friendly, text: attribute(
        name, friendly, values_xml=attribute_value(f"<b>{text}</b>"))),
    "blank": ("E-ATTR", lambda name, friendly, text: attribute(name, friendly, "  ")),
    "header-injection": ("E-ATTR", lambda name, friendly, text: attribute(
        name, friendly, values_xml=attribute_value(f"{text}&#13;&#10;X-Clave-Nif: 00000000T"))),
}.items():
    for key in READ:
        vary(f"value-{kind}-{key}", "S-66" if kind == "header-injection" else "S-65", expected,
             lambda c, key=key, make=make: read_ones(c, key, make))
for key in ("given-name", "surnames"):
    vary(f"value-absent-{key}", "S-65", "E-ATTR",
         lambda c, key=key: read_ones(c, key, lambda name, friendly, text: ""))
vary("name-too-long", "S-66", "E-ATTR", lambda c: {"given_name": "Ñ" * 300})
vary("name-two-given", "S-65", "E-ATTR", lambda c: {
    "more_attributes_xml": attribute(f"{NATURAL}/CurrentGivenName", "FirstName", "OTRA")})
vary("attributes-too-long-together", "S-65", "E-ATTR", lambda c: {"more_attributes_xml": "".join(
    attribute(f"urn:larga:{i}", "Larga", "A" * 500) for i in range(5))},
    wanted=[f"urn:larga:{i}" for i in range(5)])
vary("first-surname-two", "S-65", "E-ATTR", lambda c: {
    "more_attributes_xml": attribute(f"{CLAVE}/FirstSurname", "FirstSurname", "OTRO")})

# -- for somebody else --------------------------------------------------------------------------


def afirma(*pairs):
    """@firma's answer about a certificate (protocol section 3.3, PartialAfirma)."""
    fields = "".join(f"<idCampo>{name}</idCampo><valorCampo>{value}</valorCampo>" for name, value in pairs)
    return b64(f"<respuesta>{fields}</respuesta>".encode())


def with_certificate(partial_afirma):
    return {"selected_idp": "AFIRMA",
            "more_attributes_xml": attribute(f"{CLAVE}/PartialAfirma", "PartialAfirma", partial_afirma)}


LEGAL_PERSON = [("clasificacion", "11"), ("NIF-CIF", "S2833002E"), ("razonSocial", "AYUNTAMIENTO")]
vary("represented-nowhere-allowed", "S-65", "E-REPR",
     lambda c: with_certificate(afirma(*LEGAL_PERSON)), represented=False)
vary("represented-not-base64", "S-65", "E-ATTR", lambda c: with_certificate("***"))
vary("represented-not-xml", "S-65", "E-ATTR", lambda c: with_certificate(b64(b"hola")))
vary("represented-doctype", "S-30", "E-ATTR",
     lambda c: with_certificate(b64(b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>")))
vary("represented-nobody", "S-65", "E-ATTR", lambda c: with_certificate(afirma(("clasificacion", "11"))))
vary("represented-name-too-long", "S-65", "E-ATTR", lambda c: with_certificate(afirma(
    *LEGAL_PERSON[:2], ("razonSocial", "A" * 600))))
vary("representative-attributes", "S-65", "E-ATTR", lambda c: {"more_attributes_xml": attribute(
    f"{NATURAL}/representative/PersonIdentifier", "RepresentativePersonIdentifier", "00000000T")})
