"""S-15 to S-18: algorithms, transforms and canonicalization that are not on the list.

Where a library can verify it, the signature is sound: only the list stands in the way.
"""

import xmldsig as x
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from smithy import add
from xmldsig import ENVELOPED, EXC_C14N, inclusive_namespaces, transform


def signed_with(name, row, expected, **changes):
    add(name, row, expected, lambda smithy: smithy.signed(_signature=changes))


# -- S-15: an HMAC keyed with what everybody knows ----------------------------------------------


def hmac(name, secret, algorithm=x.HMAC_SHA256, content="", shorten=None):
    def make(smithy):
        changes = {"key": secret(smithy.keys["gateway"]), "algorithm": algorithm,
                   "method_content": content}
        if shorten:
            changes["on_value"] = lambda raw: x.b64(raw[:shorten])
        return smithy.signed(_signature=changes)

    add(f"hmac-{name}", "S-15", "E-SIG-ALG", make)


def _spki(encoding):
    return lambda party: party.key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


hmac("certificate-pem", lambda party: party.certificate_pem)
hmac("certificate-der", lambda party: party.certificate_der)
hmac("spki-der", _spki(Encoding.DER))
hmac("spki-pem", _spki(Encoding.PEM))
hmac("empty-key", lambda party: b"")
hmac("sha1", _spki(Encoding.DER), algorithm=x.HMAC_SHA1)
hmac("one-byte", _spki(Encoding.DER), shorten=1,
     content="<ds:HMACOutputLength>8</ds:HMACOutputLength>")

# -- S-16: algorithms ---------------------------------------------------------------------------

for name, algorithm in {
    "rsa-sha1": x.RSA_SHA1,
    "rsa-md5": x.RSA_MD5,
    "rsa-sha224": x.RSA_SHA224,
    "rsa-pss-sha256": x.PSS_SHA256,
    "rsa-ripemd160": x.MORE + "rsa-ripemd160",
    "trailing-space": x.RSA_SHA512 + " ",
    "leading-space": " " + x.RSA_SHA512,
    "case": x.RSA_SHA512.replace("rsa-sha512", "RSA-SHA512"),
    "unknown": "urn:x:rsa-sha512",
    "empty": "",
    "none": "http://www.w3.org/2000/09/xmldsig#none",
}.items():
    signed_with(f"algorithm-{name}", "S-16", "E-SIG-ALG", algorithm=algorithm)
signed_with("algorithm-ecdsa-sha1", "S-16", "E-SIG-ALG", signer="gateway-p256", algorithm=x.ECDSA_SHA1)
signed_with("algorithm-dsa-sha1", "S-16", "E-SIG-ALG", signer="attacker-dsa", algorithm=x.DSA_SHA1)
signed_with("algorithm-attribute-missing", "S-16", "E-SIG-ALG",
            on_signed_info=lambda t: t.replace(f' Algorithm="{x.RSA_SHA512}"', ""))
signed_with("algorithm-parameters", "S-16", "E-SIG-ALG",
            method_content="<ds:HMACOutputLength>8</ds:HMACOutputLength>")

for name, algorithm in {
    "sha1": x.SHA1,
    "md5": x.MD5,
    "ripemd160": x.RIPEMD160,
    "sha224": x.SHA224,
    "trailing-space": x.SHA512 + " ",
    "unknown": "urn:x:sha512",
    "empty": "",
}.items():
    signed_with(f"digest-{name}", "S-16", "E-SIG-ALG", digest_algorithm=algorithm)

# A key of one kind with the algorithm of another.
signed_with("algorithm-of-other-key-kind", "S-16", "E-SIG", signer="gateway-p256",
            on_signed_info=lambda t: t.replace(x.ECDSA_SHA256, x.RSA_SHA256),
            algorithm=x.ECDSA_SHA256)

# -- S-17: transforms and canonicalization ------------------------------------------------------

