"""Which part answers which address."""

from . import pages
from .citizen import Citizen
from .control import Control
from .fire_control import FireControl
from .fire_pages import FirePages
from .http_server import Reply
from .phone import Telephone
from .workshop import Workshop

ENTRY = "/Proxy2/ServiceProvider"


class Site:
    """`gateway_origin` has /Proxy2/, `ident_origin` the pages of the methods."""

    def __init__(self, gateway, gateway_origin, ident_origin, links, fire):
        self._gateway = gateway
        self._ident_origin = ident_origin
        self._routes = {}
        for part in (Citizen(gateway, gateway_origin), Control(gateway, fire), Telephone(gateway),
                     Workshop(gateway, links), FirePages(fire, gateway.rules), FireControl(fire)):
            self._routes |= {route: part.answer for route in part.routes}
        self._routes["POST", ENTRY] = self._enter
        self._routes["GET", "/"] = self._home

    def answer(self, call):
        if call.path.startswith("/_sim/assets/"):
            return pages.asset(call.path)
        handler = self._routes.get((call.method, call.path))
        if handler is None:
            known = any(path == call.path for _, path in self._routes)
            return Reply(b"not here\n", 405 if known else 404, "text/plain")
        with self._gateway.lock:
            return handler(call)

    def _home(self, call):
        return Reply.see_other("/movil" if call.host.startswith("movil.") else "/taller")

    def _enter(self, call):
        # The gateway tells the two messages apart by the name of the field (protocol section 1).
        if "logoutRequest" in call.form:
            return self._leave(call)
        login, linted = self._gateway.receive(
            call.fields, content_type=call.headers.get("Content-Type", ""), query=call.query,
            client_ip=call.client_ip,
        )
        if login is None:
            return pages.refused(linted)
        if login.wish.persona:
            return pages.deliver(self._gateway.answer_by_itself(login))
        return Reply.see_other(f"{self._ident_origin}/IdP2/elegir?t={login.token}")

    def _leave(self, call):
        delivery, linted = self._gateway.end_session(
            call.fields, content_type=call.headers.get("Content-Type", ""), query=call.query)
        if delivery:
            return pages.deliver(delivery)
        return pages.no_return() if linted.acceptable else pages.refused(linted)
