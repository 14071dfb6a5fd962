import functools
import hashlib

import signature_cases
from people import (ANA, ANA_NUMBER, ANA_RSA, BENITO, INTERMEDIATE, RSA_KEY, SIMULATED_ANA,
                    SIMULATED_AUTHORITY, der, issue)
from simulator import signing, timestamps
from signature_cases import DOCUMENT, NOW
from xades import (BASE64, DS, ENC, ENVELOPED, EXCLUSIVE, INCLUSIVE, MORE, XADES, XPATH, b64,
                   cert_digest, certificates, doctored, document_reference, enveloped, holder,
                   moment, properties, properties_reference, reference, signature, signed, transform)

case = functools.partial(signature_cases.case, format="xades")
BROKEN, SUBJECT, DIGEST = "E-SIGN-VERIFY", "E-SIGN-SUBJ", "E-SIGN-DIGEST"
OTHER = DOCUMENT.replace(b"Ana", b"Eva")
XML = ('<?xml version="1.0" encoding="UTF-8"?>\n<solicitud id="1" año="2026">\n  <!-- nota -->'
       "<texto>Año &amp; día</texto><![CDATA[<b>]]>\n  <v id='1'/>\n</solicitud>").encode()
IMPORTANT = XML.replace(b"nota", b"otra")
CHANGED = XML.replace(b"2026", b"2027")

simulated = signing.sign(DOCUMENT, "XAdES", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW)
inside = signing.sign(XML, "XAdES", {"format": "XAdES Enveloped"}, SIMULATED_ANA,
                      SIMULATED_AUTHORITY, NOW)
plain = signed(signature())

# --- good ones ---
case("good-simulated", simulated, claimed=der(SIMULATED_ANA), authorities=[SIMULATED_AUTHORITY],
     facts={"claimed_time": True})
case("good-simulated-enveloped", inside, document=XML, facts={"claimed_time": True})
case("good-other-algorithms",
     signed(signature(method=MORE + "rsa-sha512", canonical=INCLUSIVE,
                      references=document_reference(BASE64, digest=ENC + "sha512")
                      + properties_reference(INCLUSIVE, digest=MORE + "sha384"))),
     simulator=False, authorities=[INTERMEDIATE],
     facts={"signer_name": "GARCÍA LÓPEZ ANA - 00000000T"})
case("good-elliptic", signed(signature(ANA, method=MORE + "ecdsa-sha256"), ANA))
case("good-without-transforms-of-base64",
     signed(signature(references=document_reference(EXCLUSIVE) + properties_reference())))
case("good-lines-in-base64",
     signed(signature(objects=holder(text="\n" + "\n".join(
         b64(DOCUMENT)[i:i + 76] for i in range(0, len(b64(DOCUMENT)), 76)) + "\n"))))
case("good-key-info-signed",
     signed(signature(references=document_reference() + properties_reference()
                      + reference("#clave", EXCLUSIVE))))
case("good-first-version", signed(signature(qualified=properties(ANA_RSA, version=""))))
case("good-chain-inside", signed(signature(key_info=certificates(INTERMEDIATE, ANA_RSA)
                                           + "<ds:KeyName>otra</ds:KeyName>")))
case("good-offset-of-time",
     signed(signature(qualified=properties(
         ANA_RSA, time=moment(NOW + 7200).replace("Z", "+02:00")))))
