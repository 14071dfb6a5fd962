"""The gateway's Response (protocol section 3): encrypted or plain, success or failure.

An `Answer` is first filled in truthfully, then a fault may change any part of it, then it is built.
"""

import base64
import datetime
import os
from dataclasses import dataclass, field, replace

from lxml import etree

from . import xmldsig, xmlenc
from .vocabulary import (
    BEARER, CLAVE, CONSENT_OBTAINED, DS, ISSUER_ENTITY, LEGAL, NAME_ID_PERSISTENT,
    NAME_ID_UNSPECIFIED, NATURAL, SAML, SAMLP, STATUS, URI_NAME_FORMAT, XS, XSI, tag,
)

VALIDITY = 300
RESPONDER = "https://clave.localhost/SIMULADOR"
# The engine really binds the prefix `eidas` to naturalperson in answers (protocol section 3.1);
# `eidas-natural` is what the values of xsi:type use.
_RESPONSE_PREFIXES = {"saml2p": SAMLP, "saml2": SAML, "ds": DS, "eidas": NATURAL,
                      "eidas-natural": NATURAL, "xsi": XSI}
_ASSERTION_PREFIXES = {"saml2": SAML, "eidas-natural": NATURAL, "xsi": XSI, "xs": XS}


@dataclass(frozen=True)
class Attribute:
    name: str            # URI
    friendly_name: str
    value: str
    type: str = "xs:string"
    latin_script: bool = True


@dataclass
class Times:
    issued: float
    not_before: float
    not_on_or_after: float
    authenticated: float

    def shift(self, seconds):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + seconds)


@dataclass
class Status:
    code: str = "Success"
    sub_code: str = ""
    message: str = STATUS + "Success"


@dataclass
class Answer:
    request_id: str
    acs_url: str
    audience: str
    recipient: str
    destination: str
    relay_state: str
    name_id: str
    name_id_format: str
    loa_uri: str
    attributes: list
    times: Times
    signer: object                     # Credential; None leaves the answer unsigned
    recipient_certificate: object
    client_ip: str
    status: Status = field(default_factory=Status)
    encrypted: bool = False
    encrypt_with_cbc: bool = False
    sha1: bool = False
    shown_certificate: object = None
    sign_only_assertion: bool = False
    slow: bool = False                 # the browser waits for it
    before_signing: list = field(default_factory=list)   # callables on the root
    after_signing: list = field(default_factory=list)
    on_the_wire: list = field(default_factory=list)      # callables bytes → bytes
    on_the_text: list = field(default_factory=list)      # of the form's field: str → str

    def attribute(self, friendly_name):
        return next(a for a in self.attributes if a.friendly_name == friendly_name)

    def drop(self, friendly_name):
        self.attributes = [a for a in self.attributes if a.friendly_name != friendly_name]

    def change(self, friendly_name, value):
        self.attributes = [
            replace(a, value=value) if a.friendly_name == friendly_name else a
            for a in self.attributes
        ]


def truthful(request, persona, method, loa, *, credentials, provider, now, client_ip, encrypted):
    """What the gateway says when nothing is wrong."""
    identifier = persona.eidas_id or persona.nif
    return Answer(
        request_id=request.id,
        acs_url=request.acs_url,
        audience=request.acs_url,
        recipient=request.acs_url,
        destination=request.acs_url,
        relay_state=request.form_relay_state,
        name_id=identifier,
        name_id_format=request.name_id_format or NAME_ID_PERSISTENT,
        loa_uri=loa.uri,
        attributes=attributes_of(persona, method, request.relay_state_attribute),
        times=Times(now, now, now + VALIDITY, now),
        signer=credentials.gateway,
        recipient_certificate=provider,
        client_ip=client_ip,
        encrypted=encrypted,
    )


def refusal(request, status, *, credentials, provider, now, client_ip):
    """A failure still carries one assertion, about NotAvailable (protocol section 3.5)."""
    return Answer(
        request_id=request.id, acs_url=request.acs_url, audience=request.acs_url,
        recipient=request.acs_url, destination=request.acs_url,
        relay_state=request.form_relay_state, name_id="NotAvailable",
        name_id_format=NAME_ID_UNSPECIFIED, loa_uri=request.loa.uri, attributes=[],
        times=Times(now, now, now + VALIDITY, now), signer=credentials.gateway,
        recipient_certificate=provider, client_ip=client_ip, status=status,
    )


def attributes_of(persona, method, relay_state):
    natural = NATURAL + "/"
    found = [
        Attribute(natural + "PersonIdentifier", "PersonIdentifier",
                  persona.eidas_id or persona.nif, "eidas-natural:PersonIdentifierType"),
        Attribute(natural + "CurrentGivenName", "FirstName", persona.given_name,
                  "eidas-natural:CurrentGivenNameType"),
        Attribute(natural + "CurrentFamilyName", "FamilyName", persona.surnames,
                  "eidas-natural:CurrentFamilyNameType"),
    ]
    if method.name == "eidas":
        found.append(Attribute(natural + "DateOfBirth", "DateOfBirth", persona.birth,
                               "eidas-natural:DateOfBirthType"))
    else:
        found.append(Attribute(CLAVE + "FirstSurname", "FirstSurname", persona.first_surname))
        registered = "ADVANCED" if persona.advanced else "BASIC"
        found.append(Attribute(CLAVE + "RegisterType", "RegisterType", registered))
    if persona.represents:
        nif, name = persona.represents
        found += [
            Attribute(LEGAL + "/LegalPersonIdentifier", "LegalPersonIdentifier", nif),
            Attribute(LEGAL + "/LegalName", "LegalName", name),
        ]
    if method.name == "certificado":
        found.append(Attribute(CLAVE + "PartialAfirma", "PartialAfirma", _partial_afirma(persona)))
    found.append(Attribute(CLAVE + "SelectedIdP", "SelectedIdP", method.code))
    found.append(Attribute(CLAVE + "RelayState", "RelayState", relay_state))
    return found


