"""control-api.md and the code say the same, and its curl lines work as they stand."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from simulator.control import Control
from simulator.fire_certificates import STATES
from simulator.fire_control import FireControl
from simulator.fire_faults import FAULTS as FIRE_FAULTS
from simulator.forgeries import FAULTS
from simulator.logout import LOGOUT_FAULTS
from simulator.personas import PERSONAS

from .fire_office import FireOffice
from .running import simulator

_FILE = Path(__file__).resolve().parents[1] / "control-api.md"


class ControlApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = _FILE.read_text()

    def section(self, heading):
        return self.text.split(f"### {heading}\n", 1)[1].split("\n### ", 1)[0]

    def named(self, heading, first_column=False):
        """The words in the table of a section: of its first column, or of the others."""
        words = set()
        for line in self.section(heading).splitlines():
            cells = line.split("|")[1:-1]
            if len(cells) < 2 or set(cells[0]) <= set("- ") and set(cells[1]) <= set("- "):
                continue
            cell = cells[0] if first_column else cells[1]
            words |= set(re.findall(r"`(\w+)`", cell))
        return words

    def test_every_endpoint_and_no_other(self):
        class Nothing:
            requests = ()
        routes = {*Control(Nothing, Nothing).routes, *FireControl(Nothing).routes}
        documented = re.findall(r"(?m)^### (GET|POST) (/_sim/\S+)$", self.text)
        self.assertEqual(sorted(documented), sorted(routes))

    def test_every_name_and_no_other(self):
        self.assertEqual(self.named("GET /_sim/faults"), set(FAULTS))
        self.assertEqual(self.named("GET /_sim/logout-faults"), set(LOGOUT_FAULTS))
        self.assertEqual(self.named("GET /_sim/personas", True), set(PERSONAS))
        self.assertEqual(self.named("GET /_sim/fire/faults", True), set(FIRE_FAULTS))
        self.assertEqual(self.named("GET /_sim/fire/states", True), set(STATES))
        self.assertEqual(self.named("POST /_sim/next", True),
                         {"persona", "method", "level", "otp", "encrypted", "fault"})

    def test_the_curl_lines(self):
        running = simulator()
        running.control("next", {})
        form = running.choose(running.enter(), "pin")
        running.browser.submit(form, form="/IdP2/pin", button=("persona", "ana"))
        environment = {**os.environ, "STATE": str(running.state),
                       "SIM": running.addresses["control"].rstrip("/")}
        lines = re.findall(r"(?m)^curl .+$", self.text)
        endpoints = set()
        for line in lines:
            # A transaction of its own: another line may be a reset.
            begun = FireOffice(running).begin(b"a")
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False,
                                  env={**environment, "TRANSACTION": begun["transactionid"]})
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")
            json.loads(done.stdout)
            endpoints.add(re.search(r"\$SIM(/[\w/-]+)", line)[1])
        documented = re.findall(r"(?m)^### \S+ /_sim(/\S+)$", self.text)
        self.assertEqual(endpoints, set(documented))

    def test_somebody_of_ones_own(self):
        running = simulator()
        nuria = running.control("personas", {"nif": "12345678Z", "given_name": "Núria",
                                             "first_surname": "Puig"})
        self.assertEqual(running.control("personas")["12345678z"], nuria)
        for wrong in ({"nif": "12345678A"}, {"nif": "00000000T"}, {"key": "ana"}, {"key": "A b"},
                      {"given_name": 1}, {"advanced": "yes"}, {"surnames": "Puig"}):
            with self.subTest(wrong):
                self.assertIn("error", running.control("personas", {
                    "nif": "87654321X", "given_name": "N", "first_surname": "P", **wrong}))
        self.assertIn("error", running.control("personas", {"nif": "87654321X"}))
        running.control("reset", {})
        self.assertNotIn("12345678z", running.control("personas"))

    def test_what_is_not_understood_is_said(self):
        running = simulator()
        for path, value in (("next", [1]), ("clock", {}), ("clock", {"advance": "x"}),
                            ("fire/certificate", {"persona": "ana", "state": "X"}),
                            ("fire/certificate", {"persona": "x", "state": "OK"}),
                            ("fire/authorise", {"transaction": "x"}), ("fire/next", {"fault": "x"})):
            with self.subTest(path):
                self.assertIn("error", running.control(path, value))
