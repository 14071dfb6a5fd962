"""An Assertion into an EncryptedAssertion (protocol section 3.2).

AES-256-GCM, the key by RSA-OAEP-MGF1P to the certificate that signed the request, EncryptedKey
inside the KeyInfo of EncryptedData.
"""

import base64
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from .vocabulary import DS, SAML, XENC, tag

AES256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
AES256_CBC = XENC + "aes256-cbc"
RSA_OAEP_MGF1P = XENC + "rsa-oaep-mgf1p"


def encrypt(assertion, recipient, *, cbc=False):
    """`cbc` is what the gateway does not do; a service provider must refuse it."""
    content_key = os.urandom(32)
    plain = etree.tostring(assertion)
    content = _cbc(content_key, plain) if cbc else _gcm(content_key, plain)
    wrapped = recipient.public_key().encrypt(
        content_key, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    )

    encrypted = etree.Element(tag(SAML, "EncryptedAssertion"), nsmap={"saml2": SAML})
    data = etree.SubElement(
        encrypted, tag(XENC, "EncryptedData"), nsmap={"xenc": XENC, "ds": DS},
        Id="_" + os.urandom(16).hex(), Type=XENC + "Element",
    )
    etree.SubElement(data, tag(XENC, "EncryptionMethod"),
                     Algorithm=AES256_CBC if cbc else AES256_GCM)
    key = etree.SubElement(
        etree.SubElement(data, tag(DS, "KeyInfo")), tag(XENC, "EncryptedKey"),
        Id="_" + os.urandom(16).hex(),
    )
    method = etree.SubElement(key, tag(XENC, "EncryptionMethod"), Algorithm=RSA_OAEP_MGF1P)
    etree.SubElement(method, tag(DS, "DigestMethod"), Algorithm=DS + "sha1")
    _cipher_value(key, wrapped)
    _cipher_value(data, content)
    return encrypted


def _cipher_value(parent, content):
    data = etree.SubElement(parent, tag(XENC, "CipherData"))
    etree.SubElement(data, tag(XENC, "CipherValue")).text = base64.b64encode(content).decode()


def _gcm(key, plain):
    vector = os.urandom(12)
    return vector + AESGCM(key).encrypt(vector, plain, None)


def _cbc(key, plain):
    vector = os.urandom(16)
    # XML Encryption's own padding: only the last byte counts.
    missing = 16 - len(plain) % 16
    padded = plain + os.urandom(missing - 1) + bytes([missing])
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(padded) + encryptor.finalize()
