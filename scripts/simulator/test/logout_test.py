"""The gateway's side of a logout: what it takes, what it answers, and its faults."""

import unittest

from simulator.vocabulary import SAML, SAMLP, tag

from .running import simulator
from .service_provider import ACS, delivered, signature_is_good, status


def _attribute(name, value):
    return lambda root: root.set(name, value)


def _name_id(change):
    return lambda root: change(root.find(tag(SAML, "NameID")))


def _text(value):
    return _name_id(lambda element: setattr(element, "text", value))


def _issuer(root):
    root.find(tag(SAML, "Issuer")).text = "http://sede.localhost/acs"


def _without_name(root):
    root.remove(root.find(tag(SAML, "NameID")))


_REFUSED = {
    "Version": _attribute("Version", "1.1"),
    "this gateway is": _attribute("Destination", "https://pasarela.clave.gob.es/"),
    "is past": _attribute("NotOnOrAfter", "2020-01-01T00:00:00Z"),
    "full https URL": _issuer,
    "names the service provider": _without_name,
    "carries the application": _text("S2800000X_E00000000;SIMULADOR"),
    "is not registered": _text("00000000T"),
    "Format of NameID": _name_id(lambda element: element.set("Format", "urn:x")),
}
_TOLERATED = {
    "Reason": _attribute("Reason", "urn:x"),
    "far away": _attribute("NotOnOrAfter", "2099-01-01T00:00:00Z"),
    "SPNameQualifier": _name_id(lambda element: element.attrib.pop("SPNameQualifier")),
}


class LogoutTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.provider = self.simulator.provider

    def leave(self, **changes):
        return self.simulator.enter(self.provider.logout_request(**changes))

    def findings(self, severity):
        record = self.simulator.control("requests")[-1]
        return " | ".join(f["message"] for f in record["findings"] if f["severity"] == severity)

    def test_a_good_one(self):
        request = self.provider.logout_request()
        root, fields = delivered(self.simulator.enter(request), "logoutResponse")
        self.assertEqual(root.tag, tag(SAMLP, "LogoutResponse"))
        self.assertEqual(root.get("InResponseTo"), request.get("ID"))
        self.assertEqual(root.get("Destination"), ACS)
        self.assertEqual(fields["RelayState"], "a1b2c3d4")
        self.assertEqual(status(root), ("Success",))
        self.assertTrue(signature_is_good(root, self.simulator.state / "gateway.pem"))
        record = self.simulator.control("requests")[-1]
        self.assertEqual((record["kind"], record["findings"]), ("logout", []))

    def test_each_rule(self):
        for expected, change in _REFUSED.items():
            with self.subTest(expected):
                self.assertEqual(self.leave(change=change).status, 400)
                self.assertIn(expected, self.findings("error"))
        for expected, change in _TOLERATED.items():
            with self.subTest(expected):
                self.assertEqual(self.leave(change=change).status, 200)
                self.assertIn(expected, self.findings("warning"))

    def test_signature(self):
        for expected, changes in {
            "not signed": {"sign": False},
            "changed after": {"change_signed": _attribute("Reason", "urn:x")},
        }.items():
            with self.subTest(expected):
                self.assertEqual(self.leave(**changes).status, 400)
                self.assertIn(expected, self.findings("error"))

    def test_the_same_id_twice(self):
        request = self.provider.logout_request()
        self.assertEqual(self.simulator.enter(request).status, 200)
        self.assertEqual(self.simulator.enter(request).status, 400)
        self.assertIn("used before", self.findings("error"))

    def test_every_fault_is_a_deviation(self):
        for name in self.simulator.control("logout-faults"):
            with self.subTest(name):
                self.simulator.control("next-logout", {"fault": name})
                received = self.leave()
                self.assertEqual(self.simulator.control("requests")[-1]["outcome"], name)
                self.assertEqual(received.status, 500 if name == "silent" else 200)
        root, _ = delivered(self.leave(), "logoutResponse")
        self.assertEqual(status(root), ("Success",))

    def test_an_unknown_fault(self):
        answer = self.simulator.control("next-logout", {"fault": "nonsense"})
        self.assertIn("unknown fault", answer["error"])