def _partial_afirma(persona):
    """What @firma says of the certificate: base64 of a list of fields as XML."""
    fields = {"NIFResponsable": persona.nif, "nombreResponsable": persona.given_name,
              "ApellidosResponsable": persona.surnames, "clasificacion": "0"}
    if persona.represents:
        nif, name = persona.represents
        fields |= {"NIF-CIF": nif, "razonSocial": name, "clasificacion": "11"}
    root = etree.Element("InfoCertificado")
    for identifier, value in fields.items():
        entry = etree.SubElement(root, "Campo")
        etree.SubElement(entry, "idCampo").text = identifier
        etree.SubElement(entry, "valorCampo").text = value
    return base64.b64encode(etree.tostring(root, encoding="utf-8")).decode("ascii")


def build(answer):
    """The message as bytes, ready for base64."""
    assertion = _assertion(answer)
    if answer.sign_only_assertion:
        xmldsig.sign(assertion, answer.signer, position=1)
    root = _response(answer)
    if answer.encrypted and answer.status.code == "Success":
        root.append(xmlenc.encrypt(assertion, answer.recipient_certificate,
                                   cbc=answer.encrypt_with_cbc))
    else:
        root.append(assertion)
    for change in answer.before_signing:
        change(root)
    if answer.signer and not answer.sign_only_assertion:
        xmldsig.sign(root, answer.signer, position=1, sha1=answer.sha1,
                     shown_certificate=answer.shown_certificate)
    for change in answer.after_signing:
        change(root)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    for change in answer.on_the_wire:
        content = change(content)
    return content


def encoded(answer, message):
    """The text of the form's field."""
    text = base64.b64encode(message).decode("ascii")
    for change in answer.on_the_text:
        text = change(text)
    return text


def new_id():
    return "_" + os.urandom(20).hex()


def utc(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _response(answer):
    root = etree.Element(
        tag(SAMLP, "Response"), nsmap=_RESPONSE_PREFIXES, ID=new_id(), Version="2.0",
        IssueInstant=utc(answer.times.issued), Destination=answer.destination,
        Consent=CONSENT_OBTAINED,
    )
    if answer.request_id:
        root.set("InResponseTo", answer.request_id)
    etree.SubElement(root, tag(SAML, "Issuer"), Format=ISSUER_ENTITY).text = RESPONDER
    status = etree.SubElement(root, tag(SAMLP, "Status"))
    code = etree.SubElement(status, tag(SAMLP, "StatusCode"), Value=STATUS + answer.status.code)
    if answer.status.sub_code:
        etree.SubElement(code, tag(SAMLP, "StatusCode"), Value=STATUS + answer.status.sub_code)
    etree.SubElement(status, tag(SAMLP, "StatusMessage")).text = answer.status.message
    return root


def _assertion(answer):
    times = answer.times
    root = etree.Element(tag(SAML, "Assertion"), nsmap=_ASSERTION_PREFIXES, ID=new_id(),
                         Version="2.0", IssueInstant=utc(times.issued))
    etree.SubElement(root, tag(SAML, "Issuer"), Format=ISSUER_ENTITY).text = RESPONDER
    subject = etree.SubElement(root, tag(SAML, "Subject"))
    if answer.name_id:
        etree.SubElement(subject, tag(SAML, "NameID"), Format=answer.name_id_format,
                         NameQualifier=RESPONDER).text = answer.name_id
    confirmation = etree.SubElement(subject, tag(SAML, "SubjectConfirmation"), Method=BEARER)
    data = etree.SubElement(confirmation, tag(SAML, "SubjectConfirmationData"),
                            Address=answer.client_ip,
                            NotOnOrAfter=utc(times.not_on_or_after), Recipient=answer.recipient)
    if answer.request_id:
        data.set("InResponseTo", answer.request_id)
    conditions = etree.SubElement(root, tag(SAML, "Conditions"), NotBefore=utc(times.not_before),
                                  NotOnOrAfter=utc(times.not_on_or_after))
    restriction = etree.SubElement(conditions, tag(SAML, "AudienceRestriction"))
    etree.SubElement(restriction, tag(SAML, "Audience")).text = answer.audience
    etree.SubElement(conditions, tag(SAML, "OneTimeUse"))
    statement = etree.SubElement(root, tag(SAML, "AuthnStatement"),
                                 AuthnInstant=utc(times.authenticated))
    context = etree.SubElement(statement, tag(SAML, "AuthnContext"))
    etree.SubElement(context, tag(SAML, "AuthnContextClassRef")).text = answer.loa_uri
    etree.SubElement(context, tag(SAML, "AuthnContextDecl"))
    if answer.attributes:
        _attribute_statement(root, answer.attributes)
    return root


def _attribute_statement(assertion, attributes):
    statement = etree.SubElement(assertion, tag(SAML, "AttributeStatement"))
    for attribute in attributes:
        element = etree.SubElement(statement, tag(SAML, "Attribute"), Name=attribute.name,
                                   FriendlyName=attribute.friendly_name,
                                   NameFormat=URI_NAME_FORMAT)
        value = etree.SubElement(element, tag(SAML, "AttributeValue"))
        value.set(tag(XSI, "type"), attribute.type)
        if not attribute.latin_script:
            value.set(tag(NATURAL, "LatinScript"), "false")
        value.text = attribute.value
