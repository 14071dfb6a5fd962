"""S-40 to S-45: what encryption does not prove, and ciphertexts that must not open."""

import xmldsig
import xmlenc as e
from answer import INNER_SIGNATURE, ROOT_SIGNATURE
from smithy import add, bad, swap

EVIL = {"nif": "00000000T", "name_id": "00000000T"}


def boxed(name, row, expected, **changes):
    """Properly signed; the encryption is what is wrong."""
    add(name, row, expected, lambda s: s.sealed(_box=s.box(**changes)))


# -- S-40: anybody can encrypt to us ------------------------------------------------------------


@bad("encrypted-unsigned", "S-40", "E-SIG-NONE")
def _(smithy):
    answer = smithy.answer(**EVIL)
    return smithy.answer(signature_xml="", body_xml=smithy.encrypted(answer.part("assertion"))).text()


add("encrypted-signed-by-attacker", "S-40", "E-SIG-KEY",
    lambda s: s.sealed(**EVIL, _signature={"signer": "attacker"}))


@bad("encrypted-swapped", "S-40", "E-SIG")
def _(smithy):
    answer = smithy.answer()
    genuine = smithy.encrypted(answer.part("assertion"))
    answer.replaced["body"] = genuine
    signed = smithy.sign(answer)
    return swap(signed, genuine, smithy.encrypted(smithy.answer(**EVIL).part("assertion")))


@bad("encrypted-and-signed-inside-only", "S-40", "E-SIG-NONE")
def _(smithy):
    answer = smithy.answer(signature_xml="", inner_signature_xml=INNER_SIGNATURE)
    answer.replaced["body"] = smithy.encrypted(smithy.assertion(answer))
    return answer.text()


# -- S-41, S-42, S-45: ciphertexts --------------------------------------------------------------


def flipped(position):
    def change(octets):
        changed = bytearray(octets)
        changed[position] ^= 1
        return bytes(changed)

    return change


for name, position in {"nonce": 0, "first-byte": 12, "middle": 500, "tag": -1}.items():
    boxed(f"cipher-flipped-{name}", "S-41", "E-DEC", on_cipher=flipped(position))
for name, position in {"first": 0, "last": -1}.items():
    boxed(f"wrapped-key-flipped-{name}", "S-41", "E-DEC", on_wrapped_key=flipped(position))
boxed("cipher-cbc", "S-41", "E-DEC", content=e.AES256_CBC)
boxed("cipher-cbc-128", "S-41", "E-DEC", content=e.AES128_CBC)
boxed("cipher-3des", "S-41", "E-DEC", content=e.TRIPLE_DES)
boxed("cipher-rsa-1_5", "S-41", "E-DEC", transport=e.RSA_1_5)
boxed("cipher-unknown", "S-41", "E-DEC",
      on_data=lambda t: swap(t, e.AES256_GCM, "urn:x"))
boxed("cipher-other-size", "S-41", "E-DEC", on_data=lambda t: swap(t, e.AES256_GCM, e.AES128_GCM))
boxed("transport-unknown", "S-41", "E-DEC", on_key=lambda t: swap(t, e.OAEP_MGF1P, "urn:x"))

for name, change in {
    "tag-truncated": lambda o: o[:-4],
    "tag-one-byte": lambda o: o[:-15],
    "tag-missing": lambda o: o[:-16],
    "empty": lambda o: b"",
    "nonce-only": lambda o: o[:12],
    "shorter-than-nonce": lambda o: o[:5],
}.items():
    boxed(f"cipher-{name}", "S-42", "E-DEC", on_cipher=change)
for name, change in {"empty": lambda o: b"", "short": lambda o: o[:-1], "zero": lambda o: bytes(len(o))}.items():
    boxed(f"wrapped-key-{name}", "S-42", "E-DEC", on_wrapped_key=change)


def reference_instead(text):
    start, end = text.rindex("<xenc:CipherData>"), text.rindex("</xenc:EncryptedData>")
    return text[:start] + ('<xenc:CipherData><xenc:CipherReference URI="http://127.0.0.1:9/x"/>'
                           "</xenc:CipherData>") + text[end:]


boxed("cipher-reference", "S-42", "E-DEC", on_data=reference_instead)
boxed("cipher-reference-file", "S-42", "E-DEC",
      on_data=lambda t: reference_instead(t).replace("http://127.0.0.1:9/x", "file:///etc/hostname"))
