"""The gateway's decisions: who may choose what, and what is answered. No HTTP here."""

import base64
import secrets
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass

from . import answer as answers
from . import faults, forgeries, logout, personas
from .rules import Clock, Rules
from .vocabulary import METHODS, Loa

KEPT_REQUESTS = 200
_LOGIN_LIFETIME = 30 * 60


@dataclass(frozen=True)
class Wish:
    """What a tester wants of one login. With a persona nobody is asked anything."""

    persona: str = ""
    method: str = ""
    level: str = ""      # overrides what rules would give
    fault: str = ""
    encrypted: bool | None = None
    otp: bool | None = None   # whether Permanente has its code by SMS; else as the request needs it

    @classmethod
    def checked(cls, values):
        """From JSON or form fields; ValueError says what is wrong."""
        known = {"persona": personas.PERSONAS, "method": METHODS,
                 "level": [loa.name.lower() for loa in Loa], "fault": forgeries.FAULTS}
        switches = ("encrypted", "otp")
        unknown = set(values) - set(known) - set(switches)
        if unknown:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}; "
                             f"known: {', '.join((*known, *switches))}")
        chosen = {}
        for name, allowed in known.items():
            value = values.get(name) or ""
            if value and value not in allowed:
                raise ValueError(f"unknown {name} {value!r}; known: {', '.join(allowed)}")
            chosen[name] = value
        for name in switches:
            chosen[name] = values.get(name)
            if chosen[name] is not None and not isinstance(chosen[name], bool):
                raise ValueError(f"{name} is true or false")
        return cls(**chosen)


@dataclass(frozen=True)
class Delivery:
    acs_url: str
    message: str       # base64
    relay_state: str
    delay: float = 0
    field: str = "SAMLResponse"


@dataclass
class Login:
    token: str
    request: object
    wish: Wish
    client_ip: str
    record: dict
    started: float
    persona: object = None
    second_step: bool = False      # the first proof was given, a code is still due
    delivery: Delivery | None = None


