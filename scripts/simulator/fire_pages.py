"""What the person sees of FIRe and of the signing service: the certificate, password and code.

FIRe's pages live below /fire-signature/public/, those of the service below /firma-nube/. The service
sends the browser straight back to the office, not through FIRe (protocol-fire section 3).
"""

from urllib.parse import urlencode

from . import pages, personas
from .fire import ENTRY
from .fire_certificates import ISSUABLE
from .http_server import Reply
from .pages import text
from .rules import Refused

_PUBLIC = "/fire-signature/public/"
_NO_CERTIFICATE = {"WEAK_REGISTRY": 24, "BLOCKED": 38}
_TOLD = {
    "NOCERT": "Aún no tiene certificado de firma. Puede emitirlo ahora y usarlo enseguida.",
    "EXPIRED": "Su certificado de firma ha caducado. Puede emitir otro ahora.",
    "REVOKED": "Su certificado de firma fue revocado y no se puede usar. Puede emitir otro ahora.",
    "ENDING": "Su certificado de firma caduca en menos de dos meses: se renueva ahora.",
}


class FirePages:
    def __init__(self, fire, rules):
        self._fire = fire
        self._rules = rules
        self.routes = {
            ("GET", ENTRY): self._enter,
            ("POST", _PUBLIC + "presignService"): self._presign,
            ("POST", _PUBLIC + "cancelOperationService"): self._cancel,
            ("POST", _PUBLIC + "requestCertificateService"): self._request_certificate,
            ("GET", _PUBLIC + "recoverNewCertificateService"): self._enter,
            ("GET", "/firma-nube/contrasena"): self._password_form,
            ("POST", "/firma-nube/contrasena"): self._password,
            ("GET", "/firma-nube/codigo"): self._code_form,
            ("POST", "/firma-nube/codigo"): self._code,
            ("POST", "/firma-nube/cancelar"): self._leave,
        }

    def answer(self, call):
        values = {**call.query, **call.form}
        transaction = self._fire.find(values.get("transactionid", ""))
        if transaction is None or transaction.reference != values.get("subjectref"):
            return pages.page("La firma ha caducado", "<p>Vuelva a la sede y empiece de nuevo.</p>",
                              status=403)
        persona = personas.find_by_nif(transaction.nif)
        try:
            return self.routes[call.method, call.path](transaction, persona, values)
        except Refused as refusal:
            if refusal.final:
                return self._fail(transaction, 505, refusal.text)
            return self.routes["GET", call.path](transaction, persona, values, refusal.text)

    # --- FIRe --------------------------------------------------------------------------------------

    def _enter(self, transaction, persona, values):
        if transaction.fault == "cancelled":
            return self._back(transaction, 507)
        if transaction.fault == "gateway":
            return self._back(transaction, 505)
        state = self._fire.wallet.state(persona) if persona else ""
        code = 21 if persona is None else _NO_CERTIFICATE.get(state, 0)
        if code:
            return self._back(transaction, code)
        if state == "OLD":
            return self._fail(transaction, 23, "Se registró hace más de cinco años. Antes de firmar "
                              "tiene que renovar su registro en una oficina o con su DNIe.")
        if state in ISSUABLE:
            body = (f"<p>{text(_TOLD[state])}</p>"
                    + self._form(transaction, "requestCertificateService", "Emitir certificado"))
            return self._page("Certificado de firma", transaction, body)
        held = self._fire.wallet.certificate(persona)
        told = f'<p role="status">{text(transaction.told)}</p>' if transaction.told else ""
        body = (told + f"<p>Firmará con: {text(held.certificate.subject.rfc4514_string())}</p>"
                + self._form(transaction, "presignService", "Firmar con este certificado"))
        return self._page("Elija su certificado", transaction, body)

    def _presign(self, transaction, persona, values):
        transaction.state = "at_gateway"
        self._fire.renew(transaction)
        return self._to("/firma-nube/contrasena", transaction)

    def _request_certificate(self, transaction, persona, values):
        self._fire.renew(transaction)
        return self._to("/firma-nube/contrasena", transaction)

    def _cancel(self, transaction, persona, values):
        return self._back(transaction, 507)

    # --- the signing service -------------------------------------------------------------------------

    def _password_form(self, transaction, persona, values, problem=""):
        titles = "".join(f"<li>{text(d.title)}</li>" for d in transaction.documents.values())
        what = ("<p>Va a firmar:</p><ul>" + titles + "</ul>" if transaction.state == "at_gateway"
                else "<p>Va a emitir su certificado de firma.</p>")
        fields = pages.input_field("password", "Contraseña de Cl@ve Permanente", kind="password",
                                   focus=True)
        return self._service_page("Firma en la nube", transaction, problem, what,
                                  "/firma-nube/contrasena", fields)

    def _password(self, transaction, persona, values):
        self._rules.check_password(persona, values.get("password", ""))
        self._rules.send_otp(persona)
        return self._to("/firma-nube/codigo", transaction)

    def _code_form(self, transaction, persona, values, problem=""):
        fields = pages.input_field("codigo", "Código de un solo uso", hint="Se lo hemos enviado por "
                                   "SMS", mode="numeric", focus=True)
        return self._service_page("Confirme la firma", transaction, problem, "",
                                  "/firma-nube/codigo", fields, phone=True)

    def _code(self, transaction, persona, values):
        self._rules.use_otp(persona, values.get("codigo", ""))
        if transaction.state == "at_gateway":
            transaction.state = "authorised"
            self._fire.renew(transaction)
            return _found(transaction.ok_url)
        renewed = self._fire.wallet.state(persona) == "ENDING"
        self._fire.wallet.issue(persona)
        transaction.told = ("Su certificado de firma se ha renovado." if renewed
                            else "Su certificado de firma se ha emitido.")
        return self._to(_PUBLIC + "recoverNewCertificateService", transaction)

    def _leave(self, transaction, persona, values):
        return self._back(transaction, 505, "errortype=11")

    # --- pages ---------------------------------------------------------------------------------------

    def _page(self, title, transaction, body, problem=""):
        cancel = self._form(transaction, "cancelOperationService", "Cancelar", plain=True)
        return pages.page(title, pages.alert(problem) + body + cancel)

    def _service_page(self, title, transaction, problem, intro, action, fields, phone=False):
        body = (pages.alert(problem) + intro
                + pages.form(action, self._hidden(transaction) + fields)
                + (pages.phone_link() if phone else "")
                + pages.form("/firma-nube/cancelar", self._hidden(transaction), label="Cancelar",
                             button_class="plain", button_id="cancelar"))
        return pages.page(title, body)

    def _form(self, transaction, service, label, *, plain=False):
        return pages.form(_PUBLIC + service, self._hidden(transaction), label=label,
                          button_class="plain" if plain else "",
                          button_id="cancelar" if plain else "continuar")

    def _hidden(self, transaction):
        return (pages.hidden_field("transactionid", transaction.id)
                + pages.hidden_field("subjectref", transaction.reference))

    def _to(self, path, transaction):
        query = urlencode({"transactionid": transaction.id, "subjectref": transaction.reference})
        return _found(f"{path}?{query}")

    def _fail(self, transaction, code, reason):
        """A page that says why, and leads back."""
        reply = self._back(transaction, code)
        link = f'<p><a id="volver" href="{text(reply.headers["Location"])}">Volver a la sede</a></p>'
        return pages.page("No puede firmar ahora", f"<p>{text(reason)}</p>{link}")

    def _back(self, transaction, code, query=""):
        transaction.code = code
        url = transaction.error_url
        return _found(url + (("&" if "?" in url else "?") + query if query else ""))


def _found(location):
    return Reply(status=302, headers={"Location": location})
