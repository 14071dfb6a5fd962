"""The pages on which a person is identified: the chooser and the methods.

They live below /IdP2/ on another host than /Proxy2/ServiceProvider, as on the real gateway: a site
whose `form-action` names the first host alone does not survive the redirect.
"""

from . import pages, personas
from .http_server import Reply
from .pages import text
from .rules import Refused
from .vocabulary import METHODS, Loa

_DESCRIPTIONS = {
    "pin": "Una clave que usted elige y 3 caracteres que le llegan por SMS.",
    "movil": "Confirme un código de 3 cifras en la aplicación de su teléfono.",
    "permanente": "DNI o NIE y contraseña; si el trámite lo pide, también un código por SMS.",
    "certificado": "Con un certificado de este equipo o con su DNI electrónico.",
    "eidas": "Con la identificación de otro país de la Unión Europea.",
}
_LEVELS = {Loa.LOW: "bajo", Loa.SUBSTANTIAL: "sustancial", Loa.HIGH: "alto"}


class Citizen:
    def __init__(self, gateway, gateway_origin):
        self._gateway = gateway
        self._origin = gateway_origin
        self.routes = {
            ("GET", "/IdP2/elegir"): self._chooser,
            ("POST", "/IdP2/elegir"): self._choose,
            ("GET", "/IdP2/pin"): self._pin_form,
            ("POST", "/IdP2/pin"): self._pin_request,
            ("GET", "/IdP2/pin/codigo"): self._pin_code_form,
            ("POST", "/IdP2/pin/codigo"): self._pin_code,
            ("GET", "/IdP2/movil"): self._movil_form,
            ("POST", "/IdP2/movil"): self._movil_request,
            ("GET", "/IdP2/movil/espera"): self._movil_wait_form,
            ("POST", "/IdP2/movil/espera"): self._movil_done,
            ("GET", "/IdP2/permanente"): self._password_form,
            ("POST", "/IdP2/permanente"): self._password,
            ("GET", "/IdP2/permanente/codigo"): self._otp_form,
            ("POST", "/IdP2/permanente/codigo"): self._otp,
            ("GET", "/IdP2/certificado"): self._certificate_form,
            ("POST", "/IdP2/certificado"): self._certificate,
            ("GET", "/IdP2/eidas"): self._eidas_form,
            ("POST", "/IdP2/eidas"): self._eidas,
            ("POST", "/IdP2/cancelar"): self._cancel,
            ("GET", "/Proxy2/IdpResponse"): self._deliver,
        }

    def answer(self, call):
        token = call.form.get("t") or call.query.get("t", "")
        login = self._gateway.logins.get(token)
        if login is None:
            return pages.page("La identificación ha caducado", "<p>00007 = Session expired. "
                              "Vuelva a la sede y empiece de nuevo.</p>", status=400)
        route = self.routes[call.method, call.path]
        if login.delivery and route != self._deliver:
            return self._to_delivery(login)
        method = METHODS.get(call.path.split("/")[2])
        if method and self._gateway.obstacle(login, method):
            return _to("/IdP2/elegir", login)
        try:
            return route(login, call)
        except Refused as refusal:
            if refusal.final:
                return self._dead_end(login, refusal.text)
            return self._again(login, call, refusal.text)

    def _again(self, login, call, problem):
        return self.routes["GET", call.path](login, call, problem)

    # --- chooser ------------------------------------------------------------------------------

    def _chooser(self, login, call, problem=""):
        items = []
        for method in METHODS.values():
            obstacle = self._gateway.obstacle(login, method)
            disabled = " disabled" if obstacle else ""
            items.append(
                f'<button type="submit" name="metodo" value="{method.name}"'
                f' id="metodo-{method.name}"{disabled}><strong>{text(method.title)}</strong>'
                f"<small>{text(obstacle or _DESCRIPTIONS[method.name])}</small></button>"
            )
        level = _LEVELS[login.request.loa]
        body = (f"<p><strong>{text(login.request.provider_name)}</strong> le pide que se "
                f"identifique. Nivel mínimo: {level}.</p>"
                f'<form method="post" action="/IdP2/elegir">{pages.hidden_field("t", login.token)}'
                f'<div class="grid">{"".join(items)}</div></form>'
                + pages.cancel_form(login.token))
        return pages.page("Elija cómo identificarse", pages.alert(problem) + body)

    def _choose(self, login, call):
        method = METHODS.get(call.form.get("metodo", ""))
        if method is None:
            raise Refused("Elija uno de los métodos.")
        obstacle = self._gateway.obstacle(login, method)
        if obstacle:
            raise Refused(obstacle)
        return _to(f"/IdP2/{method.name}", login)

    # --- Cl@ve PIN ----------------------------------------------------------------------------

    def _pin_form(self, login, call, problem=""):
        fields = pages.input_field("nif", "DNI o NIE", focus=True) + pages.input_field(
            "clave", "Elija una clave", hint="4 letras o números que recordará un momento")
        return self._page(login, "Cl@ve PIN", problem, "/IdP2/pin", fields, "Obtener PIN",
                          "Con un clic se pide el PIN con la clave ABCD.")

    def _pin_request(self, login, call):
        login.persona = _who(call)
        self._gateway.rules.request_pin(login.persona, call.form.get("clave") or "ABCD")
        return _to("/IdP2/pin/codigo", login)

    def _pin_code_form(self, login, call, problem=""):
        fields = pages.input_field("pin", "PIN completo", focus=True, hint=(
            "La clave que eligió seguida de los 3 caracteres del SMS. Vale 10 minutos y una vez."))
        return self._page(login, "Escriba el PIN", problem, "/IdP2/pin/codigo", fields,
                          phone=True)

    def _pin_code(self, login, call):
        persona = _known(login)
        self._gateway.rules.use_pin(persona, call.form.get("pin", ""))
        return self._identified(login, persona, METHODS["pin"])

    # --- Cl@ve Móvil --------------------------------------------------------------------------

    def _movil_form(self, login, call, problem=""):
        fields = pages.input_field("nif", "DNI o NIE", focus=True)
        return self._page(login, "Cl@ve Móvil", problem, "/IdP2/movil", fields, "Continuar",
                          "Con un clic se envía la petición a su teléfono.")

    def _movil_request(self, login, call):
        login.persona = _who(call)
        self._gateway.rules.request_movil(login.token, login.persona)
        return _to("/IdP2/movil/espera", login)

    def _movil_wait_form(self, login, call, problem=""):
        request = self._gateway.rules.movil_requests.get(login.token)
        if request is None:
            return _to("/IdP2/movil", login)
        body = ("<p>Abra la aplicación en su teléfono y escriba este código:</p>"
                f'<p class="code" id="codigo-pantalla">{text(request.code)}</p>'
                "<p>Tiene 5 minutos.</p>")
        return self._page(login, "Confirme en su teléfono", problem, "/IdP2/movil/espera", body,
                          "Ya lo he confirmado", phone=True)

    def _movil_done(self, login, call):
        self._gateway.rules.use_movil(login.token)
        return self._identified(login, _known(login), METHODS["movil"])

    # --- Cl@ve Permanente ---------------------------------------------------------------------

    def _password_form(self, login, call, problem=""):
        fields = (pages.input_field("nif", "DNI o NIE", focus=True)
                  + pages.input_field("contrasena", "Contraseña", kind="password"))
        return self._page(login, "Cl@ve Permanente", problem, "/IdP2/permanente", fields,
                          "Continuar", "Con un clic se escribe también la contraseña.")

    def _password(self, login, call):
        persona = _who(call)
        picked = "persona" in call.form
        typed = persona.password if picked else call.form.get("contrasena", "")
        self._gateway.rules.check_password(persona, typed)
        login.persona = persona
        if not self._gateway.needs_code(login):
            return self._identified(login, persona, METHODS["permanente"])
        self._gateway.rules.send_otp(persona)
        login.second_step = True
        return _to("/IdP2/permanente/codigo", login)

    def _otp_form(self, login, call, problem=""):
        fields = pages.input_field("codigo", "Código recibido por SMS", mode="numeric", focus=True,
                                   autocomplete="one-time-code", hint="6 cifras, de un solo uso")
        return self._page(login, "Escriba el código del SMS", problem, "/IdP2/permanente/codigo",
                          fields, phone=True)

    def _otp(self, login, call):
        # Without the password before it the code proves nothing.
        if not login.second_step:
            return _to("/IdP2/permanente", login)
        self._gateway.rules.use_otp(login.persona, call.form.get("codigo", ""))
        return self._identified(login, login.persona, METHODS["permanente"])

    # --- certificate and EU -------------------------------------------------------------------

    def _certificate_form(self, login, call, problem=""):
        kind = ('<p><label for="soporte">Soporte</label><select id="soporte" name="soporte">'
                '<option value="fichero">Certificado de este equipo (sustancial)</option>'
                '<option value="dnie">DNI electrónico (alto)</option></select></p>')
        return self._persona_page(login, "Elija un certificado", "certificado", kind, problem)

    def _certificate(self, login, call):
        persona = _picked(call, "certificado")
        return self._identified(login, persona, METHODS["certificado"],
                                card=call.form.get("soporte") == "dnie")

    def _eidas_form(self, login, call, problem=""):
        return self._persona_page(login, "Identificación de otro país de la UE", "eidas", "",
                                  problem)

    def _eidas(self, login, call):
        return self._identified(login, _picked(call, "eidas"), METHODS["eidas"])

    # --- the end ------------------------------------------------------------------------------

    def _identified(self, login, persona, method, card=False):
        loa = self._gateway.loa_of(login, persona, method, card=card)
        if loa < login.request.loa and not login.wish.level:
            return self._dead_end(login, f"Con {method.title} usted alcanza el nivel "
                                  f"{_LEVELS[loa]}, y el trámite pide {_LEVELS[login.request.loa]}.")
        self._gateway.succeed(login, persona, method, loa)
        return self._to_delivery(login)

    def _cancel(self, login, call):
        if call.form.get("motivo") == "fallo":
            self._gateway.fail(login, "AuthnFailed", "00021 El ciudadano no pudo identificarse")
        else:
            self._gateway.cancel(login)
        return self._to_delivery(login)

    def _to_delivery(self, login):
        return Reply.see_other(f"{self._origin}/Proxy2/IdpResponse?t={login.token}")

    def _deliver(self, login, call):
        if login.delivery is None:
            return _to("/IdP2/elegir", login)
        return pages.deliver(login.delivery)

    # --- shapes -------------------------------------------------------------------------------

    def _page(self, login, title, problem, action, fields, label="Continuar", picker_note="",
              phone=False):
        body = pages.alert(problem) + pages.form(action, fields, token=login.token, label=label)
        if phone:
            body += pages.phone_link()
        body += pages.cancel_form(login.token)
        if picker_note:
            method = action.split("/")[2]
            people = [p for p in personas.PERSONAS.values() if method in p.methods]
            body += pages.persona_picker(action, login.token, people, picker_note)
        return pages.page(title, body)

    def _persona_page(self, login, title, method, extra, problem):
        people = [p for p in personas.PERSONAS.values() if method in p.methods]
        body = (pages.alert(problem)
                + pages.persona_picker(f"/IdP2/{method}", login.token, people,
                                       "Elija quién se identifica.", extra)
                + pages.cancel_form(login.token))
        return pages.page(title, body)

    def _dead_end(self, login, reason):
        body = pages.alert(reason) + pages.cancel_form(login.token, "Volver a la sede", "fallo")
        return pages.page("No hemos podido identificarle", body)


def _to(path, login):
    return Reply.see_other(f"{path}?t={login.token}")


def _who(call):
    key = call.form.get("persona")
    persona = (personas.PERSONAS.get(key) if key
               else personas.find_by_nif(call.form.get("nif", "")))
    if persona is None:
        raise Refused("Ese DNI o NIE no está registrado en Cl@ve.")
    if METHODS[call.path.split("/")[2]].name not in persona.methods:
        raise Refused("Esta persona no usa este método.")
    return persona


def _picked(call, method):
    persona = personas.PERSONAS.get(call.form.get("persona", ""))
    if persona is None or method not in persona.methods:
        raise Refused("Elija a una de las personas.")
    return persona


def _known(login):
    if login.persona is None:
        raise Refused("Empiece por su DNI o NIE.", final=True)
    return login.persona
