"""A service provider and a browser for the tests.

It signs and verifies with xmlsec, which the simulator does not use: the two have to agree.
"""

import base64
import os
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html
import xmlsec
from lxml import etree

from simulator.answer import utc
from simulator.loopback import LoopbackConnection
from simulator.vocabulary import CLAVE, DS, EIDAS, SAML, SAMLP, Loa, tag

ACS = "https://sede.localhost:8443/.clave/acs"
PROVIDER_NAME = "S2800000X_E00000000;SIMULADOR"


@dataclass(frozen=True)
class Received:
    status: int
    headers: object
    body: bytes
    url: str

    @property
    def text(self):
        return self.body.decode()

    @property
    def location(self):
        return self.headers.get("Location")


class Browser:
    """Follows redirects and submits forms; trusts one CA."""

    def __init__(self, authority):
        self._authority = authority

    def get(self, url):
        return self._ask("GET", url, None, {})

    def post(self, url, fields, headers=None):
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, body, {**kind, **(headers or {})})

    def submit(self, received, *, button=None, form=None, **values):
        """The page's form with its hidden fields, then wherever the redirects lead."""
        document = lxml.html.fromstring(received.text)
        forms = document.forms if form is None else [f for f in document.forms
                                                     if f.get("action") == form]
        fields = dict(forms[0].form_values())
        fields.update(values)
        if button:
            fields.update([button])
        return self.follow(self.post(urljoin(received.url, forms[0].get("action")), fields))

    def follow(self, received):
        while received.location:
            received = self.get(urljoin(received.url, received.location))
        return received

    def _ask(self, method, url, body, headers):
        parts = urlsplit(url)
        connection = LoopbackConnection(parts.hostname, parts.port, self._authority)
        target = parts.path + ("?" + parts.query if parts.query else "")
        try:
            connection.request(method, target, body, {"Host": parts.netloc, **headers})
            response = connection.getresponse()
            return Received(response.status, response.headers, response.read(), url)
        finally:
            connection.close()


