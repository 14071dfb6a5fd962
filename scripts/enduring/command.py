"""The command line of scripts/endurance, and a run."""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from . import signatures
from .citizen import Citizen, Graveyard
from .ledger import Ledger
from .redis import Cluster, Sentinels
from .site import TOP, Site, Smith
from .troubles import Troubles

# What no fault excuses, and no busy machine: nobody should try again and hope.
EXIT_NEVER = 3
# Each trouble has its turn in that time; a shorter run says which had none.
SECONDS_FOR_ALL = 120

TOPOLOGIES = {"sentinel": Sentinels, "cluster": Cluster}


def options():
    parser = argparse.ArgumentParser(prog="scripts/endurance")
    parser.add_argument("minutes", type=float, nargs="?", default=30)
    parser.add_argument("--topology", choices=[*TOPOLOGIES, "both"], default="both")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--signatures", type=int, metavar="N",
                        help="instead: N signatures, on the way of each something dies")
    return parser


def endure_signatures(count, seed):
    directory = Path(tempfile.mkdtemp(prefix="clave-endurance-"))
    ends, killed, wrong = asyncio.run(signatures.endure(directory, count, seed))
    print(f"signatures, {count}: " + "; ".join(
        f"{way}: " + ", ".join(f"{number} {end}" for end, number in those.most_common())
        for way, those in sorted(ends.items())))
    print("  " + ", ".join(f"{what} ({number})" for what, number in sorted(killed.items())))
    return report_wrong(directory, wrong)


def report_wrong(directory, wrong):
    for finding in wrong[:20]:
        print(f"  WRONG {finding}")
    if len(wrong) > 20:
        print(f"  and {len(wrong) - 20} more")
    if wrong and os.environ.get("CLAVE_KEEP"):
        print(f"  kept in {directory}")
    else:
        shutil.rmtree(directory)
    return len(wrong)


async def ended_by_nobody(tasks, seconds):
    """Until the time is over; an exception of any of them ends it at once."""
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()


async def endure(directory, topology, arguments, seconds):
    dice = random.Random(arguments.seed)
    ledger = Ledger()
    redis = TOPOLOGIES[topology](directory)
    site = Site(directory, redis.url)
    smith = Smith(site.keys)
    tasks = []
    try:
        await redis.start()
        await site.start()
        await smith.start()
        graveyard = Graveyard(site.port, ledger, dice)
        troubles = Troubles(redis, site, ledger, dice)
        people = [Citizen(number, site.port, smith, ledger, graveyard, random.Random(dice.random()))
                  for number in range(10_000_001, 10_000_001 + arguments.people)]
        tasks = [asyncio.ensure_future(one) for one in (
            troubles.happen(), troubles.watch_machine(), troubles.watch_primaries(),
            graveyard.watch(), *(one.live() for one in people))]
        await ended_by_nobody(tasks, seconds)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await smith.end()
        site.end()
        redis.end()
    for line in site.complaints():
        ledger.never(line)
    return ledger, troubles


def report(topology, seconds, ledger, troubles):
    """What was wrong: what is always so, and what was not excused."""
    unexcused = ledger.judge()
    counts = ledger.counts
    print(f"{topology}, {seconds:.0f} s: " + ", ".join(
        f"{counts[what]} {what}" for what in ("logins", "step-ups", "logouts", "right pages", "public page",
                                              "dead sessions tried")))
    print("  " + ", ".join(f"{what} ({number})" for what, number in Counter(troubles.done).items()))
    missing = troubles.missing()
    if missing:
        print("  not in this time: " + ", ".join(missing))
    if missing and seconds >= SECONDS_FOR_ALL:
        unexcused.append("a run in which not everything happened: " + ", ".join(missing))
    excused = {what: number for what, number in sorted(counts.items()) if what.endswith(", in a fault")}
    print("  " + (", ".join(f"{number} {what}" for what, number in excused.items()) or "no errors")
          + f"; the last of them {ledger.longest_after:.1f} s after the end of its fault")
    print(f"  a session seen at most {ledger.longest_stale * 1e3:.0f} ms after its end "
          f"({counts['pages within a second of their end']} pages)")
    return ledger.findings, unexcused


def main():
    arguments = options().parse_args()
    subprocess.run([TOP / "scripts/build"], check=True, stdout=subprocess.DEVNULL)
    topologies = list(TOPOLOGIES) if arguments.topology == "both" else [arguments.topology]
    wrong = never = 0
    if arguments.signatures:
        wrong = endure_signatures(arguments.signatures, arguments.seed)
        topologies = []
    for topology in topologies:
        seconds = arguments.minutes * 60 / len(topologies)
        directory = Path(tempfile.mkdtemp(prefix="clave-endurance-"))
        begin = time.monotonic()
        ledger, troubles = asyncio.run(endure(directory, topology, arguments, seconds))
        always, unexcused = report(topology, time.monotonic() - begin, ledger, troubles)
        never += len(always)
        wrong += report_wrong(directory, always + unexcused)
    print(f"scripts/endurance: {'FAIL' if wrong else 'PASS'} ({wrong} wrong, {never} of it beyond excuse)")
    return EXIT_NEVER if never else 1 if wrong else 0
