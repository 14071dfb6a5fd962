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
from .process import free_ports, until
from .redis import Server
from .site import HOST, TOP, Smith

EDGES = ("submit", "look", "confirm", "authorise", "return", "deliver", "hand over")
VICTIMS = ("worker", "redis", "wire", "fire")
ENDS = ("delivered", "cancelled", "failed", "expired", "lost")
LATER = 2 * 3600  # longer than any lease


@dataclass
class Plan:
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
        """The response; None if there was none that is worth anything."""
        plan, self.plan = (self.plan, None) if self.plan and self.plan.edge == edge else (None, self.plan)
        killing = asyncio.ensure_future(self.stand.kill(plan)) if plan else None
        try:
            response = await asking
        except NoAnswer:
            response = None
        if killing:
            await killing
        return None if response is None or response.status >= 500 else response

    async def sign(self, plan):
        """One form, as far as it goes."""
        self.plan = plan
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
            elif "/receipt.json" in page.body or f'{base}again"' in page.body:
                self.bases.remove(base)
                return True
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
        self.nginx.configure(
            store=f"redis://127.0.0.1:{self.redis.port}", keys=keys, state=self.simulator.state,
            application=self.application.port, fire_public=self.simulator.addresses["fire_public"],
            fire=service.replace(f":{self.simulator.fire_port}/", f":{self.wire.port}/"))
        await until(self.redis.is_up, 10, "Redis")
        self.nginx.start()
        await until(self.nginx.is_up, 20, "nginx")

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

    def judge(self):
        """What is wrong, a line each."""
        wrong = []
        ends = Counter()
        sent = Counter((one.get("transactionid"), one["op"]) for one in self.simulator.asked
                       if one.get("op") in ("2", "11"))
        for number, steps in self.nginx.evidence().items():
            last = steps[-1]["state"]
            ends[last] += 1
            handed = self.application.handed.get(number, [])
            signatures = {step["signature_sha256"] for step in steps if "signature_sha256" in step}
            fires = {step["fire"] for step in steps if step.get("fire")}
            if last not in ENDS and (last not in ("created", "shown") or len(steps) > 2):
                wrong.append(f"{number}: no end, {last}")
            if (last == "delivered") != bool(handed) or len(set(handed)) > 1 or set(handed) - self.forms:
                wrong.append(f"{number}: {last}, handed over {len(handed)} times")
            if (last == "delivered") != self.nginx.has_signature(number) or len(signatures) > 1:
                wrong.append(f"{number}: {last}, {len(signatures)} signatures")
            if len(fires) > 1 or any(sent[fire, "2"] > 1 for fire in fires):
                wrong.append(f"{number}: signed more than once at FIRe")
            if [step["state"] for step in steps].count("confirmed") > 1:
                wrong.append(f"{number}: confirmed more than once")
        if self.application.unsigned:
            wrong.append(f"{self.application.unsigned} forms went on unsigned")
        for line in self.nginx.log().splitlines():
            if "exited on signal" in line and "signal 9" not in line:
                wrong.append(line)
        return ends, wrong


async def endure(directory, count, seed, people=8):
    """(what became of how many, what died where, what is wrong)"""
    dice = random.Random(seed)
    stand = Stand(directory, dice)
    await stand.start()
    listening = asyncio.ensure_future(stand.simulator.listen())
    plans = [Plan(VICTIMS[i % len(VICTIMS)], EDGES[i // len(VICTIMS) % len(EDGES)], dice.choice((0, dice.uniform(0, 0.08))))
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
    ends, wrong = stand.judge()
    return ends, stand.counts, wrong