class Gateway:
    """`providers`: ProviderName without its application → registered certificate. `encrypted` and
    `auto` hold where a wish says nothing else. Whoever calls holds `lock`."""

    def __init__(self, credentials, linter, logout_linter, providers, *, encrypted=False,
                 auto=None, slow=30):
        self.lock = threading.RLock()
        self.clock = Clock()
        self.rules = Rules(self.clock)
        self.auto = self._auto_at_start = auto
        self.wishes = deque()
        self.logins = {}
        self.requests = deque(maxlen=KEPT_REQUESTS)
        self._credentials = credentials
        self.logout_faults = deque()   # of the next logouts
        self._linter = linter
        self._logout_linter = logout_linter
        self._providers = providers
        self._encrypted = encrypted
        self._slow = slow
        self._previous = b""
        self._previous_logout = b""

    def reset(self):
        self.rules.forget_everything()
        self._linter.forget_everything()
        self._logout_linter.forget_everything()
        self.clock.ahead = 0
        self.auto = self._auto_at_start
        for memory in (self.wishes, self.logout_faults, self.logins, self.requests):
            memory.clear()
        self._previous = self._previous_logout = b""

    # --- a login begins -----------------------------------------------------------------------

    def receive(self, fields, *, content_type, query, client_ip):
        """(login, linted): login is None where the gateway refuses the request."""
        self._drop_old_logins()
        linted = self._linter.lint(fields, content_type=content_type, query=query, now=time.time())
        record = self._record("login", linted)
        if not linted.acceptable:
            return None, linted
        wish = self.wishes.popleft() if self.wishes else self.auto or Wish()
        login = Login(secrets.token_urlsafe(16), linted.request, wish, client_ip, record,
                      time.time())
        self.logins[login.token] = login
        return login, linted

    def _record(self, kind, linted):
        record = {
            "number": self.requests[-1]["number"] + 1 if self.requests else 1,
            "time": answers.utc(time.time()),
            "kind": kind,
            **linted.as_json(),
            "xml": linted.xml.decode("utf-8", "replace"),
            "outcome": "pending" if linted.acceptable else "refused",
        }
        self.requests.append(record)
        return record

    def _drop_old_logins(self):
        oldest = time.time() - _LOGIN_LIFETIME
        for token in [t for t, login in self.logins.items() if login.started < oldest]:
            del self.logins[token]

    def obstacle(self, login, method):
        """Why a method is not offered in this login; empty if it is."""
        if method.name in login.request.excluded:
            return "La sede no admite este método en este trámite."
        if method.reaches < login.request.loa:
            return "No alcanza el nivel de seguridad que pide el trámite."
        return ""

    def needs_code(self, login):
        """Permanente gives low with a password alone (protocol section 3.4)."""
        return login.request.loa >= Loa.SUBSTANTIAL

    # --- a login ends -------------------------------------------------------------------------

    def succeed(self, login, persona, method, loa):
        if login.wish.level:
            loa = Loa.from_name(login.wish.level)
        encrypted = self._encrypted if login.wish.encrypted is None else login.wish.encrypted
        answer = answers.truthful(
            login.request, persona, method, loa, credentials=self._credentials,
            provider=self._providers[login.request.provider_id], now=time.time(),
            client_ip=login.client_ip, encrypted=encrypted,
        )
        if login.wish.fault:
            context = faults.Context(self._credentials, persona, method, self._previous)
            forgeries.FAULTS[login.wish.fault].apply(answer, context)
        login.record["answer"] = {
            "persona": persona.key, "method": method.name, "level": loa.name.lower(),
            "fault": login.wish.fault, "encrypted": answer.encrypted,
        }
        return self._deliver(login, answer, login.wish.fault or "identified")

    def fail(self, login, sub_code, message):
        answer = answers.refusal(
            login.request, answers.Status("Responder", sub_code, message),
            credentials=self._credentials, provider=self._providers[login.request.provider_id],
            now=time.time(), client_ip=login.client_ip,
        )
        return self._deliver(login, answer, sub_code or "failed")

    def cancel(self, login):
        return self.fail(login, "RequestDenied", "El ciudadano ha cancelado la identificación")

    def answer_by_itself(self, login):
        """For a wish with a persona: the whole login without a page, by the same rules."""
        persona = personas.PERSONAS[login.wish.persona]
        method = self._method_for(login, persona)
        if method is None:
            return self.fail(login, "AuthnFailed", "00042 Ningún método sirve para esta persona")
        loa = self.loa_of(login, persona, method)
        if login.wish.level or loa >= login.request.loa:
            return self.succeed(login, persona, method, loa)
        return self.fail(login, "", "00057 El QAA de la respuesta no satisface el QAA solicitado")

    def loa_of(self, login, persona, method, *, card=False):
        """The level a method gives to a person in this login."""
        if method.name in ("pin", "movil"):
            return persona.registered_loa
        if method.name == "permanente":
            code = self.needs_code(login) if login.wish.otp is None else login.wish.otp
            return Loa.SUBSTANTIAL if code and persona.advanced else Loa.LOW
        if method.name == "certificado":
            return Loa.HIGH if card or login.request.loa == Loa.HIGH else Loa.SUBSTANTIAL
        return max(login.request.loa, Loa.SUBSTANTIAL)

    def _method_for(self, login, persona):
        if login.wish.method:
            return METHODS[login.wish.method]
        offered = [METHODS[name] for name in persona.methods
                   if not self.obstacle(login, METHODS[name])]
        enough = [method for method in offered
                  if self.loa_of(login, persona, method) >= login.request.loa]
        return (enough or offered or [None])[0]

    def _deliver(self, login, answer, outcome):
        message = answers.build(answer)
        self._previous = message
        login.record["outcome"] = outcome
        login.record["response"] = message.decode("utf-8", "replace")
        login.delivery = Delivery(login.request.acs_url, answers.encoded(answer, message),
                                  answer.relay_state, self._slow if answer.slow else 0)
        return login.delivery

    # --- a logout -----------------------------------------------------------------------------

    def end_session(self, fields, *, content_type, query):
        """(delivery, linted): delivery is None where the browser stays at the gateway."""
        linted = self._logout_linter.lint(fields, content_type=content_type, query=query,
                                          now=time.time())
        record = self._record("logout", linted)
        if not linted.acceptable:
            return None, linted
        answer = logout.truthful(linted.request, credentials=self._credentials, now=time.time())
        fault = self.logout_faults.popleft() if self.logout_faults else ""
        if fault:
            context = faults.Context(self._credentials, None, None, self._previous_logout)
            logout.LOGOUT_FAULTS[fault].apply(answer, context)
        record["outcome"] = fault or "logged out"
        if answer.silent:
            return None, linted
        message = logout.build(answer)
        self._previous_logout = message
        record["response"] = message.decode("utf-8", "replace")
        return Delivery(linted.request.return_url, base64.b64encode(message).decode("ascii"),
                        answer.relay_state, self._slow if answer.slow else 0,
                        "logoutResponse"), linted


def wish_as_json(wish):
    return {name: value for name, value in asdict(wish).items() if value not in ("", None)}
