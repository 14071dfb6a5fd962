"""S-10 to S-29 but for the algorithms: where the signature is, what it refers to, and its form."""

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from answer import INNER_SIGNATURE, ROOT_SIGNATURE, SAML
from smithy import add, bad, swap
from xmldsig import DS, SHA512, b64, canonical, digest, insert, parse, sign

# -- S-10: whether there is one, and where ------------------------------------------------------


@bad("signature-absent", "S-10", "E-SIG-NONE")
def _(smithy):
    return smithy.answer(signature_xml="").text()


@bad("signature-empty", "S-10", "E-SIG-NONE")
def _(smithy):
    return smithy.answer(signature_xml="<ds:Signature/>").text()


@bad("signature-of-assertion-only", "S-10", "E-SIG-NONE")
def _(smithy):
    answer = smithy.answer(signature_xml="", inner_signature_xml=INNER_SIGNATURE)
    return smithy.sign_inner(answer.text(), answer)


def moved(**slot):
    """The root's signature, sound in itself, under another parent."""

    def make(smithy):
        answer = smithy.answer(signature_xml="", **slot)
        return smithy.sign_root(answer.text(), answer.response_id)

    return make


# Extensions are refused before anybody looks into them.
for place, expected, slot in [
    ("status", "E-SIG-BIND", {"status_xml": lambda a: swap(a.make_status(), "</saml2p:Status>",
                                            f"{ROOT_SIGNATURE}</saml2p:Status>")}),
    ("extensions", "E-STRUCT", {"extensions_xml": f"<saml2p:Extensions>{ROOT_SIGNATURE}</saml2p:Extensions>"}),
    ("subject", "E-SIG-BIND", {"subject_xml": lambda a: swap(a.make_subject(), "</saml2:Subject>",
                                              f"{ROOT_SIGNATURE}</saml2:Subject>")}),
    ("assertion", "E-SIG-NONE", {"inner_signature_xml": ROOT_SIGNATURE}),
]:
    add(f"signature-moved-to-{place}", "S-10", expected, moved(**slot))


@bad("signature-twice", "S-10", "E-STRUCT")
def _(smithy):
    answer = smithy.answer()
    text = smithy.sign_root(answer.text(), answer.response_id)
    start, end = text.index("<ds:Signature"), text.index("</ds:Signature>") + len("</ds:Signature>")
    return text[:end] + text[start:end] + text[end:]


@bad("signature-of-other-message", "S-22", "E-SIG-REF")
def _(smithy):
    other = smithy.answer()
    signed = smithy.sign_root(other.text(), other.response_id)
    start, end = signed.index("<ds:Signature"), signed.index("</ds:Signature>") + len("</ds:Signature>")
    return smithy.answer(signature_xml=signed[start:end]).text()


# -- S-12, S-13: what it refers to --------------------------------------------------------------


def referring(uri=None, **changes):
    """A signature whose one reference is `uri`, made over the root all the same."""
    if uri is not None:
        changes["uri"] = f' URI="{uri}"'
    return lambda smithy: smithy.signed(_signature=changes)


for name, uri in {
    "whole-document": "",
    "xpointer-root": "#xpointer(/)",
    "not-a-name": "#123",
    "without-hash": "_respuesta",
    "unknown": "#_nadie",
    "only-hash": "#",
}.items():
    add(f"reference-{name}", "S-12", "E-SIG-REF", referring(uri))
add("reference-uri-missing", "S-12", "E-SIG-REF", lambda s: s.signed(_signature={"uri": ""}))
for name, uri in {
    "xpointer-id": "#xpointer(id('{}'))",
    "space-before": " #{}",
    "space-after": "#{} ",
    "escaped": "#%5F{}",
    "absolute": "https://pasarela.example.gob.es/#{}",
}.items():
    add(
        f"reference-{name}", "S-12", "E-SIG-REF",
        lambda smithy, uri=uri: smithy.signed(
            response_id="_r", _signature={"uri": f' URI="{uri.format("_r")}"'}
        ),
    )

add(
    "reference-none", "S-12", "E-SIG-REF",
    lambda s: s.signed(_signature={"on_reference": lambda text: ""}),
)
add(
    "reference-twice", "S-12", "E-SIG-REF",
    lambda s: s.signed(_signature={"on_reference": lambda text: text + text}),
)
add(
    "reference-twice-second-empty", "S-12", "E-SIG-REF",
    lambda s: s.signed(_signature={"on_reference": lambda text: text + text.replace(
        'URI="#', 'URI="" Id="x', 1)}),
)


@bad("reference-to-assertion", "S-12", "E-SIG-REF")
def _(smithy):
    answer = smithy.answer()
    return sign(answer.text(), ROOT_SIGNATURE, answer.assertion_id, smithy.recipe())


@bad("reference-to-assertion-and-root", "S-12", "E-SIG-REF")
def _(smithy):
    answer = smithy.answer()
    tree = parse(answer.text().replace(ROOT_SIGNATURE, ""))
    recipe = smithy.recipe()
    references = recipe.reference(answer.response_id, canonical(tree)) + recipe.reference(
        answer.assertion_id, canonical(tree.find(f"{{{SAML}}}Assertion"))
    )
    return insert(answer.text(), ROOT_SIGNATURE, recipe.signature(references), recipe)


