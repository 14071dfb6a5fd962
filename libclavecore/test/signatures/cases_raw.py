import functools

import signature_cases
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from people import (ANA, ANA_RSA, AUTHORITY, BENITO, INTERMEDIATE, SIMULATED_ANA,
                    SIMULATED_AUTHORITY, TWIN, der)
from simulator import signing
from signature_cases import DOCUMENT, NOW

case = functools.partial(signature_cases.case, format="none")
BROKEN, SUBJECT = "E-SIGN-VERIFY", "E-SIGN-SUBJ"


def rsa(document, digest=hashes.SHA256(), scheme=padding.PKCS1v15()):
    return ANA_RSA.key.sign(document, scheme, digest)


simulated = signing.sign(DOCUMENT, "NONE", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW)
case("good-simulated", simulated, claimed=der(SIMULATED_ANA))
case("good-sha384", rsa(DOCUMENT, hashes.SHA384()), claimed=der(ANA_RSA))
case("good-sha512", rsa(DOCUMENT, hashes.SHA512()), claimed=der(ANA_RSA))
case("good-elliptic", ANA.key.sign(DOCUMENT, ec.ECDSA(hashes.SHA256())), claimed=der(ANA),
     authorities=[INTERMEDIATE], facts={"signer_name": "GARCÍA LÓPEZ ANA - 00000000T"})

case("sha1", rsa(DOCUMENT, hashes.SHA1()), claimed=der(ANA_RSA), expect=BROKEN,
     guards="raw.verifies")
case("pss", rsa(DOCUMENT, scheme=padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
     claimed=der(ANA_RSA), expect=BROKEN, guards="raw.verifies")
case("other-document", rsa(DOCUMENT + b"x"), claimed=der(ANA_RSA), expect=BROKEN,
     guards="raw.verifies")
case("the-document", DOCUMENT, claimed=der(ANA_RSA), expect=BROKEN, guards="raw.verifies")
case("nothing", b"", claimed=der(ANA_RSA), expect=BROKEN, guards="raw.verifies")
case("truncated", rsa(DOCUMENT)[:-1], claimed=der(ANA_RSA), expect=BROKEN, guards="raw.verifies")
case("very-long", rsa(DOCUMENT) + b"\0" * 2000, claimed=der(ANA_RSA), expect=BROKEN,
     guards="raw.verifies")
case("of-another-key", rsa(DOCUMENT), claimed=der(ANA), expect=BROKEN, guards="raw.verifies")
case("no-certificate", rsa(DOCUMENT), expect=BROKEN)
case("half-a-certificate", rsa(DOCUMENT), claimed=der(ANA_RSA)[:-1], expect=BROKEN)
case("more-than-a-certificate", rsa(DOCUMENT), claimed=der(ANA_RSA) + b"\0", expect=BROKEN)
case("other-signer", BENITO.key.sign(DOCUMENT, ec.ECDSA(hashes.SHA256())), claimed=der(BENITO),
     expect=SUBJECT, guards="signer.nif")
case("twin-of-somebody-else", ANA.key.sign(DOCUMENT, ec.ECDSA(hashes.SHA256())), claimed=der(TWIN),
     expect=SUBJECT, guards="signer.nif")
case("no-authority", simulated, claimed=der(SIMULATED_ANA), authorities=[AUTHORITY], expect=BROKEN,
     guards="signer.chain")
