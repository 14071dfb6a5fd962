"""wrk, on the CPU where the front worker is not."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


@dataclass
class Seen:
    requests: int
    rate: float    # requests per second
    p99: float     # microseconds
    all_good: bool  # no answer but 2xx and 3xx


# One request for each of them, in turn; made once, so that they cost no more than a single one.
IN_TURN = """
local cookies, requests, last = { %s }, {}, 0
function init()
    for i, cookie in ipairs(cookies) do
        requests[i] = wrk.format(nil, nil, { Host = wrk.headers.Host, Cookie = cookie })
    end
end
function request()
    last = last %% #requests + 1
    return requests[last]
end
"""


class Load:
    """Begins at once, and ends by itself after `seconds`. `cookies`: of whom, or of several in turn."""

    def __init__(self, url, cookies, seconds, connections=64):
        who = [cookies] if isinstance(cookies, str) else cookies or []
        with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as script:
            script.write(IN_TURN % ", ".join(f"'{one}'" for one in who))
        self._script = Path(script.name)
        more = ["-s", script.name] if len(who) > 1 else ["-H", f"Cookie: {who[0]}"] if who else []
        self._process = subprocess.Popen(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
             *more, url], text=True, stdout=subprocess.PIPE)

    def result(self):
        output, _ = self._process.communicate()
        self._script.unlink()
        if self._process.returncode != 0:
            raise RuntimeError("wrk failed")
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
        return Seen(requests=int(re.search(r"(\d+) requests in", output)[1]),
                    rate=float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
                    p99=float(number) * UNITS[unit],
                    all_good="Non-2xx" not in output)