for name, uri in {
    "file": "file:///etc/hostname",
    "http": "http://127.0.0.1:9/x",
    "ftp": "ftp://127.0.0.1:9/x",
    "data": "data:text/plain,x",
    "relative-file": "/etc/hostname",
}.items():
    add(f"reference-external-{name}", "S-13", "E-SIG-REF", referring(uri))

add(
    "reference-type-manifest", "S-12", "E-SIG-FORM",
    lambda s: s.signed(_signature={"on_reference": lambda text: swap(
        text, "<ds:Reference", f'<ds:Reference Type="{DS}Manifest"')}),
)


# -- S-14, S-27, S-28: whose key ----------------------------------------------------------------


def by_attacker(key_info):
    """Signed by the attacker, with a ds:KeyInfo made by (smithy) → text."""

    def make(smithy):
        content = key_info(smithy)
        wrapped = f"<ds:KeyInfo>{content}</ds:KeyInfo>" if content else ""
        return smithy.signed(_signature={"signer": "attacker", "key_info": wrapped})

    return make


def _key_value(smithy):
    numbers = smithy.keys["attacker"].key.public_key().public_numbers()

    def octets(number):
        return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))

    return (
        f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{octets(numbers.n)}</ds:Modulus>"
        f"<ds:Exponent>{octets(numbers.e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
    )


def _x509(smithy, party="attacker"):
    der = smithy.keys[party].certificate_der
    return f"<ds:X509Data><ds:X509Certificate>{b64(der)}</ds:X509Certificate></ds:X509Data>"


def _spki(smithy):
    key = smithy.keys["attacker"].key.public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return (
        '<dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">'
        f"{b64(der)}</dsig11:DEREncodedKeyValue>"
    )


KEY_INFO = {
    "key-value": _key_value,
    "certificate-same-subject": _x509,
    "gateway-certificate": lambda s: _x509(s, "gateway"),
    "both-certificates": lambda s: _x509(s) + _x509(s, "gateway"),
    "der-key-value": _spki,
    "key-name": lambda s: "<ds:KeyName>gateway</ds:KeyName>",
    "retrieval-method": lambda s: '<ds:RetrievalMethod URI="file:///etc/hostname"/>',
    "retrieval-same-document": lambda s: '<ds:RetrievalMethod URI="#_llave"/>',
    "key-info-reference": lambda s: '<dsig11:KeyInfoReference '
    'xmlns:dsig11="http://www.w3.org/2009/xmldsig11#" URI="#_llave"/>',
    "encrypted-key": lambda s: s.box().encrypted_key(b"k" * 32).replace("_llave", "_otra"),
    "none": lambda s: "",
}
for name, key_info in KEY_INFO.items():
    # Another key is blamed only where another key is named.
    blamed = "E-SIG" if name in ("none", "gateway-certificate", "both-certificates") else "E-SIG-KEY"
    add(f"key-of-attacker-{name}", "S-14", blamed, by_attacker(key_info))

add("key-of-attacker-1024", "S-16", "E-SIG-KEY",
    lambda s: s.signed(_signature={"signer": "attacker-1024"}))
add("key-of-gateway-unpinned", "S-27 S-28", "E-SIG-KEY",
    lambda s: s.signed(_signature={"signer": "gateway-unpinned"}))
add("key-of-provider", "S-14", "E-SIG-KEY", lambda s: s.signed(_signature={"signer": "sp"}))


# -- S-21, S-22: the form of ds:Signature -------------------------------------------------------


def form(name, row, expected, **hooks):
    add(f"signature-form-{name}", row, expected, lambda s: s.signed(_signature=hooks))


def repeated(tag, where):
    """Doubles an element of the signature; the first or the second is wrong."""

    def hook(text):
        start = text.index(f"<ds:{tag}")
        end = text.index(f"</ds:{tag}>") + len(f"</ds:{tag}>")
        wrong = f"<ds:{tag}>{b64(b'x' * 64)}</ds:{tag}>"
        pair = wrong + text[start:end] if where == "first" else text[start:end] + wrong
        return text[:start] + pair + text[end:]

    return hook


for which in ("first", "second"):
    form(f"two-digest-values-wrong-{which}", "S-21", "E-SIG-FORM",
         on_reference=repeated("DigestValue", which))
    form(f"two-signature-values-wrong-{which}", "S-21", "E-SIG-FORM",
         on_signature=repeated("SignatureValue", which))


def _transforms(text):
    return text[text.index("<ds:Transforms>") : text.index("</ds:Transforms>") + len("</ds:Transforms>")]


def _second_signed_info(text):
    start, end = text.index("<ds:SignedInfo>"), text.index("</ds:SignedInfo>") + len("</ds:SignedInfo>")
    return text[:end] + text[start:end].replace("DigestValue>", "DigestValue>AA", 1) + text[end:]


def _evil_signed_info_first(text):
    start, end = text.index("<ds:SignedInfo>"), text.index("</ds:SignedInfo>") + len("</ds:SignedInfo>")
    return text[:start] + text[start:end].replace("DigestValue>", "DigestValue>AA", 1) + text[start:]


