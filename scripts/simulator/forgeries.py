"""Wrong answers that are made by attackers, rather than by a gateway that errs.

Each one changes what was honestly signed, or signs with what anybody has. The wrappings are those of
"On Breaking SAML" (USENIX 2012), numbered as SAML Raider does; the forged parts speak of another
person. Sources: checklist S-01 to S-10, S-14, S-15, S-23 to S-26, and protocol sections 1 and 3.5.
"""

import base64
import copy
import hashlib
import hmac

from cryptography.hazmat.primitives import serialization
from lxml import etree

from . import xmldsig
from .answer import Attribute, Status, new_id
from .faults import FAULTS, fault, rename
from .vocabulary import CLAVE, DS, MAX_MESSAGE, SAML, SAMLP, tag

__all__ = ["FAULTS"]
_HMAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
_SIGNATURE = tag(DS, "Signature")


def _after_signing(answer, change):
    # What is encrypted cannot be changed from outside.
    answer.encrypted = False
    answer.after_signing.append(change)


def _bare(signed):
    """A copy without its own signature: what an enveloped signature has digested."""
    copied = copy.deepcopy(signed)
    copied.remove(copied.find(_SIGNATURE))
    return copied


def _extensions(root, content):
    extensions = etree.Element(tag(SAMLP, "Extensions"))
    extensions.append(content)
    root.insert(root.index(root.find(tag(SAMLP, "Status"))), extensions)


# --- the Response is signed, and wrapped ------------------------------------------------------

@fault("XSW 1: a forged Response, the genuine one inside its Signature")
def xsw1(answer, context):
    def wrap(root):
        genuine = _bare(root)
        _forge(root)
        root.find(_SIGNATURE).append(genuine)
    _after_signing(answer, wrap)


@fault("XSW 2: a forged Response, the genuine one before its Signature")
def xsw2(answer, context):
    def wrap(root):
        genuine = _bare(root)
        _forge(root)
        root.find(_SIGNATURE).addprevious(genuine)
    _after_signing(answer, wrap)


@fault("a forged Response with the ID of the genuine one, which is in its Extensions")
def duplicate_ids(answer, context):
    def wrap(root):
        genuine = _bare(root)
        rename(root)
        _extensions(root, genuine)
    _after_signing(answer, wrap)


def _forge(root):
    root.set("ID", new_id())
    rename(root)


# --- the Assertion is signed, and wrapped -----------------------------------------------------

def _wrapping(answer, wrap):
    """`wrap` gets root, genuine assertion with its signature, and a forged one without."""
    answer.sign_only_assertion = True

    def change(root):
        genuine = root.find(tag(SAML, "Assertion"))
        forged = _bare(genuine)
        _forge(forged)
        wrap(root, genuine, forged)
    _after_signing(answer, change)


def _take_signature(genuine, forged):
    signature = genuine.find(_SIGNATURE)
    genuine.remove(signature)
    forged.insert(1, signature)
    return signature


@fault("XSW 3: a forged Assertion before the signed one")
def xsw3(answer, context):
    _wrapping(answer, lambda root, genuine, forged: genuine.addprevious(forged))


@fault("XSW 4: the signed Assertion inside a forged one")
def xsw4(answer, context):
    def wrap(root, genuine, forged):
        root.replace(genuine, forged)
        forged.append(genuine)
    _wrapping(answer, wrap)


@fault("XSW 5: a forged Assertion has the Signature, the genuine one follows")
def xsw5(answer, context):
    def wrap(root, genuine, forged):
        genuine.addprevious(forged)
        _take_signature(genuine, forged)
    _wrapping(answer, wrap)


@fault("XSW 6: a forged Assertion has the Signature, and in it the genuine one")
def xsw6(answer, context):
    def wrap(root, genuine, forged):
        root.replace(genuine, forged)
        _take_signature(genuine, forged).append(genuine)
    _wrapping(answer, wrap)


@fault("XSW 7: a forged Assertion in Extensions, before the signed one")
def xsw7(answer, context):
    _wrapping(answer, lambda root, genuine, forged: _extensions(root, forged))


@fault("XSW 8: a forged Assertion has the Signature, with the genuine one in its Object")
def xsw8(answer, context):
    def wrap(root, genuine, forged):
        root.replace(genuine, forged)
        signature = _take_signature(genuine, forged)
        etree.SubElement(signature, tag(DS, "Object")).append(genuine)
    _wrapping(answer, wrap)


@fault("XSW 9: a forged Assertion after the signed one (CVE-2021-28091)")
def xsw9(answer, context):
    _wrapping(answer, lambda root, genuine, forged: genuine.addnext(forged))


@fault("two Assertions about two persons, signed together")
def two_assertions(answer, context):
    def add(root):
        other = copy.deepcopy(root.find(tag(SAML, "Assertion")))
        _forge(other)
        root.append(other)
    answer.encrypted = False
    answer.before_signing.append(add)


