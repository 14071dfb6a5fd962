"""Wrong answers on demand: each fault is one deviation from a truthful answer.

A service provider must refuse them all, except those that are marked harmless.
Sources: protocol sections 3 and 5, and the checklist of SAML attacks.
"""

import copy
from dataclasses import dataclass, replace

from lxml import etree

from . import personas
from .answer import Attribute, Status, new_id
from .vocabulary import LEGAL, NATURAL, SAML, SAMLP, Loa, tag


@dataclass(frozen=True)
class Fault:
    name: str
    text: str
    apply: object     # callable(answer, context)
    harmless: bool    # a correct service provider lets the person in all the same


@dataclass(frozen=True)
class Context:
    credentials: object
    persona: object
    method: object
    previous: bytes   # the message delivered before this one


FAULTS = {}


def fault(text, *, harmless=False):
    def register(function):
        FAULTS[function.__name__] = Fault(function.__name__, text, function, harmless)
        return function
    return register


# --- what happens to people -------------------------------------------------------------------

@fault("the person cancels (Responder, RequestDenied)")
def cancelled(answer, context):
    _fail(answer, "RequestDenied", "El ciudadano ha cancelado la identificación")


@fault("the method could not identify the person (Responder, AuthnFailed)")
def failed(answer, context):
    _fail(answer, "AuthnFailed", "00021 Error en el proveedor de servicios de identificación")


@fault("the level asked could not be given (Responder, 00057)")
def level_refused(answer, context):
    _fail(answer, "", "00057 El QAA de la respuesta no satisface el QAA solicitado")


@fault("the answer takes as long as --slow says (30 seconds)", harmless=True)
def slow(answer, context):
    answer.slow = True


@fault("the answer carries LoA low, whatever was asked")
def low_loa(answer, context):
    answer.loa_uri = Loa.LOW.uri


@fault("another person answers, properly identified: harmless but at a step-up", harmless=True)
def other_person(answer, context):
    other = personas.PERSONAS["dolores" if context.persona.key != "dolores" else "ana"]
    answer.name_id = other.nif
    answer.change("PersonIdentifier", other.nif)
    answer.change("FirstName", other.given_name)
    answer.change("FamilyName", other.surnames)
    answer.change("FirstSurname", other.first_surname)


# --- times ------------------------------------------------------------------------------------

@fault("the validity window ended ten minutes ago")
def expired(answer, context):
    answer.times.not_before -= 900
    answer.times.not_on_or_after -= 900


@fault("the validity window begins in ten minutes")
def not_yet_valid(answer, context):
    answer.times.not_before += 600
    answer.times.not_on_or_after += 600


@fault("the gateway's clock is ten minutes fast")
def clock_fast(answer, context):
    answer.times.shift(600)


@fault("the gateway's clock is ten minutes slow")
def clock_slow(answer, context):
    answer.times.shift(-600)


@fault("the window is two days long")
def long_window(answer, context):
    answer.times.not_on_or_after = answer.times.not_before + 2 * 86400


@fault("the person was identified an hour ago, although ForceAuthn was sent")
def old_login(answer, context):
    answer.times.authenticated -= 3600


# --- for whom and in answer to what -----------------------------------------------------------

@fault("the Audience is another site")
def wrong_audience(answer, context):
    answer.audience = "https://otra-sede.example/acs"


@fault("the Recipient is another site")
def wrong_recipient(answer, context):
    answer.recipient = "https://otra-sede.example/acs"


@fault("the Destination is another site")
def wrong_destination(answer, context):
    answer.destination = "https://otra-sede.example/acs"


@fault("InResponseTo names a request that was never made")
def wrong_in_response_to(answer, context):
    answer.request_id = new_id()


@fault("no InResponseTo: an unsolicited answer")
def unsolicited(answer, context):
    answer.request_id = ""


@fault("the posted RelayState is not the one sent")
def wrong_relay_state(answer, context):
    answer.relay_state = "otro" + answer.relay_state


@fault("no RelayState is posted")
def no_relay_state(answer, context):
    answer.relay_state = ""


@fault("the message of the login before this one is sent again")
def replay(answer, context):
    if context.previous:
        answer.on_the_wire.append(lambda content: context.previous)
    else:
        # Without an earlier login there is nothing to repeat; an old answer comes closest.
        expired(answer, context)


# --- signature --------------------------------------------------------------------------------

@fault("no signature")
def unsigned(answer, context):
    answer.signer = None


@fault("signed with the key of a stranger")
def other_key(answer, context):
    answer.signer = context.credentials.stranger


@fault("signed with the key of a stranger, showing the gateway's certificate")
def borrowed_certificate(answer, context):
    answer.signer = context.credentials.stranger
    answer.shown_certificate = context.credentials.gateway.certificate


@fault("signed with RSA-SHA1")
def sha1(answer, context):
    answer.sha1 = True


@fault("only the Assertion is signed, not the Response")
def assertion_signed_only(answer, context):
    answer.encrypted = False
    answer.sign_only_assertion = True


@fault("changed after it was signed")
def altered(answer, context):
    answer.after_signing.append(lambda root: root.set("IssueInstant", "2001-01-01T00:00:00Z"))


@fault("a forged Assertion stands before the signed one (XSW)")
def wrapped(answer, context):
    answer.encrypted = False

    def wrap(root):
        genuine = root.find(tag(SAML, "Assertion"))
        forged = copy.deepcopy(genuine)
        forged.set("ID", new_id())
        rename(forged)
        genuine.addprevious(forged)
    answer.after_signing.append(wrap)


