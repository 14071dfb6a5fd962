"""A flood of requests without a cookie: it may cost its CPU, and nothing else.

The worker's memory and the sessions of a hundred people, before and after; and the 99th percentile of the
requests of one of them during the flood, beside a flood of the same requests that nginx answers by itself
with a redirect.
"""

import statistics

from .load import Load
from .stand import Stand
from .verdict import Verdict
from .visitor import Visitor, nif

PAGE = "/proxied/page"
PEOPLE = 100
# What the goals allow for: a page here and there that the allocator has taken for good, and a flood that
# takes some more CPU for each request than a redirect does.
MOST_KIB = 512
MOST_RATIO = 1.5


def during(stand, flood_url, cookie, seconds):
    """(p99 of the person, requests of the flood)"""
    flood = Load(flood_url, None, seconds, connections=32)
    person = Load(f"http://127.0.0.1:{stand.protected}{PAGE}", cookie, seconds, connections=2).result()
    if not person.all_good:
        raise RuntimeError("the session did not survive")
    return person.p99, flood.result().requests


def run(requests, seconds):
    with Stand() as stand:
        people = [Visitor(stand) for _ in range(PEOPLE)]
        for number, person in enumerate(people):
            person.login(PAGE, nif=nif(number))
        cookie = Visitor(stand).login(PAGE)
        protected = f"http://127.0.0.1:{stand.protected}{PAGE}"
        redirect = f"http://127.0.0.1:{stand.plain}/away/page"
        during(stand, protected, cookie, seconds)  # pools and buffers are as large as they will be
        before = stand.front_memory()
        ratios, sent = [], 0
        while sent < requests:
            twin, _ = during(stand, redirect, cookie, seconds)
            ours, more = during(stand, protected, cookie, seconds)
            ratios.append(ours / twin)
            sent += more
        grown = stand.front_memory() - before
        lost = sum(not person.is_in(PAGE) for person in people)
        ratio = statistics.median(ratios)
        print(f"{sent} anonymous requests", flush=True)
        verdict = Verdict()
        verdict.goal(grown <= MOST_KIB, f"the worker has {grown:+d} KiB; at most {MOST_KIB:+d}")
        verdict.goal(lost == 0, f"{lost} of {PEOPLE} sessions were lost")
        verdict.goal(ratio <= MOST_RATIO,
                     f"the p99 of somebody with a session was {ratio:.2f} times that during a flood of plain "
                     f"redirects ({min(ratios):.2f}-{max(ratios):.2f}); at most {MOST_RATIO}")
        return verdict.status()
