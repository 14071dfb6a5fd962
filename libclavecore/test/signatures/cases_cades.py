import functools

import signature_cases
from openssl_cms import cms, digested
from people import (ANA, ANA_NUMBER, ANA_RSA, AUTHORITY, BENITO, INTERMEDIATE, OTHER_AUTHORITY,
                    RSA_KEY, SIMULATED_ANA, SIMULATED_AUTHORITY, SIMULATED_CARME, TWIN, der, issue)
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from simulator import signing, timestamps
from signature_cases import DOCUMENT, NOW

case = functools.partial(signature_cases.case, format="cades")
OTHER = DOCUMENT.replace(b"Ana", b"Eva")
BROKEN, SUBJECT, DIGEST = "E-SIGN-VERIFY", "E-SIGN-SUBJ", "E-SIGN-DIGEST"

simulated = signing.sign(DOCUMENT, "CAdES", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW)
attached = signing.sign(DOCUMENT, "CAdES", {"mode": "implicit"}, SIMULATED_ANA,
                        SIMULATED_AUTHORITY, NOW)
good = cms(DOCUMENT, ANA)

# --- good ones ---
case("good-simulated", simulated, claimed=der(SIMULATED_ANA), authorities=[SIMULATED_AUTHORITY],
     facts={"claimed_time": True})
case("good-attached", attached)
case("good-elliptic", good, authorities=[AUTHORITY], simulator=False,
     facts={"signer_name": "GARCÍA LÓPEZ ANA - 00000000T", "issuer": "CN=AC Firma,C=ES"})
case("good-authority-in-between", good, authorities=[OTHER_AUTHORITY, INTERMEDIATE])
case("good-lower-case-session", good, nif="00000000t")
case("good-sha512", cms(DOCUMENT, ANA, "-md", "sha512"))
case("good-rsa-sha384", cms(DOCUMENT, ANA_RSA, "-md", "sha384"))
case("good-key-identifier", cms(DOCUMENT, SIMULATED_ANA, "-keyid", chain=(SIMULATED_AUTHORITY,)))
case("good-plain-number",
     cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=["00000000t"])))
case("good-empty-document", cms(b"", ANA), document=b"")

# With a real token of RFC 3161, as an upgrade leaves it.
stamps = timestamps.TimestampAuthority(lambda: SIMULATED_AUTHORITY)
case("good-with-timestamp", timestamps.in_cms(simulated, stamps.token), claimed=der(SIMULATED_ANA),
     authorities=[SIMULATED_AUTHORITY], facts={"claimed_time": True})
case("other-document-with-timestamp",
     timestamps.in_cms(signing.sign(OTHER, "CAdES", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW),
                       stamps.token), expect=DIGEST, guards="cms.message-digest")

# --- whose it is (F-02) ---
case("other-signer", cms(DOCUMENT, BENITO), expect=SUBJECT, guards="signer.nif")
case("other-signer-simulated", cms(DOCUMENT, SIMULATED_CARME), expect=SUBJECT, guards="signer.nif")
case("other-session", good, nif="99999999R", expect=SUBJECT, guards="signer.nif")
case("session-without-nif", good, nif="", expect=SUBJECT, guards="signer.nif")
case("longer-number", cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER + "A"])),
     expect=SUBJECT, guards="signer.nif")
case("other-kind-of-number",
     cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=["PASES-00000000T"])), expect=SUBJECT,
     guards="signer.nif")
case("nif-only-in-the-name", cms(DOCUMENT, issue("ANA - 00000000T", INTERMEDIATE)), expect=SUBJECT,
     guards="signer.nif")
case("two-numbers",
     cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER, "IDCES-99999999R"])),
     expect=SUBJECT, guards="signer.one-number")
case("not-the-claimed-certificate", good, claimed=der(ANA_RSA), expect=SUBJECT,
     guards="signer.claimed")
case("claimed-nonsense", good, claimed=b"0", expect=SUBJECT, guards="signer.claimed")
case("simulator-not-allowed", simulated, simulator=False, expect=SUBJECT, guards="signer.simulator")
case("issued-by-the-simulator", cms(DOCUMENT, issue("ANA", SIMULATED_AUTHORITY,
                                                    numbers=[ANA_NUMBER])),
     simulator=False, expect=SUBJECT, guards="signer.simulator")
case("not-for-signing",
     cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER], signing=False)), expect=BROKEN,
     guards="signer.usage")
case("ended", cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER], starts=-9, ends=-1)),
     expect=BROKEN, guards="signer.in-force")
case("not-begun", cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER], starts=1)),
     expect=BROKEN, guards="signer.in-force")
case("signed-long-before", good, now=NOW + 2 * 86400, expect=BROKEN, guards="signer.time")
case("signed-later", cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER], starts=-9)),
     now=NOW - 86400 - 60, expect=BROKEN, guards="signer.time")
case("signed-by-another-clock", good, now=NOW + 86400, ordered=NOW + 85000)
case("weak-key", cms(DOCUMENT, issue("ANA", INTERMEDIATE, numbers=[ANA_NUMBER],
                                     key=rsa.generate_private_key(65537, 1024))),
     expect=BROKEN, guards="key size")

# --- its chain ---
case("other-authority", good, authorities=[OTHER_AUTHORITY], expect=BROKEN, guards="signer.chain")
case("chain-not-there", cms(DOCUMENT, ANA, chain=()), authorities=[AUTHORITY], expect=BROKEN,
     guards="signer.chain")
