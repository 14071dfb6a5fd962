"""An office that signs with FIRe, and a person who walks FIRe's pages: for the tests."""

import base64
import json
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

from simulator.loopback import LoopbackConnection

OK_URL = "https://sede.example/firma/ok?id=77"
ERROR_URL = "https://sede.example/firma/ko?id=77"


def encoded(content):
    """What the real server reads without loss: the alphabet of URLs, with padding."""
    return base64.urlsafe_b64encode(content).decode()


def config(**more):
    lines = {"redirectOkUrl": OK_URL, "redirectErrorUrl": ERROR_URL, "docTitle": "Solicitud",
             "certOrigin": "clavefirma", **more}
    return encoded("".join(f"{key}={value}\n" for key, value in lines.items()).encode())


class FireOffice:
    def __init__(self, simulator, nif="00000000T"):
        self._simulator = simulator
        self._url = simulator.addresses["fire"]
        self.nif = nif

    def ask(self, operation, *, identity="sede", body=None, method="POST", **fields):
        """(status, content type, body) of an operation; fields that are None are left out."""
        common = {"op": operation, "appid": "SEDE"}
        if operation not in (70, 71):
            common["subjectid"] = self.nif
        fields = {name: value for name, value in {**common, **fields}.items() if value is not None}
        parts = urlsplit(self._url)
        state = self._simulator.state
        files = (state / f"{identity}.pem", state / f"{identity}.key") if identity else None
        connection = LoopbackConnection(parts.hostname, parts.port, state / "ca.pem",
                                        identity=files)
        try:
            if method == "GET":
                connection.request("GET", f"{parts.path}?{urlencode(fields)}")
            else:
                connection.request(method, parts.path, body or urlencode(fields).encode(),
                                   {"Content-Type": "application/x-www-form-urlencoded"})
            response = connection.getresponse()
            return response.status, response.headers.get("Content-Type"), response.read()
        finally:
            connection.close()

    def sign(self, document, form="CAdES", **more):
        """Operation 1 with what it needs."""
        fields = {"language": "es", "cop": "sign", "algorithm": "SHA256withRSA", "format": form,
                  "properties": "", "dat": encoded(document), "config": config(), **more}
        return self.ask(1, **fields)

    def begin(self, document, form="CAdES", **more):
        return json.loads(self.sign(document, form, **more)[2])

    def signed(self, document, form="CAdES", **more):
        """The signature, by a person who asks nobody, and the JSON of operation 2."""
        begun = self.begin(document, form, **more)["transactionid"]
        self.authorise(begun)
        result = json.loads(self.ask(2, transactionid=begun)[2])
        return self.ask(11, transactionid=begun)[2], result

    def begin_batch(self):
        """Operation 5: CAdES, where a document says nothing else."""
        return json.loads(self.ask(5, language="es", cop="sign", algorithm="SHA256withRSA",
                                   format="CAdES", properties="", config=config())[2])["transactionid"]

    def add(self, batch, identifier, content, form=None):
        """Operation 6."""
        own = {"cop": "sign", "format": form} if form else {}
        return self.ask(6, transactionid=batch, docid=identifier, config="", dat=encoded(content),
                        **own)

    def authorise(self, transaction):
        self._simulator.control("fire/authorise", {"transaction": transaction})

    def fault(self, name):
        self._simulator.control("fire/next", {"fault": name})

    def reason(self, transaction):
        """By operation 99, the code."""
        return json.loads(self.ask(99, transactionid=transaction)[2])["result"]["ercod"]


class Signer:
    """Walks the pages until the browser is sent back to the office; `url` is where."""

    def __init__(self, simulator, redirect):
        self._simulator = simulator
        self._browser = simulator.browser
        self.page = None
        self.url = ""
        self._follow(self._browser.get(redirect))

    def press(self, button="continuar", **values):
        document = lxml.html.fromstring(self.page.text)
        form = next(f for f in document.forms if f.xpath(f".//button[@id='{button}']"))
        fields = {**dict(form.form_values()), **values}
        self._follow(self._browser.post(urljoin(self.page.url, form.get("action")), fields))
        return self

    def prove(self, password, nif):
        """Password and one-time code, on the pages of the signing service."""
        self.press(password=password)
        code = self._simulator.control(f"sms/last?nif={nif}")["code"]
        return self.press(codigo=code)

    def _follow(self, received):
        while received.location and not received.location.startswith("https://sede.example/"):
            received = self._browser.get(urljoin(received.url, received.location))
        self.page, self.url = received, received.location or ""
