"""A flood of requests without a cookie: it may cost its CPU, and nothing else.

The worker's memory and the session of one person, before and after; and the 99th percentile of that
person's requests during the flood, beside a flood of the same requests that nginx answers by itself with
a redirect.
"""

import statistics

from .load import Load
from .stand import Stand
from .visitor import Visitor

PAGE = "/proxied/page"


def during(stand, flood_url, cookie, seconds):
    """(p99 of the person, requests of the flood)"""
    flood = Load(flood_url, None, seconds, connections=32)
    person = Load(f"http://127.0.0.1:{stand.protected}{PAGE}", cookie, seconds, connections=2).result()
    if not person.all_good:
        raise RuntimeError("the session did not survive")
    return person.p99, flood.result().requests


def run(requests, seconds):
    with Stand() as stand:
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
        print(f"{sent} anonymous requests: the worker has {stand.front_memory() - before:+d} KiB, the "
              f"session lives, and its p99 was {statistics.median(ratios):.2f} times that during a flood "
              f"of plain redirects ({min(ratios):.2f}-{max(ratios):.2f})", flush=True)
