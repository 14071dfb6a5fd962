"""The conformance run finds out a site that believes everything, and says what it cannot judge.

That a good site passes is t/conformance.t.
"""

import json
import subprocess
import unittest
from types import SimpleNamespace

from lxml import etree

from simulator.client import Simulator
from simulator.conformance.cases import _GOOD, _GROUPS, _LOGOUT_LEFT_OUT, CASES, LEFT_OUT
from simulator.conformance.judge import Site
from simulator.conformance.run import Run
from simulator.forgeries import FAULTS
from simulator.logout import LOGOUT_FAULTS

from .careful_site import CarefulSite
from .credulous_site import CredulousSite
from .running import COMMAND, simulator

# It answers these by an exception.
UNREADABLE = {"encryption/wrong_recipient_key", "browser/not_base64"}

# What CarefulSite looks at → the cases that find out where it does not.
GUARDS = {
    "signature": ("signature/unsigned", "signature/other_key", "signature/borrowed_certificate",
                  "signature/key_value", "signature/altered_identifier",
                  "signature/hmac_with_certificate", "signature/empty_signature"),
    "algorithm": ("signature/sha1",),
    "binding": ("wrapping/xsw2",),
    "one": ("wrapping/two_assertions",),
    "status": ("status/failure_with_identity", "status/nested_failure", "status/no_status"),
    "time": ("time/expired", "time/not_yet_valid", "time/clock_fast"),
    "audience": ("addressee/wrong_audience", "addressee/no_audience"),
    "recipient": ("addressee/wrong_recipient", "addressee/no_confirmation"),
    "destination": ("addressee/wrong_destination",),
    "request": ("request/unsolicited", "request/wrong_in_response_to"),
    "relay": ("request/wrong_relay_state", "request/no_relay_state"),
    "once": ("browser/replayed",),
    "browser": ("browser/other_browser", "browser/other_browser_in_login"),
    "level": ("level/too_low", "level/unknown_loa"),
    "method": ("level/excluded_method", "level/other_method"),
    "doctype": ("xml/doctype", "xml/entity"),
    "identifier": ("identity/two_identifiers",),
    "session": ("session/new",),
}


class ConformanceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulator = simulator()
        cls.site = CredulousSite(cls.simulator.state, cls.simulator.addresses["gateway"])
        cls.addClassCleanup(cls.site.stop)

    def run_command(self, *options, page="/"):
        files = {kind: self.simulator.state / f"report.{kind}" for kind in ("json", "junit")}
        done = subprocess.run(
            [*COMMAND, "conformance", "--state", str(self.simulator.state), "--sp",
             self.site.url + page, "--json", str(files["json"]), "--junit", str(files["junit"]),
             *options], capture_output=True, text=True, check=False)
        self.assertTrue(done.stdout, done.stderr)
        self.junit = etree.parse(str(files["junit"])).getroot()
        self.told = json.loads(files["json"].read_text())
        self.assertEqual(self.told["status"], done.returncode)
        self.output = done.stdout
        return {case["name"]: case for case in self.told["cases"]}

    def test_a_site_that_believes_everything(self):
        cases = self.run_command("--logout", self.site.url + "/salir", "--strict")
        self.assertEqual(self.told["status"], 1)
        believed = [name for name, case in cases.items()
                    if case["expected"] == "refused" and case["verdict"] != "FAIL"]
        self.assertEqual(set(believed) - UNREADABLE, {"browser/replayed"})
        # Its cookie is the same before and after a login.
        self.assertEqual(cases["browser/replayed"]["verdict"], "CANNOT JUDGE")
        for name in ("logout/ends_session", "logout/forged", "logout/unsigned", "session/new",
                     "session/cookie"):
            self.assertEqual(cases[name]["verdict"], "FAIL", name)
        for name in ("good/plain", "good/encrypted", "good/afterwards", "lint/errors"):
            self.assertEqual(cases[name]["verdict"], "PASS", name)
        self.assertIn("the person of the forgery", cases["wrapping/xsw3"]["note"])
        self.assertIn("foreign site", cases["browser/relay_state_url"]["note"])
        self.assertEqual((self.told["asked"]["loa"], self.told["asked"]["excluded"]),
                         ("substantial", ["pin", "eidas"]))
        counts = self.told["counts"]
        self.assertEqual(self.junit.get("failures"), str(counts["FAIL"]))
        self.assertEqual(len(self.junit), len(cases))
        self.assertRegex(self.output, r"(?m)^FAIL +signature/unsigned ")
        self.assertIn(f"{counts['FAIL']} failed", self.output.splitlines()[-1])

    def test_what_cannot_be_judged_is_no_pass(self):
        cases = self.run_command("--only", "signature", "--marker", "Adiós")
        self.assertEqual({case["verdict"] for case in cases.values()}, {"CANNOT JUDGE"})
        self.assertEqual(self.told["status"], 2)
        self.assertIn("does not contain 'Adiós'", self.output)
        cases = self.run_command("--only", "good/plain", page="/acs?RelayState=/")
        self.assertEqual(cases["good/plain"]["verdict"], "CANNOT JUDGE")

    def test_the_lint_of_requests_is_part_of_it(self):
        self.site.provider.gateway_url, kept = (
            self.simulator.addresses["gateway"] + "?x=1", self.site.provider.gateway_url)
        try:
            cases = self.run_command("--only", "lint")
        finally:
            self.site.provider.gateway_url = kept
        self.assertEqual(cases["lint/errors"]["verdict"], "FAIL")
        self.assertIn("Destination is", cases["lint/errors"]["note"])
        self.assertEqual(self.told["status"], 1)

    def test_without_a_simulator(self):
        done = subprocess.run([*COMMAND, "conformance", "--state", "/nonexistent", "--sp", "https://a"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no simulator runs", done.stderr)

    def test_each_guard_that_a_site_lacks(self):
        """A site that is careful but for one thing fails in the cases that are about it."""
        options = SimpleNamespace(persona="ana", strict=True, encryption=True, only=())
        for guard, names in GUARDS.items():
            with self.subTest(guard):
                self.assertEqual(self.verdicts(options, names, without=guard), {"FAIL"}, self.told)
        names = [name for group in GUARDS.values() for name in group]
        self.assertEqual(self.verdicts(options, names, without=""), {"PASS"}, self.told)

    def verdicts(self, options, names, without):
        options.only = names
        careful = CarefulSite(self.simulator.state, self.simulator.addresses["gateway"], without)
        try:
            client = Simulator(self.simulator.state)
            site = Site(client.browser(), client, protected=careful.url + "/")
            results = list(Run(client, site, options).results())
        finally:
            careful.stop()
        self.assertEqual(len(results), len(names))
        self.told = [(r.case.full_name, r.verdict, r.seen, r.note) for r in results]
        return {result.verdict for result in results}

    def test_every_fault_is_tried_or_left_out(self):
        grouped = [name for names in _GROUPS.values() for name in names]
        self.assertEqual(sorted([*grouped, *_GOOD, *LEFT_OUT]), sorted(FAULTS))
        tried = {case.name for case in CASES if case.group == "logout"}
        self.assertEqual(set(LOGOUT_FAULTS) - tried, set(_LOGOUT_LEFT_OUT))