boxed("two-encrypted-keys", "S-42", "E-DEC", on_key=lambda t: t.replace("_llave", "_llave2") + t)
boxed("encrypted-key-in-encrypted-key", "S-42", "E-DEC", on_key=lambda t: swap(
    t, "<xenc:CipherData>", f'<ds:KeyInfo xmlns:ds="{xmldsig.DS}">{t.replace("_llave", "_llave2")}'
    "</ds:KeyInfo><xenc:CipherData>"))
boxed("no-encrypted-key", "S-42", "E-DEC", on_key=lambda t: "")
boxed("key-name-instead", "S-42", "E-DEC",
      on_key=lambda t: f'<ds:KeyName xmlns:ds="{xmldsig.DS}">sp</ds:KeyName>')
boxed("oaep-unknown-digest", "S-42", "E-DEC", on_key=lambda t: swap(t, xmldsig.SHA1, "urn:x"))
boxed("oaep-parameters", "S-42", "E-DEC", on_key=lambda t: swap(
    t, "</xenc:EncryptionMethod>", "<xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>"))
# What a strict form leaves no room for.
boxed("encrypted-data-with-properties", "S-42", "E-DEC", on_data=lambda t: swap(
    t, "</xenc:EncryptedData>", "<xenc:EncryptionProperties/></xenc:EncryptedData>"))
boxed("encrypted-key-with-reference-list", "S-42", "E-DEC", on_key=lambda t: swap(
    t, "</xenc:EncryptedKey>", "<xenc:ReferenceList/></xenc:EncryptedKey>"))
boxed("encryption-method-with-key-size", "S-42", "E-DEC", on_data=lambda t: swap(
    t, f'"{e.AES256_GCM}"/>', f'"{e.AES256_GCM}"><xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>'))
boxed("cipher-value-and-reference", "S-42", "E-DEC", on_data=lambda t: swap(
    t, "</xenc:CipherData></xenc:EncryptedData>",
    '<xenc:CipherReference URI="http://127.0.0.1:9/x"/></xenc:CipherData></xenc:EncryptedData>'))
# xmlsec's RSA-OAEP with another mask function is not what the gateway writes (protocol section 3.2).
boxed("transport-oaep-mgf1-sha256", "S-41", "E-DEC",
      transport=e.OAEP_11, oaep_digest=xmldsig.SHA256, oaep_mgf=e.XENC11 + "mgf1sha256")
add("recipient-foreign", "S-45", "E-DEC", lambda s: s.sealed(_box=s.box("sp-foreign")))
add("encrypted-data-twice", "S-42", "E-STRUCT", lambda s: s.sealed(
    _box=s.box(on_data=lambda t: t + t.replace("_datos", "_datos2").replace("_llave", "_llave2"))))
add("encrypted-assertion-empty", "S-42", "E-DEC", lambda s: s.signed(
    body_xml="<saml2:EncryptedAssertion/>"))


@bad("encrypted-id", "S-42", "E-STRUCT")
def _(smithy):
    name_id = smithy.answer().part("name_id_element")
    data = smithy.encrypted(name_id).replace("EncryptedAssertion", "EncryptedID")
    return smithy.signed(name_id_element_xml=data, body_xml=lambda a: a.part("assertion"))


@bad("encrypted-attribute", "S-42", "E-STRUCT")
def _(smithy):
    attribute = smithy.answer().part("identifier")
    data = smithy.encrypted(attribute).replace("EncryptedAssertion", "EncryptedAttribute")
    return smithy.signed(identifier_xml=data, body_xml=lambda a: a.part("assertion"))


# -- S-43: what is inside -----------------------------------------------------------------------


def inside(name, expected, change, **changes):
    add(f"decrypted-{name}", "S-43", expected, lambda s: s.sealed(_plain=change, **changes))


