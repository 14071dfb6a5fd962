"""A Redis, and a front for each way to ask it: with a cache, without, slowly, from Lua; and one for who
asks another server (auth_request). All fronts are on CPU 0, one of them at work at a time."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from .stand import FRONT, Stand, free_ports

# Debian's packages for the others.
PEERS = ("libnginx-mod-http-lua", "lua-nginx-redis", "lua-cjson")
LATE = 0.5  # seconds, of the slow Redis


def front(name, store):
    """As the one with shared memory, but for its store."""
    return (FRONT.replace("{plain}", f"{{{name}_plain}}").replace("{protected}", f"{{{name}}}")
            .replace("front.pid", f"{name}.pid")
            .replace("shared:clave:16m;", f"{store}; clave_session_key {{dir}}/session.key;"))


# As such gates are written: the cookie's digest is the key, the record is JSON.
OTHERS = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off; {user}
worker_processes 1; worker_cpu_affinity 01;
error_log {dir}/error.log notice; pid {dir}/others.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000; sendfile on;
    client_body_temp_path {dir}/o1; proxy_temp_path {dir}/o2; fastcgi_temp_path {dir}/o3;
    uwsgi_temp_path {dir}/o4; scgi_temp_path {dir}/o5;
    upstream app {{ server 127.0.0.1:{back}; keepalive 64; }}
    proxy_http_version 1.1; proxy_set_header Connection "";
    lua_package_path "/usr/share/lua/5.1/?.lua;;";
    init_by_lua_block {{
        redis = require "nginx.redis"
        json = require "cjson"
    }}
    server {{
        listen 127.0.0.1:{lua};
        access_by_lua_block {{
            local token = ngx.var["cookie___Host-clave"]
            local red = redis:new()
            red:set_timeout(500)
            if not token or not red:connect("127.0.0.1", {redis}) then
                return ngx.exit(503)
            end
            local text = red:get("lua:" .. ngx.encode_base64(ngx.sha1_bin(token)))
            red:set_keepalive(60000, 64)
            local session = text ~= ngx.null and json.decode(text)
            if not session or session.expires < ngx.time() then
                return ngx.exit(403)
            end
            ngx.req.set_header("X-Clave-NIF", session.nif)
        }}
        location /proxied/ {{ proxy_pass http://app; }}
        location /static/  {{ root {dir}/www; }}
    }}
    server {{
        listen 127.0.0.1:{asking};
        location = /auth {{
            internal; auth_request off;
            proxy_pass http://app/static/page; proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }}
        location /proxied/ {{ auth_request /auth; proxy_pass http://app; }}
        location /static/  {{ auth_request /auth; root {dir}/www; }}
    }}
}}
"""


class RedisStand(Stand):
    fronts = {
        "front": FRONT,
        "warm": front("warm", "redis://127.0.0.1:{redis}"),
        "cold": front("cold", "redis://127.0.0.1:{redis} cache=off"),
        "slow": front("slow", "redis://127.0.0.1:{slow_redis} cache=off timeout=5s"),
        "others": OTHERS,
    }

    def __init__(self):
        names = ("redis", "slow_redis", "warm", "warm_plain", "cold", "cold_plain", "slow", "slow_plain",
                 "lua", "asking")
        self.more = dict(zip(names, free_ports(len(names))))

    def _ports(self):
        return {**super()._ports(), **self.more}

    def _others(self):
        key = self.dir / "session.key"
        key.write_bytes(os.urandom(80))
        key.chmod(0o600)
        redis, slow = self.more["redis"], self.more["slow_redis"]
        started = [subprocess.Popen(["taskset", "-c", "1", *map(str, words)], stdout=subprocess.DEVNULL)
                   for words in (
                       ["redis-server", "--port", redis, "--bind", "127.0.0.1", "--save", "",
                        "--dir", self.dir],
                       [sys.executable, Path(__file__).with_name("slow_redis.py"), slow, redis, LATE])]
        for port in (redis, slow):
            self._wait_for(port)
        return started

    def redis_cli(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.more["redis"]), *words], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def keep_for_lua(self, cookie):
        """The session of `cookie`, as the gate in Lua has it; as long as ours."""
        token = cookie.split("=", 1)[1].encode()
        key = "lua:" + base64.b64encode(hashlib.sha1(token).digest()).decode()
        record = {"nif": "00000000T", "expires": int(time.time()) + 28800, "more": "x" * 290}
        self.redis_cli("SET", key, json.dumps(record))
