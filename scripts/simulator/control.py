"""The control API, for a site's own tests: choose the next answer, read what happened.

control-api.md says what each endpoint takes and answers; a test holds both together.
"""

from dataclasses import asdict

from . import personas
from .forgeries import FAULTS
from .gateway import Wish, wish_as_json
from .http_server import Reply
from .logout import LOGOUT_FAULTS


class Control:
    def __init__(self, gateway, fire):
        self._gateway = gateway
        self._fire = fire
        self.routes = {
            ("POST", "/_sim/next"): self._next,
            ("POST", "/_sim/next-logout"): self._next_logout,
            ("POST", "/_sim/auto"): self._auto,
            ("GET", "/_sim/sms/last"): self._last_sms,
            ("GET", "/_sim/requests"): self._requests,
            ("POST", "/_sim/clock"): self._clock,
            ("POST", "/_sim/reset"): self._reset,
            ("GET", "/_sim/personas"): self._personas,
            ("POST", "/_sim/personas"): self._add_persona,
            ("GET", "/_sim/faults"): lambda call: _described(FAULTS),
            ("GET", "/_sim/logout-faults"): lambda call: _described(LOGOUT_FAULTS),
        }

    def answer(self, call):
        try:
            return self.routes[call.method, call.path](call)
        except (KeyError, ValueError, TypeError) as error:
            return refused(error)

    def _next(self, call):
        self._gateway.wishes.append(Wish.checked(call.json()))
        return Reply.of_json({"queued": [wish_as_json(wish) for wish in self._gateway.wishes]})

    def _next_logout(self, call):
        fault = call.json().get("fault", "")
        if fault and fault not in LOGOUT_FAULTS:
            raise ValueError(f"unknown fault {fault!r}; known: {', '.join(LOGOUT_FAULTS)}")
        self._gateway.logout_faults.append(fault)
        return Reply.of_json({"queued": list(self._gateway.logout_faults)})

    def _auto(self, call):
        values = call.json()
        self._gateway.auto = Wish.checked(values) if values else None
        return Reply.of_json({"auto": values})

    def _last_sms(self, call):
        message = self._gateway.rules.last_sms(call.query.get("nif"))
        if message is None:
            return Reply.of_json({"error": "no SMS was sent"}, 404)
        return Reply.of_json(asdict(message))

    def _requests(self, call):
        return Reply.of_json(list(self._gateway.requests))

    def _clock(self, call):
        self._gateway.clock.ahead += int(call.json()["advance"])
        return Reply.of_json({"ahead": self._gateway.clock.ahead})

    def _reset(self, call):
        self._gateway.reset()
        self._fire.forget_everything()
        personas.forget_added()
        return Reply.of_json({"reset": True})

    def _personas(self, call):
        return Reply.of_json({key: _person(persona) for key, persona in personas.PERSONAS.items()})

    def _add_persona(self, call):
        return Reply.of_json(_person(personas.add(call.json())))


def refused(error):
    """Of a request that is not understood."""
    lacking = isinstance(error, KeyError)
    return Reply.of_json({"error": f"no or unknown {error}" if lacking else str(error)}, 400)


def _person(persona):
    return {**asdict(persona), "full_name": persona.full_name, "surnames": persona.surnames}


def _described(faults):
    return Reply.of_json({
        name: {"text": fault.text, "harmless": fault.harmless} for name, fault in faults.items()
    })
