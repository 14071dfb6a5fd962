"""The control API of FIRe.

POST /_sim/fire/next         {fault}: of the next transaction, queued in order
POST /_sim/fire/certificate  {persona, state}: what a person's certificate is like
POST /_sim/fire/authorise    {transaction}: the person signs, without a browser
GET  /_sim/fire/requests     the fields that arrived; of documents their length
GET  /_sim/fire/faults · GET /_sim/fire/states
"""

import json

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
        except (KeyError, ValueError, TypeError, json.JSONDecodeError) as error:
            return Reply.of_json({"error": str(error)}, 400)

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
