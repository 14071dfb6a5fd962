"""A service provider that looks at everything but one thing: which that is, a conformance run has to
find out. It verifies with xmlsec, which the simulator does not use."""

import base64
import binascii
import copy
import secrets
import time
from datetime import datetime

from lxml import etree

from simulator.vocabulary import DS, SAML, SAMLP, STATUS, Loa, tag

from . import service_provider as sp
from .credulous_site import CredulousSite, identifier_in

_ENOUGH = (Loa.SUBSTANTIAL.uri, Loa.HIGH.uri)
_OFFERED = ("CLVMOVIL", "SEGSOC", "AFIRMA")


class CarefulSite(CredulousSite):
    def __init__(self, state, gateway_url, without):
        self._without = without
        self._certificate = state / "gateway.pem"
        self._pending = {}       # ID of a request → (RelayState, session)
        super().__init__(state, gateway_url)

    def remember(self, request_id, relay_state, session):
        self._pending[request_id] = (relay_state, session)

    def session_after_login(self, session):
        return session if self._without == "session" else secrets.token_hex()

    def person_of(self, values, session):
        try:
            content = base64.b64decode(values.get("SAMLResponse", ""), validate=True)
            root = etree.fromstring(content)
        except (binascii.Error, ValueError, etree.XMLSyntaxError):
            return None
        genuine = copy.deepcopy(root)
        checks = dict(self._checks_of_message(content, genuine))
        asked = self._asked(root)
        checks["request"] = asked is not None
        relay_state, asker = asked or (values.get("RelayState"), session)
        checks["relay"] = values.get("RelayState") == relay_state
        checks["browser"] = session == asker
        checks |= self._checks_of_assertion(self.provider.decrypt(root))
        if not all(fine for name, fine in checks.items() if name != self._without):
            return None
        if self._without != "once":
            self._pending.pop(root.get("InResponseTo"), None)
        return identifier_in(root)

    def _asked(self, root):
        return self._pending.get(root.get("InResponseTo"))

    def _checks_of_message(self, content, root):
        codes = [code.get("Value") for status in root.findall(tag(SAMLP, "Status"))
                 for code in status.iter(tag(SAMLP, "StatusCode"))]
        identifiers = [element.get("ID") for element in root.iter() if element.get("ID")]
        methods = [method.get("Algorithm", "") for method in root.iter(tag(DS, "SignatureMethod"))]
        reference = root.find(f"{tag(DS, 'Signature')}/{tag(DS, 'SignedInfo')}/{tag(DS, 'Reference')}")
        within = [child.tag for child in root.iter(tag(SAMLP, "Response"), tag(DS, "Object"))]
        yield "doctype", b"<!DOCTYPE" not in content
        yield "algorithm", not any(method.endswith("sha1") for method in methods)
        yield "binding", (reference is None or reference.get("URI") == "#" + root.get("ID")) and (
            len(set(identifiers)) == len(identifiers) and len(within) == 1)
        yield "one", len(root.findall(tag(SAML, "Assertion"))) < 2
        yield "status", codes == [STATUS + "Success"]
        yield "destination", root.get("Destination") == self.url + "/acs"
        yield "signature", sp.signature_is_good(root, self._certificate)

    def _checks_of_assertion(self, assertion):
        conditions = assertion.find(tag(SAML, "Conditions"))
        limits = {} if conditions is None else dict(conditions.attrib)
        data = assertion.find(f".//{tag(SAML, 'SubjectConfirmationData')}")
        attributes = sp.attributes(assertion)
        statements = assertion.findall(f".//{tag(SAML, 'Attribute')}[@FriendlyName='PersonIdentifier']")
        return {
            "time": _begins(limits) <= time.time() + 60 and time.time() < _ends(limits),
            "audience": assertion.findtext(f".//{tag(SAML, 'Audience')}") == self.url + "/acs",
            "recipient": data is not None and data.get("Recipient") == self.url + "/acs",
            "level": sp.loa(assertion) in _ENOUGH,
            "method": attributes.get("SelectedIdP") in _OFFERED,
            "identifier": len(statements) == 1,
        }


def _begins(limits):
    return _seconds(limits.get("NotBefore", "9999-01-01T00:00:00.000Z"))


def _ends(limits):
    return _seconds(limits.get("NotOnOrAfter", "1999-01-01T00:00:00.000Z"))


def _seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
