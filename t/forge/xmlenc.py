"""XML encryption of one assertion (XML-Enc 1.1), made by hand so that every part can be made wrong."""

import os
from dataclasses import dataclass
from typing import Any, Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xmldsig import DS, SHA1, XENC, b64

XENC11 = "http://www.w3.org/2009/xmlenc11#"
AES128_GCM, AES192_GCM, AES256_GCM = (XENC11 + f"aes{n}-gcm" for n in (128, 192, 256))
AES256_CBC, AES128_CBC = XENC + "aes256-cbc", XENC + "aes128-cbc"
TRIPLE_DES = XENC + "tripledes-cbc"
OAEP_MGF1P, RSA_1_5 = XENC + "rsa-oaep-mgf1p", XENC + "rsa-1_5"
OAEP_11 = XENC11 + "rsa-oaep"
ELEMENT = XENC + "Element"

_SIZES = {AES128_GCM: 16, AES192_GCM: 24, AES256_GCM: 32, AES256_CBC: 32, AES128_CBC: 16,
          TRIPLE_DES: 24}


def _same(value):
    return value


@dataclass
class Box:
    """How to encrypt. The defaults are those of the gateway (protocol section 3.2)."""

    recipient: Any  # public key
    content: str = AES256_GCM
    transport: str = OAEP_MGF1P
    oaep_digest: str = SHA1
    oaep_mgf: str = ""  # URI of the MGF, only with OAEP_11
    data_type: str = f' Type="{ELEMENT}"'
    retrieval: bool = False  # EncryptedKey beside EncryptedData instead of inside
    # Each may replace a finished part.
    on_cipher: Callable[[bytes], bytes] = _same
    on_wrapped_key: Callable[[bytes], bytes] = _same
    on_key: Callable[[str], str] = _same  # text of xenc:EncryptedKey
    on_data: Callable[[str], str] = _same  # text of xenc:EncryptedData

    def _encrypt(self, key, octets):
        if self.content.endswith("gcm"):
            nonce = os.urandom(12)
            return nonce + AESGCM(key).encrypt(nonce, octets, None)
        block = 8 if self.content == TRIPLE_DES else 16
        fill = block - len(octets) % block
        octets += os.urandom(fill - 1) + bytes([fill])
        iv = os.urandom(block)
        cipher = algorithms.TripleDES(key) if self.content == TRIPLE_DES else algorithms.AES(key)
        encryptor = Cipher(cipher, modes.CBC(iv)).encryptor()
        return iv + encryptor.update(octets) + encryptor.finalize()

    def _wrap(self, key):
        if self.transport == RSA_1_5:
            return self.recipient.encrypt(key, padding.PKCS1v15())
        by_name = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha512": hashes.SHA512}
        oaep = by_name[self.oaep_digest.rpartition("#")[2]]()
        mgf = by_name[self.oaep_mgf.rpartition("#mgf1")[2] or "sha1"]()
        return self.recipient.encrypt(key, padding.OAEP(padding.MGF1(mgf), oaep, None))

    def encrypted_key(self, key):
        method = ""
        if self.transport != RSA_1_5:
            method = f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{self.oaep_digest}"/>'
        if self.oaep_mgf:
            method += f'<xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{self.oaep_mgf}"/>'
        wrapped = self.on_wrapped_key(self._wrap(key))
        return self.on_key(
            f'<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="_llave">'
            f'<xenc:EncryptionMethod Algorithm="{self.transport}">{method}</xenc:EncryptionMethod>'
            f"<xenc:CipherData><xenc:CipherValue>{b64(wrapped)}</xenc:CipherValue></xenc:CipherData>"
            f"</xenc:EncryptedKey>"
        )

    def encrypted_data(self, octets):
        """The content of saml2:EncryptedAssertion."""
        key = os.urandom(_SIZES.get(self.content, 32))
        cipher = self.on_cipher(self._encrypt(key, octets))
        encrypted_key = self.encrypted_key(key)
        inside, beside = encrypted_key, ""
        if self.retrieval:
            inside = (f'<ds:RetrievalMethod Type="{XENC}EncryptedKey" URI="#_llave"/>')
            beside = encrypted_key
        return (
            self.on_data(
                f'<xenc:EncryptedData xmlns:xenc="{XENC}" Id="_datos"{self.data_type}>'
                f'<xenc:EncryptionMethod Algorithm="{self.content}"/>'
                f'<ds:KeyInfo xmlns:ds="{DS}">{inside}</ds:KeyInfo>'
                f"<xenc:CipherData><xenc:CipherValue>{b64(cipher)}</xenc:CipherValue></xenc:CipherData>"
                f"</xenc:EncryptedData>"
            )
            + beside
        )
