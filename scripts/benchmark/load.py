"""wrk, on the CPU where the front worker is not."""

import re
import subprocess
from dataclasses import dataclass

UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


@dataclass
class Seen:
    requests: int
    rate: float    # requests per second
    p99: float     # microseconds
    all_good: bool  # no answer but 2xx and 3xx


class Load:
    """Begins at once, and ends by itself after `seconds`."""

    def __init__(self, url, cookie, seconds, connections=64):
        header = ["-H", f"Cookie: {cookie}"] if cookie else []
        self._process = subprocess.Popen(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
             *header, url], text=True, stdout=subprocess.PIPE)

    def result(self):
        output, _ = self._process.communicate()
        if self._process.returncode != 0:
            raise RuntimeError("wrk failed")
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        return Seen(requests=int(re.search(r"(\d+) requests in", output)[1]),
                    rate=float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
                    p99=float(number) * UNITS[unit],
                    all_good="Non-2xx" not in output)
