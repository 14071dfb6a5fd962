"""The tester's page: what the next answer will be, and what every request said."""

from . import pages
from .forgeries import FAULTS
from .gateway import Wish, wish_as_json
from .http_server import Reply
from .pages import text
from .personas import PERSONAS
from .vocabulary import METHODS, Loa


class Workshop:
    def __init__(self, gateway, links):
        self._gateway = gateway
        self._links = links
        self.routes = {
            ("GET", "/taller"): self._show,
            ("POST", "/taller"): self._queue,
            ("POST", "/taller/reset"): self._reset,
            ("GET", "/taller/request"): self._request,
        }

    def answer(self, call):
        return self.routes[call.method, call.path](call)

    def _queue(self, call):
        values = {name: value for name, value in call.form.items() if value}
        if "encrypted" in values:
            values["encrypted"] = values["encrypted"] == "true"
        try:
            self._gateway.wishes.append(Wish.checked(values))
        except ValueError as error:
            return Reply(f"{error}\n".encode(), 400, "text/plain; charset=utf-8")
        return Reply.see_other("/taller")

    def _reset(self, call):
        self._gateway.reset()
        return Reply.see_other("/taller")

    def _show(self, call):
        links = "".join(f'<li><a href="{text(url)}">{text(name)}</a></li>'
                        for name, url in self._links.items())
        return pages.page("Workshop of the simulator", f"<ul>{links}</ul>" + self._wish_form()
                          + self._request_table() + _persona_table(), kind="workshop", lang="en")

    def _wish_form(self):
        selects = (
            _select("persona", "Persona (then no page is shown)",
                    [(key, persona.full_name) for key, persona in PERSONAS.items()])
            + _select("method", "Method", [(name, m.title) for name, m in METHODS.items()])
            + _select("level", "Level answered", [(loa.name.lower(),) * 2 for loa in Loa])
            + _select("fault", "Fault", [(n, f"{n}: {f.text}") for n, f in FAULTS.items()])
            + _select("encrypted", "Encryption", [("true", "encrypted"), ("false", "plain")])
        )
        queued = "".join(f"<li><code>{text(wish_as_json(wish))}</code></li>"
                         for wish in self._gateway.wishes)
        queue = f"<p>Waiting:</p><ol>{queued}</ol>" if queued else ""
        return ("<h2>The next login</h2>"
                + pages.form("/taller", f'<div class="fields">{selects}</div>', label="Queue it",
                             button_id="queue")
                + queue + pages.form("/taller/reset", "", label="Forget everything",
                                     button_class="plain", button_id="reset"))

    def _request_table(self):
        rows = "".join(
            f'<tr><td><a href="/taller/request?n={record["number"]}">{record["number"]}</a></td>'
            f'<td>{text(record["time"][11:19])}</td><td>{text(_asked(record))}</td>'
            f'<td>{text(record["outcome"])}</td><td>{_findings(record)}</td></tr>'
            for record in reversed(self._gateway.requests)
        )
        return ("<h2>Requests</h2><table><thead><tr><th>#</th><th>UTC</th><th>Asked</th>"
                f"<th>Outcome</th><th>Lint</th></tr></thead><tbody>{rows}</tbody></table>")

    def _request(self, call):
        wanted = call.query.get("n", "")
        record = next((r for r in self._gateway.requests if str(r["number"]) == wanted), None)
        if record is None:
            return pages.page("No such request", "", kind="workshop", status=404, lang="en")
        body = f'<p>{text(record["time"])} · {text(record["outcome"])}</p>' + _findings(record)
        for name in ("xml", "response"):
            if record.get(name):
                body += f"<h2>{name}</h2><pre>{text(_indented(record[name]))}</pre>"
        return pages.page(f"Request {wanted}", body + '<p><a href="/taller">Back</a></p>',
                          kind="workshop", lang="en")


def _select(name, label, options):
    entries = '<option value="">–</option>' + "".join(
        f'<option value="{text(value)}">{text(shown)}</option>' for value, shown in options
    )
    return (f'<p><label for="{name}">{text(label)}</label>'
            f'<select id="{name}" name="{name}">{entries}</select></p>')


def _asked(record):
    request = record["request"]
    if not request:
        return "–"
    if record["kind"] == "logout":
        return f'{request["provider_id"]}: logout'
    excluded = ", ".join(request["excluded"]) or "none"
    return f'{request["provider_name"]}: {request["loa"]}, excluded: {excluded}'


def _findings(record):
    items = "".join(f'<li class="{f["severity"]}"><strong>{f["severity"]}</strong> '
                    f'{text(f["message"])}</li>' for f in record["findings"])
    return f'<ul class="findings">{items}</ul>' if items else "in order"


def _indented(xml):
    """A line per element, for reading; the message itself has no white space to sign."""
    return xml.replace("><", ">\n<")


def _persona_table():
    rows = "".join(
        f"<tr><td>{text(p.full_name)}</td><td>{text(p.nif or p.eidas_id)}</td>"
        f"<td><code>{text(p.password or '–')}</code></td><td>{text(', '.join(p.methods))}</td>"
        f"<td>{text(p.shows)}</td></tr>"
        for p in PERSONAS.values()
    )
    return ("<h2>Personas</h2><table><thead><tr><th>Name</th><th>Identifier</th><th>Password</th>"
            f"<th>Methods</th><th>Shows</th></tr></thead><tbody>{rows}</tbody></table>")
