"""The gateway's side of a logout (protocol section 4): its LogoutResponse, truthful or with a fault.

The faults of a login that are about the envelope are faults of a logout, too: both messages have the
same fields under the same names.
"""

from dataclasses import dataclass, field

from lxml import etree

from . import faults, xmldsig
from .answer import RESPONDER, Status, Times, new_id, utc
from .faults import Fault
from .vocabulary import DS, ISSUER_ENTITY, SAML, SAMLP, STATUS, tag

_TAKEN = (
    "slow", "clock_fast", "wrong_destination", "wrong_in_response_to", "unsolicited",
    "wrong_relay_state", "no_relay_state", "unsigned", "other_key", "borrowed_certificate", "sha1",
    "altered", "doctype", "nested_failure", "no_status",
)
LOGOUT_FAULTS = {name: faults.FAULTS[name] for name in _TAKEN}


def _fault(text):
    def register(function):
        LOGOUT_FAULTS[function.__name__] = Fault(function.__name__, text, function, False)
        return function
    return register


@dataclass
class LogoutAnswer:
    request_id: str
    destination: str
    relay_state: str
    times: Times
    signer: object                     # Credential; None leaves the answer unsigned
    status: Status = field(default_factory=Status)
    sha1: bool = False
    shown_certificate: object = None
    silent: bool = False               # the browser stays at the gateway
    slow: bool = False                 # the browser waits for it
    before_signing: list = field(default_factory=list)
    after_signing: list = field(default_factory=list)
    on_the_wire: list = field(default_factory=list)


def truthful(request, *, credentials, now):
    return LogoutAnswer(request.id, request.return_url, request.form_relay_state,
                        Times(now, now, now, now), credentials.gateway)


def build(answer):
    """The message as bytes, ready for base64."""
    root = etree.Element(
        tag(SAMLP, "LogoutResponse"), nsmap={"saml2p": SAMLP, "saml2": SAML, "ds": DS}, ID=new_id(),
        Version="2.0", IssueInstant=utc(answer.times.issued), Destination=answer.destination,
    )
    if answer.request_id:
        root.set("InResponseTo", answer.request_id)
    etree.SubElement(root, tag(SAML, "Issuer"), Format=ISSUER_ENTITY).text = RESPONDER
    status = etree.SubElement(root, tag(SAMLP, "Status"))
    code = etree.SubElement(status, tag(SAMLP, "StatusCode"), Value=STATUS + answer.status.code)
    if answer.status.sub_code:
        etree.SubElement(code, tag(SAMLP, "StatusCode"), Value=STATUS + answer.status.sub_code)
    etree.SubElement(status, tag(SAMLP, "StatusMessage")).text = answer.status.message
    for change in answer.before_signing:
        change(root)
    if answer.signer:
        xmldsig.sign(root, answer.signer, position=1, sha1=answer.sha1,
                     shown_certificate=answer.shown_certificate)
    for change in answer.after_signing:
        change(root)
    content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    for change in answer.on_the_wire:
        content = change(content)
    return content


@_fault("the gateway shows an error and sends nobody back (00064)")
def silent(answer, context):
    answer.silent = True


@_fault("the gateway could not end its session (Responder, 00064)")
def refused(answer, context):
    answer.status = Status("Responder", "", "00064 Error en el proveedor de identificación")


@_fault("only some of the sessions ended (Success, PartialLogout)")
def partial(answer, context):
    answer.status = Status("Success", "PartialLogout")


@_fault("the answer was made an hour ago")
def stale(answer, context):
    answer.times.shift(-3600)


@_fault("the answer to the logout before this one is sent again")
def replayed(answer, context):
    if context.previous:
        answer.on_the_wire.append(lambda content: context.previous)
    else:
        answer.request_id = new_id()
