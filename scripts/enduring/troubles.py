"""What goes wrong, one thing after the other, each with the time in which it excuses an error."""

import asyncio
import time

from .process import until
from .ledger import RECOVERY


class Troubles:
    def __init__(self, redis, site, ledger, dice):
        self._redis = redis
        self._site = site
        self._ledger = ledger
        self._dice = dice
        self.done = []
        self._changing = False  # primaries, by us
        self._all = [self._kill_primary, self._kill_nginx, self._freeze_copies, self._freeze_shortly,
                     self._reload, self._change_key, self._freeze_for_long]
        if redis.can_migrate:
            self._all = [self._move_slots, self._change_key, self._freeze_copies, self._kill_primary,
                         self._freeze_shortly, self._kill_nginx, self._reload, self._freeze_for_long]
        self._missing = set(self._all)

    def missing(self):
        """What has not happened yet."""
        return sorted(trouble.__name__.strip("_").replace("_", " ") for trouble in self._missing)

    async def happen(self):
        """One of each, in this order; then at random."""
        await asyncio.sleep(7)
        turn = list(self._all)
        while True:
            for trouble in turn:
                await trouble()
                self._missing.discard(trouble)
                # Longer than what a fault excuses, so that there are times without.
                await asyncio.sleep(RECOVERY + self._dice.uniform(1, 3))
            self._dice.shuffle(turn)

    async def watch_primaries(self):
        """Whoever else works here may also have sentinels and nodes believe that a primary is dead: what
        it was told last is lost then, as when it is, and what it goes on to be told until it hears of the next
        one. Nothing ends for good until that one has a replica."""
        known = await self._redis.leaders()
        while True:
            await asyncio.sleep(0.1)
            now = await self._redis.leaders()
            if not now or now == known:
                continue
            with self._ledger.fault("another primary", loses_writes=True, moves_keys=True) as fault:
                # It was one before all called it so: who made it one asks it every second, and tells the
                # others within two.
                fault.begin -= 3
                if self._changing:
                    await until(self._redis.has_copies, 60, "a replica")
                else:
                    await self._well_again()
            if known and not self._changing:
                self.done.append("another primary, for no reason of ours")
            known = now

    async def watch_machine(self):
        """Whoever else works here may take the processors away for longer than Redis may take."""
        while True:
            begin = time.monotonic()
            await asyncio.sleep(0.05)
            if time.monotonic() - begin > 0.3:
                with self._ledger.fault("machine stood still") as fault:
                    fault.begin = begin
                self.done.append("machine stood still")

    async def _well_again(self):
        await until(self._redis.is_well, 60, "a whole Redis")

    async def _succeeded(self, victim):
        async def succeeded():
            return await self._redis.has_successor(victim)
        await until(succeeded, 30, "another primary")

    async def _kill_primary(self):
        victim = await self._redis.victim()
        with self._ledger.fault("primary killed", loses_writes=True, moves_keys=True):
            self._changing = True
            victim.kill()
            await self._succeeded(victim)
        await asyncio.sleep(0.3)
        self._changing = False
        self.done.append("primary killed")
        victim.start()  # to find that it is a replica now
        await self._well_again()

    async def _freeze_for_long(self):
        victim = await self._redis.victim()
        with self._ledger.fault("primary frozen until replaced", loses_writes=True, moves_keys=True):
            self._changing = True
            victim.freeze()
            await self._succeeded(victim)
            await asyncio.sleep(1)
            self._changing = False
            victim.thaw()  # it still thinks that it is the primary
            await self._well_again()
        self.done.append("primary frozen until replaced")

    async def _freeze_shortly(self):
        """Not long enough for another primary; but on a busy machine it may be."""
        victim = await self._redis.victim()
        with self._ledger.fault("primary frozen", loses_writes=True, moves_keys=True):
            victim.freeze()
            await asyncio.sleep(0.6)
            victim.thaw()
            await asyncio.sleep(0.5)
            await self._well_again()
        self.done.append("primary frozen")

    async def _freeze_copies(self):
        """Whoever has to wait for one is told so; a page needs none."""
        victims = await self._redis.copies_of(await self._redis.victim())
        with self._ledger.fault("replicas frozen", only_copies=True):
            for victim in victims:
                victim.freeze()
            await asyncio.sleep(3)
            for victim in victims:
                victim.thaw()
            await self._well_again()
        self.done.append("replicas frozen")

    async def _move_slots(self):
        with self._ledger.fault("slots moved", moves_keys=True):
            await self._redis.migrate(1500)
        self.done.append("slots moved")
        await self._well_again()

    async def _kill_nginx(self):
        machine = self._dice.choice(self._site.machines)
        with self._ledger.fault("nginx killed", ends_nginx=True):
            machine.kill()
            await asyncio.sleep(1)
        machine.start()
        await until(machine.is_up, 10, "nginx")
        self.done.append("nginx killed")

    async def _reload(self):
        await self._dice.choice(self._site.machines).reload()
        self.done.append("nginx reloaded")

    async def _change_key(self):
        """The new one second, then first, as conf-examples/redis-cluster.conf says."""
        old = self._site.session_keys[:2]  # one change may soon follow another
        new = self._site.new_key()
        for keys in ([old[0], new, *old[1:]], [new, *old]):
            await self._site.use_keys(keys)
            for machine in self._site.machines:
                await machine.reload()
            await asyncio.sleep(0.5)
        self.done.append("session key changed")
