"""What a signature costs that goes through us, beside FIRe's own operations, and what a document takes.

Of a form, from its arrival to the application's answer, all that a browser asks for; beside the very same
operations (their fields are taken from what the module has sent) asked of the simulator's FIRe on one connection.
The person at Cl@ve Firma is left out of both. What is waited for is mostly the disk: with TMPDIR=/dev/shm it is
none. Then the worker's memory while documents of an application are sent,
shown, signed, verified and fetched, the larger ones last: it is the most that it ever had.
"""

import hashlib
import http.client
import json
import os
import re
import statistics
import time
from urllib.parse import urlencode

from .sign_stand import SignStand
from .visitor import Visitor

PERSON = "00000000T"  # one of the simulator's, with a certificate
FORM = "application/x-www-form-urlencoded"
OPERATIONS = ("1", "2", "11")


class Signer(Visitor):
    def __init__(self, stand):
        super().__init__(stand)
        self.login("/signed/", loa="substantial", nif=PERSON, selected_idp="SEGSOC")
        self.away = 0.0  # seconds at Cl@ve Firma

    def _post(self, path, fields):
        return self._ask("POST", path, urlencode(fields), FORM, {"Origin": self.stand.origin})

    def form(self, number):
        """Seconds for one that is signed, without those at Cl@ve Firma."""
        self.away, begin = 0.0, time.monotonic()
        _, headers, _ = self._post("/signed/form", {"numero": number, "texto": "x" * 900})
        status, _, _ = self.follow(self.sign(headers["Location"]))
        if status != 200:
            raise RuntimeError(f"a signed form ended with {status}")
        return time.monotonic() - begin - self.away

    def sign(self, base):
        """Shown, confirmed, signed; the path that leads back."""
        _, _, page = self._ask("GET", base)
        token = re.search(r'name="read".*?name="token" value="([^"]+)"|'
                          r'name="token" value="([^"]+)".*?name="read"', page, re.S)
        self._post(f"{base}confirm", {"token": token[1] or token[2], "read": 1})
        _, _, page = self._until(base)
        begin = time.monotonic()
        back = self.stand.authorise(re.search(r"transactionid=([0-9a-f-]+)", page)[1])
        self.away += time.monotonic() - begin
        return back

    def _until(self, path):
        """The page, when nobody is at it any more."""
        answer = self._ask("GET", path)
        while answer[0] == 202:
            time.sleep(0.05)
            answer = self._ask("GET", path)
        return answer

    def follow(self, path):
        answer = self._until(path)
        while answer[0] == 303:
            answer = self._until(answer[1]["Location"])
        return answer


class Direct:
    """FIRe's operations, without us. `asked`: what the module asked for one signature."""

    def __init__(self, stand, asked):
        self._stand = stand
        self._asked = {one["op"]: one for one in asked if one["op"] in OPERATIONS}
        if len(self._asked) != len(OPERATIONS):
            raise RuntimeError(f"one signature took operations {sorted(self._asked)}")
        self._connection, self._path = stand.fire()

    def sign(self):
        """Seconds, without those at Cl@ve Firma."""
        begin = time.monotonic()
        first = dict(self._asked["1"])
        transaction = json.loads(self._ask({**first, "dat": "QUJD" * (first["dat"] // 4)}))["transactionid"]
        leave = time.monotonic()
        self._stand.authorise(transaction)
        away = time.monotonic() - leave
        for operation in OPERATIONS[1:]:
            self._ask({**self._asked[operation], "transactionid": transaction})
        return time.monotonic() - begin - away

    def _ask(self, fields):
        self._connection.request("POST", self._path, urlencode(fields), {"Content-Type": FORM})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"FIRe answered operation {fields['op']} with {answer.status}")
        return body


class Application:
    """Orders signatures of documents."""

    def __init__(self, stand):
        self._port = stand.protected

    def _ask(self, method, path, body=None, content_type="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request(method, f"/orders/transactions{path}", body, {"Content-Type": content_type})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{method} {path} ended with {answer.status}")
        return content

    def signed(self, signer, document):
        order = {"nif": PERSON, "format": "cades", "operation": "sign", "title": "Medida", "return": "/proxied/page",
                 "idempotency_key": f"de-{len(document)}",
                 "documents": [{"id": "d", "name": "d.txt", "type": "text/plain",
                                "sha256": hashlib.sha256(document).hexdigest()}]}
        made = json.loads(self._ask("POST", "", json.dumps(order)))["id"]
        self._ask("PUT", f"/{made}/documents/d", document, "application/octet-stream")
        signer.follow(signer.sign(f"/.clave/sign/{made}/"))
        while json.loads(self._ask("GET", f"/{made}"))["state"] in ("at_gateway", "recovering"):
            time.sleep(0.05)
        self._ask("GET", f"/{made}/documents/d/signature")


def time_added(stand, signer, rounds, signatures):
    stand.simulator.ask("reset", {})
    signer.form(0)
    direct = Direct(stand, stand.simulator.ask("fire/requests"))
    ratios, ours, theirs, cpu = [], [], [], []
    for round_ in range(rounds):
        theirs.append(statistics.mean(direct.sign() for _ in range(signatures)))
        before = stand.front_cpu()
        ours.append(statistics.mean(signer.form(1 + round_ * signatures + i) for i in range(signatures)))
        cpu.append((stand.front_cpu() - before) / signatures)
        ratios.append((ours[-1] - theirs[-1]) / theirs[-1])
    print(f"of a form of 1 kB, {rounds} rounds of {signatures} signatures each way:\n"
          f"time added by us    {statistics.median(ratios):.2f} of FIRe's own ({min(ratios):.2f}-{max(ratios):.2f}; "
          f"{statistics.median(theirs) * 1e3:.1f} ms alone, {statistics.median(ours) * 1e3:.1f} ms through us)\n"
          f"CPU of the worker   {statistics.median(cpu) * 1e3:.1f} ms a signature", flush=True)


def memory(stand, signer, megabytes):
    application = Application(stand)
    application.signed(signer, b"x" * 1024)
    before = stand.front_peak()
    for size in megabytes:
        application.signed(signer, b"0123456789abcde\n" * (size << 16))
        grown = (stand.front_peak() - before) / 1024
        print(f"document of {size:2} MB   {grown:.1f} MB more than of 1 kB, {grown / size:.2f} for each", flush=True)


def run(rounds, signatures, megabytes):
    os.sched_setaffinity(0, {1})
    with SignStand() as stand:
        signer = Signer(stand)
        time_added(stand, signer, rounds, signatures)
        memory(stand, signer, megabytes)
