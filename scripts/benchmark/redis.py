"""Sessions in Redis: what they cost with the cache warm and without it, beside the shared memory of one
machine, no protection at all, a gate in Lua that asks the same Redis, and auth_request; what a slow Redis
costs those who do not need it; and how soon a logout counts at another nginx. The goals are those that the
store was made for; 1 if one of them is missed.

Rounds of all variants in turn, the ratios of each round, and their median: this machine is never alone.
"""

import http.client
import os
import socket
import statistics
import threading
import time

from .load import Load
from .redis_stand import RedisStand
from .verdict import Verdict
from .visitor import Visitor, nif

PAGE = "/proxied/page"
CONNECTIONS = 64


class Variant:
    def __init__(self, name, front, port, cookie):
        self.name, self.front, self.port, self.cookie = name, front, port, cookie
        self.rates, self.costs, self.waits = [], [], []

    def measure(self, stand, place, seconds):
        before = stand.front_cpu(self.front)
        seen = Load(f"http://127.0.0.1:{self.port}/{place}/page", self.cookie, seconds).result()
        if not seen.all_good:
            raise RuntimeError(f"{self.name} did not answer 200")
        self.rates.append(seen.rate)
        self.costs.append((stand.front_cpu(self.front) - before) / seen.requests * 1e6)
        self.waits.append(seen.p99)


def spread(values, form):
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} ({low:{form}} to {high:{form}})"


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs)]


def share_of_added(ours, theirs, plain):
    return [(a - bare) / (b - bare) for a, b, bare in zip(ours.costs, theirs.costs, plain.costs)]


def compare(stand, place, rounds, seconds, verdict):
    more = stand.more
    cookie = {name: Visitor(stand, port).login(PAGE) for name, port in (
        ("shared", stand.protected), ("warm", more["warm"]), ("cold", more["cold"]))}
    # Requests of one session that come together ask once, so it is told apart how many there are.
    many = [Visitor(stand, more["cold"]).login(PAGE, nif=nif(1000 + i)) for i in range(CONNECTIONS)]
    for one in (cookie["cold"], *many):
        stand.keep_for_lua(one)
    variants = [
        Variant("unprotected", "front", stand.plain, cookie["shared"]),
        Variant("shared memory", "front", stand.protected, cookie["shared"]),
        Variant("Redis, cache warm", "warm", more["warm"], cookie["warm"]),
        Variant("Redis, no cache", "cold", more["cold"], cookie["cold"]),
        Variant("Lua and Redis", "others", more["lua"], cookie["cold"]),
        Variant("auth_request", "others", more["asking"], cookie["cold"]),
        Variant("no cache, 64 sessions", "cold", more["cold"], many),
        Variant("Lua, 64 sessions", "others", more["lua"], many),
    ]
    for _ in range(rounds):
        for one in variants:
            one.measure(stand, place, seconds)
    plain, shared, warm, cold, lua, asking, cold_many, lua_many = variants
    print(f"{place}, {rounds} rounds of {seconds} s, 64 connections; the unprotected twin: "
          f"{statistics.median(plain.rates):.0f} requests/s, {statistics.median(plain.costs):.1f} us CPU each")
    for one in variants[1:]:
        added = [a - b for a, b in zip(one.costs, plain.costs)]
        print(f"  {one.name:21} {spread(ratios(one.rates, plain.rates), '.3f')} of its requests/s, "
              f"{spread(added, '+.1f')} us CPU, p99 {statistics.median(one.waits) / 1e3:.2f} ms")
    as_shared = ratios(warm.rates, shared.rates)
    as_lua = ratios(cold.rates, lua.rates)
    added = share_of_added(cold, lua, plain)
    verdict.goal(statistics.median(as_shared) >= 0.98,
                 f"cache warm / shared memory: {spread(as_shared, '.3f')} of the requests/s; at least 0.98")
    verdict.goal(statistics.median(as_lua) >= 2,
                 f"no cache / Lua and Redis: {spread(as_lua, '.2f')} of the requests/s; at least 2")
    verdict.goal(statistics.median(added) < 0.5,
                 f"no cache / Lua and Redis: {spread(added, '.2f')} of the added CPU; less than 0.5")
    print(f"           the same with 64 sessions: {spread(ratios(cold_many.rates, lua_many.rates), '.2f')} of the "
          f"requests/s, {spread(share_of_added(cold_many, lua_many, plain), '.2f')} of the added CPU")
    print("           no cache / auth_request: " + spread(ratios(cold.rates, asking.rates), ".2f"), flush=True)


