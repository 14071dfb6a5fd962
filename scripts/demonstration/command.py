"""The command line of the demo."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import stack as stacks
from .stack import DEFAULT_PORT, SCRIPTS, Failed, Stack, free_ports, ports_from

_START_SECONDS = 40
_READY = "Ctrl-C ends it."
_RUN_FILES = ("output", "pid")


def arguments():
    parser = argparse.ArgumentParser(
        prog="demo", description="The four procedures behind Cl@ve, on this machine alone.")
    parser.add_argument("--port", type=int, metavar="N",
                        help="of the site; gateway and application take the next two "
                             f"(default {DEFAULT_PORT}, or any that are free)")
    parser.add_argument("--encrypted", action="store_true", help="the gateway encrypts answers")
    parser.add_argument("--background", action="store_true", help="start, print, return")
    parser.add_argument("--stop", action="store_true", help="end what --background started")
    parser.add_argument("--check", action="store_true",
                        help="walk the procedures in headless Chromium and end")
    parser.add_argument("--only", default="", metavar="TEXT", help="only walks that say TEXT")
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    parser.add_argument("--no-build", action="store_true", help="use the module as it is")
    parser.add_argument("--module", type=Path, default=stacks.MODULE, metavar="FILE")
    return parser.parse_args()


def main():
    options = arguments()
    # An end by signal unwinds, too: nothing that was started stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if options.stop:
            return stop_background()
        if not options.no_build:
            prepare()
        if options.check:
            return run_check(options)
        if options.background:
            return start_background(options)
        return stay(options)
    except Failed as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def prepare():
    """The module; does nothing where it is up to date. (scripts/demo has seen to the packages.)"""
    if subprocess.run([str(SCRIPTS / "build")], stdout=subprocess.DEVNULL).returncode:
        raise Failed("scripts/build failed")


def open_stack(options, usual=None):
    """At the ports that were asked for, and no others; without --port at the usual ones, if free."""
    ports = ports_from(options.port) if options.port else free_ports(usual)
    return Stack(ports, module=options.module, encrypted=options.encrypted)


def run_check(options):
    # Selenium is only needed here.
    from .check import check, chosen
    if not chosen(options.only):
        raise Failed(f"no walk says “{options.only}”")
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    with open_stack(options) as stack:
        failed = check(stack, screenshots=options.screenshots, only=options.only)
        if failed:
            print(f"demo: {failed} failed; nginx said:\n{stack.error_log()[-4000:]}",
                  file=sys.stderr)
    return 1 if failed else 0


def stay(options):
    """Until Ctrl-C."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with open_stack(options, DEFAULT_PORT) as stack:
        _print(_addresses(stack))
        print(_READY, flush=True)
        while not ended.wait(1):
            if stack.ended():
                raise Failed(f"a process ended by itself:\n{stack.error_log()[-4000:]}")
    return 0


def _addresses(stack):
    return {
        "Sede (start here)": stack.base_url + "/",
        "Alta de beneficiario, in PHP": stack.base_url + "/beneficiario/alta.php",
        "Telephone (SMS, Cl@ve Móvil)": stack.addresses["phone"],
        "Workshop (personas, faults, requests)": stack.addresses["workshop"],
        "Control API": stack.addresses["control"],
        "Certificate of the demo's CA": str(stack.prefix / "state" / "ca.pem"),
        "Who is in": f"build/clavectl sessions list --socket {stack.prefix}/control.sock",
        "nginx configuration": str(stack.prefix / "nginx.conf"),
        "nginx error log": str(stack.prefix / "error.log"),
    }


def _print(addresses):
    width = max(map(len, addresses))
    for name, value in addresses.items():
        print(f"{name:<{width}}  {value}")


# --- in the background ------------------------------------------------------------------------

def _own_base():
    """Where there is no directory for what runs: one of ours."""
    return Path(f"/tmp/clave-demo-{os.getuid()}")


def _run_directory():
    return Path(os.environ.get("XDG_RUNTIME_DIR") or _own_base()) / "clave-demo"


def _make_run_directory():
    directory = _run_directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.getuid():
        raise Failed(f"{directory} belongs to somebody else")
    return directory


def _remove_run_directory():
    """What start_background() has made; with something else in it, a directory stays."""
    directory = _run_directory()
    for name in _RUN_FILES:
        (directory / name).unlink(missing_ok=True)
    for made in (directory, _own_base()):
        if made in (directory, directory.parent):
            with contextlib.suppress(OSError):
                made.rmdir()


def _running_pid():
    """Of the demo in the background, if it is still the demo."""
    try:
        pid = int((_run_directory() / "pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if str(SCRIPTS / "demonstration").encode() in command.split(b"\0") else None


def start_background(options):
    if _running_pid():
        raise Failed("it runs already; end it with scripts/demo --stop")
    directory = _make_run_directory()
    command = [str(SCRIPTS / "demo"), "--no-build", "--module", str(options.module)]
    command += ["--port", str(options.port)] if options.port else []
    command += ["--encrypted"] if options.encrypted else []
    # What the demo says in the foreground is what is shown here.
    said = directory / "output"
    with open(said, "w") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                 start_new_session=True)
    (directory / "pid").write_text(str(child.pid))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        addresses, ready, _ = said.read_text().partition(_READY)
        if ready:
            print(addresses + "It runs in the background; scripts/demo --stop ends it.")
            return 0
        time.sleep(0.1)
    child.terminate()
    raise Failed(said.read_text())


def stop_background():
    pid = _running_pid()
    if pid is None:
        print("demo: nothing runs in the background")
        _remove_run_directory()  # one that was killed has left it
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while _running_pid() == pid and time.monotonic() < deadline:
        time.sleep(0.1)
    _remove_run_directory()
    return 0