@fault("the signed Response is hidden inside the Extensions of a forged one (XSW)")
def wrapped_root(answer, context):
    answer.encrypted = False

    def wrap(root):
        genuine = copy.deepcopy(root)
        root.set("ID", new_id())
        rename(root)
        extensions = etree.Element(tag(SAMLP, "Extensions"))
        extensions.append(genuine)
        root.insert(2, extensions)
    answer.after_signing.append(wrap)


@fault("a comment splits the identifier, which canonical form does not see")
def comment(answer, context):
    answer.encrypted = False

    def split(content):
        identifier = answer.name_id.encode()
        return content.replace(identifier, identifier[:4] + b"<!---->" + identifier[4:])
    answer.on_the_wire.append(split)


@fault("the message has a DOCTYPE")
def doctype(answer, context):
    answer.on_the_wire.append(
        lambda content: content.replace(b"?>\n", b"?>\n<!DOCTYPE r [<!ENTITY a 'b'>]>\n", 1)
    )


@fault("encrypted with AES-256-CBC")
def cbc(answer, context):
    answer.encrypted = True
    answer.encrypt_with_cbc = True


@fault("encrypted to somebody else's certificate")
def wrong_recipient_key(answer, context):
    answer.encrypted = True
    answer.recipient_certificate = context.credentials.stranger.certificate


# --- status -----------------------------------------------------------------------------------

@fault("a failure nested under Success")
def nested_failure(answer, context):
    answer.status = Status("Success", "AuthnFailed")


@fault("no status code at all")
def no_status(answer, context):
    answer.before_signing.append(lambda root: root.find(tag(SAMLP, "Status")).clear())


@fault("a cancellation that nobody signed")
def forged_cancellation(answer, context):
    cancelled(answer, context)
    answer.signer = None


# --- what the answer says ---------------------------------------------------------------------

@fault("a level that is not one of the three, and sorts after high")
def unknown_loa(answer, context):
    answer.loa_uri = "http://eidas.europa.eu/LoA/zzz"


@fault("no PersonIdentifier")
def missing_identifier(answer, context):
    answer.drop("PersonIdentifier")


@fault("no SelectedIdP: the method is unknown")
def missing_method(answer, context):
    answer.drop("SelectedIdP")


@fault("no given name")
def missing_name(answer, context):
    answer.drop("FirstName")


@fault("no FirstSurname", harmless=True)
def missing_first_surname(answer, context):
    answer.drop("FirstSurname")


@fault("no attribute RelayState", harmless=True)
def missing_relay_attribute(answer, context):
    answer.drop("RelayState")


@fault("SelectedIdP names a method that was not offered: the wallet")
def other_method(answer, context):
    answer.change("SelectedIdP", "CARTERA_DIGITAL")


@fault("the NIF has a wrong check letter")
def bad_nif(answer, context):
    _identify(answer, "00000000A")


@fault("the identifier is of a third country: ES/XX/…")
def foreign_identifier(answer, context):
    _identify(answer, "ES/XX/" + answer.name_id)


@fault("the identifier has its eIDAS form ES/ES/…", harmless=True)
def eidas_form(answer, context):
    answer.change("PersonIdentifier", "ES/ES/" + answer.name_id)


@fault("the NameID is the NIF of another person")
def name_id_of_another(answer, context):
    answer.name_id = "22222222J" if answer.name_id != "22222222J" else "00000000T"


@fault("no NameID")
def missing_name_id(answer, context):
    answer.name_id = ""


@fault("the identifier appears twice, with two values")
def two_identifiers(answer, context):
    answer.attributes.insert(0, replace(answer.attribute("PersonIdentifier"), value="22222222J"))


@fault("a transliterated name beside the real one", harmless=True)
def transliterated(answer, context):
    def twin(root):
        path = f".//{tag(SAML, 'Attribute')}[@FriendlyName='FirstName']"
        attribute = root.find(path)
        value = copy.deepcopy(attribute[0])
        value.set(tag(NATURAL, "LatinScript"), "false")
        value.text = "Άννα"
        attribute.append(value)
    answer.encrypted = False
    answer.before_signing.append(twin)


@fault("a name of 3000 characters")
def huge_name(answer, context):
    answer.change("FirstName", "Ana " * 750)


@fault("the person acts for a company, in any method")
def representative(answer, context):
    answer.attributes.append(Attribute(LEGAL + "/LegalPersonIdentifier", "LegalPersonIdentifier",
                                       "B00000000"))


@fault("the registration says BASIC")
def basic_registration(answer, context):
    answer.change("RegisterType", "BASIC")


@fault("the answer says nothing of the registration")
def missing_registration(answer, context):
    answer.drop("RegisterType")


def _fail(answer, sub_code, message):
    answer.status = Status("Responder", sub_code, message)
    answer.name_id = "NotAvailable"
    answer.attributes = []


def _identify(answer, identifier):
    answer.name_id = identifier
    answer.change("PersonIdentifier", identifier)


def rename(element):
    """Another person, whoever it was."""
    for value in element.iter(tag(SAML, "NameID")):
        value.text = "22222222J"
    path = f".//{tag(SAML, 'Attribute')}[@FriendlyName='PersonIdentifier']"
    element.find(path)[0].text = "22222222J"
