"""One of the people: logs in, looks around, steps up, logs out, and begins anew; and what becomes of
the cookies that are left behind."""

import asyncio
import base64
import html
import re
import time

from .browser import Browser, NoAnswer

LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
# How long a machine that does not hear Redis believes what it has read (cache_valid).
BELIEVED = 1.0
LOW, SUBSTANTIAL = "/basico/", "/sustancial/"


class Lost(Exception):
    """What he has is of no use any more, or nobody knows: he begins anew."""


def nif(number):
    return f"{number:08d}{LETTERS[number % 23]}"


class Citizen:
    def __init__(self, number, port, smith, ledger, graveyard, dice):
        self.nif = nif(number)
        self._smith = smith
        self._ledger = ledger
        self._graveyard = graveyard
        self._dice = dice
        self._browser = Browser(port)
        self._written = 0.0  # when the session was

    async def live(self):
        await asyncio.sleep(self._dice.uniform(0, 5))
        while True:
            self._browser.cookies.clear()
            try:
                await self._visit()
            except Lost:
                await asyncio.sleep(self._dice.uniform(0.3, 1))

    async def _visit(self):
        page = LOW
        await self._log_in(LOW, "low")
        await self._look_around(LOW)
        if self._dice.random() < 0.5:
            page = SUBSTANTIAL
            before = self._browser.session
            await self._log_in(SUBSTANTIAL, "substantial")
            self._graveyard.bury(before, "a step-up")
            await self._look_around(SUBSTANTIAL)
        await self._look(page)  # a logout says the same when there is no session any more
        await self._log_out()

    async def _pause(self):
        await asyncio.sleep(self._dice.uniform(0.5, 3.5))

    # An answer, or the end of this visit. A fault may make it a 503, and `refused` may make it a 403 of
    # a login; no fault makes it anything else.
    async def _step(self, what, asking, expected, began=None, refused=None):
        begin = time.monotonic() if began is None else began
        try:
            response = await asking
        except NoAnswer as error:
            self._ledger.only_if(f"{what}: no answer ({error})", begin, lambda fault: fault.ends_nginx)
            raise Lost from error
        if response.status in expected:
            self._ledger.count(what)
            return response
        if response.status in (502, 504):  # the balancer's: whoever was to answer is dead
            self._ledger.only_if(f"{what}: {response.status}", begin, lambda fault: fault.ends_nginx)
        elif response.status == 503 and what != "public page":
            lasting = what in ("login", "logout")
            self._ledger.only_if(f"{what}: 503", begin, lambda fault: lasting or not fault.only_copies)
        elif response.status == 403 and refused is not None:
            self._ledger.only_if(f"{what}: 403", begin, refused)
        else:
            self._ledger.never(f"{what}: {response.status}")
        raise Lost

    async def _log_in(self, page, loa):
        began = time.monotonic()
        response = await self._step("login", self._browser.get(page), (302,))
        for _ in range(3):
            location = response.header("location")
            link = re.search(r'href="([^"]*/login\?[^"]+)"', response.body)
            target = location or (link and html.unescape(link[1]))
            if not target:
                break
            response = await self._step("login", self._browser.get(target), (200, 302))
        message = re.search(r'name="SAMLRequest" value="([^"]+)"', response.body)
        if not message:
            self._ledger.only_if("login: no way to the gateway", began)
            raise Lost
        form = await self._smith.answer(
            case="good-plain", acs_url="https://sede.example.gob.es/.clave/acs", loa=loa, nif=self.nif,
            selected_idp="SEGSOC",
            request_id=re.search(r'\bID="([^"]+)"', base64.b64decode(message[1]).decode())[1],
            relay_state=re.search(r'name="RelayState" value="([^"]+)"', response.body)[1])

        # What was under way when the primary changed is refused, as it may have been done already; so
        # is an answer that a machine had taken when it died.
        def refused(fault):
            return fault.moves_keys or fault.ends_nginx
        response = await self._step("login", self._browser.post_from_gateway(form), (303,), began, refused)
        await self._step("login", self._browser.get(response.header("location")), (303,), began, refused)
        if not self._browser.session:
            self._ledger.never("a login without a session")
            raise Lost
        self._written = time.monotonic()
        self._ledger.count("logins" if loa == "low" else "step-ups")

    async def _look_around(self, page):
        for _ in range(self._dice.randrange(3, 8)):
            await self._pause()
            if self._dice.random() < 0.1:
                await self._step("public page", self._browser.get("/publico/"), (200,))
            await self._look(page)

    async def _look(self, page):
        asked = time.monotonic()
        written = self._written  # of this session: it is judged at the end, when there have been others

        def may_be_lost(fault):
            return fault.loses_writes and fault.begin - 1 <= written <= fault.end + 1
        response = await self._step("page", self._browser.get(page), (200, 302), asked)
        if response.status == 302:
            # However long ago that was: the session was never copied.
            self._ledger.only_if("session lost", written, may_be_lost)
            raise Lost
        if f"[{self.nif}]" not in response.body:
            self._ledger.never(f"{self.nif} got a page for {response.body[:60]!r}")
        self._ledger.count("right pages")

    async def _log_out(self):
        before = self._browser.session
        await self._step("logout", self._browser.post("/.clave/logout", "", "Sec-Fetch-Site: same-origin"),
                         (200, 303))
        self._ledger.count("logouts")
        self._graveyard.bury(before, "a logout")
        twin = Browser(self._browser.port)
        twin.cookies["__Host-clave"] = before
        await self._graveyard.is_dead(twin, "a logout", time.monotonic())


class Graveyard:
    """Sessions that have ended, and have to stay so."""

    def __init__(self, port, ledger, dice):
        self._port = port
        self._ledger = ledger
        self._dice = dice
        self._dead = []

    def bury(self, cookie, how):
        self._dead.append((cookie, how, time.monotonic()))
        if len(self._dead) > 2000:
            self._dead.pop(self._dice.randrange(1000))

    async def watch(self):
        while True:
            await asyncio.sleep(0.05)
            if self._dead:
                cookie, how, since = self._dice.choice(self._dead)
                twin = Browser(self._port)
                twin.cookies["__Host-clave"] = cookie
                await self.is_dead(twin, how, since)

    async def is_dead(self, browser, how, since):
        asked = time.monotonic()
        try:
            response = await browser.get(LOW)
        except NoAnswer as error:
            self._ledger.only_if(f"a dead session: {error}", asked, lambda fault: fault.ends_nginx)
            return
        if response.status == 200:
            self._ledger.stale(asked - since)
            if asked - since > BELIEVED:
                self._ledger.never(f"a page {asked - since:.1f} s after {how}")
            else:
                self._ledger.count("pages within a second of their end")
        elif response.status in (502, 504):
            self._ledger.only_if(f"a dead session: {response.status}", asked, lambda fault: fault.ends_nginx)
        elif response.status == 503:
            self._ledger.only_if("a dead session: 503", asked, lambda fault: not fault.only_copies)
        elif response.status != 302:
            self._ledger.never(f"a dead session: {response.status}")
        self._ledger.count("dead sessions tried")
