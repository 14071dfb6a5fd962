"""A timestamp authority, and where its tokens go: RFC 3161 in signatures of the level B-T.

The tokens are real ones, by `openssl ts`; the authority says SIMULADOR.
"""

import base64
import datetime
import subprocess
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lxml import etree

from .credentials import LIFETIME, Credential

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# id-aa-signatureTimeStampToken (RFC 5126 section 6.1.1), 1.2.840.113549.1.9.16.2.14
_TOKEN_ATTRIBUTE = bytes.fromhex("060b2a864886f70d010910020e")
_SEQUENCE, _SET, _UNSIGNED = 0x30, 0x31, 0xA1
_CONFIGURATION = """
[tsa]
default_tsa = simulador
[simulador]
serial = serial
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


class TimestampAuthority:
    """`authority`: asked for who issues its certificate, when it is needed first."""

    def __init__(self, authority):
        self._authority = authority
        self._credential = None

    @property
    def credential(self):
        if self._credential is None:
            self._credential = _issue(self._authority())
        return self._credential

    def token(self, content):
        with tempfile.TemporaryDirectory(prefix="simulator-tsa-") as directory:
            place = Path(directory)
            (place / "content").write_bytes(content)
            (place / "tsa.cnf").write_text(_CONFIGURATION, encoding="ascii")
            (place / "serial").write_text("01", encoding="ascii")
            (place / "tsa.pem").write_bytes(self.credential.certificate_pem())
            (place / "tsa.key").touch(mode=0o600)
            (place / "tsa.key").write_bytes(self.credential.key_pem())
            for command in (
                    ["-query", "-data", "content", "-sha256", "-cert", "-out", "query"],
                    ["-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "tsa.pem",
                     "-inkey", "tsa.key", "-token_out", "-out", "token"]):
                subprocess.run(["openssl", "ts", *command], cwd=place, check=True,
                               capture_output=True)
            return (place / "token").read_bytes()


def in_cms(signed_data, token_of):
    """`token_of`: of the signature's value."""
    kind, wrapped = _children(_only(signed_data)[1])
    parts = _children(_only(wrapped[1])[1])
    signer = _only(parts[-1][1])
    fields = _children(signer[1])
    if fields[-1][0] == _UNSIGNED:
        raise ValueError("has unsigned attributes")
    token = token_of(fields[-1][1])
    attribute = _wrapped(_SEQUENCE, _TOKEN_ATTRIBUTE + _wrapped(_SET, token))
    stamped = _wrapped(_SEQUENCE, signer[1] + _wrapped(_UNSIGNED, attribute))
    kept = b"".join(_wrapped(*part) for part in parts[:-1])
    body = _wrapped(_SEQUENCE, kept + _wrapped(_SET, stamped))
    return _wrapped(_SEQUENCE, _wrapped(*kind) + _wrapped(wrapped[0], body))


def in_xades(signed, token_of):
    """`signed`: the document with its only signature."""
    root = etree.fromstring(signed)
    signature = root if root.tag == f"{{{DS}}}Signature" else root.find(f".//{{{DS}}}Signature")
    value = signature.find(f"{{{DS}}}SignatureValue")
    properties = signature.find(f".//{{{XADES}}}QualifyingProperties")
    at = etree.SubElement(properties, f"{{{XADES}}}UnsignedProperties")
    at = etree.SubElement(at, f"{{{XADES}}}UnsignedSignatureProperties")
    stamp = etree.SubElement(at, f"{{{XADES}}}SignatureTimeStamp", Id="sello")
    etree.SubElement(stamp, f"{{{DS}}}CanonicalizationMethod", Algorithm=_EXCLUSIVE)
    text = base64.b64encode(token_of(etree.tostring(value, method="c14n", exclusive=True)))
    etree.SubElement(stamp, f"{{{XADES}}}EncapsulatedTimeStamp").text = text.decode()
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# --- DER, as far as it is needed ---

def _children(content):
    """(tag, content) of each."""
    found, at = [], 0
    while at < len(content):
        tag, length, start = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, start = int.from_bytes(content[start:start + size], "big"), start + size
        at = start + length
        found.append((tag, content[start:at]))
    return found


def _only(content):
    (only,) = _children(content)
    return only


def _wrapped(tag, content):
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _issue(issuer):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = datetime.datetime.utcnow()
    name = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULADOR - SIN VALOR"),
        x509.NameAttribute(NameOID.COMMON_NAME, "SIMULADOR Sellos de tiempo"),
    ])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return Credential(builder.sign(issuer.key, hashes.SHA256()), key)
