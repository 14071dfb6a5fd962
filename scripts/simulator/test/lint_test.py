"""The lint accepts a request after the protocol, and says what is wrong with any other."""

import unittest

from simulator.vocabulary import EIDAS, METHODS, SAML, SAMLP, Loa, tag

from .running import simulator


def _attribute(name, value):
    return lambda root: root.set(name, value)


def _without(name):
    return lambda root: root.attrib.pop(name)


def _remove(namespace, name):
    def remove(root):
        element = root.find(f".//{tag(namespace, name)}")
        element.getparent().remove(element)
    return remove


def _policy_after_context(root):
    root.append(root.find(tag(SAMLP, "NameIDPolicy")))


def _exact(root):
    root.find(tag(SAMLP, "RequestedAuthnContext")).set("Comparison", "exact")


def _other_loa(root):
    root.find(f".//{tag(SAML, 'AuthnContextClassRef')}").text = "http://eidas.europa.eu/LoA/zzz"


def _value_type(root):
    value = root.find(f".//{tag(EIDAS, 'AttributeValue')}")
    value.attrib.clear()
    value.getparent().set("isRequired", "maybe")


_REFUSED = {
    "Version": _attribute("Version", "1.1"),
    "Consent is": _attribute("Consent", "urn:oasis:names:tc:SAML:2.0:consent:prior"),
    "ForceAuthn must": _without("ForceAuthn"),
    "IsPassive must": _attribute("IsPassive", "true"),
    "ProtocolBinding": _attribute("ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:PAOS"),
    "this gateway is": _attribute("Destination", "https://pasarela.clave.gob.es/"),
    "AssertionConsumerServiceURL is required": _without("AssertionConsumerServiceURL"),
    "not a full https": _attribute("AssertionConsumerServiceURL", "http://sede.localhost/acs"),
    "no ProviderName": _without("ProviderName"),
    "longer than 128": _attribute("ProviderName", "S" * 129),
    "is not registered": _attribute("ProviderName", "Q0000000X_E1;App"),
    "NameIDPolicy is required": _remove(SAMLP, "NameIDPolicy"),
    "Extensions are required": _remove(SAMLP, "Extensions"),
    "NameIDPolicy": _policy_after_context,
    'knows only "minimum"': _exact,
    "three eIDAS levels": _other_loa,
    "isRequired": _value_type,
}


class LintTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.provider = self.simulator.provider

    def messages(self, received):
        self.assertEqual(received.status, 400)
        record = self.simulator.control("requests")[-1]
        self.assertEqual(record["outcome"], "refused")
        return " | ".join(f["message"] for f in record["findings"] if f["severity"] == "error")

    def test_a_request_after_the_protocol_is_in_order(self):
        received = self.simulator.enter(self.provider.request(Loa.SUBSTANTIAL, ["AFirmaIdP"]))
        self.assertEqual(received.status, 200)
        record = self.simulator.control("requests")[-1]
        self.assertEqual(record["findings"], [])
        self.assertEqual(record["request"]["loa"], "substantial")
        self.assertEqual(record["request"]["excluded"], ["certificado"])

    def test_each_rule(self):
        for expected, change in _REFUSED.items():
            with self.subTest(expected):
                received = self.simulator.enter(self.provider.request(change=change))
                self.assertIn(expected, self.messages(received))
                self.assertIn("La petición de la sede no es correcta", received.text)

    def test_signature(self):
        other = self.simulator.provider.__class__(
            self.simulator.state / "gateway.key", self.simulator.state / "gateway.pem",
            self.provider.gateway_url)
        cases = {
            "not signed": self.provider.request(sign=False),
            "changed after it was signed": self.provider.request(
                change_signed=_attribute("ForceAuthn", "false")),
            "not the one registered": other.request(),
        }
        for expected, request in cases.items():
            with self.subTest(expected):
                self.assertIn(expected, self.messages(self.simulator.enter(request)))

    def test_form(self):
        good = self.provider.fields(self.provider.request())
        cases = {
            "must be posted once": {**good, "RelayState": ""},
            "at most 80": {**good, "RelayState": "x" * 81},
            "is not base64": {**good, "SAMLRequest": "<a/>"},
            "no hay SAMLRequest": {"RelayState": "a1b2c3d4"},
            "DOCTYPE": {**good, "SAMLRequest": "PCFET0NUWVBFIGE+PGEvPg=="},
        }
        for expected, fields in cases.items():
            with self.subTest(expected):
                received = self.simulator.browser.post(self.provider.gateway_url, fields)
                self.assertIn(expected, self.messages(received))

    def test_the_same_id_twice(self):
        request = self.provider.request()
        self.assertEqual(self.simulator.enter(request).status, 200)
        self.assertIn("used before", self.messages(self.simulator.enter(request)))

    def test_all_methods_excluded(self):
        every = [method.exclusion for method in METHODS.values()]
        received = self.simulator.enter(self.provider.request(excluded=every))
        self.assertIn("00054", self.messages(received))

    def test_a_redirect_binding_message(self):
        received = self.simulator.browser.post(self.provider.gateway_url + "?SAMLRequest=x",
                                               self.provider.fields(self.provider.request()))
        self.assertIn("query string", self.messages(received))