case("good-beside",
     signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"))
case("good-beside-and-before",
     signed("<AFIRMA>" + signature(objects="") + holder(name="CONTENT") + "</AFIRMA>"))
_NO_SIGNATURE = f'<ds:XPath xmlns:ds="{DS}">not(ancestor-or-self::ds:Signature)</ds:XPath>'
case("good-enveloped-with-xpath",
     enveloped(XML, ENVELOPED, INCLUSIVE, transform(XPATH, _NO_SIGNATURE)), document=XML)
case("good-enveloped-byte-order-mark", enveloped(XML), document=b"\xef\xbb\xbf" + XML)
case("good-enveloped-written-otherwise", enveloped(XML), document=XML.replace(b"'1'", b'"1"'))
# With a real token of RFC 3161, as an upgrade leaves it.
stamps = timestamps.TimestampAuthority(lambda: SIMULATED_AUTHORITY)
case("good-with-token", timestamps.in_xades(simulated, stamps.token),
     authorities=[SIMULATED_AUTHORITY], facts={"claimed_time": True})
case("good-enveloped-with-token", timestamps.in_xades(inside, stamps.token), document=XML)
case("good-with-timestamp",
     doctored(plain, ("</xades:SignedProperties>",
                      "</xades:SignedProperties><xades:UnsignedProperties/>")))

# --- whose it is ---
case("other-signer", signed(signature(BENITO, method=MORE + "ecdsa-sha256"), BENITO),
     expect=SUBJECT, guards="signer.nif")
case("our-certificate-their-key",
     signed(signature(ANA, method=MORE + "ecdsa-sha256"), BENITO), expect=BROKEN,
     guards="xades.verifies")
case("certificate-not-named",
     signed(signature(qualified=properties(ANA))), expect=BROKEN,
     guards="xades.signing-certificate")
_TWIN = issue("PÉREZ SANZ BENITO", INTERMEDIATE, numbers=["IDCES-99999999R"], key=RSA_KEY)
case("certificate-exchanged", doctored(plain, (b64(der(ANA_RSA)), b64(der(_TWIN)))),
     nif="99999999R", expect=BROKEN, guards="xades.signing-certificate")
case("named-with-sha1",
     signed(signature(qualified=properties(
         ANA_RSA, cert=cert_digest(ANA_RSA, DS + "sha1", hashlib.sha1)))), expect=BROKEN,
     guards="xades.signing-certificate")
case("named-second",
     signed(signature(qualified=properties(ANA_RSA, cert=cert_digest(BENITO)
                                           + cert_digest(ANA_RSA)))), expect=BROKEN,
     guards="xades.signing-certificate")
case("no-certificate", signed(signature(key_info="<ds:KeyName>ana</ds:KeyName>")), expect=BROKEN,
     guards="xades.signing-certificate")
case("key-value-of-another",
     signed(signature(ANA_RSA, key_info="<ds:KeyValue/>" + certificates(ANA),
                      qualified=properties(ANA))), expect=BROKEN, guards="xades.verifies")
case("hmac-with-the-public-key",
     doctored(plain, (MORE + "rsa-sha256", MORE + "hmac-sha256")), expect=BROKEN,
     guards="xades.algorithm")

# --- what was signed ---
case("other-document", signed(signature(objects=holder(OTHER))), expect=DIGEST,
     guards="xades.content")
case("other-document-enveloped", enveloped(CHANGED), document=XML, expect=DIGEST,
     guards="xades.same-document")
case("other-comment", enveloped(IMPORTANT), document=XML, expect=DIGEST,
     guards="xades.same-document")
case("comment-gone", enveloped(XML.replace(b"<!-- nota -->", b"")), document=XML, expect=DIGEST,
     guards="xades.same-document")
case("style-sheet-in-front",
     enveloped(XML.replace(b"<solicitud", b'<?xml-stylesheet href="x"?><solicitud', 1)),
     document=XML, expect=DIGEST, guards="xades.same-document")
case("more-beside-the-signature", enveloped(XML, before="<v/>"), document=XML, expect=DIGEST,
     guards="xades.same-document")
case("enveloped-for-text", inside, expect=DIGEST)
case("enveloping-for-another", simulated, document=XML, expect=DIGEST, guards="xades.content")
case("document-with-doctype", enveloped(XML), document=XML.replace(
    b"<solicitud", b"<!DOCTYPE solicitud><solicitud", 1), expect=DIGEST)
case("content-exchanged", doctored(plain, (b64(DOCUMENT), b64(OTHER))), document=OTHER,
     expect=BROKEN, guards="xades.verifies")
case("enveloped-exchanged", doctored(enveloped(XML), ("2026", "2027")), document=CHANGED,
     expect=BROKEN, guards="xades.verifies")
case("time-exchanged", doctored(plain, ("<xades:SigningTime>2", "<xades:SigningTime>1")),
     expect=BROKEN, guards="xades.verifies")
case("base64-with-junk",
     signed(signature(objects=holder(text="**" + b64(DOCUMENT)),
                      references=document_reference(EXCLUSIVE) + properties_reference())),
     expect=DIGEST, guards="xades.content")
case("too-large", simulated, document=b"x" * 7_000_001, expect=DIGEST)

# --- references and wrapping ---
case("without-document", signed(signature(references=properties_reference(), objects="")),
     expect=BROKEN, guards="xades.one-document")
case("document-not-signed", signed(signature(references=properties_reference())), expect=BROKEN,
     guards="xades.one-document")
case("without-properties", signed(signature(references=document_reference())), expect=BROKEN,
     guards="xades.properties-signed")
case("properties-twice",
     signed(signature(references=document_reference() + properties_reference() * 2)),
     expect=BROKEN, guards="xades.properties-signed")
case("properties-not-called-so",
     signed(signature(references=document_reference() + properties_reference(kind=""))),
     expect=BROKEN, guards="xades.type")
case("properties-of-another-signature",
     signed(signature(qualified=properties(ANA_RSA, target="#otra"))), expect=BROKEN,
     guards="xades.target")
case("properties-in-two-objects",
     signed(signature(embedded="<ds:Object>" + properties(ANA_RSA) + "</ds:Object><ds:Object>"
                      + properties(BENITO, identifier="otras") + "</ds:Object>", objects="",
                      references=document_reference(ENVELOPED, uri="") + properties_reference())),
     expect=BROKEN, guards="xades.one-properties")
case("more-beside-the-properties",
     signed(signature(qualified=properties(ANA_RSA, after="<mas/>"))), expect=BROKEN,
     guards="xades.one-properties")
case("two-documents",
     signed(signature(objects=holder() + holder(OTHER, identifier="otro"),
                      references=document_reference() + document_reference(uri="#otro")
                      + properties_reference())), expect=BROKEN, guards="xades.one-document")
case("another-object-not-signed",
     signed(signature(objects=holder() + holder(OTHER, identifier="otro"))), expect=BROKEN,
     guards="xades.objects")
case("object-added", doctored(plain, ("</ds:Signature>", "<ds:Object>x</ds:Object></ds:Signature>")),
     expect=BROKEN, guards="xades.objects")
case("two-signatures",
     doctored(plain, ("<ds:KeyInfo ", f'<ds:Signature xmlns:ds="{DS}"/><ds:KeyInfo ')),
     expect=BROKEN, guards="xades.one-signature")
_INNER = plain.split(b"?>", 1)[1].decode().strip()
case("wrapped-in-another-document", f"<otra><solicitud/>{_INNER}</otra>".encode(), expect=BROKEN,
     guards="xades.place")
case("beside-something-else",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("</AFIRMA>", "<CONTENT>x</CONTENT></AFIRMA>")), expect=BROKEN, guards="xades.place")
case("text-beside",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("<AFIRMA>", "<AFIRMA>Solicitud de Eva")), expect=BROKEN, guards="xades.place")
case("same-id-twice",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("<AFIRMA>", '<AFIRMA Id="documento">')), expect=BROKEN, guards="xades.one-id")
case("same-id-in-xml-space",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("<AFIRMA>", '<AFIRMA xml:id="documento">')), expect=BROKEN,
     guards="xades.one-id")
