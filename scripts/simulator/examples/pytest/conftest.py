"""Fixtures for tests of a site that identifies people with Cl@ve, on a machine without network.

`clave` is a simulated Cl@ve, `site` your site, `browser` a browser without script. Only `site` has to
be written for a site of your own; here it is nginx with the module and a sample application.

    python3 -m pytest

CLAVE_SIM is the command that starts the simulator; NGINX and NGINX_GLOBALS are an nginx and the lines
that load the module there.
"""

import contextlib
import os
import shlex
import socket
import subprocess
import sys
import time

import pytest

sys.path.insert(0, os.environ.get("CLAVE_SIM_LIBRARY", "/usr/share/clave-simulator"))

from simulator.client import Started  # noqa: E402

COMMAND = shlex.split(os.environ.get("CLAVE_SIM", "clave-sim"))
NGINX = os.environ.get("NGINX", "nginx")
NGINX_GLOBALS = os.environ.get("NGINX_GLOBALS", "load_module modules/ngx_http_clave_module.so;")


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    """One for all tests; its keys and certificates are in `simulator.state`."""
    state = tmp_path_factory.mktemp("clave") / "state"
    with Started(state, "--port", "0", "--office-port", "0", "--fire-port", "0",
                 command=COMMAND) as running:
        yield running


@pytest.fixture
def clave(simulator):
    """As new for each test, which fails if the site has sent what the real Cl@ve would refuse."""
    simulator.reset()
    yield simulator
    findings = [finding for record in simulator.requests() for finding in record["findings"]]
    assert findings == []


@pytest.fixture
def browser(clave):
    return clave.browser()


@pytest.fixture(scope="session")
def site(simulator, tmp_path_factory):
    """The address of the site, which uses the simulator as its Cl@ve."""
    with running_site(simulator, tmp_path_factory.mktemp("site")) as address:
        yield address


@contextlib.contextmanager
def running_site(simulator, directory):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (directory / "nginx.conf").write_text(_configuration(simulator, directory, port))
    process = subprocess.Popen([NGINX, "-p", str(directory), "-c", str(directory / "nginx.conf"),
                                "-e", str(directory / "error.log")],
                               env={name: value for name, value in os.environ.items()
                                    if name != "NGINX"})  # nginx takes it for its sockets
    try:
        _wait_for(process, port)
        yield f"https://sede.localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(process, port):
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.exit("the site did not start")


def _configuration(simulator, directory, port):
    state, addresses = simulator.state, simulator.addresses
    return f"""
{NGINX_GLOBALS}
daemon off;
pid nginx.pid;
events {{}}
http {{
    access_log                off;
    client_body_temp_path     {directory}/body;
    proxy_temp_path           {directory}/proxy;
    fastcgi_temp_path         {directory}/fastcgi;
    uwsgi_temp_path           {directory}/uwsgi;
    scgi_temp_path            {directory}/scgi;

    clave_session_store       shared:clave:1m;
    clave_gateway             {addresses["gateway"]};
    clave_gateway_certificate {state}/gateway.pem;
    clave_provider_name       "{addresses["provider_name"]}";
    clave_certificate         {state}/sede.pem;
    clave_certificate_key     {state}/sede.key;

    server {{
        listen              127.0.0.1:{port} ssl;
        server_name         sede.localhost;
        ssl_certificate     {state}/tls.pem;
        ssl_certificate_key {state}/tls.key;
        clave_simulator     on;
        clave_base_url      https://sede.localhost:{port};

        location /puntos/    {{ clave pin;            proxy_pass {addresses["office"].rstrip("/")}; }}
        location /domicilio/ {{ clave permanente_otp; proxy_pass {addresses["office"].rstrip("/")}; }}
    }}
}}
"""
