"""Programs of a run: on ports of its own, in a directory of its own, ended with it."""

import asyncio
import ctypes
import os
import random
import signal
import socket
import subprocess

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Below those that the system gives to clients; a cluster's bus takes the one 10000 above."""
    found = []
    while len(found) < count:
        port = random.SystemRandom().randrange(11000, 22000)
        if port not in found and is_free(port) and is_free(port + 10000):
            found.append(port)
    return found


class Process:
    def __init__(self, words, log):
        with open(log, "ab") as output:
            self._popen = subprocess.Popen([str(word) for word in words], stdout=output, stderr=output,
                                           stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)

    @property
    def pid(self):
        return self._popen.pid

    def is_running(self):
        return self._popen.poll() is None

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self._popen.wait()


async def until(condition, seconds, what):
    """`condition` is an async function; looked at 20 times a second."""
    for _ in range(int(seconds * 20)):
        if await condition():
            return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"not within {seconds} s: {what}")
