"""Signatures that are upgraded: with a timestamp, at once or later."""

import base64
import json
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from lxml import etree

from .fire_office import FireOffice, encoded
from .running import simulator

TEXT = "Solicito lo que corresponda según la ley.\n".encode()
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
PARTIAL = encoded(b"updater.allowPartialUpgrade=true\nallowPartialUpgrade=true\n")


class UpgradeTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.office = FireOffice(self.simulator)

    def recovered(self, form, upgrade, **more):
        begun = self.office.begin(TEXT, form)["transactionid"]
        self.office.authorise(begun)
        status, _, body = self.office.ask(2, transactionid=begun, upgrade=upgrade, **more)
        return begun, status, json.loads(body)

    def late(self, fault):
        """An hour after the signature: what FIRe calls it."""
        self.office.fault(fault)
        grace = self.recovered("CAdES", "ES-T")[2]["result"]["grace"]["id"]
        self.simulator.control("clock", {"advance": 3700})
        return grace

    def state(self, late):
        return json.loads(self.office.ask(70, docid=late)[2])["result"]["state"]

    def test_a_token_that_openssl_verifies(self):
        begun, _, told = self.recovered("XAdES", "ES-T")
        self.assertEqual((told["result"]["state"], told["result"]["upgrade"]), (0, "ES-T"))
        signature = etree.fromstring(self.office.ask(11, transactionid=begun)[2])
        token = base64.b64decode(signature.find(f".//{XADES}EncapsulatedTimeStamp").text)
        value = signature.find(f"{DS}SignatureValue")
        with tempfile.TemporaryDirectory() as directory:
            place = Path(directory)
            (place / "token").write_bytes(token)
            (place / "data").write_bytes(etree.tostring(value, method="c14n", exclusive=True))
            done = subprocess.run(
                ["openssl", "ts", "-verify", "-in", "token", "-token_in", "-data", "data",
                 "-CAfile", str(self.simulator.state / "firma-ca.pem")],
                cwd=place, capture_output=True, text=True, check=False)
        self.assertIn("Verification: OK", done.stdout + done.stderr)

    def test_less_than_was_asked_for_only_if_that_will_do(self):
        self.assertEqual(self.recovered("CAdES", "ES-A")[1], 500)
        told = self.recovered("CAdES", "ES-A", config=PARTIAL)[2]["result"]
        self.assertEqual((told["state"], told["upgrade"]), (2, "ES-T"))

    def test_nothing_is_added_to_a_plain_signature(self):
        self.assertEqual(self.recovered("NONE", "ES-T")[1], 500)

    def test_of_a_batch_the_last_comes_later(self):
        self.office.fault("grace")
        batch = self.office.begin_batch()
        for identifier in ("doc-1", "doc-2"):
            self.office.add(batch, identifier, TEXT)
        self.office.ask(7, transactionid=batch, language="es", stoponerror="false")
        self.office.authorise(batch)
        told = {document["id"]: document for document in
                json.loads(self.office.ask(8, transactionid=batch)[2])["batch"]}
        self.assertEqual((told["doc-2"]["dt"], told["doc-1"]["dt"]), ("GRACE_PERIOD", ""))
        refused = self.office.ask(10, transactionid=batch, docid="doc-2")
        self.assertEqual((refused[0], json.loads(refused[2])["c"]), (500, 52))
        late = told["doc-2"]["grace"]["id"]
        self.simulator.control("clock", {"advance": 3700})
        self.assertEqual(self.state(late), 0)
        self.assertEqual(self.office.ask(71, docid=late)[0], 200)

    def test_who_asks_late_may_get_no_answer_once(self):
        late = self.late("grace_silent")
        with self.assertRaises(OSError):
            self.office.ask(70, docid=late)
        self.assertEqual(self.state(late), 0)

    def test_how_long_it_takes(self):
        for fault, seconds in (("grace_short", 2), ("grace_slow", 3600),
                               ("grace_far", 365 * 24 * 3600)):
            with self.subTest(fault):
                self.office.fault(fault)
                before = time.time()
                date = self.recovered("NONE", "")[2]["result"]["grace"]["date"] / 1000
                self.assertTrue(before + seconds - 1 <= date <= time.time() + seconds + 1)

    def test_another_hour(self):
        late = self.late("grace_again")
        self.assertEqual(self.state(late), 1)
        self.simulator.control("clock", {"advance": 3700})
        self.assertEqual(self.state(late), 0)

    def test_what_is_lost_when_it_is_handed_over(self):
        late = self.late("grace_lost")
        with self.assertRaises(OSError):
            self.office.ask(71, docid=late)
        self.assertEqual(self.office.ask(71, docid=late)[0], 403)


if __name__ == "__main__":
    unittest.main()
