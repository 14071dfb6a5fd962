"""HTML of the simulator. Everything that varies goes through `text`; the pages work without script."""

import html
from pathlib import Path

from .http_server import Reply

_ASSETS = Path(__file__).parent / "assets"
_ASSET_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

_LAYOUT = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · SIMULADOR</title>
<link rel="stylesheet" href="/_sim/assets/simulator.css">
{script}</head>
<body class="{kind}">
<p class="banner" role="note">SIMULADOR — esto no es Cl@ve. No escriba datos de personas reales.</p>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def text(value):
    return html.escape(str(value), quote=True)


def page(title, body, *, kind="citizen", script="", status=200, lang="es"):
    tag = f'<script src="/_sim/assets/{script}" defer></script>\n' if script else ""
    content = _LAYOUT.format(title=text(title), body=body, kind=kind, script=tag, lang=lang)
    return Reply(content.encode(), status)


def form(action, inner, *, token="", name="", label="Continuar", button_class="", button_id=""):
    hidden = hidden_field("t", token) if token else ""
    identifier = f' id="{name}"' if name else ""
    kind = f' class="{button_class}"' if button_class else ""
    button = f'<button type="submit"{kind} id="{button_id or "continuar"}">{text(label)}</button>'
    return (f'<form method="post" action="{text(action)}"{identifier}>{hidden}{inner}'
            f"{button}</form>")


def hidden_field(name, value):
    return f'<input type="hidden" name="{text(name)}" value="{text(value)}">'


def input_field(name, label, *, kind="text", hint="", mode="", autocomplete="off", focus=False):
    mode = f' inputmode="{mode}"' if mode else ""
    described = f' aria-describedby="{name}-ayuda"' if hint else ""
    hint = f'<span class="hint" id="{name}-ayuda">{text(hint)}</span>' if hint else ""
    focus = " autofocus" if focus else ""
    return (f'<p><label for="{name}">{text(label)}</label>{hint}'
            f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}"'
            f"{mode}{described}{focus} required></p>")


def alert(message):
    if not message:
        return ""
    return f'<div class="alert" role="alert"><p>{text(message)}</p></div>'


def persona_picker(action, token, people, note, extra=""):
    """One click instead of typing: each persona is a button of one form."""
    if not people:
        return ""
    buttons = "".join(
        f'<button type="submit" name="persona" value="{text(p.key)}" id="persona-{text(p.key)}">'
        f"<strong>{text(p.full_name)}</strong><span>{text(p.nif or p.eidas_id)}</span>"
        f"<small>{text(p.shows)}</small></button>"
        for p in people
    )
    return (f'<section class="personas"><h2>Personas de prueba</h2><p>{text(note)}</p>'
            f'<form method="post" action="{text(action)}">{hidden_field("t", token)}{extra}'
            f'<div class="grid">{buttons}</div></form></section>')


def cancel_form(token, label="Cancelar y volver a la sede", reason=""):
    return form("/IdP2/cancelar", hidden_field("motivo", reason) if reason else "", token=token,
                label=label, button_class="plain", button_id="cancelar")


def phone_link():
    return ('<p><a href="/movil" target="_blank" rel="noopener" id="telefono">'
            "Mirar el teléfono de prueba</a></p>")


def deliver(delivery):
    """Back to the site: sent by script, or by the button where there is none."""
    inner = (hidden_field(delivery.field, delivery.message)
             + (hidden_field("RelayState", delivery.relay_state) if delivery.relay_state else ""))
    body = ("<p>Le devolvemos a la sede electrónica. Si no continúa, pulse el botón.</p>"
            + form(delivery.acs_url, inner, name="entrega", label="Volver a la sede"))
    reply = page("Volviendo a la sede", body, script="submit.js")
    reply.delay = delivery.delay
    return reply


def refused(linted):
    """What the real gateway would show without saying why."""
    rows = "".join(
        f'<li class="{text(f.severity)}"><strong>{text(f.severity)}</strong> '
        f"{text(f.message)} <small>protocol section {text(f.section)}</small></li>"
        for f in linted.findings
    )
    body = ('<p>00001 = No se pudo validar el token SAML.</p>'
            "<p>The real gateway stops here and nothing returns to the site. "
            "The simulator also says why:</p>"
            f'<ul class="findings">{rows}</ul>')
    if linted.xml:
        shown = text(linted.xml.decode("utf-8", "replace"))
        body += f"<details><summary>The message received</summary><pre>{shown}</pre></details>"
    return page("La petición de la sede no es correcta", body, kind="workshop", status=400)


def no_return():
    """A failure that never reaches the site."""
    return page("Cl@ve no ha podido cerrar la sesión",
                "<p>00064 = Error en el proveedor de identificación al cerrar la sesión.</p>",
                status=500)


def asset(path):
    file = _ASSETS / path.rsplit("/", 1)[-1]
    if file.suffix not in _ASSET_TYPES or not file.is_file():
        return Reply(b"no such file\n", 404, "text/plain")
    return Reply(file.read_bytes(), 200, _ASSET_TYPES[file.suffix])