# --- signatures that prove nothing ------------------------------------------------------------

@fault("the identifier was changed after it was signed")
def altered_identifier(answer, context):
    _after_signing(answer, rename)


@fault("signed with the key of a stranger, which the answer brings along as KeyValue")
def key_value(answer, context):
    answer.signer = context.credentials.stranger
    numbers = answer.signer.key.public_key().public_numbers()

    def bring(root):
        info = root.find(f"{_SIGNATURE}/{tag(DS, 'KeyInfo')}")
        info.clear()
        value = etree.SubElement(etree.SubElement(info, tag(DS, "KeyValue")),
                                 tag(DS, "RSAKeyValue"))
        for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
            content = number.to_bytes((number.bit_length() + 7) // 8, "big")
            etree.SubElement(value, tag(DS, name)).text = base64.b64encode(content).decode()
    answer.after_signing.append(bring)


@fault("an HMAC with the gateway's certificate as its key, which everybody has")
def hmac_with_certificate(answer, context):
    certificate = context.credentials.gateway.certificate
    key = certificate.public_bytes(serialization.Encoding.PEM)

    def replace(root):
        info = root.find(f"{_SIGNATURE}/{tag(DS, 'SignedInfo')}")
        info.find(tag(DS, "SignatureMethod")).set("Algorithm", _HMAC)
        value = hmac.new(key, xmldsig.canonical(info), hashlib.sha256).digest()
        root.find(f"{_SIGNATURE}/{tag(DS, 'SignatureValue')}").text = base64.b64encode(value).decode()
    answer.after_signing.append(replace)


@fault("a Signature without a value")
def empty_signature(answer, context):
    answer.after_signing.append(
        lambda root: root.find(f"{_SIGNATURE}/{tag(DS, 'SignatureValue')}").clear())


# --- XML and its transport --------------------------------------------------------------------

def _with_doctype(declarations):
    """A change that declares entities and has the identifier come from the entity `i`."""
    def change(content, identifier):
        content = content.replace(b">" + identifier + b"<", b">&i;<")
        return content.replace(b"?>\n", b"?>\n<!DOCTYPE r [" + declarations + b"]>\n", 1)
    return change


@fault("an entity of a DOCTYPE stands for the identifier; expanded, the signature is good")
def entity(answer, context):
    answer.encrypted = False
    identifier = answer.name_id.encode()
    change = _with_doctype(b'<!ENTITY i "' + identifier + b'">')
    answer.on_the_wire.append(lambda content: change(content, identifier))


@fault("entities within entities: small here, three megabytes for whoever expands them")
def entity_bomb(answer, context):
    answer.encrypted = False
    levels = b"".join(b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 7))
    change = _with_doctype(b'<!ENTITY a "SIM">' + levels + b'<!ENTITY i "&g;">')
    answer.on_the_wire.append(lambda content: change(content, answer.name_id.encode()))


@fault("a message larger than the gateway ever sends (131072 bytes), well signed")
def huge(answer, context):
    answer.attributes.append(Attribute(CLAVE + "Relleno", "Relleno", "x" * MAX_MESSAGE))


@fault("the second half of the message is missing")
def truncated(answer, context):
    answer.on_the_text.append(lambda text: text[:len(text) // 8 * 4])


# --- what is missing --------------------------------------------------------------------------

def _edit_assertion(answer, change):
    answer.encrypted = False
    answer.before_signing.append(lambda root: change(root.find(tag(SAML, "Assertion"))))


def _remove(path):
    steps = "/".join(tag(SAML, step) for step in path.split("/"))

    def change(assertion):
        found = assertion.find(steps)
        found.getparent().remove(found)
    return change


@fault("no Conditions: valid for everybody and for ever")
def no_conditions(answer, context):
    _edit_assertion(answer, _remove("Conditions"))


@fault("no AudienceRestriction: for every site")
def no_audience(answer, context):
    _edit_assertion(answer, _remove("Conditions/AudienceRestriction"))


@fault("Conditions without NotOnOrAfter: they never end")
def no_end(answer, context):
    _edit_assertion(answer, lambda assertion: assertion.find(tag(SAML, "Conditions")).attrib.pop(
        "NotOnOrAfter"))


@fault("no SubjectConfirmation")
def no_confirmation(answer, context):
    _edit_assertion(answer, _remove("Subject/SubjectConfirmation"))


@fault("a confirmation that is not bearer but holder-of-key")
def other_confirmation(answer, context):
    _edit_assertion(answer, lambda assertion: assertion.find(
        f"{tag(SAML, 'Subject')}/{tag(SAML, 'SubjectConfirmation')}").set(
            "Method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"))


@fault("a failure that carries the whole identity (Responder)")
def failure_with_identity(answer, context):
    answer.status = Status("Responder", "AuthnFailed", "00021 Error en el proveedor")
