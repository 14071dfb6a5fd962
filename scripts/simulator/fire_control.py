"""The control API of FIRe; control-api.md describes it."""

from .control import refused
from .fire_certificates import STATES
from .fire_faults import FAULTS, checked
from .http_server import Reply
from .personas import PERSONAS


class FireControl:
    def __init__(self, fire):
        self._fire = fire
        self.routes = {
            ("POST", "/_sim/fire/next"): self._next,
            ("POST", "/_sim/fire/certificate"): self._certificate,
            ("POST", "/_sim/fire/authorise"): self._authorise,
            ("GET", "/_sim/fire/requests"): lambda call: Reply.of_json(list(fire.requests)),
            ("GET", "/_sim/fire/faults"): lambda call: Reply.of_json(FAULTS),
            ("GET", "/_sim/fire/states"): lambda call: Reply.of_json(STATES),
        }

    def answer(self, call):
        try:
            return self.routes[call.method, call.path](call)
        except (KeyError, ValueError, TypeError) as error:
            return refused(error)

    def _next(self, call):
        self._fire.faults.append(checked(call.json().get("fault", "")))
        return Reply.of_json({"queued": list(self._fire.faults)})

    def _certificate(self, call):
        values = call.json()
        self._fire.wallet.set_state(PERSONAS[values["persona"]], values["state"])
        return Reply.of_json(values)

    def _authorise(self, call):
        transaction = self._fire.find(call.json()["transaction"])
        if transaction is None:
            raise ValueError("unknown transaction")
        transaction.state = "authorised"
        return Reply.of_json({"ok_url": transaction.ok_url})
