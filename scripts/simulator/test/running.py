"""One simulator for all tests of a run, as a process of its own, on free ports."""

import atexit
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from .service_provider import Browser, ServiceProvider

_SCRIPTS = Path(__file__).resolve().parents[2]
SLOW = 1   # seconds
COMMAND = (sys.executable, str(_SCRIPTS / "simulate"))


class Running:
    def __init__(self, *options):
        self._directory = tempfile.TemporaryDirectory(prefix="simulator-test-")
        self.state = Path(self._directory.name) / "state"
        self._process = subprocess.Popen(
            [*COMMAND, "--state", str(self.state), "--port", "0",
             "--office-port", "0", "--fire-port", "0", *options],
            stdout=subprocess.PIPE, text=True,
        )
        line = self._process.stdout.readline()
        if not line:
            sys.exit("the simulator did not start")
        self.addresses = json.loads(line)
        self.browser = Browser(self.state / "ca.pem")
        self.provider = ServiceProvider(self.state / "sede.key", self.state / "sede.pem",
                                        self.addresses["gateway"])

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()
        self._directory.cleanup()

    def control(self, path, value=None):
        url = urljoin(self.addresses["control"], path)
        if value is None:
            received = self.browser.get(url)
        else:
            received = self.browser.post(url, json.dumps(value).encode(),
                                         {"Content-Type": "application/json"})
        return json.loads(received.body)

    def enter(self, root=None, **fields):
        """Posts a request as the site's page does and follows to the chooser, or wherever."""
        root = self.provider.request() if root is None else root
        form = {**self.provider.fields(root), **fields}
        first = self.browser.post(self.provider.gateway_url, form)
        return self.browser.follow(first)

    def choose(self, chooser, method):
        return self.browser.submit(chooser, form="/IdP2/elegir", button=("metodo", method))


_running = None


def simulator():
    global _running
    if _running is None:
        _running = Running("--slow", str(SLOW))
        atexit.register(_running.stop)
    _running.control("reset", {})
    return _running
