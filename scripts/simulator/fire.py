"""FIRe: the one URL to which offices send documents to be signed in the cloud.

Answers as the recorded server of FIRe 2.4 does, its losses included: what is recovered is forgotten,
and what is asked for too early is destroyed (protocol-fire section 0).
"""

import base64
import re
import secrets
import uuid
from collections import deque
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from . import fire_wire as wire
from . import personas, signing
from .fire_faults import checked
from .fire_upgrade import GRACES, Upgrades
from .fire_wire import Refusal
from .http_server import Reply

SERVICE = "/fire-signature/fireService"
ENTRY = "/fire-signature/public/entry"
PROVIDER = "clavefirma"
LIFETIME = 600
MOST_BYTES = 8 << 20
MOST_DOCUMENTS = 10


@dataclass
class Document:
    id: str
    content: bytes
    form: str
    operation: str
    properties: dict
    title: str
    signature: bytes = b""
    detail: str = ""
    recovered: bool = False
    grace: dict = None                      # what FIRe has told of it, if it is completed later


@dataclass
class Transaction:
    nif: str
    config: dict
    ends: float
    fault: str
    batch: bool = False
    defaults: tuple = ()                    # of a batch: format, operation, properties
    language: str = ""
    stops_on_error: bool = False            # a batch of which one fails is given up
    upgrade: str = ""                       # of a batch
    documents: dict = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    reference: str = field(default_factory=lambda: secrets.token_hex(16).upper())
    state: str = "new"                      # new, at_gateway, authorised, composed
    code: int = 0                           # what went wrong
    told: str = ""                          # by the gateway: a certificate issued or renewed

    @property
    def ok_url(self):
        return self.config.get("redirectOkUrl") or self.config.get("redirectErrorUrl", "")

    @property
    def error_url(self):
        return self.config.get("redirectErrorUrl") or self.config.get("redirectOkUrl", "")