case("authority-of-the-same-name", good, authorities=[issue("AC Raiz", ca=True)], expect=BROKEN,
     guards="signer.chain")
case("chain-that-ended", good, authorities=[AUTHORITY], now=NOW + 91 * 86400, expect=BROKEN,
     guards=["signer.in-force", "signer.chain", "signer.time"])
case("chain-that-ended-meanwhile", good, authorities=[AUTHORITY], now=NOW + 91 * 86400,
     ordered=NOW - 600)
case("signed-by-a-person",
     cms(DOCUMENT, issue("ANA", BENITO, numbers=[ANA_NUMBER]), chain=(INTERMEDIATE, BENITO)),
     authorities=[AUTHORITY], expect=BROKEN, guards="signer.chain")
_ENDED = issue("AC Vieja", AUTHORITY, ca=True, starts=-9, ends=-1)
case("intermediate-that-ended",
     cms(DOCUMENT, issue("ANA", _ENDED, numbers=[ANA_NUMBER]), chain=(_ENDED,)),
     authorities=[AUTHORITY], expect=BROKEN, guards="signer.chain")
_COLLIDED = issue("ANA", AUTHORITY, numbers=[ANA_NUMBER], digest=hashes.SHA1())
case("certificate-with-sha1", cms(DOCUMENT, _COLLIDED), authorities=[AUTHORITY], expect=BROKEN,
     guards="signer.chain")

# --- what was signed (F-05) ---
case("other-document", cms(OTHER, ANA), expect=DIGEST, guards="cms.message-digest")
case("longer-document", cms(DOCUMENT + b"\n", ANA), expect=DIGEST, guards="cms.message-digest")
case("line-ends-changed", cms(DOCUMENT.replace(b"\n", b"\r\n"), ANA), expect=DIGEST,
     guards="cms.message-digest")
case("nothing-signed", cms(b"", ANA), expect=DIGEST, guards="cms.message-digest")
case("attached-other", cms(OTHER, ANA, "-nodetach"), expect=DIGEST, guards="cms.attached")
case("attached-exchanged", cms(DOCUMENT, ANA, "-nodetach").replace(DOCUMENT, OTHER), expect=DIGEST,
     guards="cms.attached")
case("attached-nothing", cms(b"", ANA, "-nodetach"), expect=DIGEST, guards="cms.attached")

# --- whether it is one (F-15) ---
case("the-document", DOCUMENT, expect=BROKEN)
case("nothing", b"", expect=BROKEN)
case("truncated", good[:-1], expect=BROKEN)
case("half", good[:len(good) // 2], expect=BROKEN)
case("more", good + b"\0", expect=BROKEN, guards="cms.nothing-more")
case("two-in-one-file", good + good, expect=BROKEN, guards="cms.nothing-more")
case("digest-only", digested(DOCUMENT), expect=BROKEN, guards="cms.type")
case("sha1", cms(DOCUMENT, ANA, "-md", "sha1"), expect=BROKEN, guards="cms.digest")
case("md5", cms(DOCUMENT, ANA_RSA, "-md", "md5"), expect=BROKEN, guards="cms.digest")
case("pss", cms(DOCUMENT, ANA_RSA, "pss"), expect=BROKEN, guards="cms.signature")
case("two-signers", cms(DOCUMENT, ANA, more_signers=(BENITO,)), expect=BROKEN,
     guards="cms.one-signer")
case("two-signers-ours-second", cms(DOCUMENT, BENITO, more_signers=(ANA,)), expect=BROKEN,
     guards="cms.one-signer")
case("no-signed-attributes", cms(DOCUMENT, ANA, "-noattr", cades=False), expect=BROKEN,
     guards="cms.signed-attributes")
case("no-signing-certificate", cms(DOCUMENT, ANA, cades=False), expect=BROKEN,
     guards="cms.signing-certificate")
case("no-certificate", cms(DOCUMENT, ANA, "-nocerts", chain=()), expect=BROKEN)
case("twin-certificate", cms(DOCUMENT, ANA, "-nocerts", chain=(TWIN,)), nif="99999999R",
     expect=BROKEN, guards="cms.signing-certificate")
case("twin-certificate-too", cms(DOCUMENT, ANA, chain=(TWIN,)), expect=BROKEN,
     guards="cms.one-certificate")
case("many-certificates",
     cms(DOCUMENT, ANA, chain=[issue(f"AC {i}", key=ANA.key) for i in range(33)]), expect=BROKEN,
     guards="cms.certificates")
_FOREIGN = cms(DOCUMENT, ANA, "-econtent_type", "1.2.840.113549.1.7.9")
case("other-type-of-content", _FOREIGN, expect=BROKEN, guards="cms.content-type")
case("other-type-of-content-signed",
     _FOREIGN.replace(bytes.fromhex("2a864886f70d010709"), bytes.fromhex("2a864886f70d010701"), 1),
     expect=BROKEN, guards="cms.signed-content-type")
case("flipped-signature", good[:-1] + bytes([good[-1] ^ 1]), expect=BROKEN, guards="cms.verifies")
_KEY_OF_OTHER = issue("GARCÍA LÓPEZ ANA - 00000000T", INTERMEDIATE, numbers=[ANA_NUMBER],
                      serial=ANA.certificate.serial_number)
case("certificate-of-another-key", cms(DOCUMENT, ANA, "-nocerts", chain=(_KEY_OF_OTHER,)),
     expect=BROKEN, guards=["cms.signing-certificate", "cms.verifies"])
assert RSA_KEY
