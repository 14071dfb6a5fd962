"""A running simulator from the outside, by its control API: for our own commands and for tests of
sites (examples/ shows how)."""

import json
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from .browser import Browser, Step

ADDRESSES = "addresses.json"


class Trouble(Exception):
    """The simulator is not there, or refuses; the text says which."""


class Simulator:
    """`state` is the directory given to `--state`."""

    def __init__(self, state):
        self.state = Path(state)
        try:
            self.addresses = json.loads((self.state / ADDRESSES).read_text())
        except (OSError, ValueError) as error:
            raise Trouble(f"no simulator runs with --state {self.state}: {error}") from error
        self._browser = self.browser()

    def browser(self, authorities=(), **options):
        """One that knows the simulator's names and trusts its certificates."""
        hosts = {urlsplit(url).hostname for url in self.addresses.values() if "://" in url}
        hosts |= {self.addresses["ident_host"]}
        hosts.discard(urlsplit(self.addresses["sede"]).hostname)
        listens = self.addresses["listen"]
        address = "127.0.0.1" if listens == "0.0.0.0" else listens
        resolve = {**dict.fromkeys(hosts, address), **options.pop("resolve", {})}
        return Browser((self.state / "ca.pem", *authorities), resolve=resolve, **options)

    def next(self, **wish):
        """Of the next login: persona, method, level, otp, fault, encrypted."""
        return self.ask("next", wish)

    def next_logout(self, fault=""):
        return self.ask("next-logout", {"fault": fault})

    def auto(self, **wish):
        """Of every login; nothing ends it."""
        return self.ask("auto", wish)

    def requests(self):
        return self.ask("requests")

    def last_code(self, nif):
        return self.ask(f"sms/last?nif={nif}")["code"]

    def advance(self, seconds):
        return self.ask("clock", {"advance": seconds})

    def reset(self):
        return self.ask("reset", {})

    def ask(self, path, value=None):
        """GET, or POST of a value; `path` as in control-api.md, after /_sim/."""
        url = self.addresses["control"] + path
        body = None if value is None else json.dumps(value).encode()
        page = self._browser.take(Step(url), body, "application/json")
        try:
            answer = json.loads(page.body)
        except ValueError:
            raise Trouble(f"{url}: {page.status} {page.text.strip()}") from None
        if page.status != 200:
            raise Trouble(f"{url}: {answer.get('error', page.status)}")
        return answer


class Started(Simulator):
    """One of our own, which ends with `stop` or the end of a `with`."""

    def __init__(self, state, *options, command=("clave-sim",)):
        self._process = subprocess.Popen(
            [*command, "--state", str(state), *options], stdout=subprocess.PIPE, text=True)
        if not self._process.stdout.readline():
            self._process.stdout.close()
            raise Trouble(f"{command[0]} ended with status {self._process.wait()}")
        super().__init__(state)

    def stop(self):
        self._process.terminate()
        self._process.wait(20)
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
