"""Redis servers, sentinels and clusters: started, asked, killed, frozen."""

import asyncio
import signal
from collections import Counter

from .process import Process, free_ports, until


async def read_reply(reader):
    line = (await reader.readuntil(b"\r\n"))[:-2]
    kind, rest = line[:1], line[1:].decode()
    if kind == b"-":
        raise RuntimeError(rest)
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    if int(rest) < 0:
        return None
    if kind == b"*":
        return [await read_reply(reader) for _ in range(int(rest))]
    return (await reader.readexactly(int(rest) + 2))[:-2].decode("latin-1")


class Server:
    def __init__(self, directory, port, *options):
        self.port = port
        self._directory = directory / f"redis-{port}"
        self._directory.mkdir()
        self._words = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir",
                       self._directory, *options]
        self._process = None

    def start(self):
        self._process = Process(self._words, self._directory / "log")

    def kill(self):
        if self._process is not None:
            self._process.kill()

    def freeze(self):
        self._process.signal(signal.SIGSTOP)

    def thaw(self):
        self._process.signal(signal.SIGCONT)

    async def ask(self, *words):
        async def conversation():
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                text = [str(word).encode() for word in words]
                writer.write(b"*%d\r\n" % len(text) + b"".join(
                    b"$%d\r\n%s\r\n" % (len(word), word) for word in text))
                return await read_reply(reader)
            finally:
                writer.close()
        async with asyncio.timeout(1):  # wait_for() of Python 3.11 may forget that it was cancelled
            return await conversation()

    async def says(self, *words):
        """As ask(), and "" where there is no answer."""
        try:
            return await self.ask(*words)
        except (OSError, RuntimeError, asyncio.IncompleteReadError):
            return ""

    async def is_up(self):
        return await self.says("PING") == "PONG"


class Sentinel(Server):
    def __init__(self, directory, port, primary):
        super().__init__(directory, port)
        conf = self._directory / "sentinel.conf"
        conf.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {self._directory}\n"
            f"sentinel monitor clave 127.0.0.1 {primary} 2\n"
            "sentinel down-after-milliseconds clave 1000\nsentinel failover-timeout clave 4000\n")
        self._words = ["redis-server", conf, "--sentinel"]