case("same-id-in-capitals",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("<AFIRMA>", '<AFIRMA ID="documento">')), expect=BROKEN, guards="xades.one-id")
# libxml2 finds that of the parser's own first: what is digested is not what is read.
case("id-that-leads-elsewhere",
     doctored(signed("<AFIRMA>" + holder(name="CONTENT") + signature(objects="") + "</AFIRMA>"),
              ("<AFIRMA>", '<AFIRMA xml:id="documento">')), expect=BROKEN,
     guards=["xades.one-id", "xades.binding"])
case("reference-to-nothing",
     doctored(plain, ('URI="#documento"', 'URI="#ninguno"')), expect=BROKEN,
     guards="xades.one-id")
case("reference-by-xpointer",
     signed(signature(references=document_reference(uri="#xpointer(id('documento'))")
                      + properties_reference())), expect=BROKEN, guards="xades.uri")
case("reference-to-a-file",
     signed(signature(objects="", references=document_reference(
         INCLUSIVE, uri="file:///etc/hostname") + properties_reference())
         .replace("file:///etc/hostname", "#documento").replace(
             "</ds:KeyInfo>", "</ds:KeyInfo>" + holder()))
     .replace(b'"#documento"', b'"file:///etc/hostname"', 1), expect=BROKEN, guards="xades.uri")
case("reference-to-the-web",
     doctored(plain, ('URI="#documento"', 'URI="http://127.0.0.1:1/x"')), expect=BROKEN,
     guards="xades.uri")
case("reference-without-uri", doctored(plain, (' URI="#documento"', "")), expect=BROKEN,
     guards="xades.has-uri")
case("whole-file-not-enveloped",
     signed(signature(objects="", references=document_reference(
         transform(XPATH, _NO_SIGNATURE), uri="") + properties_reference())), expect=BROKEN,
     guards="xades.enveloped")
case("signature-deep-inside",
     signed("<solicitud><v>" + signature(objects="", references=document_reference(
         ENVELOPED, uri="") + properties_reference()) + "</v></solicitud>"),
     document=b"<solicitud><v></v></solicitud>", expect=BROKEN, guards="xades.enveloped")
case("elements-in-the-content",
     signed(signature(objects=holder(text=b64(DOCUMENT) + "<v/>"),
                      references=document_reference(EXCLUSIVE) + properties_reference())),
     expect=BROKEN, guards="xades.text")
