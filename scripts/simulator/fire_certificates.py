"""The certificates of Cl@ve Firma: one per person, made when it is needed, kept by the service."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .credentials import LIFETIME, Credential

# What a person's certificate can be like. With all but OK the person meets a page before signing,
# or none at all; RENEWED is an OK that was told.
STATES = {
    "OK": "has a certificate",
    "NOCERT": "has none yet and may issue one",
    "ENDING": "ends within two months: renewed, and the person is told",
    "EXPIRED": "has ended: a new one is issued",
    "REVOKED": "was revoked: never used again, a new one is issued",
    "BLOCKED": "is blocked",
    "WEAK_REGISTRY": "the registration is too weak for certificates",
    "OLD": "the registration is of more than five years ago: nothing is issued or renewed",
}
# Of a certificate in such a state; of all others, LIFETIME.
_LEFT = {"ENDING": datetime.timedelta(days=30), "EXPIRED": datetime.timedelta(minutes=-5)}
ISSUABLE = ("NOCERT", "ENDING", "EXPIRED", "REVOKED")


class Wallet:
    """Who has which certificate, and in which state."""

    def __init__(self, clock):
        self._clock = clock
        self._authority = None
        self._held = {}
        self._states = {}

    def forget_everything(self):
        self._held.clear()
        self._states.clear()

    @property
    def authority(self):
        if self._authority is None:
            self._authority = _issue(_name("SIMULADOR AC Cl@ve Firma"), None, self._now())
        return self._authority

    def state(self, persona):
        return self._states.get(persona.nif, persona.signing)

    def set_state(self, persona, state):
        if state not in STATES:
            raise ValueError(f"unknown state {state!r}; known: {', '.join(STATES)}")
        self._states[persona.nif] = state
        self._held.pop(persona.nif, None)

    def issue(self, persona):
        self.set_state(persona, "OK")

    def certificate(self, persona):
        if persona.nif not in self._held:
            name = _name(f"{persona.surnames} {persona.given_name} - {persona.nif} (SIMULADOR)",
                         persona)
            self._held[persona.nif] = _issue(name, self.authority, self._now(),
                                             _LEFT.get(self.state(persona), LIFETIME))
        return self._held[persona.nif]

    def _now(self):
        return datetime.datetime.utcfromtimestamp(self._clock.now())


def _name(common_name, persona=None):
    parts = [(NameOID.COUNTRY_NAME, "ES")]
    if persona:
        parts += [(NameOID.SERIAL_NUMBER, f"IDCES-{persona.nif}"),
                  (NameOID.GIVEN_NAME, persona.given_name), (NameOID.SURNAME, persona.surnames)]
    else:
        parts.append((NameOID.ORGANIZATION_NAME, "SIMULADOR - SIN VALOR"))
    parts.append((NameOID.COMMON_NAME, common_name[:64]))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _issue(name, issuer, now, left=LIFETIME):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signer = issuer or Credential(None, key)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=issuer is not None, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=issuer is None,
        crl_sign=issuer is None, encipher_only=False, decipher_only=False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + left)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()),
                       critical=False)
    )
    return Credential(builder.sign(signer.key, hashes.SHA256()), key)
