"""The telephone of every persona: SMS arrive here, and Cl@ve Móvil asks for its three digits."""

import datetime

from . import pages, personas
from .http_server import Reply
from .pages import text
from .rules import Refused


class Telephone:
    def __init__(self, gateway):
        self._gateway = gateway
        self.routes = {
            ("GET", "/movil"): self._show,
            ("POST", "/movil/confirmar"): self._confirm,
        }

    def answer(self, call):
        return self.routes[call.method, call.path](call)

    def _show(self, call, problem=""):
        content = self._requests() + self._messages()
        if "parte" in call.query:
            return Reply(content.encode())
        body = pages.alert(problem) + f'<div id="telefono" aria-live="polite">{content}</div>'
        return pages.page("Teléfono de prueba", body, script="phone.js")

    def _confirm(self, call):
        try:
            self._gateway.rules.confirm_movil(call.form.get("peticion", ""),
                                              call.form.get("codigo", ""))
        except Refused as refusal:
            return self._show(call, refusal.text)
        return pages.page("Petición confirmada",
                          "<p>Vuelva a la pantalla en la que se identifica y continúe.</p>"
                          '<p><a href="/movil">Teléfono</a></p>')

    def _requests(self):
        now = self._gateway.clock.now()
        waiting = [
            (login, request)
            for login, request in self._gateway.rules.movil_requests.items()
            if not (request.confirmed or request.rejected) and now < request.ends
        ]
        forms = "".join(
            "<section><h2>Cl@ve Móvil</h2>"
            f"<p>{text(_owner(request.nif))}: le piden identificarse. Escriba el código de 3 cifras "
            "que ve en la pantalla. Si no es usted, no haga nada.</p>"
            + pages.form("/movil/confirmar", pages.hidden_field("peticion", login)
                         + pages.input_field("codigo", "Código", mode="numeric"),
                         label="Confirmar", button_id="confirmar")
            + "</section>"
            for login, request in waiting
        )
        return forms

    def _messages(self):
        items = "".join(
            f"<li><small>{text(message.to)} · {text(_owner(message.nif))} · "
            f"{datetime.datetime.fromtimestamp(message.at):%H:%M:%S}</small>"
            f'<span data-code="{text(message.code)}">{text(message.text)}</span></li>'
            for message in reversed(self._gateway.rules.messages)
        )
        return (f'<h2>Mensajes</h2><ul class="sms">{items}</ul>' if items
                else "<h2>Mensajes</h2><p>Aún no ha llegado ningún SMS.</p>")


def _owner(nif):
    persona = personas.find_by_nif(nif)
    return persona.full_name if persona else nif