class Fire:
    """`offices`: application id → its certificate; `origin`: of the pages."""

    def __init__(self, offices, wallet, clock, origin, *, slow=30, most_bytes=MOST_BYTES):
        self._offices = offices
        self._clock = clock
        self._origin = origin
        self._slow = slow
        self._most_bytes = most_bytes
        self.wallet = wallet
        self.transactions = {}
        self.faults = deque()
        self.requests = deque(maxlen=200)
        self._upgrades = Upgrades(clock, lambda: wallet.authority)
        self._operations = {
            "1": self._sign, "2": self._recover, "11": self._result, "99": self._error,
            "5": self._create_batch, "6": self._add, "7": self._sign_batch,
            "8": self._recover_batch, "9": self._batch_state, "10": self._batch_signature,
            "70": self._recover_late, "71": self._late_result,
        }

    def forget_everything(self):
        self.wallet.forget_everything()
        self._upgrades.forget_everything()
        for memory in (self.transactions, self.faults, self.requests):
            memory.clear()

    def answer(self, call):
        """A request to SERVICE."""
        form = {}
        # A servlet makes no difference between them.
        for name, value in [*call.query.items(), *call.fields]:
            form.setdefault(name, value)  # only the first one counts
        self.requests.append({name: value if name != "dat" else len(value)
                              for name, value in form.items()})
        try:
            return self._answer(call, form)
        except Refusal as refusal:
            return wire.refused(refusal)

    def _answer(self, call, form):
        if not form.get("appid"):
            raise Refusal(2)
        if not form.get("op"):
            raise Refusal(3)
        if form["op"] not in self._operations:
            raise Refusal(5)
        if not call.client_certificate:
            raise Refusal(6)
        shown = x509.load_der_x509_certificate(call.client_certificate)
        if self._offices.get(form["appid"]) != shown:
            raise Refusal(502)
        if form["op"] not in ("70", "71") and not form.get("subjectid"):
            raise Refusal(8)
        return self._operations[form["op"]](form)

    # --- transactions --------------------------------------------------------------------------

    def find(self, identifier):
        transaction = self.transactions.get(identifier)
        if transaction and transaction.ends < self._clock.now():
            del self.transactions[identifier]
            return None
        return transaction

    def _find(self, form):
        if not form.get("transactionid"):
            raise Refusal(18)
        transaction = self.find(form["transactionid"])
        if not transaction or transaction.nif != form["subjectid"]:
            raise Refusal(503)
        return transaction

    def renew(self, transaction):
        transaction.ends = self._clock.now() + LIFETIME

    def _forget(self, transaction):
        self.transactions.pop(transaction.id, None)

    def _begin(self, form, *, batch=False):
        for code, name in ((9, "algorithm"), (10, "cop"), (11, "format")):
            if not form.get(name):
                raise Refusal(code)
        if not batch and not form.get("dat"):
            raise Refusal(12)
        if "config" not in form:
            raise Refusal(15)
        config = _read_properties(form["config"], 16)
        if not (config.get("redirectOkUrl") or config.get("redirectErrorUrl")):
            raise Refusal(17)
        if PROVIDER not in config.get("certOrigin", PROVIDER).split(","):
            raise Refusal(55)
        fault = self.faults.popleft() if self.faults else ""
        transaction = Transaction(form["subjectid"], config, 0, checked(fault), batch)
        transaction.language = form.get("language", "null")
        transaction.defaults = (form["format"], form["cop"], _properties_of(form))
        self.renew(transaction)
        self.transactions[transaction.id] = transaction
        return transaction

    def _document(self, transaction, form, identifier, config):
        if "docManager" in config:  # this server has none
            raise Refusal(35, "A" if transaction.batch else "C", transaction)
        try:
            content = wire.decoded(form["dat"])
        except Refusal as refusal:
            raise Refusal(refusal.code, "A" if transaction.batch else "C", transaction) from None
        if len(form["dat"]) * 3 // 4 > self._most_bytes:
            raise Refusal(1)
        own = any(name in form for name in ("cop", "format", "properties", "upgrade"))
        kind, operation, properties = (
            (form.get("format", ""), form.get("cop", ""), _properties_of(form))
            if own else transaction.defaults)
        return Document(identifier, content, kind, operation, properties,
                        config.get("docTitle") or config.get("docName") or identifier)

    def _redirect(self, transaction):
        origin = "https://otra.example" if transaction.fault == "foreign_redirect" else self._origin
        named = str(uuid.uuid4()) if transaction.fault == "foreign_transaction" else transaction.id
        reply = wire.answer({
            "transactionid": transaction.id,
            "redirecturl": f"{origin}{ENTRY}?transactionid={named}"
                           f"&subjectref={transaction.reference}&language={transaction.language}",
        }, pretty=True)
        reply.delay = self._slow if transaction.fault == "slow_start" else 0
        return reply

    # --- one document --------------------------------------------------------------------------

    def _sign(self, form):
        transaction = self._begin(form)
        try:
            document = self._document(transaction, form, "", transaction.config)
        except Refusal as refusal:
            transaction.code = refusal.code
            raise
        transaction.documents[""] = document
        return self._redirect(transaction)

    def _recover(self, form):
        transaction = self._find(form)
        if transaction.code:
            self._forget(transaction)
            raise Refusal(transaction.code, "B")
        if transaction.state != "authorised":
            self._forget(transaction)
            raise Refusal(505 if transaction.state == "new" else 508)
        lost = self._lost_on_its_way(transaction)
        if lost:
            return lost
        if form.get("upgrade") and transaction.fault == "no_validator":
            transaction.code = 32
            raise Refusal(32)
        certificate = self._compose(transaction, form.get("upgrade", ""))
        document = transaction.documents[""]
        if not document.signature:
            transaction.code = 26
            raise Refusal(26)
        transaction.state = "composed"
        result = {"state": 0, "prov": PROVIDER, "cert": certificate}
        if transaction.fault in GRACES:
            grace = self._upgrades.postpone(document, transaction.fault)
            result |= {"state": 1, "grace": grace}
        else:
            result |= self._reached(form, document, "updater.allowPartialUpgrade")
        return self._spoilt(transaction, wire.answer({"result": result}))

    def _lost_on_its_way(self, transaction):
        """The recovery's question does not arrive; None if it does."""
        if transaction.fault == "html_error":
            return Reply(b"<!doctype html><title>502</title><h1>Bad Gateway</h1>", 502)
        if transaction.fault == "lost_request":
            transaction.fault = ""
            return Reply(lost=True)
        return None

    def _spoilt(self, transaction, reply):
        """The recovery's answer."""
        if transaction.fault == "truncated_json":
            reply.body = reply.body[:len(reply.body) // 2]
        reply.delay = self._slow if transaction.fault == "slow" else 0
        reply.lost = transaction.fault == "lost_recovery"
        return reply

    def _handed_over(self, transaction, signature, *, last):
        reply = wire.plain(signature)
        fault = transaction.fault
        if fault == "slow_result" or (fault == "slow_last" and last):
            reply.delay = self._slow
        reply.lost = fault == "lost_answer"
        reply.cut = fault == "cut_answer"
        if fault in ("slow_result", "cut_answer"):
            transaction.fault = ""
        return reply

    def _result(self, form):
        transaction = self._find(form)
        if transaction.fault == "lost_question":
            transaction.fault = ""
            return Reply(lost=True)
        self._forget(transaction)
        if transaction.fault == "forgotten":
            raise Refusal(503)
        if transaction.code:
            raise Refusal(transaction.code, "B")
        document = transaction.documents[""]
        unsigned = transaction.fault == "unsigned" or transaction.state != "composed"
        return self._handed_over(transaction, document.content if unsigned else document.signature,
                                 last=True)

    def _error(self, form):
        try:
            transaction = self._find(form)
        except Refusal as refusal:
            if refusal.code != 503:
                raise
            return wire.answer(wire.failed(503))
        self._forget(transaction)
        return wire.answer(wire.failed(transaction.code or 505, PROVIDER))

    # --- batches -------------------------------------------------------------------------------

    def _create_batch(self, form):
        transaction = self._begin(form, batch=True)
        transaction.upgrade = form.get("upgrade", "")
        return wire.identified(transaction.id)

    def _add(self, form):
        transaction = self._find(form)
        identifier = form.get("docid", "")
        if not identifier:
            raise Refusal(48)
        if not re.fullmatch(r"[0-9a-zA-Z._-]{1,40}", identifier):
            raise Refusal(56)
        if identifier in transaction.documents:
            raise Refusal(42)
        if len(transaction.documents) >= MOST_DOCUMENTS:
            raise Refusal(43)
        if not form.get("dat"):
            raise Refusal(12)
        config = wire.properties(wire.decoded(form.get("config", "")))
        transaction.documents[identifier] = self._document(transaction, form, identifier, config)
        self.renew(transaction)
        return wire.plain("true")

    def _sign_batch(self, form):
        transaction = self._find(form)
        if not transaction.documents:
            raise Refusal(44)
        transaction.language = form.get("language", "null")
        transaction.stops_on_error = form.get("stoponerror") == "true"
        self.renew(transaction)
        return self._redirect(transaction)

    def _recover_batch(self, form):
        transaction = self._find(form)
        if transaction.state == "composed":
            raise Refusal(54)
        if transaction.state == "new":
            raise Refusal(49)
        if transaction.code:
            raise Refusal(50, "D")
        if transaction.state == "at_gateway":
            self._forget(transaction)
            raise Refusal(508)
        lost = self._lost_on_its_way(transaction)
        if lost:
            return lost
        certificate = self._compose(transaction, transaction.upgrade)
        documents = list(transaction.documents.values())
        if transaction.fault == "partial_batch":
            documents[-1].signature, documents[-1].detail = b"", "PRESIGN_ERROR"
            for document in documents[:-1] if transaction.stops_on_error else ():
                document.signature, document.detail = b"", "ABORTED"
        if transaction.fault in GRACES:
            documents[-1].grace = self._upgrades.postpone(documents[-1], transaction.fault)
            documents[-1].detail = "GRACE_PERIOD"
        transaction.state = "composed"
        if not any(document.signature for document in documents):
            self._forget(transaction)
        batch = [{"id": document.id, "ok": bool(document.signature), "dt": document.detail,
                  "errorm": ""} | ({"grace": document.grace} if document.grace else {})
                 for document in reversed(documents)]
        return self._spoilt(transaction,
                            wire.answer({"prov": PROVIDER, "cert": certificate, "batch": batch}))

    def _batch_state(self, form):
        return wire.plain("1.0" if self._find(form).state == "composed" else "0.0")

    def _batch_signature(self, form):
        if not form.get("docid"):
            raise Refusal(48)
        transaction = self._find(form)
        if transaction.state != "composed":
            raise Refusal(49)
        document = transaction.documents.get(form["docid"])
        if document is None:
            raise Refusal(53)
        if document.recovered:
            raise Refusal(51)
        if not document.signature:
            raise Refusal(50)
        if document.grace:
            raise Refusal(52)
        if transaction.fault == "lost_question":
            transaction.fault = ""
            return Reply(lost=True)
        document.recovered = True
        if all(d.recovered or d.grace or not d.signature for d in transaction.documents.values()):
            self._forget(transaction)
        return self._handed_over(transaction, document.signature,
                                 last=document is list(transaction.documents.values())[-1])

    # --- late upgrades ---------------------------------------------------------------------------

    def _reached(self, form, document, key):
        config = wire.properties(wire.decoded(form.get("config", "")))
        return self._upgrades.reached(form.get("upgrade", ""), document.form,
                                      partial_allowed=config.get(key) == "true")

    def _recover_late(self, form):
        late = self._upgrades.find(form.get("docid"))
        if late.silent:
            late.silent = False
            return Reply(lost=True)
        if not late.is_ready():
            return wire.answer({"result": {"state": 1, "grace": late.grace(form["docid"])}})
        result = {"state": 0, "prov": PROVIDER}
        return wire.answer({"result": result | self._reached(form, late.document,
                                                             "allowPartialUpgrade")})

    def _late_result(self, form):
        late = self._upgrades.take(form.get("docid"))
        reply = wire.plain(late.document.signature)
        reply.lost = late.fault == "grace_lost"
        reply.delay = self._slow if late.fault == "grace_slow" else 0
        return reply

    # --- signing -----------------------------------------------------------------------------------

    def _compose(self, transaction, upgrade):
        """Signs all documents; the certificate, for the answer."""
        signer = personas.find_by_nif(transaction.nif)
        if transaction.fault == "other_signer":
            signer = personas.PERSONAS["wei" if signer.key != "wei" else "ana"]
        held = self.wallet.certificate(signer)
        for document in transaction.documents.values():
            content = document.content
            first = document is next(iter(transaction.documents.values()))
            if transaction.fault == "other_document" or (transaction.fault == "other_first" and first):
                content = _altered(document)
            try:
                if document.operation.lower() not in ("sign", "cosign"):
                    raise signing.CannotSign(document.operation)
                document.signature = signing.sign(content, document.form, document.properties,
                                                  held, self.wallet.authority, self._clock.now(),
                                                  self._upgrades.timestamp_for(upgrade))
            except signing.CannotSign:
                document.detail = "PRESIGN_ERROR"
            if transaction.fault == "corrupted" and document.signature:
                document.signature = _corrupted(document.signature)
        der = held.certificate.public_bytes(serialization.Encoding.DER)
        return base64.b64encode(der).decode()


def _properties_of(form):
    return _read_properties(form.get("properties", ""), 20)


def _read_properties(value, code):
    try:
        return wire.properties(wire.decoded(value))
    except Refusal:
        raise Refusal(code) from None


def _altered(document):
    """Another document of the same kind and, for a PDF, of the same size."""
    content, form = document.content, document.form.lower()
    comment = content.find(b"\n%") + 2
    if form == "pades" and comment > 1:
        return content[:comment] + bytes([content[comment] ^ 1]) + content[comment + 1:]
    if form == "xades" and b"</" in content:
        return content.replace(b"</", b"X</", 1)
    return content + b" X"


def _corrupted(signature):
    """One byte in the middle is another; of text, one that stays text."""
    at = len(signature) // 2
    return signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1:]
