"""XML signatures with lxml's canonical form and Debian's cryptography.

Written out instead of calling xmlsec: the module verifies with xmlsec, and the lint of a request
should say which step of the signature fails, not only that it does.
"""

import base64
import copy
import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from .vocabulary import DS, ENVELOPED, EXC_C14N, tag

DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashlib.sha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_HASHES = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
SIGNATURES = {
    _MORE + f"{family}-{name}": (family, hash_class)
    for family in ("rsa", "ecdsa")
    for name, hash_class in _HASHES.items()
}
RSA_SHA512 = _MORE + "rsa-sha512"
RSA_SHA1 = DS + "rsa-sha1"
_EXC_INCLUSIVE = tag(EXC_C14N, "InclusiveNamespaces")


def canonical(element, prefixes=()):
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False,
        inclusive_ns_prefixes=list(prefixes) or None,
    )


# --- signing ----------------------------------------------------------------------------------

def sign(element, credential, *, position, sha1=False, shown_certificate=None):
    """Puts an enveloped signature of `element` at child index `position`.

    `sha1` and `shown_certificate` (one that did not sign) exist for answers that must be refused.
    """
    digest_uri, digest = DS + "sha1", hashlib.sha1
    signature_uri, signature_hash = RSA_SHA1, hashes.SHA1()
    if not sha1:
        digest_uri = "http://www.w3.org/2001/04/xmlenc#sha512"
        digest = hashlib.sha512
        signature_uri, signature_hash = RSA_SHA512, hashes.SHA512()

    signature = etree.Element(tag(DS, "Signature"), nsmap={"ds": DS})
    info = etree.SubElement(signature, tag(DS, "SignedInfo"))
    etree.SubElement(info, tag(DS, "CanonicalizationMethod"), Algorithm=EXC_C14N)
    etree.SubElement(info, tag(DS, "SignatureMethod"), Algorithm=signature_uri)
    reference = etree.SubElement(info, tag(DS, "Reference"), URI="#" + element.get("ID"))
    transforms = etree.SubElement(reference, tag(DS, "Transforms"))
    etree.SubElement(transforms, tag(DS, "Transform"), Algorithm=ENVELOPED)
    etree.SubElement(transforms, tag(DS, "Transform"), Algorithm=EXC_C14N)
    etree.SubElement(reference, tag(DS, "DigestMethod"), Algorithm=digest_uri)
    value = etree.SubElement(reference, tag(DS, "DigestValue"))
    value.text = _base64(digest(canonical(element)).digest())

    signed = credential.key.sign(canonical(info), padding.PKCS1v15(), signature_hash)
    etree.SubElement(signature, tag(DS, "SignatureValue")).text = _base64(signed)
    data = etree.SubElement(etree.SubElement(signature, tag(DS, "KeyInfo")), tag(DS, "X509Data"))
    leaf = (shown_certificate or credential.certificate).public_bytes(serialization.Encoding.DER)
    etree.SubElement(data, tag(DS, "X509Certificate")).text = _base64(leaf)
    element.insert(position, signature)
    return signature


def _base64(content):
    return base64.b64encode(content).decode("ascii")


# --- verifying --------------------------------------------------------------------------------

def problems(root, registered):
    """What is wrong with the root's signature, measured with the `registered` certificate.

    Protocol section 2.5. Stops at the first thing that makes the rest meaningless.
    """
    signatures = root.findall(tag(DS, "Signature"))
    if len(signatures) != 1:
        return ["the request is not signed: no ds:Signature below its root"
                if not signatures else "more than one ds:Signature below its root"]
    signature = signatures[0]
    found = list(_form_problems(root, signature)) or list(_key_info_problems(signature, registered))
    if found:
        return found
    return list(_value_problems(root, signature, registered.public_key()))


def _algorithm(parent, path):
    element = parent.find("/".join(tag(DS, step) for step in path.split("/")))
    return None if element is None else element.get("Algorithm")