DIGESTED_PLAINLY = {
    "none": [],
    "enveloped-only": [transform(ENVELOPED)],
    "exc-c14n-only": [transform(EXC_C14N)],
    "wrong-order": [transform(EXC_C14N), transform(ENVELOPED)],
    "enveloped-twice": [transform(ENVELOPED), transform(ENVELOPED), transform(EXC_C14N)],
    "exc-c14n-twice": [transform(ENVELOPED), transform(EXC_C14N), transform(EXC_C14N)],
    "xpath": [transform(ENVELOPED), transform("http://www.w3.org/TR/1999/REC-xpath-19991116",
              "<ds:XPath>true()</ds:XPath>"), transform(EXC_C14N)],
    "xpath-instead-of-enveloped": [transform("http://www.w3.org/TR/1999/REC-xpath-19991116",
              "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>"), transform(EXC_C14N)],
    "xpath-filter2": [transform(ENVELOPED), transform("http://www.w3.org/2002/06/xmldsig-filter2",
              '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" Filter="intersect">'
              "/</f:XPath>"), transform(EXC_C14N)],
    "xslt": [transform(ENVELOPED), transform("http://www.w3.org/TR/1999/REC-xslt-19991116",
              '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
              '<xsl:template match="/"><xsl:copy-of select="."/></xsl:template></xsl:stylesheet>'),
              transform(EXC_C14N)],
    "base64": [transform(ENVELOPED), transform(x.DS + "base64"), transform(EXC_C14N)],
    "unknown": [transform(ENVELOPED), transform("urn:x"), transform(EXC_C14N)],
    "trailing-space": [transform(ENVELOPED), transform(EXC_C14N + " ")],
    "enveloped-with-content": [transform(ENVELOPED, "<ds:XPath>false()</ds:XPath>"), transform(EXC_C14N)],
    "exc-c14n-with-unknown-content": [transform(ENVELOPED), transform(EXC_C14N, "<ds:X/>")],
    "prefix-list-twice": [transform(ENVELOPED), transform(
        EXC_C14N, inclusive_namespaces(["ds"]) + inclusive_namespaces(["saml2"]))],
    "prefix-list-of-lines": [transform(ENVELOPED), transform(EXC_C14N, inclusive_namespaces(["&#10;saml2"]))],
}
for name, transforms in DIGESTED_PLAINLY.items():
    # Without any, the element that lists them is missing.
    signed_with(f"transform-{name}", "S-17", "E-SIG-XFORM" if transforms else "E-SIG-FORM",
                transforms=transforms)

for name, method in {
    "exc-c14n-comments": x.EXC_C14N_COMMENTS,
    "c14n": x.C14N,
    "c14n-comments": x.C14N_COMMENTS,
    "c14n11": x.C14N_11,
}.items():
    signed_with(f"transform-{name}", "S-17", "E-SIG-XFORM", digested_with=method,
                transforms=[transform(ENVELOPED), transform(method)])
    signed_with(f"canonicalization-{name}", "S-17", "E-SIG-XFORM", c14n=method)
signed_with("canonicalization-unknown", "S-17", "E-SIG-XFORM",
            on_signed_info=lambda t: t.replace(EXC_C14N, "urn:x", 1))
signed_with("canonicalization-with-content", "S-17", "E-SIG-XFORM", c14n_content="<ds:X/>")


# -- S-18: canonicalization that yields nothing (CVE-2025-66568) --------------------------------


def void(place):
    def make(smithy):
        sha = x.b64(x.digest(x.SHA512, b""))
        declaration = ' xmlns:z="1"'

        def empty_digest(text):
            start = text.index("<ds:DigestValue>") + len("<ds:DigestValue>")
            return text[:start] + sha + text[text.index("</ds:DigestValue>") :]

        answer = smithy.answer(root_extra=declaration if place != "signed-info" else "")
        hooks = {"on_value": lambda raw: x.b64(x.sign_octets(smithy.keys["gateway"].key, x.RSA_SHA512, b""))}
        if place == "signed-info":
            hooks["on_signed_info"] = lambda t: t.replace("<ds:SignedInfo>", f"<ds:SignedInfo{declaration}>")
        else:
            hooks["on_reference"] = empty_digest
        recipe = smithy.recipe(**hooks)
        signature = recipe.signature(recipe.reference(answer.response_id, b""))
        value = hooks["on_value"](b"")
        text = answer.text().replace("{{signature}}", signature)
        return text.replace("{{signature-value}}", value)

    return make


add("void-canonicalization-root", "S-18", "E-STRUCT", void("root"))
add("void-canonicalization-signed-info", "S-18", "E-STRUCT", void("signed-info"))
