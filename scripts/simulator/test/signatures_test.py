"""The signatures before the eyes of others: OpenSSL's command, xmlsec1 and poppler's pdfsig."""

import base64
import datetime
import io
import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from simulator.signing import DS, XADES

from .fire_office import FireOffice, encoded
from .running import simulator

TEXT = "Solicito el alta de Ñ como beneficiario.\n".encode()
XML = '<?xml version="1.0"?>\n<solicitud><nombre>Ana García</nombre></solicitud>'.encode()


def pdf(kind=pikepdf.ObjectStreamMode.disable):
    """A page, and cross-references as a table or, with object streams, as a stream."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(200, 200))
    out = io.BytesIO()
    made.save(out, object_stream_mode=kind, static_id=True)
    return out.getvalue()


class SignaturesTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.office = FireOffice(self.simulator)
        directory = tempfile.TemporaryDirectory(prefix="simulator-signatures-")
        self.addCleanup(directory.cleanup)
        self.place = Path(directory.name)
        self.authority = self.simulator.state / "firma-ca.pem"

    def file(self, name, content):
        path = self.place / name
        path.write_bytes(content)
        return str(path)

    def run_command(self, *command):
        return subprocess.run(command, cwd=self.place, capture_output=True, text=True, check=False,
                              errors="replace")

    def cms_is_good(self, signature, content=None):
        command = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in",
                   self.file("s.p7s", signature), "-CAfile", str(self.authority), "-purpose", "any",
                   "-out", str(self.place / "out")]
        if content is not None:
            command += ["-content", self.file("content", content)]
        return self.run_command(*command).returncode == 0

    def xml_is_good(self, signature):
        done = self.run_command(
            "xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem",
            str(self.authority), "--id-attr:Id", XADES + ":SignedProperties", "--id-attr:Id",
            DS + ":Object", self.file("s.xml", signature))
        return done.returncode == 0

    def raw_is_good(self, certificate, signature, content):
        public = self.file("public.pem", certificate.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        return self.run_command("openssl", "dgst", "-sha256", "-verify", public, "-signature",
                                self.file("s", signature), self.file("d", content)).returncode == 0

    # PKCS#1

    def test_raw(self):
        signature, result = self.office.signed(TEXT, "NONE")
        certificate = x509.load_der_x509_certificate(base64.b64decode(result["result"]["cert"]))
        subject = {a.oid.dotted_string: a.value for a in certificate.subject}
        self.assertEqual(subject["2.5.4.5"], "IDCES-00000000T")
        self.assertTrue(self.raw_is_good(certificate, signature, TEXT))

    # CAdES

    def test_cades_beside_the_document(self):
        signature, _ = self.office.signed(TEXT)
        self.assertTrue(self.cms_is_good(signature, TEXT))
        self.assertFalse(self.cms_is_good(signature, TEXT + b"x"))

    def test_cades_around_the_document(self):
        signature, _ = self.office.signed(TEXT, properties=encoded(b"mode=implicit\n"))
        self.assertTrue(self.cms_is_good(signature))
        self.assertEqual((self.place / "out").read_bytes(), TEXT)

    # XAdES

    def test_xades_around_the_document(self):
        signature, _ = self.office.signed(TEXT, "XAdES")
        self.assertTrue(self.xml_is_good(signature))
        content = etree.fromstring(signature).find(f"{{{DS}}}Object[@Id='documento']")
        self.assertEqual(base64.b64decode(content.text), TEXT)

    def test_xades_inside_the_document(self):
        signature, _ = self.office.signed(XML, "XAdES",
                                          properties=encoded(b"format=XAdES Enveloped\n"))
        self.assertTrue(self.xml_is_good(signature))
        self.assertEqual(etree.fromstring(signature).findtext("nombre"), "Ana García")
        self.assertFalse(self.xml_is_good(signature.replace("García".encode(), b"Perez")))

    # PAdES

    def assert_pdf_is_good(self, document, signature):
        self.assertTrue(signature.startswith(document))
        done = self.run_command("pdfsig", self.file("s.pdf", signature))
        self.assertIn("Signature is Valid", done.stdout, done.stderr)
        self.assertIn("Total document signed", done.stdout)
        self.assertIn("ETSI.CAdES.detached", done.stdout)
        numbers = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", signature).groups()
        first, length, second, rest = map(int, numbers)
        self.assertEqual((first, second + rest), (0, len(signature)))
        content = signature[:length] + signature[second:]
        der = bytes.fromhex(signature[length + 1:second - 1].decode())
        size = int.from_bytes(der[2:4], "big") + 4
        self.assertTrue(self.cms_is_good(der[:size], content))

    def test_pades_after_a_table(self):
        document = pdf()
        self.assert_pdf_is_good(document, self.office.signed(document, "PAdES")[0])

    def test_pades_after_a_stream(self):
        document = pdf(pikepdf.ObjectStreamMode.generate)
        self.assert_pdf_is_good(document, self.office.signed(document, "PAdES")[0])

    def test_pades_twice(self):
        once = self.office.signed(pdf(), "PAdES")[0]
        twice = self.office.signed(once, "PAdES")[0]
        self.assertTrue(twice.startswith(once))
        done = self.run_command("pdfsig", self.file("s.pdf", twice))
        self.assertEqual(done.stdout.count("Signature is Valid"), 2, done.stdout)

    def test_what_is_no_pdf_is_not_signed(self):
        begun = self.office.begin(TEXT, "PAdES")["transactionid"]
        self.office.authorise(begun)
        status, _, body = self.office.ask(2, transactionid=begun)
        self.assertEqual((status, json.loads(body)["c"]), (500, 26))

    # batches

    def test_a_batch_of_all_formats(self):
        """Each document of its own format, by operations 5 to 10."""
        document = pdf()
        batch = self.office.begin_batch()
        for identifier, form, content in (("texto", "CAdES", TEXT), ("xml", "XAdES", XML),
                                          ("pdf", "PAdES", document), ("bytes", "NONE", TEXT)):
            self.office.add(batch, identifier, content, form)
        self.office.ask(7, transactionid=batch, language="es", stoponerror="false")
        self.office.authorise(batch)
        told = json.loads(self.office.ask(8, transactionid=batch)[2])
        self.assertEqual({d["id"]: d["ok"] for d in told["batch"]},
                         dict.fromkeys(("texto", "xml", "pdf", "bytes"), True))
        signed = {identifier: self.office.ask(10, transactionid=batch, docid=identifier)[2]
                  for identifier in ("texto", "xml", "pdf", "bytes")}
        self.assertTrue(self.cms_is_good(signed["texto"], TEXT))
        self.assertTrue(self.xml_is_good(signed["xml"]))
        self.assert_pdf_is_good(document, signed["pdf"])
        certificate = x509.load_der_x509_certificate(base64.b64decode(told["cert"]))
        self.assertTrue(self.raw_is_good(certificate, signed["bytes"], TEXT))

    def test_a_batch_in_which_one_is_not_signed(self):
        self.office.fault("partial_batch")
        batch = self.office.begin_batch()
        self.office.add(batch, "uno", TEXT)
        self.office.add(batch, "dos", TEXT)
        self.office.authorise(batch)
        self.office.ask(8, transactionid=batch)
        self.assertEqual(self.office.ask(10, transactionid=batch, docid="dos")[0], 500)
        self.assertTrue(self.cms_is_good(self.office.ask(10, transactionid=batch, docid="uno")[2],
                                         TEXT))

    def test_a_batch_in_which_the_first_is_another(self):
        self.office.fault("other_first")
        batch = self.office.begin_batch()
        for identifier in ("uno", "dos"):
            self.office.add(batch, identifier, TEXT)
        self.office.authorise(batch)
        self.office.ask(8, transactionid=batch)
        good = [self.cms_is_good(self.office.ask(10, transactionid=batch, docid=identifier)[2], TEXT)
                for identifier in ("uno", "dos")]
        self.assertEqual(good, [False, True])

    def test_a_certificate_that_has_ended_or_will(self):
        for state, least, most in (("EXPIRED", -1, 0), ("ENDING", 1, 60), ("OK", 61, 400)):
            self.simulator.control("fire/certificate", {"persona": "ana", "state": state})
            _, result = self.office.signed(TEXT)
            held = x509.load_der_x509_certificate(base64.b64decode(result["result"]["cert"]))
            left = (held.not_valid_after - datetime.datetime.utcnow()).total_seconds() / 86400
            self.assertTrue(least < left < most, f"{state}: {left} days")

    # faults

    def test_faults_are_real(self):
        for fault in ("corrupted", "other_document"):
            with self.subTest(fault):
                self.office.fault(fault)
                signature, _ = self.office.signed(TEXT)
                self.assertFalse(self.cms_is_good(signature, TEXT))
        self.office.fault("other_document")
        document = pdf()
        signature, _ = self.office.signed(document, "PAdES")
        self.assertFalse(signature.startswith(document))
        self.office.fault("unsigned")
        self.assertEqual(self.office.signed(TEXT)[0], TEXT)
        self.office.fault("other_signer")
        signature, result = self.office.signed(TEXT)
        self.assertTrue(self.cms_is_good(signature, TEXT))
        certificate = x509.load_der_x509_certificate(base64.b64decode(result["result"]["cert"]))
        self.assertNotIn("00000000T", certificate.subject.rfc4514_string())

