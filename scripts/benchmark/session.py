"""Requests per second and CPU per request with a session, against the unprotected twin.

Alternating rounds, ratio per round, median over the rounds: this machine is never alone.
"""

import statistics

from .load import Load
from .stand import Stand
from .visitor import Visitor


def load(stand, url, cookie, seconds):
    """(requests per second, CPU microseconds of the front worker per request)"""
    before = stand.front_cpu()
    seen = Load(url, cookie, seconds).result()
    if not seen.all_good:
        raise RuntimeError(f"{url} did not answer 200")
    return seen.rate, (stand.front_cpu() - before) / seen.requests * 1e6


def compare(stand, place, cookie, rounds, seconds):
    plain = f"http://127.0.0.1:{stand.plain}/{place}/page"
    protected = f"http://127.0.0.1:{stand.protected}/{place}/page"
    ratios, added, base = [], [], []
    for _ in range(rounds):
        plain_rate, plain_cpu = load(stand, plain, cookie, seconds)
        rate, cpu = load(stand, protected, cookie, seconds)
        ratios.append(rate / plain_rate)
        added.append(cpu - plain_cpu)
        base.append(plain_rate)
    print(f"{place:8}  {statistics.median(ratios):.3f} of the twin's {statistics.median(base):.0f} "
          f"requests/s ({min(ratios):.3f}-{max(ratios):.3f}), "
          f"{statistics.median(added):+.2f} us CPU per request "
          f"({min(added):+.2f} to {max(added):+.2f})", flush=True)


def run(rounds, seconds):
    with Stand() as stand:
        cookie = Visitor(stand).login("/proxied/page") + "; theme=dark; lang=es"
        print(f"with a session, {rounds} rounds of {seconds} s each way:", flush=True)
        for place in ("proxied", "static"):
            compare(stand, place, cookie, rounds, seconds)
