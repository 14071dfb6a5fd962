"""What stands around a signature: the simulator's FIRe behind a wire that can be cut, an application
that remembers what it was handed, and nginx between them."""

import asyncio
import hashlib
import json
import os
import ssl
import subprocess
from collections import defaultdict

from .process import Process, free_ports, until
from .site import HEAD, HOST, NGINX, TOP, Nginx

CONF = """
load_module {top}/build/ngx_http_clave_module.so;
worker_processes 2;
""" + HEAD + """
    clave_session_store       {store} cache=clave-cache:8m;
    clave_session_key         {dir}/session.key;
    clave_session_timeout     12h 24h;
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate {keys}/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         {keys}/sp.pem;
    clave_certificate_key     {keys}/sp.key;

    clave_firma                     {fire} app_id=SEDE;
    clave_firma_public_url          {fire_public};
    clave_firma_certificate         {state}/sede.pem;
    clave_firma_certificate_key     {state}/sede.key;
    clave_firma_trusted_certificate {state}/ca.pem;
    clave_sign_trusted_certificate  {state}/firma-ca.pem;
    clave_sign_archive              {dir}/archive per_person=off per_person_size=off;
    clave_sign_evidence             {dir}/evidence.log;
    server {{
        listen          127.0.0.1:{port};
        server_name     {host};
        clave_base_url  https://{host};
        clave_simulator on;
        location / {{ clave permanente_otp; clave_sign form; proxy_pass http://127.0.0.1:{application}; }}
        location /orders {{ clave_sign_api; }}
    }}
}}
"""


class Firma(Nginx):
    """One nginx whose clock can be put forward."""

    def __init__(self, directory, port, **facts):
        super().__init__(directory, CONF, port, **facts)
        (self.dir / "session.key").write_bytes(os.urandom(80))
        (self.dir / "session.key").chmod(0o600)
        self._library, self._orders = self.dir / "clock.so", self.dir / "orders"
        subprocess.run(["c++", "-std=c++20", "-O1", "-fPIC", "-shared", "-o", self._library,
                        TOP / "t/faults/clock.cpp"], check=True)
        self.put_forward(0)

    def start(self):
        words = ["env", f"LD_PRELOAD={self._library}", f"CLAVE_FAULTS={self._orders}", NGINX, "-p", self.dir,
                 "-c", self.dir / "nginx.conf", "-e", self.dir / "error.log"]
        self._process = Process(words, self.dir / "output")

    def put_forward(self, seconds):
        mode = "r+b" if self._orders.exists() else "wb"
        with open(self._orders, mode) as orders:
            orders.write(seconds.to_bytes(8, "little") + bytes(56))

    def evidence(self):
        """The lines of each signature, by its number, and the changes that were withdrawn."""
        lines = [json.loads(line) for line in (self.dir / "evidence.log").read_text().splitlines()]
        steps = defaultdict(list)
        for line in lines:
            if "sign" in line and "state" in line:
                steps[line["sign"]].append(line)
        return steps, {line["withdrawn"] for line in lines if "withdrawn" in line}

    def signatures(self, number):
        """Which of its documents have one: 1, 2, …"""
        folder = self.dir / "archive" / number
        return {which for which, name in ((1, "signature"), (2, "signature.2")) if (folder / name).exists()}


class Wire:
    """Between nginx and FIRe. A cut ends every conversation there is, as when a machine dies."""

    def __init__(self, to):
        self._to = to
        self._open = set()
        self.port = 0

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, far_writer)
        self._open.add(pair)
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._open.discard(pair)

    @staticmethod
    async def _pump(reader, writer):
        try:
            while octets := await reader.read(65536):
                writer.write(octets)
                await writer.drain()
            writer.close()
        except OSError:
            writer.transport.abort()

    def close(self):
        """Whoever calls now is refused, until it is started again."""
        self._server.close()
        self.cut()

    def cut(self):
        for pair in list(self._open):
            for writer in pair:
                writer.transport.abort()


class Simulator:
    """Its FIRe, and what FIRe was asked."""

    def __init__(self, directory):
        self.state = directory / "simulator"
        self._said = directory / "simulator.json"
        self._port, office, fire = free_ports(3)
        self._process = Process([TOP / "scripts/simulate", "--state", self.state, "--port", self._port,
                                 "--office-port", office, "--fire-port", fire], self._said)
        self.fire_port = fire
        self.asked = []
        self._last = []
        self._listening = asyncio.Lock()  # or what was heard before it forgot would be new after that

    async def start(self):
        async def is_there():
            return (self.state / "firma-ca.pem").exists() and self._said.read_text().endswith("\n")
        await until(is_there, 60, "the simulator")
        self.addresses = json.loads(self._said.read_text())
        self._tls = ssl.create_default_context(cafile=self.state / "ca.pem")

    async def forget(self):
        """As a server that was killed: it has its keys, and knows of nothing."""
        async with self._listening:
            self.asked += self._new(await self.ask("fire/requests"))
            await self.ask("reset", {})
            self._last = []

    def _new(self, now):
        known = next(len(now) - new for new in range(len(now) + 1)
                     if self._last[len(self._last) - (len(now) - new):] == now[:len(now) - new])
        self._last = now
        return now[known:]

    async def ask(self, path, order=None):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls,
                                                       server_hostname="clave.localhost")
        body = json.dumps(order).encode() if order is not None else b""
        writer.write((f"{'GET' if order is None else 'POST'} /_sim/{path} HTTP/1.1\r\n"
                      "Host: clave.localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        answer = await reader.read(-1)
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2] or b"null")

    async def authorise(self, transaction):
        """The person signs there; the path that leads back."""
        url = (await self.ask("fire/authorise", {"transaction": transaction})).get("ok_url", "")
        return url.partition("://")[2].partition("/")[2] and "/" + url.partition("://")[2].partition("/")[2]

    async def listen(self):
        """It remembers its last requests only: what is new among them is added to `asked`."""
        while True:
            async with self._listening:
                self.asked += self._new(await self.ask("fire/requests"))
            await asyncio.sleep(0.2)

    def end(self):
        self._process.signal(15)
        self._process._popen.wait()


class Application:
    """Behind nginx: says 200 to everything, and remembers what was signed."""

    def __init__(self):
        self.handed = defaultdict(list)  # digests of bodies, by the number of the signature
        self.unsigned = 0                # forms without a signature: there may be none
        self.port = 0

    async def start(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = {name.lower(): value for name, _, value in
                      (line.partition(": ") for line in head.split("\r\n")[1:])}
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            number = fields.get("x-clave-sign-id")
            if number:
                self.handed[number].append(hashlib.sha256(body).hexdigest())
            elif head.startswith("POST"):
                self.unsigned += 1
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nthanks")
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()


__all__ = ["HOST", "Application", "Firma", "Simulator", "Wire"]
