"""What answers say, plain and encrypted, by schema, and what each fault breaks."""

import copy
import unittest

from lxml import etree

from simulator.forgeries import FAULTS
from simulator.personas import PERSONAS, nif_is_valid
from simulator.schema import SamlSchema
from simulator.vocabulary import METHODS, SAML, SAMLP, Loa, tag

from . import service_provider as sp
from .running import Running, simulator

# Whoever verifies sees these in the signature; the others are properly signed lies.
BREAK_THE_SIGNATURE = {"unsigned", "forged_cancellation", "other_key", "borrowed_certificate",
                       "assertion_signed_only", "altered", "wrapped", "wrapped_root", "sha1",
                       "xsw1", "xsw3", "xsw4", "xsw5", "xsw6", "xsw7", "xsw8", "xsw9",
                       "duplicate_ids", "altered_identifier", "key_value", "hmac_with_certificate",
                       "empty_signature"}
# No valid message any more, on purpose.
BREAK_THE_SCHEMA = {"no_status", "replay", "doctype", "wrapped_root", "xsw1", "xsw2", "xsw4", "xsw6",
                    "duplicate_ids"}
# Nor can these be read by a careful parser.
BREAK_THE_XML = {"entity_bomb", "truncated"}


class AnswersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = SamlSchema()

    def setUp(self):
        self.simulator = simulator()

    def answer(self, loa=Loa.LOW, **wish):
        queued = self.simulator.control("next", {"persona": "ana", **wish})
        self.assertNotIn("error", queued)
        return sp.delivered(self.simulator.enter(self.simulator.provider.request(loa)))

    def good(self, root):
        return sp.signature_is_good(copy.deepcopy(root), self.simulator.state / "gateway.pem")

    def test_plain_and_encrypted(self):
        for encrypted in (False, True):
            root, _ = self.answer(encrypted=encrypted)
            self.assertTrue(self.good(root))
            self.assertEqual(self.schema.problems(root), [])
            hidden = root.find(tag(SAML, "EncryptedAssertion")) is not None
            self.assertEqual(hidden, encrypted)
            assertion = self.simulator.provider.decrypt(root)
            self.assertEqual(self.schema.problems(assertion), [])
            self.assertEqual(sp.attributes(assertion)["FirstName"], "Ana")
            self.assertEqual(assertion.findtext(f".//{tag(SAML, 'Audience')}"), sp.ACS)

    def test_every_persona_answers_by_the_rules(self):
        for key, persona in PERSONAS.items():
            root, _ = self.answer(persona=key)
            found = sp.attributes(self.simulator.provider.decrypt(root))
            self.assertEqual(found["PersonIdentifier"], persona.nif or persona.eidas_id)
            self.assertEqual(found["FamilyName"] or "", persona.surnames)
        root, _ = self.answer(Loa.SUBSTANTIAL, persona="benito", method="permanente")
        self.assertEqual(sp.status(root), ("Responder",))

    def test_a_level_may_be_forced(self):
        root, _ = self.answer(Loa.LOW, method="permanente", level="high")
        self.assertEqual(sp.loa(self.simulator.provider.decrypt(root)), Loa.HIGH.uri)

    def test_faults(self):
        for name in FAULTS:
            with self.subTest(name):
                if name in BREAK_THE_XML:
                    with self.assertRaises(etree.XMLSyntaxError):
                        self.answer(fault=name)
                    continue
                root, _ = self.answer(fault=name)
                record = self.simulator.control("requests")[-1]
                self.assertEqual(record["outcome"], name)
                self.assertEqual(self.good(root), name not in BREAK_THE_SIGNATURE - {"sha1"})
                if name not in BREAK_THE_SCHEMA:
                    self.assertEqual(self.schema.problems(root), [])

    def test_replay_repeats_the_answer_before(self):
        first, _ = self.answer()
        second, _ = self.answer(fault="replay")
        self.assertEqual(etree.tostring(first), etree.tostring(second))

    def test_a_wrapping_signs_one_person_and_speaks_of_another(self):
        """By xmlsec the signature is good; what it signs is not what stands where it belongs."""
        root, _ = self.answer(fault="xsw2")
        self.assertTrue(self.good(root))
        assertions = root.findall(f".//{tag(SAML, 'Assertion')}")
        told = [sp.attributes(assertion)["PersonIdentifier"] for assertion in assertions]
        self.assertEqual(sorted(told), ["00000000T", "22222222J"])
        self.assertEqual(sp.attributes(root.find(tag(SAML, "Assertion")))["PersonIdentifier"],
                         "22222222J")

    def test_a_fault_may_wait_for_a_person(self):
        self.simulator.control("next", {"fault": "unsigned"})
        form = self.simulator.choose(self.simulator.enter(), "permanente")
        done = self.simulator.browser.submit(form, form="/IdP2/permanente",
                                             button=("persona", "ana"))
        self.assertFalse(self.good(sp.delivered(done)[0]))

    def test_a_code_may_be_had_or_not(self):
        for otp, asked, given in ((True, Loa.LOW, Loa.SUBSTANTIAL), (False, Loa.LOW, Loa.LOW)):
            root, _ = self.answer(asked, method="permanente", otp=otp)
            self.assertEqual(sp.loa(self.simulator.provider.decrypt(root)), given.uri)
        root, _ = self.answer(Loa.SUBSTANTIAL, method="permanente", otp=False)
        self.assertEqual(sp.status(root), ("Responder",))

    def test_wishes_are_checked(self):
        for wish in ({"persona": "nadie"}, {"fault": "x"}, {"levle": "low"}, {"encrypted": "yes"},
                     {"otp": 1}):
            self.assertIn("error", self.simulator.control("next", wish))

    def test_auto(self):
        with_auto = Running("--auto", "persona=carme,method=permanente", "--encrypted")
        try:
            for _ in range(2):
                root, _ = sp.delivered(with_auto.enter())
                found = sp.attributes(with_auto.provider.decrypt(root))
                self.assertEqual((found["FirstName"], found["FamilyName"], found["SelectedIdP"]),
                                 ("Carme", "Sol·là Muñoz", "SEGSOC"))
        finally:
            with_auto.stop()

    def test_failures_still_carry_an_assertion_about_nobody(self):
        root, _ = self.answer(fault="cancelled", encrypted=True)
        self.assertEqual(root.findtext(f".//{tag(SAML, 'NameID')}"), "NotAvailable")
        self.assertEqual(len(root.findall(tag(SAMLP, "Status"))), 1)


class PersonasTest(unittest.TestCase):
    def test_identifiers_have_their_check_letters(self):
        for persona in PERSONAS.values():
            self.assertTrue(persona.nif == "" or nif_is_valid(persona.nif), persona.key)
        self.assertFalse(nif_is_valid("00000000A"))

    def test_every_method_has_somebody(self):
        used = {name for persona in PERSONAS.values() for name in persona.methods}
        self.assertEqual(used, set(METHODS))
