"""OpenSSL's command, with whatever options."""

import subprocess
import tempfile
from pathlib import Path

from people import INTERMEDIATE


def cms(content, credential, *options, chain=(INTERMEDIATE,), cades=True, more_signers=()):
    """SignedData in DER. Without other options: detached, with signing-certificate-v2."""
    with tempfile.TemporaryDirectory(prefix="clave-cms-") as directory:
        place = Path(directory)
        command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER"]
        if "-md" not in options:
            command += ["-md", "sha256"]
        if cades:
            command.append("-cades")
        for number, one in enumerate((credential, *more_signers)):
            (place / f"{number}.pem").write_bytes(one.certificate_pem())
            (place / f"{number}.key").write_bytes(one.key_pem())
            command += ["-signer", f"{number}.pem", "-inkey", f"{number}.key"]
            if "pss" in options:
                command += ["-keyopt", "rsa_padding_mode:pss"]
        if chain:
            (place / "chain.pem").write_bytes(b"".join(one.certificate_pem() for one in chain))
            command += ["-certfile", "chain.pem"]
        command += [option for option in options if option != "pss"]
        return subprocess.run(command, cwd=place, input=content, capture_output=True,
                              check=True).stdout


def digested(content):
    """CMS that is no signature."""
    return subprocess.run(["openssl", "cms", "-digest_create", "-binary", "-outform", "DER"],
                          input=content, capture_output=True, check=True).stdout
