"""What a simulator leaves in its --state directory while it runs, and the two commands for a shell
that cannot keep it in the foreground."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .client import ADDRESSES

_SECONDS = 40
_PID = "pid"


@contextlib.contextmanager
def noted(state, addresses):
    """`addresses.json` and `pid` are there while the block runs."""
    files = {state / ADDRESSES: json.dumps(addresses, indent=2) + "\n",
             state / _PID: f"{os.getpid()}\n"}
    for path, content in files.items():
        # Whoever waits for the file never reads half of it.
        partial = path.with_name(path.name + ".partial")
        partial.write_text(content)
        partial.replace(path)
    try:
        yield
    finally:
        for path in files:
            path.unlink(missing_ok=True)


def start(arguments, state):
    """Starts it with these arguments and prints its addresses; the status for the shell."""
    if _running(state):
        print(f"clave-sim: it runs already with --state {state}", file=sys.stderr)
        return 1
    # Nothing of the shell stays open in it: who reads our output until its end is not kept waiting.
    with open(_log(state), "wb") as log:
        child = subprocess.Popen([sys.executable, sys.argv[0], *arguments], stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + _SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        if _running(state) == child.pid:
            print(json.dumps(json.loads((state / ADDRESSES).read_text())))
            return 0
        time.sleep(0.05)
    child.terminate()
    print(_log(state).read_text().strip(), file=sys.stderr)
    return 1


def stop(argv):
    """The command `stop`."""
    parser = argparse.ArgumentParser(prog="clave-sim stop",
                                     description="Ends the simulator of a state directory.")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    state = parser.parse_args(argv).state
    pid = _running(state)
    if pid is None:
        print(f"clave-sim: nothing runs with --state {state}", file=sys.stderr)
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS
    while _words(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return int(bool(_words(pid)))


def _log(state):
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state / "output"


def _running(state):
    """The process that has written `pid`, if it is still a simulator of that directory."""
    try:
        pid = int((state / _PID).read_text())
    except (OSError, ValueError):
        return None
    return pid if any(os.fsencode(state.name) in word for word in _words(pid)) else None


def _words(pid):
    """Its command line; empty when it has ended."""
    try:
        return [word for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if word]
    except OSError:
        return []
