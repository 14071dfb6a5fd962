"""XAdES as text, so that every part of it can be another one; signed by xmlsec under lxml."""

import base64
import datetime
import hashlib

import xmlsec
from lxml import etree
from people import ANA_RSA, der
from signature_cases import DOCUMENT, NOW

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"
SHA256 = ENC + "sha256"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = DS + "enveloped-signature"
BASE64 = DS + "base64"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
TYPE = "http://uri.etsi.org/01903#SignedProperties"


def b64(data):
    return base64.b64encode(data).decode()


def transform(algorithm, inside=""):
    return f'<ds:Transform Algorithm="{algorithm}">{inside}</ds:Transform>'


def reference(uri, *transforms, digest=SHA256, attributes=""):
    steps = "".join(one if one.startswith("<") else transform(one) for one in transforms)
    where = "" if uri is None else f' URI="{uri}"'
    return (f"<ds:Reference{where}{attributes}>"
            + (f"<ds:Transforms>{steps}</ds:Transforms>" if steps else "")
            + f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>')


def document_reference(*transforms, uri="#documento", **options):
    return reference(uri, *(transforms or (BASE64,)), **options)


def properties_reference(*transforms, kind=f' Type="{TYPE}"', uri="#propiedades", **options):
    return reference(uri, *(transforms or (EXCLUSIVE,)), attributes=kind, **options)


def moment(now=NOW):
    return datetime.datetime.utcfromtimestamp(now).strftime("%Y-%m-%dT%H:%M:%SZ")


def cert_digest(credential, method=SHA256, hashed=hashlib.sha256):
    return (f'<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{method}"/><ds:DigestValue>'
            f"{b64(hashed(der(credential)).digest())}</ds:DigestValue></xades:CertDigest>"
            "</xades:Cert>")


def properties(credential, *, time=None, cert=None, version="V2", target="#firma",
               identifier="propiedades", after=""):
    cert = cert_digest(credential) if cert is None else cert
    return (f'<xades:QualifyingProperties Target="{target}"><xades:SignedProperties '
            f'Id="{identifier}"><xades:SignedSignatureProperties><xades:SigningTime>'
            f"{time or moment()}</xades:SigningTime><xades:SigningCertificate{version}>{cert}"
            f"</xades:SigningCertificate{version}></xades:SignedSignatureProperties>"
            f"</xades:SignedProperties></xades:QualifyingProperties>{after}")


def holder(document=DOCUMENT, *, name="ds:Object", identifier="documento", text=None):
    text = b64(document) if text is None else text
    return f'<{name} Id="{identifier}" Encoding="{BASE64}">{text}</{name}>'


def certificates(*credentials):
    return "<ds:X509Data>" + "".join(
        f"<ds:X509Certificate>{b64(der(one))}</ds:X509Certificate>" for one in credentials
    ) + "</ds:X509Data>"


def signature(credential=ANA_RSA, *, references=None, objects=None, key_info=None,
              method=MORE + "rsa-sha256", canonical=EXCLUSIVE, qualified=None, embedded=None,
              method_inside=""):
    """The text of a ds:Signature that nobody has signed yet."""
    if references is None:
        references = document_reference() + properties_reference()
    if objects is None:
        objects = holder()
    info = certificates(credential) if key_info is None else key_info
    qualified = properties(credential) if qualified is None else qualified
    qualified = f"<ds:Object>{qualified}</ds:Object>" if embedded is None else embedded
    return (f'<ds:Signature xmlns:ds="{DS}" xmlns:xades="{XADES}" Id="firma"><ds:SignedInfo>'
            f'<ds:CanonicalizationMethod Algorithm="{canonical}"/><ds:SignatureMethod '
            f'Algorithm="{method}">{method_inside}</ds:SignatureMethod>{references}'
            f'</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo Id="clave">{info}</ds:KeyInfo>'
            f"{qualified}{objects}</ds:Signature>")


def signed(text, credential=ANA_RSA, ids=("Id",)):
    """`text`: XML with one ds:Signature to be completed."""
    root = etree.fromstring(text if isinstance(text, bytes) else text.encode())
    xmlsec.tree.add_ids(root, list(ids))
    place = root if root.tag == f"{{{DS}}}Signature" else root.find(f".//{{{DS}}}Signature")
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(credential.key_pem(), xmlsec.KeyFormat.PEM)
    context.sign(place)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def enveloped(document, *transforms, before="", after="", **options):
    """In front of the document's last tag."""
    own = signature(objects="", references=document_reference(
        *(transforms or (ENVELOPED, EXCLUSIVE)), uri="") + properties_reference(), **options)
    text = document.decode()
    end = text.rindex("</")
    return signed(text[:end] + before + own + after + text[end:])


def doctored(signature_bytes, *changes):
    for old, new in changes:
        assert old.encode() in signature_bytes, old
        signature_bytes = signature_bytes.replace(old.encode(), new.encode(), 1)
    return signature_bytes
