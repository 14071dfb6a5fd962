"""Starts the processes of the demo below one directory of its own, and ends them again."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from simulator.command import PROVIDER_NAME

from . import nginx_conf, php

SCRIPTS = Path(__file__).resolve().parents[1]
MODULE = SCRIPTS.parent / "build" / "ngx_http_clave_module.so"
# Not the nginx of the tests, which may be a sanitized one that cannot load this module.
NGINX = os.environ.get("CLAVE_DEMO_NGINX", "/usr/sbin/nginx")
DEFAULT_PORT = 8443
_START_SECONDS = 15


class Failed(Exception):
    """The demo cannot start; the text says why and what to do."""


def ports_from(first):
    """Ports of the site, the gateway and the application: these neighbours."""
    ports = tuple(range(first, first + 3))
    taken = [port for port in ports if not _is_free(port)]
    if taken:
        raise Failed(f"port {taken[0]} is not free; choose another with --port, or none")
    return ports


def free_ports(usual=None):
    """The same, or any that are free."""
    if usual:
        try:
            return ports_from(usual)
        except Failed:
            pass
    sockets = [socket.socket() for _ in range(3)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return tuple(one.getsockname()[1] for one in sockets)
    finally:
        for one in sockets:
            one.close()


def _is_free(port):
    with socket.socket() as probe:
        # As nginx binds: connections that linger from a demo just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


class Stack:
    def __init__(self, ports, *, module=MODULE, encrypted=False):
        self._sede_port, self._gateway_port, self._office_port = ports
        self._module = Path(module)
        self._encrypted = encrypted
        self._processes = []
        self.prefix = None
        self.addresses = {}
        self.base_url = f"https://sede.localhost:{self._sede_port}"

    def __enter__(self):
        if not self._module.is_file():
            raise Failed(f"{self._module} is missing; build it with scripts/build")
        self.prefix = Path(tempfile.mkdtemp(prefix="clave-demo-"))
        try:
            # nginx's workers, where root starts it, are another user and need their way to temp/;
            # the keys are in state/, which only its owner can enter.
            self.prefix.chmod(0o711)
            (self.prefix / "temp").mkdir()
            self._start_simulator()
            self._start_php()
            self._start_nginx()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.prefix, ignore_errors=True)

    def _start_simulator(self):
        command = [str(SCRIPTS / "simulate"), "--state", str(self.prefix / "state"),
                   "--port", str(self._gateway_port), "--office-port", str(self._office_port),
                   "--fire-port", "0", "--sede", self.base_url + "/"]
        if self._encrypted:
            command.append("--encrypted")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._processes.append(process)
        line = process.stdout.readline()
        if not line:
            raise Failed("the simulator did not start")
        self.addresses = json.loads(line)

    def _start_php(self):
        process = php.start(self.prefix)
        if process is None:
            raise Failed("there is no PHP-FPM; install what scripts/packages names")
        self._processes.append(process)
        socket_path = self.prefix / "php" / "socket"
        deadline = time.monotonic() + _START_SECONDS
        while not socket_path.is_socket():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed("PHP-FPM did not start")
            time.sleep(0.1)

    def _start_nginx(self):
        conf = self.prefix / "nginx.conf"
        conf.write_text(nginx_conf.text(
            module=self._module, prefix=self.prefix, state=self.prefix / "state",
            gateway=self.addresses["gateway"], provider_name=PROVIDER_NAME,
            listen=f"127.0.0.1:{self._sede_port}", base_url=self.base_url,
            office=f"127.0.0.1:{self._office_port}",
            fastcgi_params="/etc/nginx/fastcgi_params",
            fire=self.addresses["fire"], fire_public=self.addresses["fire_public"],
        ))
        command = [NGINX, "-p", str(self.prefix), "-c", str(conf),
                   "-e", str(self.prefix / "error.log")]
        tested = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True)
        if tested.returncode:
            raise Failed(f"nginx refuses the configuration:\n{tested.stderr}")
        process = subprocess.Popen(command)
        self._processes.append(process)
        self._wait_for(process)

    def _wait_for(self, nginx):
        context = ssl.create_default_context(cafile=str(self.prefix / "state" / "ca.pem"))
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and nginx.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self._sede_port), 2) as plain:
                    with context.wrap_socket(plain, server_hostname="sede.localhost"):
                        return
            except OSError:
                time.sleep(0.1)
        raise Failed(f"nginx did not start:\n{self.error_log()}")

    def ended(self):
        """Whether a process of the demo is gone."""
        return any(process.poll() is not None for process in self._processes)

    def error_log(self):
        try:
            return (self.prefix / "error.log").read_text(errors="replace")
        except OSError:
            return ""
