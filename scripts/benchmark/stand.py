"""The stand: a front nginx with the module on CPU 0, a back end and the load on CPU 1."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")

FRONT = """
load_module {build}/ngx_http_clave_module.so;
daemon off; {user}
worker_processes 1; worker_cpu_affinity 01;
error_log {dir}/error.log notice; pid {dir}/front.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000; sendfile on;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    upstream app {{ server 127.0.0.1:{back}; keepalive 64; }}
    proxy_http_version 1.1; proxy_set_header Connection "";
    clave_session_store       shared:clave:16m;
    clave_gateway             https://pasarela.example.gob.es/Proxy2/ServiceProvider;
    clave_gateway_certificate {keys}/gateway.pem;
    clave_provider_name       "E00000000X_E04975701;Sede";
    clave_certificate         {keys}/sp.pem;
    clave_certificate_key     {keys}/sp.key;
    server {{
        listen 127.0.0.1:{plain};
        location /proxied/ {{ proxy_pass http://app; }}
        location /static/  {{ root {dir}/www; }}
        location /away/    {{ return 302 http://127.0.0.1/; }}
    }}
    server {{
        listen 127.0.0.1:{protected};
        clave_base_url {origin};
        location /proxied/ {{ clave pin; proxy_pass http://app; }}
        location /static/  {{ clave pin; root {dir}/www; }}
    }}
}}
"""

BACK = """
daemon off; {user}
worker_processes 1; worker_cpu_affinity 10;
error_log {dir}/back.log; pid {dir}/back.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000;
    client_body_temp_path {dir}/b1; proxy_temp_path {dir}/b2; fastcgi_temp_path {dir}/b3;
    uwsgi_temp_path {dir}/b4; scgi_temp_path {dir}/b5;
    server {{ listen 127.0.0.1:{back}; root {dir}/www; }}
}}
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Stand:
    """Use as a context: everything is gone afterwards."""

    origin = "https://sede.example.gob.es"
    build = TOP / "build"  # where the module is
    nginx = Path("/usr/sbin/nginx")
    back_template = BACK
    fronts = {"front": FRONT}  # the first one is meant where none is named

    def __enter__(self):
        if self.build == TOP / "build":
            subprocess.run([TOP / "scripts/build"], check=True, stdout=subprocess.DEVNULL)
        self.dir = Path(tempfile.mkdtemp(prefix="clave-bench-"))
        self.keys = self.dir / "keys"
        subprocess.run([TOP / "t/forge/forge", "keys", self.keys], check=True)
        for place in ("proxied", "static"):
            page = self.dir / "www" / place / "page"
            page.parent.mkdir(parents=True)
            page.write_bytes(b"x" * 1024)
        self.plain, self.protected, self.back = free_ports(3)
        self.processes = [self._start("back.conf", self.back_template), *self._others()]
        for name, template in self.fronts.items():
            self.processes.append(self._start(f"{name}.conf", template))
        for port in self._ports().values():
            self._wait_for(port)
        self.smith = subprocess.Popen([TOP / "t/forge/forge", "serve", self.keys], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.processes.append(self.smith)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        shutil.rmtree(self.dir)

    @classmethod
    def use(cls, build):
        """Not Debian's nginx, but one that was built together with the module (scripts/build --nginx-src)."""
        cls.build, cls.nginx = build.resolve(), build.resolve() / "nginx"

    def _others(self):
        """Processes that have to be there before the fronts are."""
        return []

    def _start(self, name, template):
        path = self.dir / name
        user = "user root;" if os.getuid() == 0 else ""
        path.write_text(template.format(build=self.build, dir=self.dir, keys=self.keys, user=user,
                                        origin=self.origin, **self._ports()))
        return subprocess.Popen([self.nginx, "-p", self.dir, "-c", path, "-e", self.dir / "start.log"])

    def _ports(self):
        return {"plain": self.plain, "protected": self.protected, "back": self.back}

    @staticmethod
    def _wait_for(port):
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"nothing listens on port {port}")

    def front_worker(self, front=None):
        """The process ID of the one worker that answers."""
        master = (self.dir / f"{front or next(iter(self.fronts))}.pid").read_text().strip()
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return int(children[0])

    def front_cpu(self, front=None):
        """Seconds of CPU that the worker and its threads have taken."""
        fields = Path(f"/proc/{self.front_worker(front)}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def front_memory(self):
        """KiB that are the worker's own."""
        smaps = Path(f"/proc/{self.front_worker()}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in smaps.splitlines()
                   if line.startswith(("Private_Clean", "Private_Dirty")))

    def forge(self, order):
        """One answer of the gateway, as the form that a browser would post."""
        self.smith.stdin.write(json.dumps(order) + "\n")
        self.smith.stdin.flush()
        return json.loads(self.smith.stdout.readline())
