"""The command line: makes the credentials, starts the gateway and the e-office, says where they are."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from cryptography import x509

from . import credentials as keys
from .fire import MOST_BYTES, SERVICE, Fire
from .fire_certificates import Wallet
from .gateway import Gateway, Wish
from .http_server import Reply, Server
from .lint import Linter
from .logout_lint import LogoutLinter
from .office import Office
from .routes import ENTRY, Site
from .schema import SamlSchema

PROVIDER_NAME = "S2800000X_E00000000;SIMULADOR"


def arguments(argv):
    parser = argparse.ArgumentParser(
        description="Cl@ve on one machine: gateway, telephone, sample e-office.")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR",
                        help="where keys and certificates are written")
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=8444, help="of the gateway (https)")
    parser.add_argument("--office-port", type=int, default=8445,
                        help="of the sample e-office (plain http, behind nginx)")
    parser.add_argument("--fire-port", type=int, default=8446,
                        help="of FIRe's service for offices (https, client certificate)")
    parser.add_argument("--gateway-host", default="clave.localhost", metavar="NAME")
    parser.add_argument("--ident-host", default="ident.clave.localhost", metavar="NAME",
                        help="where the methods live; another host than the gateway")
    parser.add_argument("--fire-host", default="firma.localhost", metavar="NAME",
                        help="of FIRe's service and pages")
    parser.add_argument("--fire-app", default="SEDE", metavar="ID",
                        help="under which FIRe knows the site")
    parser.add_argument("--phone-host", default="movil.localhost", metavar="NAME")
    parser.add_argument("--sede", default="https://sede.localhost:8443/", metavar="URL",
                        help="the site, for links only")
    parser.add_argument("--provider", action="append", default=[], metavar="ID=CERTIFICATE",
                        help="a further site: ProviderName up to the ; and its certificate (PEM)")
    parser.add_argument("--encrypted", action="store_true", help="encrypt answers")
    parser.add_argument("--auto", default="", metavar="persona=ana[,method=…,fault=…]",
                        help="answer every login by itself")
    return parser.parse_args(argv)


def auto_wish(text):
    if not text:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    wish = Wish.checked({name.strip(): value.strip() for name, _, value in pairs})
    if not wish.persona:
        raise ValueError("--auto needs persona=…")
    return wish


def providers(options, made):
    known = {PROVIDER_NAME.split(";")[0]: made.sede.certificate}
    for entry in options.provider:
        name, _, path = entry.partition("=")
        known[name] = x509.load_pem_x509_certificate(Path(path).read_bytes())
    return known


def main(argv=None):
    options = arguments(argv)
    made = keys.make((options.gateway_host, options.ident_host, options.phone_host,
                      options.fire_host))
    keys.write(made, options.state)
    try:
        known, auto = providers(options, made), auto_wish(options.auto)
    except (OSError, ValueError) as error:
        sys.exit(f"simulator: {error}")

    office = Server(options.listen, options.office_port, Office().answer)
    site = None
    gateway_server = Server(options.listen, options.port, lambda call: site.answer(call),
                            tls=(options.state / "tls.pem", options.state / "tls.key"))
    gateway_origin = f"https://{options.gateway_host}:{gateway_server.port}"
    ident_origin = f"https://{options.ident_host}:{gateway_server.port}"
    fire_origin = f"https://{options.fire_host}:{gateway_server.port}"
    fire_server = Server(options.listen, options.fire_port, lambda call: locked_fire(call),
                         tls=(options.state / "tls.pem", options.state / "tls.key"),
                         clients=options.state / "ca.pem", max_body=MOST_BYTES * 3 // 2)
    addresses = {
        "fire": f"https://{options.fire_host}:{fire_server.port}{SERVICE}",
        "fire_public": f"{fire_origin}/fire-signature",
        "sede": options.sede,
        "gateway": gateway_origin + ENTRY,
        "phone": f"https://{options.phone_host}:{gateway_server.port}/movil",
        "workshop": gateway_origin + "/taller",
        "control": gateway_origin + "/_sim/",
        "office": f"http://{options.listen}:{office.port}/",
    }
    rules = (SamlSchema(), addresses["gateway"], known)
    gateway = Gateway(made, Linter(*rules), LogoutLinter(*rules), known,
                      encrypted=options.encrypted, auto=auto)
    links = {"Sede": addresses["sede"], "Phone": addresses["phone"]}
    fire = Fire({options.fire_app: made.sede.certificate}, Wallet(gateway.clock), gateway.clock,
                fire_origin)
    (options.state / "firma-ca.pem").write_bytes(fire.wallet.authority.certificate_pem())
    site = Site(gateway, gateway_origin, ident_origin, links, fire)

    def locked_fire(call):
        if call.path != SERVICE:
            return Reply(b"not here\n", 404, "text/plain")
        with gateway.lock:
            return fire.answer(call)

    _serve([office, gateway_server, fire_server], addresses)


def _serve(servers, addresses):
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    # The line is the sign for scripts that everything listens.
    print(json.dumps(addresses), flush=True)
    stop.wait()
    for server in servers:
        server.shutdown()
        server.server_close()
