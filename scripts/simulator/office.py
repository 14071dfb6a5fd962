"""A sample e-office: an application that knows nothing of Cl@ve and shows what it received.

?json gives the same as JSON; /_hits counts requests to procedures, so that a test can say that one
never arrived.
"""

import threading
from collections import Counter
from urllib.parse import unquote

from . import pages
from .http_server import Reply
from .pages import text

PROCEDURES = {
    "/puntos/": ("Consulta de puntos", "Su saldo es de 12 puntos.",
                 "Cl@ve PIN, Cl@ve Móvil, Cl@ve Permanente o certificado"),
    "/vida-laboral/": ("Informe de vida laboral", "Figura en alta desde el 1 de marzo de 2015.",
                       "Cl@ve Permanente con registro avanzado"),
    "/domicilio/": ("Cambio de domicilio", "Puede comunicar aquí su nuevo domicilio.",
                    "Cl@ve Permanente reforzada con un código por SMS"),
    "/beneficiario/": ("Alta de beneficiario", "Portal de beneficiarios.", "Cl@ve Permanente"),
    "/beneficiario/solicitar": ("Solicitud de alta de beneficiario",
                                "Lea la declaración y márquela para presentar la solicitud.",
                                "Cl@ve Permanente reforzada con un código por SMS"),
}
_PREFIX = "x-clave-"
# A form as it has always been: that it is signed on its way here, only nginx knows.
_APPLICATION = """<form method="post" action="/beneficiario/solicitar">
<p><label for="beneficiario">Persona a la que da de alta</label>
<input id="beneficiario" name="beneficiario" value="María García López" required></p>
<p><label><input type="checkbox" name="declaracion" value="sí" required>
Declaro que los datos son ciertos.</label></p>
<button type="submit" id="presentar">Firmar y presentar</button>
</form>"""
# All that a site needs for a logout.
_LOGOUT = ('<form method="post" action="/.clave/logout">'
           '<button type="submit" id="cerrar-sesion">Cerrar sesión</button></form>')


class Office:
    def __init__(self):
        self._lock = threading.Lock()
        self._hits = Counter()

    def answer(self, call):
        if call.path == "/_hits":
            with self._lock:
                return Reply.of_json(dict(self._hits))
        if call.path == "/":
            return self._home()
        if call.path.startswith("/_sim/assets/"):
            return pages.asset(call.path)
        with self._lock:
            self._hits[call.path] += 1
        received = _received(call)
        if "json" in call.query:
            return Reply.of_json(received)
        return self._procedure(call.path, received)

    def _home(self):
        cards = "".join(
            f'<li><h2><a href="{path}">{text(title)}</a></h2><p>{text(demands)}</p></li>'
            for path, (title, _, demands) in PROCEDURES.items() if path.endswith("/")
        )
        return pages.page("Sede electrónica de ejemplo", f'<ul class="cards">{cards}</ul>',
                          kind="office")

    def _procedure(self, path, received):
        title, content, _ = PROCEDURES.get(path, ("Página de la sede", "", ""))
        identity = received["identity"]
        if identity:
            who = f'{identity.get("name", "")} ({identity.get("nif") or identity.get("id", "")})'
            greeting = f'<p id="quien">Se ha identificado: <strong>{text(who)}</strong></p>'
        else:
            greeting = '<p id="quien">Nadie se ha identificado.</p>'
        step = ('<p><a href="/beneficiario/solicitar" id="solicitar">Solicitar el alta</a></p>'
                if path == "/beneficiario/" else "")
        if path == "/beneficiario/solicitar":
            step = _outcome(received) if received["method"] == "POST" else _APPLICATION
        body = (greeting + f"<p>{text(content)}</p>" + step
                + _table("Lo que la aplicación sabe de usted", identity, "identidad")
                + _table("Cabeceras recibidas", dict(received["headers"]), "cabeceras")
                + '<p><a href="/">Volver a la sede</a></p>' + (_LOGOUT if identity else ""))
        return pages.page(title, body, kind="office")


def _outcome(received):
    receipt = received["identity"].get("sign_receipt")
    if not receipt:
        return '<p id="presentada">Solicitud presentada, sin firma.</p>'
    return ('<p id="presentada">Solicitud presentada y firmada.</p>'
            f'<p><a id="justificante" href="{text(receipt)}">Justificante de firma</a></p>'
            f'<p>Recibido: <code id="recibido">{text(received["body"])}</code></p>')


def _received(call):
    headers = [[name, value] for name, value in call.headers.items()]
    # Percent-encoded UTF-8 is the module's default; the headers below show it as it came.
    identity = {
        name.lower()[len(_PREFIX):].replace("-", "_"): unquote(value)
        for name, value in headers if name.lower().startswith(_PREFIX)
    }
    return {"method": call.method, "path": call.path, "identity": identity, "headers": headers,
            "body_bytes": len(call.body), "body": call.body.decode("utf-8", "replace")}


def _table(caption, rows, identifier):
    cells = "".join(f'<tr><th scope="row">{text(name)}</th><td>{text(value)}</td></tr>'
                    for name, value in rows.items())
    return f'<h2>{text(caption)}</h2><table id="{identifier}"><tbody>{cells}</tbody></table>'
