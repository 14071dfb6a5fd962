"""Signatures as FIRe composes them: PKCS#1, CAdES, XAdES and PAdES, of the level B-B.

CMS is left to OpenSSL's command, XML-DSig to xmlsec: neither is what the module verifies PAdES or
certificates with, and both are what others use.
"""

import base64
import datetime
import hashlib
import subprocess
import tempfile
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from . import pades, timestamps

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"


class CannotSign(Exception):
    """The data are not what the format needs."""


def sign(document, form, properties, credential, authority, now, token_of=None):
    """`form`: CAdES, XAdES, PAdES or NONE; `properties`: those of the request; `now`: seconds;
    `token_of`: bytes → a timestamp's token, for the level T."""
    def stamped(signature, put_in):
        return put_in(signature, token_of) if token_of else signature
    form = form.lower().removesuffix("-tri").removesuffix("tri")
    if form == "none":
        return credential.key.sign(document, padding.PKCS1v15(), hashes.SHA256())
    if form == "cades":
        attached = properties.get("mode") == "implicit"
        return stamped(cms(document, credential, authority, attached=attached), timestamps.in_cms)
    if form == "xades":
        return stamped(xades(document, properties.get("format", ""), credential, now),
                       timestamps.in_xades)
    if form == "pades":
        def detached(content):
            return stamped(cms(content, credential, authority), timestamps.in_cms)
        try:
            return pades.sign(document, detached, now)
        except pades.NotAPdf as error:
            raise CannotSign(str(error)) from error
    raise CannotSign(f"format {form!r}")


def cms(content, credential, authority, *, attached=False):
    """SignedData in DER, with signing-certificate-v2."""
    with tempfile.TemporaryDirectory(prefix="simulator-cms-") as directory:
        place = Path(directory)
        (place / "signer.pem").write_bytes(credential.certificate_pem())
        (place / "chain.pem").write_bytes(authority.certificate_pem())
        (place / "key.pem").touch(mode=0o600)
        (place / "key.pem").write_bytes(credential.key_pem())
        command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform",
                   "DER", "-signer", "signer.pem", "-inkey", "key.pem", "-certfile", "chain.pem"]
        if attached:
            command.append("-nodetach")
        done = subprocess.run(command, cwd=place, input=content, capture_output=True, check=False)
        if done.returncode != 0:
            raise CannotSign(done.stderr.decode("utf-8", "replace"))
        return done.stdout


def xades(document, kind, credential, now):
    """Enveloped in the XML document, or else with the document inside it in base64."""
    enveloped = kind == "XAdES Enveloped"
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS, "xades": XADES}, Id="firma")
    info = _add(signature, DS, "SignedInfo")
    _add(info, DS, "CanonicalizationMethod", Algorithm=_EXCLUSIVE)
    _add(info, DS, "SignatureMethod", Algorithm=_RSA_SHA256)
    if enveloped:
        _reference(info, "", DS + "enveloped-signature", _EXCLUSIVE)
    else:
        _reference(info, "#documento", DS + "base64")
    _reference(info, "#propiedades", _EXCLUSIVE, Type=_SIGNED_PROPERTIES)
    _add(signature, DS, "SignatureValue")
    certificate = credential.certificate.public_bytes(serialization.Encoding.DER)
    data = _add(_add(signature, DS, "KeyInfo"), DS, "X509Data")
    _add(data, DS, "X509Certificate").text = base64.b64encode(certificate).decode()
    _qualify(_add(signature, DS, "Object"), certificate, now)
    if enveloped:
        try:
            root = etree.fromstring(document)
        except etree.XMLSyntaxError as error:
            raise CannotSign(str(error)) from error
        root.append(signature)
    else:
        content = _add(signature, DS, "Object", Id="documento", Encoding=DS + "base64")
        content.text = base64.b64encode(document).decode()
        root = signature
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(credential.key_pem(), xmlsec.KeyFormat.PEM)
    context.sign(signature)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _qualify(holder, certificate, now):
    properties = _add(holder, XADES, "QualifyingProperties", Target="#firma")
    signed = _add(_add(properties, XADES, "SignedProperties", Id="propiedades"), XADES,
                  "SignedSignatureProperties")
    moment = datetime.datetime.utcfromtimestamp(now)
    _add(signed, XADES, "SigningTime").text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = _add(_add(_add(signed, XADES, "SigningCertificateV2"), XADES, "Cert"), XADES,
                  "CertDigest")
    _add(digest, DS, "DigestMethod", Algorithm=_SHA256)
    _add(digest, DS, "DigestValue").text = base64.b64encode(
        hashlib.sha256(certificate).digest()).decode()


def _reference(info, uri, *transforms, **attributes):
    reference = _add(info, DS, "Reference", URI=uri, **attributes)
    steps = _add(reference, DS, "Transforms")
    for algorithm in transforms:
        _add(steps, DS, "Transform", Algorithm=algorithm)
    _add(reference, DS, "DigestMethod", Algorithm=_SHA256)
    _add(reference, DS, "DigestValue")


def _add(parent, namespace, name, **attributes):
    return etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
