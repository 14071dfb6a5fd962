"""What a login costs, and what those feel who are logged in while others log in.

CPU of the worker and its threads per login, from the first request to the page that was asked for,
beside xmlsec1 verifying the same answer again and again. Then the 99th percentile of requests with a
session, alone and during logins at a steady rate; answers are made beforehand, so that only
nginx works.
"""

import base64
import os
import resource
import statistics
import subprocess
import threading
import time
from urllib.parse import parse_qs

from .load import Load
from .stand import Stand
from .visitor import Visitor

PAGE = "/proxied/page"


def cpu_of_xmlsec1(stand, form, repeat):
    """Seconds of CPU for one verification, without the start of the program."""
    message = stand.dir / "answer.xml"
    message.write_bytes(base64.b64decode(parse_qs(form["body"])["SAMLResponse"][0]))

    def run(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            ["xmlsec1", "--verify", "--enabled-key-data", "x509,key-name", "--repeat", str(times),
             "--pubkey-cert-pem", stand.keys / "gateway.pem",
             "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response",
             "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", message],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return (run(repeat + 1) - run(1)) / repeat


def cpu_per_login(stand, logins):
    visitors = [Visitor(stand) for _ in range(logins)]
    before = stand.front_cpu()
    for visitor in visitors:
        visitor.login(PAGE)
    ours = (stand.front_cpu() - before) / logins
    bare = cpu_of_xmlsec1(stand, Visitor(stand).begin(PAGE), logins)
    print(f"a login takes {ours * 1e3:.2f} ms of CPU, {ours / bare:.1f} times what xmlsec1 takes to "
          f"verify its answer once ({bare * 1e3:.2f} ms)", flush=True)


def log_in_at(rate, begun):
    """Finishes the logins that were begun, `rate` of them a second."""
    start = time.monotonic()
    for number, (visitor, form) in enumerate(begun):
        time.sleep(max(0.0, start + number / rate - time.monotonic()))
        visitor.finish(form)


def felt(stand, rate, seconds, rounds):
    cookie = Visitor(stand).login(PAGE)
    url = f"http://127.0.0.1:{stand.protected}{PAGE}"
    alone, during = [], []
    for _ in range(rounds):
        begun = []
        for _ in range(int(rate * seconds)):
            visitor = Visitor(stand)
            begun.append((visitor, visitor.begin(PAGE)))
        alone.append(Load(url, cookie, seconds, connections=8).result().p99)
        others = threading.Thread(target=log_in_at, args=(rate, begun))
        others.start()
        during.append(Load(url, cookie, seconds, connections=8).result().p99)
        others.join()
    ratios = [after / before for before, after in zip(alone, during)]
    print(f"during {rate} logins a second the p99 of requests with a session is "
          f"{statistics.median(ratios):.2f} times that without ({min(ratios):.2f}-{max(ratios):.2f}; "
          f"{statistics.median(alone):.0f} us -> {statistics.median(during):.0f} us)", flush=True)


def run(logins, rate, seconds, rounds):
    os.sched_setaffinity(0, {1})
    with Stand() as stand:
        cpu_per_login(stand, logins)
        felt(stand, rate, seconds, rounds)
