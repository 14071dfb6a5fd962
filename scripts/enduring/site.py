"""Three nginx with the module, a back end that says who it was told is there, and a balancer."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

from .process import Process, free_ports, is_free, until

TOP = Path(__file__).resolve().parents[2]
NGINX = "/usr/sbin/nginx"
HOST = "sede.example.gob.es"

HEAD = """
daemon off; {user}
error_log {dir}/error.log info; pid {dir}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
"""

MACHINE = """
load_module {top}/build/ngx_http_clave_module.so;
worker_processes 2;
""" + HEAD + """
    clave_session_store       {store} cache=clave-cache:8m;
    clave_session_key         {session_keys};
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate {keys}/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         {keys}/sp.pem;
    clave_certificate_key     {keys}/sp.key;
    server {{
        listen         127.0.0.1:{port};
        server_name    {host};
        clave_base_url https://{host};
        location /basico/     {{ clave permanente;     proxy_pass http://127.0.0.1:{back}; }}
        location /sustancial/ {{ clave permanente_otp; proxy_pass http://127.0.0.1:{back}; }}
        location /publico/    {{ proxy_pass http://127.0.0.1:{back}; }}
    }}
}}
"""

BACK = HEAD + """
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "back end saw [$http_x_clave_nif]"; }}
    }}
}}
"""

BALANCER = HEAD + """
    upstream machines {{
        random;
        {machines}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass            http://machines;
            proxy_set_header      Host $http_host;
            proxy_connect_timeout 2s;
            proxy_next_upstream   error timeout;
        }}
    }}
}}
"""


class Nginx:
    def __init__(self, directory, template, port, **facts):
        self.port = port
        self.dir = directory
        self.dir.mkdir()
        self._template = template
        self.facts = facts
        self._process = None

    def configure(self, **facts):
        self.facts.update(facts)
        (self.dir / "nginx.conf").write_text(self._template.format(
            dir=self.dir, top=TOP, host=HOST, port=self.port,
            user="user root;" if os.getuid() == 0 else "", **self.facts))

    def start(self):
        self._process = Process([NGINX, "-p", self.dir, "-c", self.dir / "nginx.conf",
                                 "-e", self.dir / "error.log"], self.dir / "output")

    async def is_up(self):
        return not is_free(self.port) and (self.dir / "nginx.pid").exists()

    def workers(self):
        task = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]

    async def reload(self):
        """Until all the new workers are there and the old ones leave."""
        before = set(self.workers())
        self._process.signal(signal.SIGHUP)

        async def is_done():
            return len(set(self.workers()) - before) >= 2
        await until(is_done, 10, "a reload")

    def kill(self):
        """All of it at once, as when a machine loses its power."""
        workers = self.workers()
        self._process.signal(signal.SIGSTOP)  # it would start others
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        self._process.kill()
        (self.dir / "nginx.pid").unlink(missing_ok=True)

    def end(self):
        if self._process is not None:
            self._process.signal(signal.SIGTERM)
            self._process._popen.wait()

    def log(self):
        return (self.dir / "error.log").read_text(errors="replace")


class Site:
    def __init__(self, directory, store):
        self.dir = directory
        self.keys = directory / "keys"
        subprocess.run([TOP / "t/forge/forge", "keys", self.keys], check=True)
        self._made = 0
        ports = free_ports(5)
        self.port = ports[4]
        back = Nginx(directory / "back", BACK, ports[3])
        self.machines = [Nginx(directory / f"machine-{number}", MACHINE, port, store=store,
                               keys=self.keys, back=ports[3])
                         for number, port in enumerate(ports[:3])]
        balancer = Nginx(directory / "balancer", BALANCER, self.port, machines=" ".join(
            f"server 127.0.0.1:{one.port} fail_timeout=1s;" for one in self.machines))
        self.others = [back, balancer]
        self.session_keys = [self.new_key()]

    def new_key(self):
        self._made += 1
        path = self.dir / f"session-{self._made}.key"
        path.write_bytes(os.urandom(80))
        path.chmod(0o600)
        return path

    async def start(self):
        for one in self.others:
            one.configure()
        await self.use_keys(self.session_keys)
        for one in self.others + self.machines:
            one.start()
        for one in self.others + self.machines:
            await until(one.is_up, 10, "nginx")

    async def use_keys(self, keys):
        """The configuration of all machines; they still have to be reloaded."""
        self.session_keys = keys
        for one in self.machines:
            one.configure(session_keys=" ".join(map(str, keys)))

    def end(self):
        for one in self.others + self.machines:
            one.end()

    def complaints(self):
        """What no log may have: the end of a worker that nobody killed."""
        return [line for one in self.machines for line in one.log().splitlines()
                if "exited on signal" in line and "signal 9" not in line]


class Smith:
    """Answers of the gateway, from t/forge."""

    def __init__(self, keys):
        self._keys = keys
        self._process = None
        self._turn = asyncio.Lock()

    async def start(self):
        self._process = await asyncio.create_subprocess_exec(
            TOP / "t/forge/forge", "serve", self._keys, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, limit=1 << 20)

    async def answer(self, **order):
        async with self._turn:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return json.loads(await self._process.stdout.readline())

    async def end(self):
        if self._process is not None:
            self._process.stdin.close()
            await self._process.wait()
