"""The rules of the methods: PIN, Móvil, Permanente and the one-time code (product section 1).

Nothing here knows of HTTP or SAML. Every refusal is a sentence for the person.
"""

import hmac
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

PIN_LIFETIME = 10 * 60
MOVIL_LIFETIME = 5 * 60
OTP_LIFETIME = 10 * 60
TRIES = 5
_PIN_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Clock:
    """The wall clock, which a tester may move forward instead of waiting."""

    def __init__(self):
        self.ahead = 0

    def now(self):
        return time.time() + self.ahead


class Refused(Exception):
    """A rule says no. `final`: nothing typed in this login can change that."""

    def __init__(self, text, final=False):
        super().__init__(text)
        self.text = text
        self.final = final


@dataclass(frozen=True)
class Sms:
    nif: str
    to: str
    text: str
    code: str
    at: float


@dataclass
class _Code:
    value: str
    ends: float
    tries: int = 0


@dataclass
class MovilRequest:
    nif: str
    code: str
    ends: float
    confirmed: bool = False
    rejected: bool = False


@dataclass
class Rules:
    clock: Clock
    messages: list = field(default_factory=list)
    _pins: dict = field(default_factory=dict)
    _otps: dict = field(default_factory=dict)
    movil_requests: dict = field(default_factory=dict)
    _wrong_passwords: Counter = field(default_factory=Counter)

    def forget_everything(self):
        for memory in (self.messages, self._pins, self._otps, self.movil_requests,
                       self._wrong_passwords):
            memory.clear()

    def last_sms(self, nif=None):
        return next((m for m in reversed(self.messages) if nif in (None, "", m.nif)), None)

    # Cl@ve PIN: a key the person chooses and three characters by SMS; once, within ten minutes.

    def request_pin(self, persona, chosen):
        if not (len(chosen) == 4 and chosen.isascii() and chosen.isalnum()):
            raise Refused("La clave que elige debe tener 4 letras o números.")
        sent = _random(_PIN_ALPHABET, 3)
        self._pins[persona.nif] = _Code(chosen.upper() + sent, self.clock.now() + PIN_LIFETIME)
        self._send(persona, f"Cl@ve PIN: {sent}. Únalo a la clave que eligió. Vale 10 minutos.",
                   sent)

    def use_pin(self, persona, typed):
        self._use(self._pins, persona, typed.upper(), "El PIN", "Solicite otro.")

    # Cl@ve Móvil: the app shows the request, the person types the three digits of the screen.

    def request_movil(self, login, persona):
        request = MovilRequest(persona.nif, _random("0123456789", 3),
                               self.clock.now() + MOVIL_LIFETIME)
        self.movil_requests[login] = request
        return request

    def confirm_movil(self, login, typed):
        """What the person does on the telephone."""
        request = self.movil_requests.get(login)
        if request is None or self.clock.now() >= request.ends:
            raise Refused("La petición ya no existe o ha caducado.")
        if not _same(typed, request.code):
            request.rejected = True
            raise Refused("El código no coincide con el de la pantalla. La petición se rechaza.")
        request.confirmed = True

    def use_movil(self, login):
        request = self.movil_requests.get(login)
        if request is None or self.clock.now() >= request.ends:
            raise Refused("Han pasado 5 minutos sin confirmar la petición. Empiece de nuevo.",
                          final=True)
        if request.rejected:
            raise Refused("La petición se rechazó en el teléfono.", final=True)
        if not request.confirmed:
            raise Refused("Aún no ha confirmado la petición en su teléfono.")
        del self.movil_requests[login]

    # Cl@ve Permanente: a password; five wrong ones lock it. More security: a code by SMS.

    def check_password(self, persona, typed):
        if self._wrong_passwords[persona.nif] >= TRIES:
            raise Refused("Su Cl@ve Permanente está bloqueada por 5 intentos fallidos.", final=True)
        if not _same(typed, persona.password):
            self._wrong_passwords[persona.nif] += 1
            if self._wrong_passwords[persona.nif] >= TRIES:
                raise Refused("Quinto intento fallido: su Cl@ve Permanente queda bloqueada.",
                              final=True)
            left = TRIES - self._wrong_passwords[persona.nif]
            raise Refused(f"La contraseña no es correcta. Le quedan {left} intentos.")
        del self._wrong_passwords[persona.nif]

    def send_otp(self, persona):
        if not persona.advanced:
            raise Refused("Este trámite pide un código por SMS, y para eso hace falta un registro "
                          "de nivel avanzado. El suyo es básico.", final=True)
        code = _random("0123456789", 6)
        self._otps[persona.nif] = _Code(code, self.clock.now() + OTP_LIFETIME)
        self._send(persona, f"Cl@ve: su código de un solo uso es {code}.", code)

    def use_otp(self, persona, typed):
        self._use(self._otps, persona, typed, "El código", "Empiece de nuevo.")

    def _send(self, persona, text, code):
        self.messages.append(Sms(persona.nif, persona.phone, text, code, self.clock.now()))

    def _use(self, codes, persona, typed, what, remedy):
        code = codes.get(persona.nif)
        if code is None:
            raise Refused(f"{what} ya se usó o no se ha pedido. {remedy}", final=True)
        if self.clock.now() >= code.ends:
            del codes[persona.nif]
            raise Refused(f"{what} ha caducado: se usa antes de 10 minutos. {remedy}", final=True)
        if not _same(typed, code.value):
            code.tries += 1
            if code.tries >= TRIES:
                del codes[persona.nif]
                raise Refused(f"{what} se ha anulado tras 5 intentos fallidos. {remedy}",
                              final=True)
            raise Refused(f"{what} no es correcto. Le quedan {TRIES - code.tries} intentos.")
        del codes[persona.nif]


def _random(alphabet, length):
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _same(typed, expected):
    return hmac.compare_digest(typed.strip().encode(), expected.encode())