inside("doctype", "E-FMT", lambda t: "<!DOCTYPE a>" + t)
inside("entity", "E-FMT", lambda t: '<!DOCTYPE a [<!ENTITY x "y">]>' + t)
inside("two-elements", "E-STRUCT", lambda t: t + t.replace("_asercion", "_segunda"))
inside("comment-before", "E-STRUCT", lambda t: "<!--x-->" + t)
inside("instruction-before", "E-STRUCT", lambda t: "<?x y?>" + t)
inside("text-after", "E-STRUCT", lambda t: t + "texto")
inside("declaration", "E-STRUCT", lambda t: '<?xml version="1.0"?>' + t)
inside("comment-in-nif", "E-STRUCT", lambda t: swap(t, "018D", "018<!--x-->D"), nif="99999018D")
inside("cdata", "E-STRUCT", lambda t: swap(t, "018D", "018<![CDATA[D]]>"), nif="99999018D")
inside("nothing", "E-DEC", lambda t: "")
inside("text", "E-FMT", lambda t: "hola")
inside("truncated", "E-FMT", lambda t: t[:-10])
inside("nul", "E-FMT", lambda t: t + "\0")
inside("unbound-prefix", "E-STRUCT", lambda t: swap(t, "<saml2:Subject>", "<nadie:a/><saml2:Subject>"))
# Namespaces that are not well-formed, though all else is: as in cases_xml.py
for name, declaration in {
        "xml-redefined": 'xmlns:xml="urn:x"', "xmlns-bound": 'xmlns:xmlns="urn:x"', "undone": 'xmlns:q=""',
        "reserved": 'xmlns:q="http://www.w3.org/2000/xmlns/"', "no-uri": 'xmlns:q="urn:a b"'}.items():
    inside(f"namespace-{name}", "E-STRUCT",
           lambda t, declaration=declaration: swap(t, "<saml2:Subject", f"<saml2:Subject {declaration}"))
inside("not-an-assertion", "E-STRUCT", lambda t: t.replace("saml2:Assertion", "saml2:Advice"))
inside("closes-container", "E-FMT",
       lambda t: "</saml2:EncryptedAssertion>" + t + "<saml2:EncryptedAssertion>")
inside("duplicate-id", "E-ID-DUP", lambda t: t, response_id="_r", assertion_id="_r")
inside("polluted-id", "E-STRUCT", lambda t: swap(t, " ID=", ' Id="_otra" ID='))
inside("invalid-utf8", "E-FMT", lambda t: t.encode().replace(b"018D", b"018\xff"), nif="99999018D")


@bad("decrypted-encrypted-again", "S-43", "E-STRUCT")
def _(smithy):
    namespace = ' xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"'
    return smithy.sealed(_plain=lambda t: smithy.encrypted(t).replace(
        "<saml2:EncryptedAssertion", f"<saml2:EncryptedAssertion{namespace}", 1).replace("_llave", "_llave2")
        .replace("_datos", "_datos2"))


@bad("decrypted-second-assertion-inside", "S-43", "E-STRUCT")
def _(smithy):
    evil = smithy.answer(**EVIL).part("assertion")
    return smithy.sealed(conditions_xml=lambda a: f"{a.make_conditions()}<saml2:Advice>{evil}</saml2:Advice>")


def inner(name, row, expected, **recipe):
    """The assertion's own signature is unsound, the root's is not."""

    def make(smithy):
        answer = smithy.answer(inner_signature_xml=INNER_SIGNATURE)
        text = smithy.sign_inner(answer.text(), answer, **recipe)
        return smithy.sign_root(text, answer.response_id)

    add(f"inner-signature-{name}", row, expected, make)


inner("by-attacker", "S-14", "E-SIG-KEY", signer="attacker")
inner("sha1", "S-16", "E-SIG-ALG", algorithm=xmldsig.RSA_SHA1)
inner("whole-document", "S-12", "E-SIG-REF", uri=' URI=""')
inner("broken", "S-29", "E-SIG", on_value=lambda raw: xmldsig.b64(bytes(len(raw))))
inner("transform-missing", "S-17", "E-SIG-FORM", transforms=[])


@bad("inner-signature-of-root", "S-10", "E-SIG-REF")
def _(smithy):
    answer = smithy.answer(inner_signature_xml=INNER_SIGNATURE)
    text = answer.text().replace(ROOT_SIGNATURE, "<marca/>")
    text = xmldsig.sign(text, INNER_SIGNATURE, answer.response_id, smithy.recipe())
    return smithy.sign_root(text.replace("<marca/>", ROOT_SIGNATURE), answer.response_id)


# -- S-44 ---------------------------------------------------------------------------------------


@bad("plain-and-encrypted", "S-44", "E-STRUCT")
def _(smithy):
    answer = smithy.answer()
    plain = answer.part("assertion")
    return smithy.signed(body_xml=plain + smithy.encrypted(smithy.answer().part("assertion")))


@bad("two-encrypted", "S-44", "E-STRUCT")
def _(smithy):
    first, second = (smithy.encrypted(smithy.answer().part("assertion")) for _ in range(2))
    return smithy.signed(body_xml=first + second.replace("_datos", "_datos2").replace("_llave", "_llave2"))


add("plain-where-encryption-required", "S-44", "E-STRUCT",
    lambda s: s.signed(body_xml=lambda a: a.part("assertion")), require_encryption=True)