form("two-signed-infos", "S-21", "E-SIG-FORM", on_signature=_second_signed_info)
form("two-signed-infos-evil-first", "S-21", "E-SIG-FORM", on_signature=_evil_signed_info_first)
form("comment-in-digest", "S-21", "E-STRUCT",
     on_reference=lambda t: swap(t, "<ds:DigestValue>", "<ds:DigestValue><!--x-->"))
form("comment-in-value", "S-21", "E-STRUCT",
     on_signature=lambda t: swap(t, "<ds:SignatureValue>", "<ds:SignatureValue><!--x-->"))
form("element-in-digest", "S-21", "E-SIG",
     on_reference=lambda t: swap(t, "<ds:DigestValue>", "<ds:DigestValue><ds:X/>"))
form("element-in-value", "S-21", "E-SIG",
     on_signature=lambda t: swap(t, "</ds:SignatureValue>", "<ds:X/></ds:SignatureValue>"))
form("object", "S-07", "E-STRUCT",
     on_signature=lambda t: swap(t, "</ds:Signature>", "<ds:Object/></ds:Signature>"))
form("unknown-child", "S-21", "E-SIG-FORM",
     on_signature=lambda t: swap(t, "</ds:Signature>", "<ds:X/></ds:Signature>"))
form("text-between", "S-21", "E-SIG-FORM",
     on_signature=lambda t: swap(t, "<ds:SignatureValue>", "x<ds:SignatureValue>"))
form("unknown-child-of-signed-info", "S-21", "E-SIG-FORM",
     on_signed_info=lambda t: swap(t, "</ds:SignedInfo>", "<ds:X/></ds:SignedInfo>"))
form("unknown-attribute", "S-21", "E-SIG-FORM", attributes=' Otro="x"')
form("signed-info-id", "S-21", "E-SIG-FORM",
     on_signed_info=lambda t: swap(t, "<ds:SignedInfo", '<ds:SignedInfo Id="_info"'))
form("wrong-order", "S-21", "E-SIG-FORM",
     on_reference=lambda t: swap(t, _transforms(t), "").replace(
         "</ds:DigestValue>", "</ds:DigestValue>" + _transforms(t)))
form("two-key-infos", "S-14", "E-SIG-FORM",
     on_signature=lambda t: swap(t, "</ds:Signature>", "<ds:KeyInfo/></ds:Signature>"))


@bad("digest-of-other-signature", "S-22", "E-STRUCT")
def _(smithy):
    """CVE-2024-45409: the right digest stands elsewhere, in an element of the same name."""
    answer = smithy.answer()
    text = smithy.sign_root(answer.text(), answer.response_id)
    changed = swap(text, answer.nif, "00000000T")
    forged = parse(changed)
    forged.remove(forged.find(f"{{{DS}}}Signature"))
    value = b64(digest(SHA512, canonical(forged)))
    decoy = f"<ds:DigestValue>{value}</ds:DigestValue>"
    return swap(changed, "<saml2p:Status>", f"<saml2p:Extensions>{decoy}</saml2p:Extensions><saml2p:Status>")


@bad("content-changed", "S-22", "E-SIG")
def _(smithy):
    return swap(smithy.sign(smithy.answer()), smithy.context.nif, "00000000T")


# -- S-29: values that are no signature ---------------------------------------------------------


def value(name, change, signer="gateway", expected="E-SIG", **changes):
    add(f"signature-value-{name}", "S-29", expected,
        lambda s: s.signed(_signature={"signer": signer, "on_value": change, **changes}))


def _der(raw):
    half = len(raw) // 2
    return b64(encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big")))


ECDSA = {"signer": "gateway-p256",
         "algorithm": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"}

value("empty", lambda raw: "")
value("white-space", lambda raw: " \n ")
value("zero", lambda raw: b64(bytes(len(raw))))
value("ones", lambda raw: b64(b"\xff" * len(raw)))
value("short", lambda raw: b64(raw[:-1]))
value("long", lambda raw: b64(raw + b"\0"))
value("leading-zero", lambda raw: b64(b"\0" + raw))
value("one-bit", lambda raw: b64(raw[:-1] + bytes([raw[-1] ^ 1])))
value("not-base64", lambda raw: "!" + b64(raw)[1:])
value("64-kilobytes", lambda raw: b64(raw * 192))
value("ecdsa-zero", lambda raw: b64(bytes(len(raw))), **ECDSA)
value("ecdsa-der", _der, **ECDSA)
value("ecdsa-half", lambda raw: b64(raw[: len(raw) // 2]), **ECDSA)
value("ecdsa-empty", lambda raw: "", **ECDSA)

form("digest-empty", "S-29", "E-SIG",
     on_reference=lambda t: t[: t.index("<ds:DigestValue>")] + "<ds:DigestValue/></ds:Reference>")
form("digest-short", "S-29", "E-SIG",
     on_reference=lambda t: t[: t.index("<ds:DigestValue>") + 16] + "AAAA</ds:DigestValue></ds:Reference>")
