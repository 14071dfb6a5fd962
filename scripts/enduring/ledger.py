"""What happened, what was wrong meanwhile, and whether the one excuses the other."""

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

RECOVERY = 2.0  # seconds after a fault


@dataclass
class Fault:
    name: str
    loses_writes: bool = False  # of the last moment, as replicas are always behind
    moves_keys: bool = False    # to another primary: logins under way begin anew
    ends_nginx: bool = False    # with whatever it was doing
    only_copies: bool = False   # what has to last cannot be written; all else goes on
    begin: float = field(default_factory=time.monotonic)
    end: float = float("inf")

    def overlaps(self, begin, end):
        return begin <= self.end + RECOVERY and end >= self.begin


class Ledger:
    def __init__(self):
        self.counts = Counter()
        self.faults = []
        self.findings = []  # that nothing excuses
        self.longest_stale = 0.0
        self.longest_after = 0.0  # from the end of a fault to the last error that it excuses
        self._began = time.monotonic()
        self._open = []  # judged at the end, when it is known when faults ended

    @contextmanager
    def fault(self, name, **kind):
        one = Fault(name, **kind)
        self.faults.append(one)
        try:
            yield one
        finally:
            one.end = time.monotonic()

    def count(self, what):
        self.counts[what] += 1

    def never(self, what):
        """Nothing excuses it."""
        self.findings.append(f"{self._now():.1f} s: {what}")

    def only_if(self, what, begin, excuse=lambda fault: True):
        """Wrong, unless one of the faults between `begin` and now is an excuse."""
        self._open.append((what, begin, time.monotonic(), excuse))

    def stale(self, seconds):
        self.longest_stale = max(self.longest_stale, seconds)

    def _now(self):
        return time.monotonic() - self._began

    def judge(self):
        """What was wrong outside of the faults that excuse it."""
        unexcused = []
        for what, begin, end, excuse in self._open:
            excusing = [fault for fault in self.faults if fault.overlaps(begin, end) and excuse(fault)]
            if excusing:
                self.counts[f"{what}, in a fault"] += 1
                after = min(end - fault.end for fault in excusing)
                if what != "session lost":  # he may look for it much later
                    self.longest_after = max(self.longest_after, after)
            else:
                near = min(self.faults, key=lambda fault: abs(end - fault.end), default=None)
                beside = f", {end - near.end:+.1f} s of the end of \"{near.name}\"" if near else ""
                unexcused.append(f"{end - self._began:.1f} s: {what}{beside}")
        self._open = []
        return unexcused
