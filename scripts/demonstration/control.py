"""The control API of the simulator and the hit counter of the application, for the walks."""

import json
import ssl
import urllib.request
from urllib.parse import urlsplit


class Control:
    def __init__(self, stack):
        self._stack = stack
        self._context = ssl.create_default_context(cafile=str(stack.prefix / "state" / "ca.pem"))

    def personas(self):
        return self._gateway("personas")

    def faults(self):
        return self._gateway("faults")

    def last_code(self, nif):
        return self._gateway(f"sms/last?nif={nif}")["code"]

    def next(self, **wish):
        return self._gateway("next", wish)

    def logout_faults(self):
        return self._gateway("logout-faults")

    def next_logout(self, fault=""):
        return self._gateway("next-logout", {"fault": fault})

    def reset(self):
        return self._gateway("reset", {})

    def requests(self):
        return self._gateway("requests")

    def hits(self):
        """Requests that reached the application, by path."""
        with urllib.request.urlopen(self._stack.addresses["office"] + "_hits", timeout=10) as answer:
            return json.load(answer)

    def _gateway(self, path, value=None):
        # Not every resolver knows *.localhost; the certificate also names the address.
        port = urlsplit(self._stack.addresses["control"]).port
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{port}/_sim/{path}", body)
        with urllib.request.urlopen(request, context=self._context, timeout=10) as answer:
            return json.load(answer)