case("comment-in-the-content",
     doctored(plain, (b64(DOCUMENT), b64(DOCUMENT)[:40] + "<!-- x -->" + b64(DOCUMENT)[40:])),
     expect=BROKEN, guards="xades.text")
case("no-base64-in-the-content", doctored(plain, (b64(DOCUMENT)[:12], b64(DOCUMENT)[:11] + "$")),
     expect=BROKEN, guards="xades.base64")
case("properties-through-base64",
     doctored(signed(signature(references=properties_reference() + document_reference())),
              ("</ds:Transforms>", transform(BASE64) + "</ds:Transforms>")), expect=BROKEN,
     guards="xades.plain")
case("nothing-left-by-xpath",
     enveloped(XML, ENVELOPED, transform(XPATH, "<ds:XPath>false()</ds:XPath>")), document=XML,
     expect=BROKEN, guards=["xades.transforms", "xades.not-void"])
case("xslt",
     signed(signature(references=document_reference(
         EXCLUSIVE, transform("http://www.w3.org/TR/1999/REC-xslt-19991116")).replace(
             transform("http://www.w3.org/TR/1999/REC-xslt-19991116"), "")
         + properties_reference())).replace(
             b"</ds:Transforms>",
             b'<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>'
             b"</ds:Transforms>", 1), expect=BROKEN, guards="xades.transforms")
case("nodes-after-octets",
     doctored(enveloped(XML), (
         "</ds:Transforms>", transform(ENVELOPED) + "</ds:Transforms>")), document=XML, expect=BROKEN,
     guards="xades.transforms")
case("canonical-with-comments",
     signed(signature(references=document_reference(EXCLUSIVE + "WithComments")
                      + properties_reference())), expect=BROKEN, guards="xades.transforms")

# --- algorithms and form ---
case("sha1-digest",
     signed(signature(references=document_reference(digest=DS + "sha1") + properties_reference())),
     expect=BROKEN, guards="xades.digest")
case("sha1-signature", signed(signature(method=DS + "rsa-sha1")), expect=BROKEN,
     guards="xades.algorithm")
case("signed-info-with-comments", signed(signature(canonical=EXCLUSIVE + "WithComments")),
     expect=BROKEN, guards="xades.canonicalization")
case("key-info-missing",
     doctored(plain, ("<ds:KeyInfo ", "<ds:Object "), ("</ds:KeyInfo>", "</ds:Object>")),
     expect=BROKEN, guards="xades.parts")
case("manifest",
     doctored(plain, ("</ds:SignatureValue>", "</ds:SignatureValue><ds:Manifest/>")),
     expect=BROKEN, guards="xades.parts")
case("reference-with-more-parts",
     doctored(plain, ("</ds:DigestValue>", "</ds:DigestValue><ds:DigestValue/>")), expect=BROKEN,
     guards="xades.reference-form")
case("flipped-value", doctored(plain, ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")),
     expect=BROKEN, guards="xades.verifies")
case("value-not-base64", doctored(plain, ("<ds:SignatureValue>", "<ds:SignatureValue>*")),
     expect=BROKEN, guards="xades.value")
case("very-long-value",
     doctored(plain, ("<ds:SignatureValue>", "<ds:SignatureValue>" + "AAAA" * 5000)),
     expect=BROKEN, guards="xades.value")

# --- what is not even read ---
case("document-type",
     doctored(plain, ("<ds:Signature ", "<!DOCTYPE x []><ds:Signature ")), expect=BROKEN,
     guards=["scan.declaration", "document.dtd"])
case("entity",
     doctored(plain, ("<ds:Signature ",
                      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><ds:Signature ')),
     expect=BROKEN, guards=["scan.declaration", "document.dtd"])
case("many-attributes",
     doctored(plain, ('Id="firma"', 'Id="firma" ' + " ".join(f'a{i}=""' for i in range(200)))),
     expect=BROKEN, guards="xades.cost")
case("many-declarations",
     doctored(plain, ("<ds:Object>", "<ds:Object>" + "".join(
         f'<a xmlns:b{i}="c"/>' for i in range(300)))), expect=BROKEN, guards="xades.cost")
case("document-of-many-attributes", enveloped(XML), document=XML.replace(
    b"<texto", b"<texto " + b" ".join(b'a%d=""' % i for i in range(200))), expect=DIGEST,
    guards="xades.document-cost")
case("utf-16", plain.decode().replace("UTF-8", "UTF-16").encode("utf-16"), expect=BROKEN)
case("the-document", DOCUMENT, expect=BROKEN)
case("the-xml-document", XML, document=XML, expect=BROKEN)
case("nothing", b"", expect=BROKEN)
case("two-roots", plain + _INNER.encode(), expect=BROKEN)
assert ANA_NUMBER and XADES