class ServiceProvider:
    def __init__(self, key_file, certificate_file, gateway_url):
        self._key = xmlsec.Key.from_file(str(key_file), xmlsec.KeyFormat.PEM)
        self._key.load_cert_from_file(str(certificate_file), xmlsec.KeyFormat.PEM)
        self.gateway_url = gateway_url

    def request(self, loa=Loa.LOW, excluded=(), change=None, change_signed=None, sign=True):
        """A signed AuthnRequest after protocol section 2; `change` edits it before, and
        `change_signed` after it is signed."""
        root = etree.fromstring(_REQUEST.format(
            id="_" + os.urandom(16).hex(), now=utc(time.time()), destination=self.gateway_url,
            acs=ACS, provider=PROVIDER_NAME, loa=loa.uri,
        ).encode())
        attributes = root.find(f".//{tag(EIDAS, 'RequestedAttributes')}")
        for name in excluded:
            attributes.insert(0, etree.Element(
                tag(EIDAS, "RequestedAttribute"), FriendlyName=name, Name=CLAVE + name,
                NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri", isRequired="false",
            ))
        if change:
            change(root)
        if sign:
            self._sign(root)
        if change_signed:
            change_signed(root)
        return root

    def logout_request(self, change=None, change_signed=None, sign=True):
        """A signed LogoutRequest after protocol section 4."""
        root = etree.fromstring(_LOGOUT_REQUEST.format(
            id="_" + os.urandom(16).hex(), now=utc(time.time()), end=utc(time.time() + 300),
            destination=self.gateway_url, acs=ACS, provider=PROVIDER_NAME.split(";")[0],
        ).encode())
        if change:
            change(root)
        if sign:
            self._sign(root)
        if change_signed:
            change_signed(root)
        return root

    def _sign(self, root):
        signature = xmlsec.template.create(
            root, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA512, ns="ds")
        root.insert(1 if root.find(tag(SAML, "Issuer")) is not None else 0, signature)
        reference = xmlsec.template.add_reference(
            signature, xmlsec.Transform.SHA512, uri="#" + root.get("ID"))
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
        xmlsec.template.x509_data_add_certificate(data)
        xmlsec.tree.add_ids(root, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = self._key
        context.sign(signature)

    def fields(self, root, relay_state="a1b2c3d4"):
        message = base64.b64encode(etree.tostring(root)).decode()
        field = "logoutRequest" if root.tag == tag(SAMLP, "LogoutRequest") else "SAMLRequest"
        return {field: message, "RelayState": relay_state}

    def decrypt(self, root):
        """The assertion, from an answer with a plain or an encrypted one."""
        plain = root.find(tag(SAML, "Assertion"))
        if plain is not None:
            return plain
        manager = xmlsec.KeysManager()
        manager.add_key(self._key)
        data = root.find(f"{tag(SAML, 'EncryptedAssertion')}/*")
        return xmlsec.EncryptionContext(manager).decrypt(data)


def delivered(received, field="SAMLResponse"):
    """(Response element, fields) of the page that goes back to the site."""
    form = next(f for f in lxml.html.fromstring(received.text).forms if f.get("id") == "entrega")
    fields = dict(form.form_values())
    return etree.fromstring(base64.b64decode(fields[field])), fields


def signature_is_good(root, certificate_file):
    signature = root.find(tag(DS, "Signature"))
    if signature is None:
        return False
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(str(certificate_file), xmlsec.KeyFormat.CERT_PEM)
    try:
        context.verify(signature)
        return True
    except xmlsec.Error:
        return False


def attributes(assertion):
    return {
        element.get("FriendlyName"): element[0].text
        for element in assertion.iter(tag(SAML, "Attribute"))
    }


def loa(assertion):
    return assertion.findtext(f".//{tag(SAML, 'AuthnContextClassRef')}")


def status(root):
    """(top, nested) status code without the common beginning."""
    codes = [c.get("Value").rsplit(":", 1)[-1] for c in root.iter(tag(SAMLP, "StatusCode"))]
    return tuple(codes)


_REQUEST = """<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"\
 xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"\
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#"\
 xmlns:eidas="http://eidas.europa.eu/saml-extensions"\
 xmlns:eidas-natural="http://eidas.europa.eu/attributes/naturalperson"\
 ID="{id}" Version="2.0" IssueInstant="{now}" Destination="{destination}"\
 AssertionConsumerServiceURL="{acs}" ProviderName="{provider}"\
 Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ForceAuthn="true" IsPassive="false">\
<saml2p:Extensions><eidas:SPType>public</eidas:SPType><eidas:RequestedAttributes>\
<eidas:RequestedAttribute FriendlyName="RelayState" Name="http://es.minhafp.clave/RelayState"\
 NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false">\
<eidas:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:type="eidas-natural:PersonIdentifierType">e5f6a7b8</eidas:AttributeValue>\
</eidas:RequestedAttribute></eidas:RequestedAttributes></saml2p:Extensions>\
<saml2p:NameIDPolicy AllowCreate="true"\
 Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>\
<saml2p:RequestedAuthnContext Comparison="minimum">\
<saml2:AuthnContextClassRef>{loa}</saml2:AuthnContextClassRef>\
</saml2p:RequestedAuthnContext></saml2p:AuthnRequest>"""

_LOGOUT_REQUEST = """<saml2p:LogoutRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"\
 xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"\
 xmlns:ds="http://www.w3.org/2000/09/xmldsig#"\
 ID="{id}" Version="2.0" IssueInstant="{now}" NotOnOrAfter="{end}" Destination="{destination}"\
 Reason="urn:oasis:names:tc:SAML:2.0:logout:user"><saml2:Issuer>{acs}</saml2:Issuer>\
<saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"\
 SPNameQualifier="{acs}">{provider}</saml2:NameID></saml2p:LogoutRequest>"""