def public_beside_slow(stand, rounds, seconds, verdict):
    """The p99 of a public location, while 64 wait for a Redis that takes its time, and while nobody does."""
    more = stand.more
    cookie = Visitor(stand, more["cold"]).login(PAGE)
    public = f"http://127.0.0.1:{more['slow_plain']}/static/page"
    alone, beside, waited = [], [], []
    for _ in range(rounds):
        alone.append(Load(public, None, seconds, connections=8).result().p99)
        others = Load(f"http://127.0.0.1:{more['slow']}{PAGE}", cookie, seconds + 1)
        time.sleep(0.7)
        beside.append(Load(public, None, seconds, connections=8).result().p99)
        seen = others.result()
        if not seen.all_good:
            raise RuntimeError("the slow Redis was too slow")
        waited.append(seen.p99)
    print(f"a Redis that takes 500 ms: those with a session wait {statistics.median(waited) / 1e3:.0f} ms (p99)",
          flush=True)
    verdict.goal(statistics.median(ratios(beside, alone)) <= 1.5,
                 f"the p99 of a public page of the same worker is {spread(ratios(beside, alone), '.2f')} times "
                 f"that without ({statistics.median(alone):.0f} us -> {statistics.median(beside):.0f} us); "
                 "at most 1.5")


class Changes(threading.Thread):
    """`rate` other sessions a second are written, all of them heard of by everybody with a cache."""

    def __init__(self, port, rate):
        super().__init__(daemon=True)
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._rate = rate
        self.over = threading.Event()
        self.made = 0
        self.begin = time.monotonic()

    def run(self):
        while not self.over.wait(0.005):
            due = int((time.monotonic() - self.begin) * self._rate)
            text = b""
            for number in range(self.made, due):
                key = f"clave:s:{{{number % 5000:064x}}}".encode()
                text += b"*5\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\nx\r\n$2\r\nEX\r\n$2\r\n60\r\n" % (len(key), key)
            self._socket.sendall(text)
            answered = 0
            while answered < 5 * (due - self.made):  # "+OK\r\n" each
                answered += len(self._socket.recv(65536))
            self.made = due


class Looker(threading.Thread):
    """Looks at a page again and again, until it is not given any more."""

    def __init__(self, port, cookie):
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._cookie = cookie
        self.looked = threading.Event()
        self.last = 0.0  # when the last page was asked for that was given

    def run(self):
        while True:
            begin = time.monotonic()
            self._connection.request("GET", PAGE, headers={"Cookie": self._cookie})
            answer = self._connection.getresponse()
            answer.read()
            if answer.status != 200:
                break
            self.last = begin
            self.looked.set()
        self._connection.close()


def at_99(values):
    return sorted(values)[int(len(values) * 0.99)]


def invalidation(stand, logouts, rate, verdict):
    """How long a page is given at one nginx, after a logout at another was asked for, and answered."""
    changes = Changes(stand.more["redis"], rate)
    changes.start()
    asked, answered = [], []
    for _ in range(logouts):
        visitor = Visitor(stand, stand.more["cold"])
        looker = Looker(stand.more["warm"], visitor.login(PAGE))
        looker.start()
        looker.looked.wait(5)
        time.sleep(0.005)
        begin = time.monotonic()
        visitor.log_out()
        end = time.monotonic()
        looker.join()
        asked.append(max(0.0, looker.last - begin) * 1e3)
        answered.append(max(0.0, looker.last - end) * 1e3)
    changes.over.set()
    changes.join()
    made = changes.made / (time.monotonic() - changes.begin)
    print(f"{logouts} logouts at one nginx, during {made:.0f} other changes a second: the last page at another "
          f"was asked for {statistics.median(asked):.2f} ms (median; p99 {at_99(asked):.2f} ms, at most "
          f"{max(asked):.2f} ms) after the logout was, and {statistics.median(answered):.2f} ms (p99 "
          f"{at_99(answered):.2f} ms, at most {max(answered):.2f} ms) after it was answered", flush=True)
    verdict.goal(made >= 0.95 * rate, f"{made:.0f} changes a second were made; at least {0.95 * rate:.0f}")
    verdict.goal(at_99(asked) <= 5, f"the p99 from a logout to the last page elsewhere is {at_99(asked):.2f} ms; "
                 "at most 5")


def run(rounds, seconds, logouts, rate):
    os.sched_setaffinity(0, {1})
    verdict = Verdict()
    with RedisStand() as stand:
        for place in ("proxied", "static"):
            compare(stand, place, rounds, seconds, verdict)
        public_beside_slow(stand, rounds, seconds, verdict)
        invalidation(stand, logouts, rate, verdict)
    return verdict.status()
