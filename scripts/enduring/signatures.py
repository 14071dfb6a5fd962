"""Signatures, each with something that dies on its way: a worker, Redis, FIRe, or the wire to it. In the end
each is there once, or it is clear that it is not."""

import asyncio
import base64
import hashlib
import html
import os
import random
import re
import signal
from collections import Counter
from dataclasses import dataclass

from .browser import Browser, NoAnswer
from .citizen import nif
from .firma import Application, Firma, Simulator, Wire
from .orders import Office
from .process import free_ports, until
from .reckoning import judge
from .redis import Server
from .site import HOST, TOP, Smith

WAYS = ("form", "order", "batch")
EDGES = ("submit", "look", "confirm", "authorise", "return", "deliver", "hand over")
VICTIMS = ("worker", "redis", "wire", "fire")
TRIES = 4  # others die, too, and all of a signature's services at once
LATER = 2 * 3600  # longer than any lease


@dataclass
class Plan:
    way: str
    victim: str
    edge: str
    delay: float  # after the request that is the edge was sent


class Signer:
    def __init__(self, stand, number, dice):
        self.nif = nif(number)
        self.stand = stand
        self.dice = dice
        self.browser = Browser(stand.nginx.port)
        self.plan = None
        self.bases = []  # of signatures that have no end yet

    async def log_in(self):
        page = await self._get("/")
        for _ in range(4):
            link = page.header("location") or re.search(r'href="([^"]*/login\?[^"]+)"', page.body)
            if not link:
                break
            page = await self._get(link if isinstance(link, str) else html.unescape(link[1]))
        message = base64.b64decode(re.search(r'name="SAMLRequest" value="([^"]+)"', page.body)[1])
        form = await self.stand.smith.answer(
            case="good-plain", acs_url=f"https://{HOST}/.clave/acs", loa="substantial", nif=self.nif,
            selected_idp="SEGSOC", request_id=re.search(r'\bID="([^"]+)"', message.decode())[1],
            relay_state=re.search(r'name="RelayState" value="([^"]+)"', page.body)[1])
        response = await self.browser.post_from_gateway(form)
        await self._get(response.header("location"))

    async def _get(self, path):
        return await self.browser.get(path)

    async def _step(self, edge, asking):
        """The answer; None if there was none."""
        plan, self.plan = (self.plan, None) if self.plan and self.plan.edge == edge else (None, self.plan)
        killing = asyncio.ensure_future(self.stand.kill(plan)) if plan else None
        try:
            answer = await asking
        except NoAnswer:
            answer = None
        if killing:
            await killing
        return answer

    async def sign(self, plan):
        """One of any way, as far as it goes; another one, if it did not go as far as the edge of the plan."""
        self.plan = plan
        for _ in range(TRIES):
            await self.stand.is_whole()
            await (self._sign_form() if plan.way == "form" else self._sign_order(2 if plan.way == "batch" else 1))
            if self.plan is None:
                return
        self.stand.counts["never as far as the edge"] += 1

    async def _sign_order(self, count):
        office, key = self.stand.office, f"clave-{self.dice.getrandbits(64)}"
        texts = [f"documento {number} de {key}" for number in range(1, count + 1)]
        # The victim's edge is one of the requests that together are one.
        steps = ["", *[""] * count]
        steps[self.dice.randrange(len(steps))] = "submit"
        made = await self._until_taken(steps[0], lambda: office.ask("POST", "", office.order(key, texts)))
        if made is None:
            self.stand.counts["orders never taken"] += 1
            return
        number = office.taken(made, texts)
        for which, text in enumerate(texts, 1):
            if not await self._until_taken(steps[which], lambda: office.put(number, which, text)):
                self.stand.counts["orders never taken"] += 1
                return
        self.bases.append(f"/.clave/sign/{number}/")
        await self.go_on(self.bases[-1])

    async def _until_taken(self, edge, ask):
        for _ in range(20):
            answer = await self._step(edge, ask())
            if answer is not None and answer.status in (200, 201):
                return answer
            await asyncio.sleep(0.2)
        return None

    async def _sign_form(self):
        body = f"numero={self.dice.getrandbits(64)}"
        self.stand.forms.add(hashlib.sha256(body.encode()).hexdigest())
        for _ in range(20):
            response = await self._step("submit", self.browser.post(
                "/alta", body, "Content-Type: application/x-www-form-urlencoded", f"Origin: https://{HOST}"))
            if response is not None and response.status == 303:
                self.bases.append(response.header("location"))
                return await self.go_on(self.bases[-1])
            await asyncio.sleep(0.2)
        self.stand.counts["forms never taken"] += 1

    async def go_on(self, base):
        """From wherever it is. True if it has an end, False if it takes longer than that."""
        number = base.rstrip("/").rpartition("/")[2]
        for _ in range(25):
            page = await self._step("look", self.browser.get(base))
            if page is None or page.status == 202:
                await asyncio.sleep(0.2)
            elif page.status == 303:
                await self._hand_over(page.header("location"))
            elif token := re.search(r'name="read".*?name="token" value="([^"]+)"|'
                                    r'name="token" value="([^"]+)".*?name="read"', page.body, re.S):
                await self._step("confirm", self.browser.post(
                    f"{base}confirm", f"token={token[1] or token[2]}&read=1",
                    "Content-Type: application/x-www-form-urlencoded", f"Origin: https://{HOST}"))
            elif transaction := re.search(r"transactionid=([0-9a-f-]+)", page.body):
                back = await self._step_at_fire(transaction[1])
                if not back:
                    await asyncio.sleep(0.2)
                    continue
                await self._step("return", self.browser.get(back))
            elif number in self.stand.office.documents:
                if await self.stand.office.is_over(number) and await self.stand.office.fetch(number, self._step):
                    self.bases.remove(base)
                    return True
                await asyncio.sleep(0.2)
            elif f'href="{base}deliver"' in page.body:  # nobody knows whether it was handed over
                await self._hand_over(f"{base}deliver")
                await asyncio.sleep(0.2)
            elif "/receipt.json" in page.body or f'{base}again"' in page.body:
                self.bases.remove(base)
                return True
            elif page.status >= 500:
                await asyncio.sleep(0.2)
            else:
                self.stand.counts[f"a page of {page.status} for a signature"] += 1
                await asyncio.sleep(0.2)
        return False

    async def finish(self):
        """One after the other, as a browser has one cookie for what it hands over."""
        self.plan = None
        for base in list(self.bases):
            await self.go_on(base)

    async def _step_at_fire(self, transaction):
        plan = self.plan if self.plan and self.plan.edge == "authorise" else None
        if plan:
            self.plan = None
            await self.stand.kill(plan)
        return await self.stand.simulator.authorise(transaction)

    async def _hand_over(self, path):
        for edge in ("deliver", "hand over"):
            response = await self._step(edge, self.browser.get(path))
            if response is None or response.status != 303:
                return
            path = response.header("location")


