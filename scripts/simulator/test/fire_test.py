"""FIRe's protocol, as the real server was seen to speak it, and its pages."""

import base64
import json
import time
import unittest
from http.client import IncompleteRead
from pathlib import Path

from simulator.fire_faults import FAULTS

from .fire_office import ERROR_URL, OK_URL, FireOffice, Signer, config, encoded
from .running import SLOW, simulator

BENITO, CARME, DOLORES, ENEKO = "99999999R", "11111111H", "22222222J", "44444444A"
TEXT = b"Solicito el alta.\n\xff\xfb"
_JSON = "application/json;charset=UTF-8"


class ProtocolTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.office = FireOffice(self.simulator)

    def assert_refused(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]), (status, _JSON))
        self.assertTrue(answer[2].decode().startswith(f'{{"c": {code}, "m": "'), answer[2])

    def test_one_document_from_beginning_to_end(self):
        status, kind, body = self.office.sign(TEXT)
        self.assertEqual((status, kind), (200, _JSON))
        begun = json.loads(body)
        self.assertRegex(begun["redirecturl"], r"^https://firma\.localhost:\d+/fire-signature/"
                         r"public/entry\?transactionid=[0-9a-f-]{36}&subjectref=[0-9A-F]{32}"
                         r"&language=es$")
        self.office.authorise(begun["transactionid"])
        status, kind, body = self.office.ask(2, transactionid=begun["transactionid"])
        self.assertEqual((status, kind), (200, _JSON))
        self.assertEqual(json.loads(body)["result"]["state"], 0)
        status, kind, body = self.office.ask(11, transactionid=begun["transactionid"])
        self.assertEqual((status, kind), (200, None))
        self.assert_refused(self.office.ask(11, transactionid=begun["transactionid"]), 403, 503)

    def test_what_is_missing_is_said(self):
        for code, missing in ((8, {"subjectid": None}), (9, {"algorithm": None}),
                              (10, {"cop": None}), (11, {"format": None}), (12, {"dat": None}),
                              (15, {"config": None}), (17, {"config": encoded(b"appName=x\n")}),
                              (55, {"config": config(certOrigin="otro")}), (2, {"appid": None})):
            with self.subTest(code):
                self.assert_refused(self.office.sign(TEXT, **missing), 400, code)
        self.assert_refused(self.office.ask(None), 400, 3)
        self.assert_refused(self.office.ask(4), 400, 5)
        self.assert_refused(self.office.ask(10, transactionid="x"), 400, 48)
        self.assert_refused(self.office.ask(2), 400, 18)
        self.assert_refused(self.office.ask(70), 400, 34)

    def test_only_the_registered_certificate_is_let_in(self):
        self.assert_refused(self.office.ask(99, transactionid="x", identity=None), 400, 6)
        self.assert_refused(self.office.ask(99, transactionid="x", identity="gateway"), 401, 502)

    def test_bad_data_is_told_after_the_transaction_exists(self):
        status, kind, body = self.office.sign(TEXT, dat="@@@")
        told = json.loads(body)
        self.assertEqual((status, kind, told["redirecturl"]), (400, None, ERROR_URL))
        self.assertEqual(self.office.reason(told["transactionid"]), 13)

    def test_what_cannot_be_read_has_its_own_code(self):
        self.assert_refused(self.office.sign(TEXT, config="%%%"), 400, 16)
        self.assert_refused(self.office.sign(TEXT, properties="%%%"), 400, 20)
        status, kind, body = self.office.sign(TEXT, config=config(docManager="nope"))
        self.assertEqual((status, kind), (400, None))
        self.assertEqual(sorted(json.loads(body)), ["redirecturl", "transactionid"])

    def test_a_question_in_the_address_is_as_good(self):
        status, kind, body = self.office.sign(TEXT, method="GET")
        self.assertEqual((status, kind), (200, _JSON))
        self.assertIn("transactionid", json.loads(body))

    def test_another_alphabet_or_no_padding_loses_bytes_unseen(self):
        for dat in (base64.b64encode(TEXT).decode(), encoded(TEXT).rstrip("=")):
            begun = self.office.begin(TEXT, dat=dat)["transactionid"]
            returned = self.office.ask(11, transactionid=begun)[2]
            self.assertNotEqual(returned, TEXT)

    def test_operation_11_before_2_returns_the_unsigned_document(self):
        begun = self.office.begin(TEXT)["transactionid"]
        self.assertEqual(self.office.ask(11, transactionid=begun)[2], TEXT)
        self.assert_refused(self.office.ask(2, transactionid=begun), 403, 503)

    def test_recovering_too_early_destroys(self):
        begun = self.office.begin(TEXT)["transactionid"]
        self.assert_refused(self.office.ask(2, transactionid=begun), 500, 505)
        self.assertEqual(self.office.reason(begun), 503)

    def test_recovering_twice_destroys(self):
        begun = self.office.begin(TEXT)["transactionid"]
        self.office.authorise(begun)
        self.office.ask(2, transactionid=begun)
        self.assert_refused(self.office.ask(2, transactionid=begun), 500, 508)
        self.assert_refused(self.office.ask(11, transactionid=begun), 403, 503)

    def test_a_transaction_is_of_its_subject_and_for_ten_minutes(self):
        begun = self.office.begin(TEXT)["transactionid"]
        self.assert_refused(self.office.ask(2, transactionid=begun, subjectid=BENITO), 403, 503)
        self.simulator.control("clock", {"advance": 601})
        self.assertEqual(self.office.reason(begun), 503)

    def test_an_upgrade_needs_a_validator(self):
        self.office.fault("no_validator")
        begun = self.office.begin(TEXT)["transactionid"]
        self.office.authorise(begun)
        self.assert_refused(self.office.ask(2, transactionid=begun, upgrade="ES-T"), 500, 32)

    def batch(self, *identifiers):
        begun = self.office.begin_batch()
        for identifier in identifiers:
            answer = self.office.add(begun, identifier, identifier.encode())
            self.assertEqual(answer, (200, None, b"true"))
        return begun

    def test_a_batch(self):
        batch = self.batch("doc-1", "doc-2")
        self.assert_refused(self.office.ask(8, transactionid=batch), 500, 49)
        self.assertEqual(self.office.ask(9, transactionid=batch), (200, None, b"0.0"))
        begun = json.loads(self.office.ask(7, transactionid=batch, language="es",
                                           stoponerror="false")[2])
        self.assertEqual(begun["transactionid"], batch)
        self.office.authorise(batch)
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-1"), 500, 49)
        told = json.loads(self.office.ask(8, transactionid=batch)[2])["batch"]
        self.assertEqual({d["id"]: d["ok"] for d in told}, {"doc-1": True, "doc-2": True})
        self.assert_refused(self.office.ask(8, transactionid=batch), 500, 54)
        self.assertEqual(self.office.ask(9, transactionid=batch)[2], b"1.0")
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="zzz"), 500, 53)
        self.assertEqual(self.office.ask(10, transactionid=batch, docid="doc-1")[0], 200)
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-1"), 500, 51)
        self.assertEqual(self.office.ask(10, transactionid=batch, docid="doc-2")[0], 200)
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-2"), 403, 503)

    def test_documents_that_a_batch_does_not_take(self):
        batch = self.batch("doc-1")
        for code, identifier in ((42, "doc-1"), (56, "doc 2!"), (56, "a" * 41), (48, "")):
            answer = self.office.ask(6, transactionid=batch, docid=identifier, dat="dW5v")
            self.assert_refused(answer, 400, code)
        self.assert_refused(self.office.ask(7, transactionid=self.batch()), 400, 44)

    def test_a_format_that_there_is_not_is_told_when_the_batch_is_signed(self):
        batch = self.batch("doc-1")
        self.assertEqual(self.office.add(batch, "doc-2", b"a", "NOEXISTE"), (200, None, b"true"))
        self.office.authorise(batch)
        told = json.loads(self.office.ask(8, transactionid=batch)[2])["batch"]
        self.assertEqual({d["id"]: d["ok"] for d in told}, {"doc-1": True, "doc-2": False})
        self.assertEqual([d["dt"] for d in told if not d["ok"]], ["PRESIGN_ERROR"])

    def test_a_language_that_is_not_told(self):
        begun = json.loads(self.office.sign(TEXT, language=None)[2])
        self.assertTrue(begun["redirecturl"].endswith("&language=null"), begun)

    def test_a_batch_with_one_failure(self):
        self.office.fault("partial_batch")
        batch = self.batch("doc-1", "doc-2")
        self.office.authorise(batch)
        told = json.loads(self.office.ask(8, transactionid=batch)[2])["batch"]
        self.assertEqual([(d["id"], d["ok"], d["dt"]) for d in told],
                         [("doc-2", False, "PRESIGN_ERROR"), ("doc-1", True, "")])
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-2"), 500, 50)

    def test_a_signature_that_is_complete_later(self):
        self.office.fault("grace")
        begun = self.office.begin(TEXT)["transactionid"]
        self.office.authorise(begun)
        result = json.loads(self.office.ask(2, transactionid=begun)[2])["result"]
        self.assertEqual(result["state"], 1)
        late = result["grace"]["id"]
        self.assertEqual(json.loads(self.office.ask(70, docid=late)[2])["result"]["state"], 1)
        self.simulator.control("clock", {"advance": 3700})
        self.assertEqual(json.loads(self.office.ask(70, docid=late)[2])["result"]["state"], 0)
        self.assertEqual(self.office.ask(71, docid=late)[0], 200)
        self.assert_refused(self.office.ask(71, docid=late), 403, 503)

    def authorised(self, fault):
        self.office.fault(fault)
        begun = self.office.begin(TEXT)["transactionid"]
        self.office.authorise(begun)
        return begun

    def test_answers_that_never_come(self):
        begun = self.authorised("lost_answer")
        self.office.ask(2, transactionid=begun)
        with self.assertRaises(OSError):
            self.office.ask(11, transactionid=begun)
        self.assert_refused(self.office.ask(11, transactionid=begun), 403, 503)

    def test_a_signature_that_is_forgotten(self):
        begun = self.authorised("forgotten")
        self.assertEqual(self.office.ask(2, transactionid=begun)[0], 200)
        self.assert_refused(self.office.ask(11, transactionid=begun), 403, 503)

    def test_a_recovery_that_is_done_and_not_told(self):
        begun = self.authorised("lost_recovery")
        with self.assertRaises(OSError):
            self.office.ask(2, transactionid=begun)
        # Nobody knows the certificate, but the signature is there.
        self.assertNotEqual(self.office.ask(11, transactionid=begun)[2], TEXT)

    def test_questions_that_never_arrive(self):
        begun = self.authorised("lost_request")
        with self.assertRaises(OSError):
            self.office.ask(2, transactionid=begun)
        self.assertEqual(self.office.ask(2, transactionid=begun)[0], 200)
        for number, fault in ((2, "lost_request"), (11, "lost_question")):
            self.office.fault(fault)
            batch = self.batch("doc-1", "doc-2")
            self.office.authorise(batch)
            with self.subTest(fault), self.assertRaises(OSError):
                self.office.ask(8, transactionid=batch)
                self.office.ask(10, transactionid=batch, docid="doc-1")
            if number == 2:
                self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-1"), 500, 49)
                self.office.ask(8, transactionid=batch)
            self.assertEqual(self.office.ask(10, transactionid=batch, docid="doc-1")[0], 200)

    def test_half_a_signature(self):
        self.office.fault("cut_answer")
        batch = self.batch("doc-1", "doc-2")
        self.office.authorise(batch)
        self.office.ask(8, transactionid=batch)
        with self.assertRaises(IncompleteRead):
            self.office.ask(10, transactionid=batch, docid="doc-1")
        self.assert_refused(self.office.ask(10, transactionid=batch, docid="doc-1"), 500, 51)
        self.assertEqual(self.office.ask(10, transactionid=batch, docid="doc-2")[0], 200)

    def test_a_page_of_a_proxy_and_half_an_answer(self):
        status, kind, body = self.office.ask(2, transactionid=self.authorised("html_error"))
        self.assertEqual((status, kind.split(";")[0], body[:9]), (502, "text/html", b"<!doctype"))
        status, kind, body = self.office.ask(2, transactionid=self.authorised("truncated_json"))
        self.assertEqual((status, kind), (200, _JSON))
        with self.assertRaises(ValueError):
            json.loads(body)

    def test_slow_ones(self):
        for fault, operation in (("slow_start", 1), ("slow", 2), ("slow_result", 11),
                                 ("slow_last", 11)):
            with self.subTest(fault):
                self.office.fault(fault)
                times = {1: -time.monotonic()}
                begun = self.office.begin(TEXT)["transactionid"]
                times[1] += time.monotonic()
                self.office.authorise(begun)
                for number in (2, 11):
                    times[number] = -time.monotonic()
                    self.office.ask(number, transactionid=begun)
                    times[number] += time.monotonic()
                self.assertGreaterEqual(times[operation], SLOW * 0.99)

    def test_addresses_that_lead_astray(self):
        self.office.fault("foreign_redirect")
        self.assertTrue(self.office.begin(TEXT)["redirecturl"].startswith("https://otra.example/"))
        self.office.fault("foreign_transaction")
        begun = self.office.begin(TEXT)
        self.assertNotIn(begun["transactionid"], begun["redirecturl"])

    def test_every_fault_is_tested(self):
        """By its name, here or in the tests of signatures and upgrades."""
        here = Path(__file__)
        others = ("signatures_test.py", "fire_upgrade_test.py")
        tests = here.read_text() + "".join(here.with_name(name).read_text() for name in others)
        self.assertEqual([name for name in FAULTS if f'"{name}"' not in tests], [])


class PagesTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()

    def enter(self, nif):
        self.office = FireOffice(self.simulator, nif)
        begun = self.office.begin(TEXT)
        self.transaction = begun["transactionid"]
        return Signer(self.simulator, begun["redirecturl"])

    def test_password_and_code_for_each_signature(self):
        person = self.enter("00000000T")
        self.assertIn("Firmar con este certificado", person.page.text)
        person.press().prove("Ana-permanente-1", "00000000T")
        self.assertEqual(person.url, OK_URL)
        status, _, body = self.office.ask(2, transactionid=self.transaction)
        self.assertEqual((status, json.loads(body)["result"]["state"]), (200, 0))

    def test_the_page_of_the_code_leads_to_the_telephone(self):
        person = self.enter("00000000T").press()
        self.assertNotIn('href="/movil"', person.page.text)
        person.press(password="Ana-permanente-1")
        self.assertIn('href="/movil"', person.page.text)

    def test_a_wrong_password_and_a_wrong_code(self):
        person = self.enter("00000000T").press().press(password="otra")
        self.assertIn("La contraseña no es correcta", person.page.text)
        person.press(password="Ana-permanente-1").press(codigo="0")
        self.assertIn("El código no es correcto", person.page.text)
        self.assertEqual(self.office.ask(2, transactionid=self.transaction)[0], 500)

    def test_cancelled_at_fire_and_at_the_service(self):
        person = self.enter("00000000T").press("cancelar")
        self.assertEqual((person.url, self.office.reason(self.transaction)), (ERROR_URL, 507))
        person = self.enter("00000000T").press().press("cancelar")
        self.assertEqual((person.url, self.office.reason(self.transaction)),
                         (ERROR_URL + "&errortype=11", 505))

    def test_what_happens_at_the_gateway_without_a_page(self):
        for fault, code in (("cancelled", 507), ("gateway", 505)):
            FireOffice(self.simulator).fault(fault)
            person = self.enter("00000000T")
            self.assertEqual((person.url, self.office.reason(self.transaction)), (ERROR_URL, code))

    def test_who_cannot_sign_goes_straight_back(self):
        for nif, code in ((BENITO, 24), (ENEKO, 38), ("12345678Z", 21)):
            person = self.enter(nif)
            self.assertEqual(person.url, ERROR_URL)
            self.assertEqual(self.office.reason(self.transaction), code)

    def test_a_refused_transaction_tells_its_code_in_operation_2(self):
        self.enter(ENEKO)
        status, kind, body = self.office.ask(2, transactionid=self.transaction)
        self.assertEqual((status, kind, json.loads(body)["result"]["ercod"]), (500, None, 38))

    def test_a_registration_of_more_than_five_years(self):
        person = self.enter(DOLORES)
        self.assertIn("hace más de cinco años", person.page.text)
        self.assertEqual(self.office.reason(self.transaction), 23)

    def test_a_certificate_is_issued_on_the_way(self):
        person = self.enter(CARME)
        self.assertIn("Aún no tiene certificado", person.page.text)
        person.press().prove("Carme-permanente-1", CARME)
        self.assertIn("se ha emitido", person.page.text)
        person.press().prove("Carme-permanente-1", CARME)
        self.assertEqual(person.url, OK_URL)

    def test_a_certificate_that_ends_soon_is_renewed(self):
        self.simulator.control("fire/certificate", {"persona": "ana", "state": "ENDING"})
        person = self.enter("00000000T").press().prove("Ana-permanente-1", "00000000T")
        self.assertIn("se ha renovado", person.page.text)

    def test_a_link_without_its_reference_opens_nothing(self):
        begun = FireOffice(self.simulator).begin(TEXT)
        link = begun["redirecturl"].replace("subjectref=", "subjectref=0")
        self.assertEqual(self.simulator.browser.get(link).status, 403)