def _form_problems(root, signature):
    method = _algorithm(signature, "SignedInfo/CanonicalizationMethod")
    if method != EXC_C14N:
        yield f"CanonicalizationMethod is {method}, the gateway wants {EXC_C14N}"
    method = _algorithm(signature, "SignedInfo/SignatureMethod")
    if method not in SIGNATURES:
        yield f"SignatureMethod {method} is not accepted (no SHA-1); use {RSA_SHA512}"
    references = signature.findall(f"{tag(DS, 'SignedInfo')}/{tag(DS, 'Reference')}")
    if len(references) != 1:
        yield f"SignedInfo has {len(references)} References, exactly one is expected"
        return
    reference = references[0]
    if reference.get("URI") != "#" + root.get("ID", ""):
        yield f'Reference URI is "{reference.get("URI")}", it must be "#" and the request\'s ID'
    transforms = [t.get("Algorithm") for t in reference.iter(tag(DS, "Transform"))]
    if transforms != [ENVELOPED, EXC_C14N]:
        yield f"transforms are {transforms}, expected enveloped-signature and then exc-c14n"
    method = _algorithm(reference, "DigestMethod")
    if method not in DIGESTS:
        yield f"DigestMethod {method} is not accepted"


def _key_info_problems(signature, registered):
    path = "/".join(tag(DS, step) for step in ("KeyInfo", "X509Data", "X509Certificate"))
    shown = signature.findall(path)
    if len(shown) != 1:
        yield (f"KeyInfo has {len(shown)} X509Certificates; the gateway reads the key from there "
               "and wants the leaf certificate alone")
        return
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(shown[0].text or ""))
    except ValueError as error:
        yield f"the certificate in KeyInfo cannot be read: {error}"
        return
    if _public_bytes(certificate.public_key()) != _public_bytes(registered.public_key()):
        yield ("signed with a certificate that is not the one registered for this ProviderName "
               f"(in the request: {certificate.subject.rfc4514_string()}, "
               f"registered: {registered.subject.rfc4514_string()})")


def _public_bytes(key):
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _value_problems(root, signature, key):
    info = signature.find(tag(DS, "SignedInfo"))
    reference = info.find(tag(DS, "Reference"))
    exclusive = reference.findall(".//" + tag(DS, "Transform"))[1]
    digest = DIGESTS[_algorithm(reference, "DigestMethod")](
        canonical(_without_signature(root), _prefixes(exclusive))
    ).digest()
    stated = base64.b64decode(reference.findtext(tag(DS, "DigestValue"), ""))
    if digest != stated:
        yield "the digest does not match: the request was changed after it was signed"
    method = info.find(tag(DS, "CanonicalizationMethod"))
    value = base64.b64decode(signature.findtext(tag(DS, "SignatureValue"), ""))
    family, hash_class = SIGNATURES[_algorithm(signature, "SignedInfo/SignatureMethod")]
    try:
        _verify(key, family, hash_class(), value, canonical(info, _prefixes(method)))
    except (InvalidSignature, TypeError):
        yield "the signature value is not one of the registered key over this SignedInfo"


def _prefixes(element):
    inclusive = element.find(_EXC_INCLUSIVE)
    return () if inclusive is None else inclusive.get("PrefixList", "").split()


def _without_signature(root):
    bare = copy.deepcopy(root)
    signature = bare.find(tag(DS, "Signature"))
    # lxml removes an element together with the text after it, which is not part of it.
    if signature.tail:
        previous = signature.getprevious()
        if previous is None:
            bare.text = (bare.text or "") + signature.tail
        else:
            previous.tail = (previous.tail or "") + signature.tail
    bare.remove(signature)
    return bare


def _verify(key, family, algorithm, value, content):
    if family == "rsa" and isinstance(key, rsa.RSAPublicKey):
        key.verify(value, content, padding.PKCS1v15(), algorithm)
    elif family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
        half = len(value) // 2
        der = encode_dss_signature(
            int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
        )
        key.verify(der, content, ec.ECDSA(algorithm))
    else:
        raise TypeError("the algorithm is not one of the registered key")
