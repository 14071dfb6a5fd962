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
        self._provider = ServiceProvider(state / "sede.key", state / "sede.pem", gateway_url)
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
            return self._to_gateway(self._provider.logout_request(change=self._return_to("/acs")))
        if session in self._people:
            return Reply(f"<h1>Hola</h1><p>{self._people[session]}</p>".encode())
        reply = self._to_gateway(self._provider.request(Loa.SUBSTANTIAL, ("EIDASIdP", "AEATIdP"),
                                                        change=self._return_to("/acs")))
        reply.headers["Set-Cookie"] = f"sesion={session or secrets.token_hex()}; Path=/"
        return reply

    def _return_to(self, path):
        def change(root):
            if root.get("AssertionConsumerServiceURL"):
                root.set("AssertionConsumerServiceURL", self.url + path)
            else:
                root.find(tag(SAML, "Issuer")).text = self.url + path
        return change

    def _to_gateway(self, request):
        fields = self._provider.fields(request, secrets.token_hex(8))
        inputs = "".join(f'<input type="hidden" name="{n}" value="{v}">' for n, v in fields.items())
        return Reply(f'<form method="post" action="{self._provider.gateway_url}">{inputs}</form>'
                     "<script>document.forms[0].submit()</script>".encode())

    def _believe(self, call, session):
        values = {**call.query, **call.form}
        session = session or secrets.token_hex()
        if "logoutResponse" in values:
            self._people.pop(session, None)
            return Reply(b"<h1>Hasta luego</h1>")
        self._people[session] = self._person(values.get("SAMLResponse", ""))
        return Reply(status=303, headers={
            "Location": values.get("RelayState", "") if "://" in values.get("RelayState", "") else "/",
            "Set-Cookie": f"sesion={session}; Path=/"})

    def _person(self, text):
        root = etree.fromstring(base64.b64decode(text + "=="), etree.XMLParser(recover=True))
        if root is None:
            return "alguien"
        for data in root.iter(tag(XENC, "EncryptedData")):
            root = self._provider.decrypt(root)
            break
        found = root.xpath("//*[local-name()='Attribute'][@FriendlyName='PersonIdentifier']/*")
        return found[0].text if found else "alguien"
