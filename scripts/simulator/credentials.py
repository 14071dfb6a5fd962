"""Keys and certificates of the simulation, made afresh at every start.

A test certificate that is kept ends one day, and with it everybody's tests. These live a few
months at most and say SIMULADOR, which the module refuses without `clave_simulator on`.
"""

import datetime
import functools
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Longer than the 60 days from which on `nginx -t` warns.
LIFETIME = datetime.timedelta(days=90)
TLS_NAMES = ("sede.localhost", "clave.localhost", "ident.clave.localhost", "movil.localhost")


@dataclass(frozen=True)
class Credential:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def certificate_pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


@dataclass(frozen=True)
class Credentials:
    authority: Credential
    gateway: Credential   # signs answers
    sede: Credential      # signs requests, opens encrypted answers
    tls: Credential

    @functools.cached_property
    def stranger(self):
        """Signs answers that must be refused."""
        return _issue("SIMULADOR Otra pasarela", _rsa(2048), self.authority)


def _name(common_name):
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULADOR - SIN VALOR"),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ])


# Cl@ve's messages are of RSA; only TLS asks for the others, and of RSA they would be half the time that a
# start takes.
def _rsa(bits):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _curve():
    return ec.generate_private_key(ec.SECP256R1())


def _issue(common_name, key, issuer=None, *, authority=False, names=()):
    now = datetime.datetime.utcnow()
    usage = x509.KeyUsage(
        digital_signature=not authority, content_commitment=False,
        key_encipherment=not authority and isinstance(key, rsa.RSAPrivateKey),
        data_encipherment=False, key_agreement=False,
        key_cert_sign=authority, crl_sign=authority, encipher_only=False, decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else _name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The hour before covers machines whose clocks differ a little.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signing_key = issuer.key if issuer else key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
        critical=False,
    )
    if names:
        alternatives = [x509.DNSName(name) for name in names]
        alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return Credential(builder.sign(signing_key, hashes.SHA256()), key)


def make(extra_names=()):
    authority = _issue("SIMULADOR Autoridad de pruebas", _curve(), authority=True)
    return Credentials(
        authority=authority,
        gateway=_issue("SIMULADOR Pasarela Cl@ve", _rsa(2048), authority),
        sede=_issue("SIMULADOR Sede", _rsa(3072), authority),
        tls=_issue(TLS_NAMES[0], _curve(), authority, names=(*TLS_NAMES, *extra_names)),
    )


def write(credentials, directory):
    """ca.pem, and NAME.pem with NAME.key for gateway, sede and tls."""
    directory = Path(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_public(directory / "ca.pem", credentials.authority.certificate_pem())
    for name in ("gateway", "sede", "tls"):
        credential = getattr(credentials, name)
        chain = credential.certificate_pem()
        if name == "tls":
            chain += credentials.authority.certificate_pem()
        _write_public(directory / f"{name}.pem", chain)
        _write_private(directory / f"{name}.key", credential.key_pem())


def _write_public(path, content):
    path.write_bytes(content)


def _write_private(path, content):
    # Created with its mode: there is no moment in which others could read it.
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
