"""Who signs: authorities and certificates, as Cl@ve Firma issues them and as it never would."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from simulator.credentials import Credential
from simulator.fire_certificates import Wallet
from simulator.personas import PERSONAS
from signature_cases import NOW


class _Clock:
    @staticmethod
    def now():
        return NOW


WALLET = Wallet(_Clock())
SIMULATED_ANA = WALLET.certificate(PERSONAS["ana"])
SIMULATED_CARME = WALLET.certificate(PERSONAS["carme"])
SIMULATED_AUTHORITY = WALLET.authority


def der(credential):
    return credential.certificate.public_bytes(serialization.Encoding.DER)


def issue(common_name, issuer=None, *, numbers=(), ca=False, key=None, serial=None, starts=-1,
          ends=90, signing=True, digest=hashes.SHA256()):
    """`starts`, `ends`: days from now. `numbers`: serialNumbers of the subject."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcfromtimestamp(NOW)
    name = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "ES")]
        + [x509.NameAttribute(NameOID.SERIAL_NUMBER, number) for number in numbers]
        + [x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=signing and not ca,
        key_encipherment=not signing, data_encipherment=False, key_agreement=False,
        key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=starts))
        .not_valid_after(now + datetime.timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer.key if issuer else key, digest))
    return Credential(certificate, key)


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
AUTHORITY = issue("AC Raiz", ca=True, key=RSA_KEY)
INTERMEDIATE = issue("AC Firma", AUTHORITY, ca=True)
OTHER_AUTHORITY = issue("AC Otra", ca=True)
ANA_NUMBER = "IDCES-00000000T"
# Each has its own key: an elliptic one is made in no time.
ANA = issue("GARCÍA LÓPEZ ANA - 00000000T", INTERMEDIATE, numbers=[ANA_NUMBER])
ANA_RSA = issue("GARCÍA LÓPEZ ANA - 00000000T", INTERMEDIATE, numbers=[ANA_NUMBER], key=RSA_KEY)
# A certificate of the same key, serial number and issuer, of somebody else.
TWIN = issue("PÉREZ SANZ BENITO", INTERMEDIATE, numbers=["IDCES-99999999R"], key=ANA.key,
             serial=ANA.certificate.serial_number)
BENITO = issue("PÉREZ SANZ BENITO", INTERMEDIATE, numbers=["IDCES-99999999R"])
