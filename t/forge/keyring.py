"""The test keys: one directory of PEM files, made once.

Every party of the checklist has its own: the gateway (several pinned keys, as during a rollover),
another key of the gateway that is not pinned, an attacker who uses the gateway's name, and the
service provider.
"""

import datetime
import os
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID

GATEWAY_NAME = "SELLO PASARELA DE PRUEBAS"
OTHER_NAME = "OTRO SELLO DE LA PASARELA"
PROVIDER_NAME = "SEDE DE PRUEBAS"


def _rsa(bits):
    return lambda: rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _ec(curve):
    return lambda: ec.generate_private_key(curve)


# name → (subject, how to make the key). Whoever may sign for the gateway is in PINNED.
PARTIES = {
    "gateway": (GATEWAY_NAME, _rsa(2048)),
    "rollover": (GATEWAY_NAME, _rsa(2048)),
    "gateway-p256": (GATEWAY_NAME, _ec(ec.SECP256R1())),
    "gateway-p384": (GATEWAY_NAME, _ec(ec.SECP384R1())),
    "gateway-p521": (GATEWAY_NAME, _ec(ec.SECP521R1())),
    "gateway-unpinned": (OTHER_NAME, _rsa(2048)),
    "attacker": (GATEWAY_NAME, _rsa(2048)),
    "attacker-1024": (GATEWAY_NAME, _rsa(1024)),
    "attacker-dsa": (GATEWAY_NAME, lambda: dsa.generate_private_key(2048)),
    "sp": (PROVIDER_NAME, _rsa(2048)),
    "sp-old": (PROVIDER_NAME, _rsa(2048)),
    "sp-foreign": (PROVIDER_NAME, _rsa(2048)),
}
PINNED = ["gateway", "rollover", "gateway-p256", "gateway-p384", "gateway-p521"]


def _certificate(subject, key):
    name = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "ES"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "PRUEBAS"),
        x509.NameAttribute(NameOID.COMMON_NAME, subject),
    ])
    now = datetime.datetime.utcnow()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )


def _write_private(path, data):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


class Party:
    """One key pair of the ring, read when first used."""

    def __init__(self, directory, name):
        self.name = name
        self._directory = directory

    def _read(self, suffix):
        return (self._directory / f"{self.name}.{suffix}").read_bytes()

    @cached_property
    def key(self):
        return serialization.load_pem_private_key(self._read("key"), None)

    @cached_property
    def certificate(self):
        return x509.load_pem_x509_certificate(self._read("pem"))

    @cached_property
    def certificate_der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @cached_property
    def certificate_pem(self):
        return self._read("pem")


class Keyring:
    def __init__(self, directory):
        self.directory = Path(directory)
        self._parties = {name: Party(self.directory, name) for name in PARTIES}

    def __getitem__(self, name):
        return self._parties[name]

    def make(self):
        """Idempotent: a ring that is complete is left as it is."""
        self.directory.mkdir(parents=True, exist_ok=True)
        complete = self.directory / "complete"
        if complete.exists():
            return self
        for old in self.directory.glob("*.*"):
            old.unlink()
        for name, (subject, new_key) in PARTIES.items():
            key = new_key()
            _write_private(
                self.directory / f"{name}.key",
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ),
            )
            (self.directory / f"{name}.pem").write_bytes(
                _certificate(subject, key).public_bytes(serialization.Encoding.PEM)
            )
        (self.directory / "pinned.pem").write_bytes(
            b"".join(self[name].certificate_pem for name in PINNED)
        )
        complete.touch()
        return self
