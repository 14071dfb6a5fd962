"""XML signatures (XML-DSig 1.1), made by hand so that every part of one can be made wrong.

A document is text with a marker where the signature goes. What the enveloped-signature transform
leaves of it is then exactly the text without the marker.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Callable, Optional, Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"

ENVELOPED = DS + "enveloped-signature"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
EXC_C14N_COMMENTS = EXC_C14N + "WithComments"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_COMMENTS = C14N + "#WithComments"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"

RSA_SHA256, RSA_SHA384, RSA_SHA512 = (MORE + "rsa-" + sha for sha in ("sha256", "sha384", "sha512"))
ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 = (
    MORE + "ecdsa-" + sha for sha in ("sha256", "sha384", "sha512")
)
RSA_SHA1, DSA_SHA1, HMAC_SHA1 = DS + "rsa-sha1", DS + "dsa-sha1", DS + "hmac-sha1"
RSA_MD5, RSA_SHA224 = MORE + "rsa-md5", MORE + "rsa-sha224"
HMAC_SHA256 = MORE + "hmac-sha256"
ECDSA_SHA1 = MORE + "ecdsa-sha1"
PSS_SHA256 = MORE_2007 + "sha256-rsa-MGF1"

SHA1, SHA256, SHA512 = DS + "sha1", XENC + "sha256", XENC + "sha512"
SHA384, SHA224, MD5 = MORE + "sha384", MORE + "sha224", MORE + "md5"
RIPEMD160 = XENC + "ripemd160"

_HASHES = {
    SHA1: "sha1", SHA256: "sha256", SHA384: "sha384", SHA512: "sha512",
    SHA224: "sha224", MD5: "md5", RIPEMD160: "ripemd160",
}

_VALUE = "{{signature-value}}"


def b64(octets):
    return base64.b64encode(octets).decode()


def parse(text):
    """As a verifier would see it; entities stay as they are."""
    data = text.encode() if isinstance(text, str) else text
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True,
                             remove_blank_text=False, strip_cdata=False)
    return etree.fromstring(data, parser)


def canonical(element, method=EXC_C14N, prefixes=()):
    exclusive = method.startswith(EXC_C14N)
    if not exclusive or prefixes:
        # lxml serialises an inner element without the namespaces that it inherits.
        element = _with_inherited_namespaces(element)
    return etree.tostring(
        element,
        method="c14n",
        exclusive=exclusive,
        with_comments=method.endswith("WithComments"),
        inclusive_ns_prefixes=list(prefixes) or None,
    )


def _with_inherited_namespaces(element):
    clone = etree.Element(element.tag, element.attrib, nsmap=element.nsmap)
    clone.text = element.text
    for child in parse(etree.tostring(element, with_tail=False)):
        clone.append(child)
    return clone


def digest(uri, octets):
    return hashlib.new(_HASHES.get(uri, "sha512"), octets).digest()


def _raw_dss(signature, size):
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def sign_octets(key, algorithm, octets):
    """The SignatureValue. `key` is bytes for an HMAC. Unknown algorithms sign as with SHA-512."""
    name = algorithm.strip().rpartition("#")[2]
    chosen = next(
        (h for tag, h in [("sha1", hashes.SHA1), ("sha224", hashes.SHA224),
                          ("sha256", hashes.SHA256), ("sha384", hashes.SHA384),
                          ("md5", hashes.MD5)] if tag in name),
        hashes.SHA512,
    )()
    if isinstance(key, bytes):
        return hmac.new(key, octets, chosen.name).digest()
    if isinstance(key, rsa.RSAPrivateKey):
        pad = padding.PKCS1v15()
        if "MGF1" in name:
            pad = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        return key.sign(octets, pad, chosen)
    if isinstance(key, dsa.DSAPrivateKey):
        return _raw_dss(key.sign(octets, chosen), key.parameters().parameter_numbers().q.bit_length() // 8)
    return _raw_dss(key.sign(octets, ec.ECDSA(chosen)), (key.curve.key_size + 7) // 8)


def transform(algorithm, content="", prefix="ds"):
    return f'<{prefix}:Transform Algorithm="{algorithm}">{content}</{prefix}:Transform>'


def inclusive_namespaces(prefixes):
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" PrefixList="{" ".join(prefixes)}"/>'


def x509_key_info(der, prefix="ds"):
    return (
        f"<{prefix}:KeyInfo><{prefix}:X509Data><{prefix}:X509Certificate>{b64(der)}"
        f"</{prefix}:X509Certificate></{prefix}:X509Data></{prefix}:KeyInfo>"
    )


@dataclass
class Recipe:
    """How to sign. The defaults are those of the gateway (protocol section 2.5)."""

    key: Any  # private key, or bytes for an HMAC
    key_info: str = ""
    algorithm: str = RSA_SHA512
    method_content: str = ""  # inside ds:SignatureMethod
    digest_algorithm: str = SHA512
    c14n: str = EXC_C14N
    c14n_content: str = ""
    transforms: Optional[Sequence[str]] = None  # texts of ds:Transform
    digested_with: str = EXC_C14N  # what the digest really is made of
    prefix_list: Sequence[str] = ()
    uri: Optional[str] = None  # text of the URI attribute; None: '#' and the ID
    attributes: str = ""  # of ds:Signature
    prefix: str = "ds"
    space: str = ""  # between the elements of the signature
    line: int = 0  # wrap base64 at so many characters
    # Each may replace a finished part: (text) → text.
    on_reference: Callable[[str], str] = staticmethod(lambda text: text)
    on_signed_info: Callable[[str], str] = staticmethod(lambda text: text)
    on_value: Callable[[bytes], str] = staticmethod(b64)
    on_signature: Callable[[str], str] = staticmethod(lambda text: text)

    def reference(self, target_id, octets):
        p, s = self.prefix, self.space
        transforms = self.transforms
        if transforms is None:
            content = inclusive_namespaces(self.prefix_list) if self.prefix_list else ""
            transforms = [transform(ENVELOPED, prefix=p), transform(EXC_C14N, content, p)]
        uri = f' URI="#{target_id}"' if self.uri is None else self.uri
        listed = f"<{p}:Transforms>{s}{s.join(transforms)}{s}</{p}:Transforms>" if transforms else ""
        return self.on_reference(
            f"<{p}:Reference{uri}>{s}{listed}{s}"
            f'<{p}:DigestMethod Algorithm="{self.digest_algorithm}"/>{s}'
            f"<{p}:DigestValue>{self.wrapped(b64(digest(self.digest_algorithm, octets)))}"
            f"</{p}:DigestValue>{s}</{p}:Reference>"
        )

    def wrapped(self, text):
        if not self.line:
            return text
        return "\n" + "\n".join(text[i : i + self.line] for i in range(0, len(text), self.line)) + "\n"

    def signature(self, references):
        p, s = self.prefix, self.space
        signed_info = self.on_signed_info(
            f"<{p}:SignedInfo>{s}"
            f'<{p}:CanonicalizationMethod Algorithm="{self.c14n}">{self.c14n_content}'
            f"</{p}:CanonicalizationMethod>{s}"
            f'<{p}:SignatureMethod Algorithm="{self.algorithm}">{self.method_content}'
            f"</{p}:SignatureMethod>{s}{references}{s}</{p}:SignedInfo>"
        )
        return (
            f'<{p}:Signature xmlns:{p}="{DS}"{self.attributes}>{s}{signed_info}{s}'
            f"<{p}:SignatureValue>{_VALUE}</{p}:SignatureValue>{s}{self.key_info}{s}</{p}:Signature>"
        )


def sign(text, marker, target_id, recipe):
    """`text` with `marker` replaced by a signature over the element whose ID is `target_id`."""
    tree = parse(text.replace(marker, ""))
    target = next(e for e in tree.iter(etree.Element) if e.get("ID") == target_id)
    octets = canonical(target, recipe.digested_with, recipe.prefix_list)
    return insert(text, marker, recipe.signature(recipe.reference(target_id, octets)), recipe)


def insert(text, marker, signature, recipe):
    """Puts a signature whose value is still missing in its place, and signs its SignedInfo there."""
    tree = parse(text.replace(marker, signature))
    value = next(e for e in tree.iter(f"{{{DS}}}SignatureValue") if e.text == _VALUE)
    octets = canonical(value.getparent().find(f"{{{DS}}}SignedInfo"), recipe.c14n)
    made = recipe.wrapped(recipe.on_value(sign_octets(recipe.key, recipe.algorithm, octets)))
    return text.replace(marker, recipe.on_signature(signature.replace(_VALUE, made)))