class Sentinels:
    """A primary, two replicas, three sentinels."""

    can_migrate = False

    def __init__(self, directory):
        ports = free_ports(6)
        self.servers = [Server(directory, port, "--repl-diskless-sync-delay", "0") for port in ports[:3]]
        self.sentinels = [Sentinel(directory, port, ports[0]) for port in ports[3:]]
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in ports[3:]) + "/clave"

    async def start(self):
        first, *others = self.servers
        first.start()
        await until(first.is_up, 10, "a Redis")
        for one in others:
            one.start()
            await until(one.is_up, 10, "a Redis")
            await one.ask("REPLICAOF", "127.0.0.1", first.port)
        await until(lambda: self._copies(first, 2), 10, "two replicas")
        for one in self.sentinels:
            one.start()
        await until(self.is_well, 30, "sentinels that know each other")

    @staticmethod
    async def _copies(server, wanted):
        info = await server.says("INFO", "replication")
        return info.count("state=online") == wanted

    async def _port_of_primary(self):
        known = {tuple(await one.says("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "clave") or ())
                 for one in self.sentinels}
        return int(known.pop()[1]) if len(known) == 1 and () not in known else 0

    async def primary(self):
        port = await self._port_of_primary()
        return next((one for one in self.servers if one.port == port), None)

    async def leaders(self):
        """Who is a primary, by port; empty while that is not agreed upon."""
        port = await self._port_of_primary()
        return {port} if port else set()

    async def has_copies(self):
        primary = await self.primary()
        return primary is not None and "state=online" in await primary.says("INFO", "replication")

    async def is_well(self):
        """All sentinels name the same one, it says so itself, and the others copy it."""
        primary = await self.primary()
        if primary is None or (await primary.says("ROLE") or [""])[0] != "master":
            return False
        for one in self.sentinels:
            told = await one.says("SENTINEL", "MASTER", "clave") or []
            facts = dict(zip(told[::2], told[1::2]))
            if facts.get("flags") != "master" or facts.get("num-other-sentinels") != "2" \
                    or facts.get("num-slaves") != "2":
                return False
        return await self._copies(primary, 2)

    async def victim(self):
        return await self.primary()

    async def copies_of(self, primary):
        return [one for one in self.servers if one is not primary]

    async def has_successor(self, victim):
        primary = await self.primary()
        return primary is not None and primary is not victim \
            and (await primary.says("ROLE") or [""])[0] == "master"

    def end(self):
        for one in self.sentinels + self.servers:
            one.kill()


class Cluster:
    """Three primaries with a replica each."""

    can_migrate = True

    def __init__(self, directory):
        self._log = directory / "redis-cli.log"
        self.servers = [Server(directory, port, "--cluster-enabled", "yes", "--cluster-node-timeout",
                               "1000", "--cluster-replica-validity-factor", "0",
                               "--repl-diskless-sync-delay", "0") for port in free_ports(6)]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in self.servers[:3])

    async def start(self):
        for one in self.servers:
            one.start()
            await until(one.is_up, 10, "a Redis")
        await self._cli("--cluster", "create", *(f"127.0.0.1:{one.port}" for one in self.servers),
                        "--cluster-replicas", "1", "--cluster-yes")
        await until(self.is_well, 30, "a cluster")

    async def _cli(self, *words):
        with open(self._log, "ab") as output:
            process = await asyncio.create_subprocess_exec("redis-cli", *map(str, words), stdout=output,
                                                           stderr=output)
            if await process.wait() != 0:
                raise RuntimeError(f"redis-cli {words[1]}, see {self._log}")

    async def primaries(self):
        return [one for one in self.servers if (await one.says("ROLE") or [""])[0] == "master"]

    async def is_well(self):
        """All agree, and every primary has its replica."""
        for one in self.servers:
            info = await one.says("CLUSTER", "INFO")
            if "cluster_state:ok" not in info or "cluster_slots_pfail:0" not in info \
                    or "cluster_known_nodes:6" not in info:
                return False
        primaries = await self.primaries()
        copies = [await one.says("INFO", "replication") for one in primaries]
        return len(primaries) == 3 and all("state=online" in info for info in copies)

    async def leaders(self):
        return {one.port for one in await self.primaries()}

    async def has_copies(self):
        copies = [await one.says("INFO", "replication") for one in await self.primaries()]
        return all("state=online" in info for info in copies)

    async def victim(self):
        return (await self.primaries())[0]

    async def copies_of(self, primary):
        """ROLE of a replica: "slave", the address, the port, …"""
        roles = [(one, await one.says("ROLE")) for one in self.servers]
        return [one for one, role in roles if role and role[0] == "slave" and role[2] == primary.port]

    async def has_successor(self, victim):
        others = [one for one in self.servers if one is not victim]
        states = [await one.says("CLUSTER", "INFO") for one in others]
        return len(await self.primaries_of(others)) == 3 \
            and all("cluster_state:ok" in state for state in states)

    @staticmethod
    async def primaries_of(servers):
        return [one for one in servers if (await one.says("ROLE") or [""])[0] == "master"]

    async def migrate(self, slots):
        """From whoever has most to whoever has least: a primary without any would become a replica."""
        primaries = await self.primaries()
        owned = Counter({one.port: 0 for one in primaries})
        for first, last, (_, port, *_), *_ in await primaries[0].ask("CLUSTER", "SLOTS"):
            owned[port] += last - first + 1
        giver, taker = (next(one for one in primaries if one.port == port)
                        for port in (max(owned, key=owned.get), min(owned, key=owned.get)))
        await self._cli("--cluster", "reshard", f"127.0.0.1:{giver.port}",
                        "--cluster-from", await giver.ask("CLUSTER", "MYID"),
                        "--cluster-to", await taker.ask("CLUSTER", "MYID"),
                        "--cluster-slots", slots, "--cluster-yes")

    def end(self):
        for one in self.servers:
            one.kill()
