"""Reads an AuthnRequest as the gateway does, and says plainly what is wrong with it.

The real gateway answers most of these with one page that says nothing. An `error` is something it
refuses; a `warning` something it tolerates and a service provider should not rely on. Each finding
names the section of the protocol it comes from.
"""

import base64
import binascii
import datetime
import re
import zlib
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from lxml import etree

from . import xmldsig
from .schema import safe_parser
from .vocabulary import (
    BINDING, CLAVE, CONSENT_UNSPECIFIED, DS, EIDAS, ISSUER_ENTITY, MAX_MESSAGE,
    MAX_PROVIDER_NAME, MAX_RELAY_STATE, METHODS, NAME_ID_PERSISTENT, NAME_ID_TRANSIENT,
    NAME_ID_UNSPECIFIED, SAML, SAMLP, URI_NAME_FORMAT, Loa, tag,
)

_KNOWN_ATTRIBUTES = {CLAVE + method.exclusion for method in METHODS.values()}
_RELAY_STATE = CLAVE + "RelayState"


@dataclass(frozen=True)
class Finding:
    severity: str
    section: str
    message: str


@dataclass
class AuthnRequest:
    id: str
    issue_instant: str
    destination: str
    acs_url: str
    provider_name: str
    issuer: str
    loa: Loa
    excluded: tuple
    relay_state_attribute: str
    name_id_format: str
    form_relay_state: str

    @property
    def provider_id(self):
        return self.provider_name.split(";", 1)[0]


@dataclass
class Linted:
    request: AuthnRequest | None = None
    findings: list = field(default_factory=list)
    xml: bytes = b""

    @property
    def acceptable(self):
        return self.request is not None and not any(
            finding.severity == "error" for finding in self.findings
        )

    def error(self, section, message):
        self.findings.append(Finding("error", section, message))

    def warning(self, section, message):
        self.findings.append(Finding("warning", section, message))

    def as_json(self):
        request = asdict(self.request) if self.request else None
        if request and "loa" in request:
            request["loa"] = self.request.loa.name.lower()
        return {"acceptable": self.acceptable, "request": request,
                "findings": [asdict(finding) for finding in self.findings]}


class MessageLinter:
    """What every message to the gateway has to be. `field` is that of the form, `root` the element;
    `providers`: ProviderName without its application → registered certificate."""

    field = root = ""

    def __init__(self, schema, gateway_url, providers):
        self._schema = schema
        self._gateway_url = gateway_url
        self._providers = providers
        self._seen_ids = set()

    def forget_everything(self):
        self._seen_ids.clear()

    def lint(self, fields, *, content_type, query, now):
        """`fields`: (name, value) pairs of the posted form, in order."""
        linted = Linted()
        root, relay_state = self._envelope(linted, fields, content_type, query)
        if root is None:
            return linted
        for problem in self._schema.problems(root):
            linted.error("2", f"the message does not follow the SAML schema: {problem}")
        self._check(linted, root, relay_state, now)
        self._check_single_use(linted)
        return linted

    def _envelope(self, linted, fields, content_type, query):
        if content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            linted.error("1", f'Content-Type is "{content_type}", '
                              "expected application/x-www-form-urlencoded")
        if self.field in query or "RelayState" in query:
            linted.error("1", "SAML fields in the query string: HTTP-Redirect is not used, post them")
        relay_state = _relay_state(linted, fields)
        return self._message(linted, fields), relay_state

    def _message(self, linted, fields):
        values = [value for name, value in fields if name == self.field]
        if len(values) != 1:
            linted.error("1", f"{len(values)} fields {self.field}, exactly one is expected "
                              f"(00002: no hay {self.field})")
            return None
        linted.xml = _decode(linted, self.field, values[0])
        if not linted.xml:
            return None
        try:
            root = etree.fromstring(linted.xml, safe_parser())
        except etree.XMLSyntaxError as error:
            linted.error("2", f"the message is not well-formed XML: {error}")
            return None
        if root.getroottree().docinfo.doctype:
            linted.error("5", "the message has a DOCTYPE (engine error 203013)")
            return None
        if root.tag != tag(SAMLP, self.root):
            linted.error("2", f"the message is a {root.tag}, not a saml2p:{self.root}")
            return None
        return root

    def _check_destination(self, linted):
        request = linted.request
        if request.destination != self._gateway_url:
            linted.error("2.1", f'Destination is "{request.destination}", '
                                f'this gateway is "{self._gateway_url}"')

    def _check_registered(self, linted, root):
        request = linted.request
        registered = self._providers.get(request.provider_id)
        if registered is None:
            known = ", ".join(sorted(self._providers))
            linted.error("5", f'ProviderName "{request.provider_id}" is not registered here '
                              f"(00019; known: {known})")
            return
        for problem in xmldsig.problems(root, registered):
            linted.error("2.5", problem)

    def _check_single_use(self, linted):
        if linted.request.id in self._seen_ids:
            linted.error("2.1", f"the ID {linted.request.id} was used before (00065: colisión)")
        elif linted.acceptable:
            self._seen_ids.add(linted.request.id)


