"""Signatures that an application orders at the API, of one document or of two, and what it has fetched."""

import asyncio
import hashlib
import json
from collections import defaultdict

from .browser import NoAnswer, exchange

PERSON = "00000000T"
WAITING = ("created", "shown", "confirmed", "at_gateway", "recovering")


class Office:
    """Asks again whatever was not answered, as an application should."""

    def __init__(self, port):
        self._port = port
        self.documents = {}                                        # digests, by the number of the order
        self.fetched = defaultdict(lambda: defaultdict(list))      # digests of signatures: number, document

    async def ask(self, method, path, body=None, content_type="application/json"):
        """The response; its body octet for octet, as latin-1."""
        return await exchange(self._port, method, f"/orders/transactions{path}",
                              [f"Content-Type: {content_type}"], body, encoding="latin-1")

    def order(self, key, texts):
        """To be sent until it is taken: it is the same each time."""
        documents = [{"id": f"d{number}", "name": f"d{number}.txt", "type": "text/plain",
                      "sha256": hashlib.sha256(text.encode()).hexdigest()}
                     for number, text in enumerate(texts, 1)]
        return json.dumps({"nif": PERSON, "format": "cades", "operation": "sign", "title": "Alta",
                           "return": "/recibido", "idempotency_key": key, "documents": documents})

    def taken(self, answer, texts):
        """The number of the order."""
        number = json.loads(answer.body)["id"]
        self.documents[number] = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        return number

    def put(self, number, document, text):
        return self.ask("PUT", f"/{number}/documents/d{document}", text, "application/octet-stream")

    async def state(self, number):
        """What the API says of it; None if it says nothing now."""
        try:
            answer = await self.ask("GET", f"/{number}")
        except NoAnswer:
            return None
        return json.loads(answer.body) if answer.status == 200 else None

    async def is_over(self, number):
        said = await self.state(number)
        return said is not None and said["state"] not in WAITING

    async def fetch(self, number, step):
        """Every signature that there is; True if it has them all, or there are none. `step`: of a signer."""
        for _ in range(25):
            said = await step("deliver", self.state(number))
            # "delivered" is what was sent: the answer may have died on its way.
            missing = [document["id"] for document in said["documents"]
                       if document["state"] == "signed" and document["id"] not in self.fetched[number]
                       ] if said else None
            if missing == []:
                return True
            for document in missing or ():
                await self._fetch_one(number, document, step)
            await asyncio.sleep(0.1)
        return False

    async def _fetch_one(self, number, document, step):
        answer = await step("hand over", self.ask("GET", f"/{number}/documents/{document}/signature"))
        if answer is not None and answer.status == 200:
            # What broke off on the way is no answer: its length says so.
            octets = answer.body.encode("latin-1")
            if len(octets) == int(answer.header("content-length")):
                self.fetched[number][document].append(hashlib.sha256(octets).hexdigest())
