"""A service provider that believes everything: what a conformance run has to find out.

It reads any message in which a person can be found, whoever signed it, and keeps a session by a
cookie that it had before.
"""

import base64
import secrets
import threading

from lxml import etree

from simulator.http_server import Reply, Server
from simulator.vocabulary import SAML, XENC, Loa, tag

from .service_provider import ServiceProvider


class CredulousSite:
    def __init__(self, state, gateway_url):
        self.provider = ServiceProvider(state / "sede.key", state / "sede.pem", gateway_url)
        self._people = {}
        self._server = Server("127.0.0.1", 0, self._answer, tls=(state / "tls.pem", state / "tls.key"))
        self.url = f"https://sede.localhost:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, call):
        session = call.headers.get("Cookie", "").partition("sesion=")[2].partition(";")[0]
        if call.path == "/acs":
            return self._believe(call, session)
        if call.path == "/salir":
            return self._to_gateway(self.provider.logout_request(change=self._return_to("/acs")))
        if session in self._people:
            return Reply(f"<h1>Hola</h1><p>{self._people[session]}</p>".encode())
        session = session or secrets.token_hex()
        request = self.provider.request(Loa.SUBSTANTIAL, ("EIDASIdP", "AEATIdP"),
                                        change=self._return_to("/acs"))
        reply = self._to_gateway(request, session)
        reply.headers["Set-Cookie"] = f"sesion={session}; Path=/"
        return reply

    def _return_to(self, path):
        def change(root):
            if root.get("AssertionConsumerServiceURL"):
                root.set("AssertionConsumerServiceURL", self.url + path)
            else:
                root.find(tag(SAML, "Issuer")).text = self.url + path
        return change

    def _to_gateway(self, request, session=""):
        fields = self.provider.fields(request, secrets.token_hex(8))
        self.remember(request.get("ID"), fields["RelayState"], session)
        inputs = "".join(f'<input type="hidden" name="{n}" value="{v}">' for n, v in fields.items())
        return Reply(f'<form method="post" action="{self.provider.gateway_url}">{inputs}</form>'
                     "<script>document.forms[0].submit()</script>".encode())

    def _believe(self, call, session):
        values = {**call.query, **call.form}
        session = session or secrets.token_hex()
        if "logoutResponse" in values:
            self._people.pop(session, None)
            return Reply(b"<h1>Hasta luego</h1>")
        person = self.person_of(values, session)
        if person is None:
            return Reply(b"<h1>No</h1>", 403)
        session = self.session_after_login(session)
        self._people[session] = person
        return Reply(status=303, headers={
            "Location": values.get("RelayState", "") if "://" in values.get("RelayState", "") else "/",
            "Set-Cookie": f"sesion={session}; Path=/"})

    # What a better site does otherwise.

    def remember(self, request_id, relay_state, session):
        """A request that goes to the gateway."""

    def session_after_login(self, session):
        return session

    def person_of(self, values, session):
        """Who is meant by an answer; None refuses it."""
        text = values.get("SAMLResponse", "")
        root = etree.fromstring(base64.b64decode(text + "=="), etree.XMLParser(recover=True))
        if root is None:
            return "alguien"
        for data in root.iter(tag(XENC, "EncryptedData")):
            root = self.provider.decrypt(root)
            break
        return identifier_in(root) or "alguien"


def identifier_in(root):
    found = root.xpath("//*[local-name()='Attribute'][@FriendlyName='PersonIdentifier']/*")
    return found[0].text if found else None