class Linter(MessageLinter):
    """Of logins."""

    field, root = "SAMLRequest", "AuthnRequest"

    def _check(self, linted, root, relay_state, now):
        linted.request = _read(root, relay_state)
        _check_attributes(linted, root)
        _check_children(linted, root)
        check_time(linted, root, now)
        self._check_destination(linted)
        self._check_provider(linted, root)

    def _check_provider(self, linted, root):
        request = linted.request
        if not request.provider_name:
            linted.error("2.1", "no ProviderName (00063)")
            return
        if len(request.provider_name) > MAX_PROVIDER_NAME:
            linted.error("2.1", f"ProviderName is longer than {MAX_PROVIDER_NAME} characters")
        if ";" not in request.provider_name:
            linted.warning("2.1", "ProviderName sin campo SPApplication: expected NIF_DIR3;App")
        self._check_registered(linted, root)


def _relay_state(linted, fields):
    values = [value for name, value in fields if name == "RelayState"]
    if len(values) != 1 or not values[0]:
        linted.error("1", "the field RelayState must be posted once and not empty: without it the "
                          "answer carries none")
        return ""
    if len(values[0]) > MAX_RELAY_STATE:
        linted.error("1", f"RelayState has {len(values[0])} characters, at most {MAX_RELAY_STATE}")
    return values[0]


def _decode(linted, field, text):
    if len(text) > MAX_MESSAGE:
        linted.error("1", f"{field} is larger than {MAX_MESSAGE} bytes")
        return b""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        linted.error("1", f"{field} is not base64 (a + may have become a space: "
                          "form fields must be percent-encoded)")
        return b""
    if not content.lstrip()[:1] == b"<":
        try:
            zlib.decompress(content, -15)
            linted.error("1", f"{field} is deflated; HTTP-POST carries plain base64")
        except zlib.error:
            linted.error("1", f"{field} does not decode to XML")
        return b""
    return content


def _read(root, relay_state):
    wanted = root.findall(
        f"{tag(SAMLP, 'Extensions')}/{tag(EIDAS, 'RequestedAttributes')}"
        f"/{tag(EIDAS, 'RequestedAttribute')}"
    )
    names = {attribute.get("Name"): attribute for attribute in wanted}
    echo = names.get(_RELAY_STATE)
    policy = root.find(tag(SAMLP, "NameIDPolicy"))
    asked = root.findtext(
        f"{tag(SAMLP, 'RequestedAuthnContext')}/{tag(SAML, 'AuthnContextClassRef')}", ""
    )
    return AuthnRequest(
        id=root.get("ID", ""),
        issue_instant=root.get("IssueInstant", ""),
        destination=root.get("Destination", ""),
        acs_url=root.get("AssertionConsumerServiceURL", ""),
        provider_name=root.get("ProviderName", ""),
        issuer=root.findtext(tag(SAML, "Issuer"), ""),
        loa=Loa.from_uri(asked.strip()) or Loa.LOW,
        excluded=tuple(m.name for m in METHODS.values() if CLAVE + m.exclusion in names),
        relay_state_attribute=(
            "" if echo is None else echo.findtext(tag(EIDAS, "AttributeValue"), "")
        ),
        name_id_format="" if policy is None else policy.get("Format", ""),
        form_relay_state=relay_state,
    )


def _check_attributes(linted, root):
    request = linted.request
    if not request.id.strip():
        linted.error("2.1", "ID is missing")
    if root.get("Version") != "2.0":
        linted.error("2.1", f'Version is "{root.get("Version")}", not 2.0')
    consent = root.get("Consent")
    if consent not in (None, CONSENT_UNSPECIFIED):
        linted.error("2.1", f'Consent is "{consent}", if present it must be {CONSENT_UNSPECIFIED}')
    force = root.get("ForceAuthn")
    if force is None:
        linted.error("2.1", "ForceAuthn must be present")
    elif force not in ("true", "1"):
        linted.warning("4", "ForceAuthn is false: a session of another procedure, made with a "
                            "weaker method, may answer")
    if root.get("IsPassive") not in ("false", "0"):
        linted.error("2.1", "IsPassive must be present and false")
    binding = root.get("ProtocolBinding")
    if binding not in (None, BINDING + "HTTP-POST", BINDING + "HTTP-Redirect"):
        linted.error("2.1", f'ProtocolBinding "{binding}" is unknown; omit it')
    if not request.acs_url:
        linted.error("2.1", "AssertionConsumerServiceURL is required: no answer can be built")
    else:
        url = urlsplit(request.acs_url)
        if url.scheme != "https" or not url.netloc:
            linted.error("2.1", f'AssertionConsumerServiceURL "{request.acs_url}" '
                                "is not a full https URL")


