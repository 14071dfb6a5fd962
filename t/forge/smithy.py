"""What a case works with: the context of one login, and the ways to make an answer for it."""

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import quote_plus

import answer as answers
import xmldsig
import xmlenc
from answer import INNER_SIGNATURE, ROOT_SIGNATURE
from guards import guards_of
from keyring import Keyring


@dataclass
class Context:
    """One login: what we asked, and the person who answers."""

    keys: Keyring
    request_id: str = "_0123456789abcdef0123456789abcdef"
    relay_state: str = "a1b2c3d4e5f6"
    acs_url: str = "https://sede.example.gob.es/.clave/acs"
    issuer: str = "https://pasarela.example.gob.es"
    audience: str = ""  # the address of the ACS unless said otherwise
    now: float = 0
    nif: str = "99999018D"
    given_name: str = "BEGOÑA"
    surnames: str = "ETXEBARRIA ÑÍGUEZ"
    first_surname: str = "ETXEBARRIA"
    selected_idp: str = "SEGSOC"
    loa: str = "substantial"
    encrypt: bool = False
    more: Dict[str, str] = field(default_factory=dict)  # attributes, by their URIs
    seed: str = ""  # the same seed gives the same IDs
    _numbers: Any = field(default_factory=lambda: itertools.count(1), repr=False)

    def __post_init__(self):
        if not self.now:
            self.now = time.time()
        if not self.seed:
            self.seed = secrets.token_hex(8)

    def unique(self, stem):
        return f"{stem}_{self.seed}_{next(self._numbers)}"


@dataclass
class Form:
    """What the browser sends to the ACS, where the form itself is what is wrong."""

    fields: List[Tuple[str, str]] = field(default_factory=list)
    body: Optional[bytes] = None  # instead of the fields
    content_type: str = "application/x-www-form-urlencoded"
    query: str = ""
    method: str = "POST"

    def octets(self):
        if self.body is not None:
            return self.body
        return "&".join(f"{name}={quote_plus(value)}" for name, value in self.fields).encode()


class Smithy:
    """Makes answers. One per case and context."""

    answers = "login"

    def __init__(self, context):
        self.context = context
        self.keys = context.keys

    # -- signatures ----------------------------------------------------------------------------

    def recipe(self, signer="gateway", **changes):
        """How `signer` signs: with his own key and certificate, unless told otherwise."""
        party = self.keys[signer]
        prefix = changes.get("prefix", "ds")
        changes.setdefault("key", party.key)
        changes.setdefault("key_info", xmldsig.x509_key_info(party.certificate_der, prefix))
        return xmldsig.Recipe(**changes)

    def answer(self, **changes):
        return answers.Answer(self.context, **changes)

    def sign(self, answer, **changes):
        """The message of an Answer, its root signed, and its assertion where that has a marker."""
        text = self.sign_inner(answer.text(), answer)
        return answer.part("declaration") + self.sign_root(text, answer.response_id, **changes)

    def sign_root(self, text, response_id, **changes):
        return xmldsig.sign(text, ROOT_SIGNATURE, response_id, self.recipe(**changes))

    def sign_inner(self, text, answer, **changes):
        if INNER_SIGNATURE not in text:
            return text
        without_root = text.replace(ROOT_SIGNATURE, "<marca/>")
        signed = xmldsig.sign(without_root, INNER_SIGNATURE, answer.assertion_id,
                              self.recipe(**changes))
        return signed.replace("<marca/>", ROOT_SIGNATURE)

    def signed(self, _signature=None, **changes):
        """A good answer but for `changes`, properly signed by the gateway; its assertion is
        encrypted if the context says so."""
        if self.context.encrypt and "body_xml" not in changes:
            return self.sealed(_signature=_signature, **changes)
        return self.sign(self.answer(**changes), **(_signature or {}))

    # -- encryption ----------------------------------------------------------------------------

    def box(self, recipient="sp", **changes):
        changes.setdefault("recipient", self.keys[recipient].key.public_key())
        return xmlenc.Box(**changes)

    def encrypted(self, plain, box=None, a="saml2", **changes):
        """saml2:EncryptedAssertion around `plain`, which need not be an assertion."""
        octets = plain.encode() if isinstance(plain, str) else plain
        data = (box or self.box(**changes)).encrypted_data(octets)
        return f"<{a}:EncryptedAssertion>{data}</{a}:EncryptedAssertion>"

    def assertion(self, answer):
        """The text of an assertion on its own, signed where it has a marker."""
        return self.sign_inner(answer.part("assertion"), answer)

    def sealed(self, _box=None, _plain=None, _signature=None, **changes):
        """A signed answer whose assertion is encrypted. `_plain` may change what is encrypted."""
        answer = self.answer(**changes)
        plain = self.assertion(answer)
        if _plain:
            plain = _plain(plain)
        answer.replaced["body"] = self.encrypted(plain, _box, answer.a)
        return self.sign(answer, **(_signature or {}))

    # -- the form ------------------------------------------------------------------------------

    def form(self, message, **changes):
        octets = message.encode() if isinstance(message, str) else message
        changes.setdefault("fields", [
            ("SAMLResponse", xmldsig.b64(octets)), ("RelayState", self.context.relay_state),
        ])
        return Form(**changes)


@dataclass
class Case:
    id: str
    row: str
    expected: List[str]  # code words; empty: accepted
    statuses: List[int]
    make: Any
    kind: str  # "message" or "form"
    settings: Dict[str, Any]  # what the configuration must say for the case to mean something
    smithy: Any = Smithy

    def manifest(self):
        return {
            "id": self.id, "row": self.row, "expected": self.expected, "statuses": self.statuses,
            "kind": self.kind, "answers": self.smithy.answers, "settings": self.settings,
            "guards": guards_of(self.id),
        }


# Statuses of the codes a single answer can meet (product 8.2).
STATUS_OF = {"E-FMT": 400, "E-SIZE": 413, "E-METHOD": 405, "E-CANCEL": 200}

CASES: List[Case] = []


def add(name, row, expected, make, *, kind="message", smithy=Smithy, **settings):
    codes = expected.split("|") if expected else []
    statuses = sorted({STATUS_OF.get(code, 403) for code in codes}) or [303]
    if any(case.id == name for case in CASES):
        raise ValueError(f"two cases are called {name}")
    CASES.append(Case(name, row, codes, statuses, make, kind, settings, smithy))


def bad(name, row, expected, **options):
    """Decorates a function (smithy) → message that must be refused with one of `expected`."""

    def register(make):
        add(name, row, expected, make, **options)
        return make

    return register


def good(name, row, **options):
    """Decorates a function (smithy) → unusual message that must be accepted."""
    return bad(name, row, "", **options)


def vary(name, row, expected, changes, **options):
    """A case that is a good answer but for `changes`: (context) → parts of the Answer."""
    add(name, row, expected, lambda smithy: smithy.signed(**changes(smithy.context)), **options)


def swap(text, old, new):
    """Replaces the first `old`; a case that finds nothing to replace would test nothing."""
    if old not in text:
        raise ValueError(f"nothing to replace: {old}")
    return text.replace(old, new, 1)