class Stand:
    def __init__(self, directory, dice):
        self.dir = directory
        self.dice = dice
        self.counts = Counter()
        self.forms = set()
        self.redis = Server(directory, free_ports(1)[0], "--appendonly", "yes", "--appendfsync", "always")
        self.simulator = Simulator(directory)
        self.application = Application()
        self.office = None
        self._reviving = asyncio.Lock()

    async def start(self):
        keys = self.dir / "keys"
        await (await asyncio.create_subprocess_exec(TOP / "t/forge/forge", "keys", keys)).wait()
        self.smith = Smith(keys)
        self.redis.start()
        await self.smith.start()
        await self.simulator.start()
        await self.application.start()
        self.wire = Wire(self.simulator.fire_port)
        await self.wire.start()
        service = self.simulator.addresses["fire"]
        self.nginx = Firma(self.dir / "nginx", free_ports(1)[0])
        self.office = Office(self.nginx.port)
        self.nginx.configure(
            store=f"redis://127.0.0.1:{self.redis.port}", keys=keys, state=self.simulator.state,
            application=self.application.port, fire_public=self.simulator.addresses["fire_public"],
            fire=service.replace(f":{self.simulator.fire_port}/", f":{self.wire.port}/"))
        await until(self.redis.is_up, 10, "Redis")
        self.nginx.start()
        await until(self.nginx.is_up, 20, "nginx")

    async def is_whole(self):
        """Whoever began while a service is away would only fail, and die of nothing."""
        async with self._reviving:
            pass

    async def kill(self, plan):
        await asyncio.sleep(plan.delay)
        self.counts[f"{plan.victim} at {plan.edge}"] += 1
        if plan.victim == "worker":
            workers = self.nginx.workers()
            if workers:
                os.kill(self.dice.choice(workers), signal.SIGKILL)
        elif plan.victim == "wire":
            self.wire.cut()
        elif plan.victim == "fire":
            async with self._reviving:
                # A server that was killed, and the one in its place.
                self.wire.close()
                await self.simulator.forget()
                await asyncio.sleep(0.5)
                await self.wire.start()
        else:
            async with self._reviving:
                self.redis.kill()
                self.redis.start()
                await until(self.redis.is_up, 10, "Redis")

    async def end(self):
        await self.smith.end()
        self.nginx.end()
        self.redis.kill()
        self.simulator.end()


async def endure(directory, count, seed, people=8):
    """(what became of how many of each way, what died where, what is wrong)"""
    dice = random.Random(seed)
    stand = Stand(directory, dice)
    await stand.start()
    listening = asyncio.ensure_future(stand.simulator.listen())
    plans = [Plan(WAYS[i % len(WAYS)], VICTIMS[i % len(VICTIMS)], EDGES[i // len(VICTIMS) % len(EDGES)],
                  dice.choice((0, dice.uniform(0, 0.08))))
             for i in range(count)]
    dice.shuffle(plans)

    async def work(signer):
        while plans:
            await signer.sign(plans.pop())
    try:
        # Personas of the simulator have certificates; all of them are Ana, in browsers of her own.
        signers = [Signer(stand, 0, random.Random(dice.random())) for _ in range(people)]
        await asyncio.gather(*(one.log_in() for one in signers))
        await asyncio.gather(*(work(one) for one in signers))
        for hours in (1, 2):
            stand.nginx.put_forward(hours * LATER)
            await asyncio.sleep(0.5)
            await asyncio.gather(*(one.finish() for one in signers))
        await asyncio.sleep(1)  # deliveries are noted after the answer, requests heard five times a second
    finally:
        listening.cancel()
        await stand.end()
    ends, wrong = judge(stand)
    never = stand.counts["never as far as the edge"]
    if never * 10 > count:
        wrong.append(f"{never} plans came to nothing: nobody died")
    return ends, stand.counts, wrong