def _check_children(linted, root):
    issuer = root.find(tag(SAML, "Issuer"))
    if issuer is not None and issuer.get("Format") not in (None, ISSUER_ENTITY):
        linted.error("2.1", f"the Format of Issuer must be {ISSUER_ENTITY}")
    signature = root.find(tag(DS, "Signature"))
    if signature is not None and root.index(signature) != (0 if issuer is None else 1):
        linted.error("2.5", "ds:Signature must follow Issuer, or be the first child without one")
    policy = root.find(tag(SAMLP, "NameIDPolicy"))
    accepted = (NAME_ID_PERSISTENT, NAME_ID_TRANSIENT, NAME_ID_UNSPECIFIED)
    if policy is None:
        linted.error("2.1", "NameIDPolicy is required")
    elif policy.get("Format") not in accepted:
        linted.error("2.1", f'NameIDPolicy Format "{policy.get("Format")}" is not one of {accepted}')
    elif policy.get("AllowCreate") not in ("true", "1"):
        linted.warning("2.1", 'NameIDPolicy without AllowCreate="true", which every kit sends')
    _check_level(linted, root.find(tag(SAMLP, "RequestedAuthnContext")))
    _check_extensions(linted, root.find(tag(SAMLP, "Extensions")))


def _check_level(linted, context):
    if context is None:
        linted.warning("2.1", "no RequestedAuthnContext: any level will do")
        return
    if context.get("Comparison") != "minimum":
        linted.error("2.1", f'Comparison is "{context.get("Comparison")}"; '
                            'the gateway knows only "minimum"')
    asked = [reference.text for reference in context.findall(tag(SAML, "AuthnContextClassRef"))]
    if len(asked) != 1 or Loa.from_uri(asked[0]) is None:
        linted.error("2.1", f"AuthnContextClassRef {asked} is not one of the three eIDAS levels")


def _check_extensions(linted, extensions):
    if extensions is None:
        linted.error("2.1", "Extensions are required")
        return
    if extensions.findtext(tag(EIDAS, "SPType"), "public") != "public":
        linted.warning("2.1", "SPType is private; in Cl@ve it is always public")
    attributes = list(extensions.iter(tag(EIDAS, "RequestedAttribute")))
    names = [attribute.get("Name") for attribute in attributes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        linted.error("2.2", f"the attribute {name} is requested twice")
    for attribute in attributes:
        _check_requested(linted, attribute)
    if _RELAY_STATE not in names:
        linted.warning("2.3", "the attribute RelayState is not requested; every kit sends it")
    if all(CLAVE + method.exclusion in names for method in METHODS.values()):
        linted.error("2.2", "every method is excluded (00054)")


def _check_requested(linted, attribute):
    name = attribute.get("Name")
    if attribute.get("NameFormat") != URI_NAME_FORMAT:
        linted.error("2.2", f"NameFormat of {name} must be {URI_NAME_FORMAT}")
    if name in _KNOWN_ATTRIBUTES:
        if len(attribute):
            linted.warning("2.2", f"{name} only excludes a method: it takes no value")
        if attribute.get("isRequired") not in ("false", "0"):
            linted.warning("2.2", f'{name} should have isRequired="false"')
    elif name != _RELAY_STATE and not (name or "").startswith("http://eidas.europa.eu/attributes/"):
        linted.warning("2.2", f"the attribute {name} is unknown and will be removed")


def check_time(linted, root, now):
    stated = root.get("IssueInstant", "")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", stated):
        linted.warning("2.1", f'IssueInstant "{stated}" is not UTC written with Z')
        return
    moment = datetime.datetime.fromisoformat(stated[:-1] + "+00:00")
    # The engine checks no age; a clock that is wrong will nevertheless refuse our answer.
    if abs(moment.timestamp() - now) > 300:
        linted.warning("2.1", f"IssueInstant {stated} is more than 5 minutes from this clock")
