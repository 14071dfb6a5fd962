"""The command line: makes the credentials, starts the gateway and the e-office, says where they are."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from cryptography import x509

from . import background
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
SLOW = 30


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="clave-sim", fromfile_prefix_chars="@",
        description="Cl@ve on one machine: gateway, telephone, FIRe, sample e-office.",
        epilog="Other commands: stop --state DIR; conformance --state DIR --sp URL (see conformance "
               "--help). @FILE reads arguments from a file, one a line.")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR",
                        help="where keys, certificates and addresses.json are written")
    parser.add_argument("--background", action="store_true",
                        help="return when everything listens; clave-sim stop ends it")
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=8444,
                        help="of the gateway (https); 0 is any that is free, here and below")
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
    parser.add_argument("--slow", type=float, default=SLOW, metavar="SECONDS",
                        help="what the faults named slow take")
    parser.add_argument("--fire-megabytes", type=int, default=MOST_BYTES >> 20, metavar="N",
                        help="of a document that FIRe takes at most")
    parser.add_argument("--auto", default="",
                        metavar="persona=ana[,method=…,level=…,otp=yes,fault=…,encrypted=yes]",
                        help="answer every login by itself")
    options = parser.parse_args(argv)
    for name in ("gateway_host", "ident_host", "fire_host", "phone_host"):
        # What is taken for the real Cl@ve by a person is not a simulator any more.
        if getattr(options, name).lower().rstrip(".").endswith(".gob.es"):
            parser.error(f"{getattr(options, name)}: a simulator has no name below gob.es")
    return options


def auto_wish(text):
    if not text:
        return None
    values = {name.strip(): value.strip()
              for name, _, value in (part.partition("=") for part in text.split(","))}
    for name in {"otp", "encrypted"} & set(values):
        if values[name] not in ("yes", "no"):
            raise ValueError(f"--auto: {name} is yes or no")
        values[name] = values[name] == "yes"
    wish = Wish.checked(values)
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
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["conformance"]:
        from .conformance.command import main as conformance
        sys.exit(conformance(argv[1:]))
    if argv[:1] == ["stop"]:
        sys.exit(background.stop(argv[1:]))
    options = arguments(argv)
    if options.background:
        sys.exit(background.start([word for word in argv if word != "--background"],
                                  options.state))
    try:
        run(options)
    except (OSError, ValueError) as error:
        sys.exit(f"clave-sim: {error}")
    except KeyboardInterrupt:   # before it listens; afterwards it is the ordinary end
        sys.exit(130)


def run(options):
    auto = auto_wish(options.auto)
    made = keys.make((options.gateway_host, options.ident_host, options.phone_host,
                      options.fire_host))
    known = providers(options, made)
    office = _server(options.listen, "office-port", options.office_port, Office().answer)
    keys.write(made, options.state)
    tls = (options.state / "tls.pem", options.state / "tls.key")
    site = None
    gateway_server = _server(options.listen, "port", options.port, lambda call: site.answer(call),
                             tls=tls)
    gateway_origin = f"https://{options.gateway_host}:{gateway_server.port}"
    ident_origin = f"https://{options.ident_host}:{gateway_server.port}"
    fire_origin = f"https://{options.fire_host}:{gateway_server.port}"
    fire_server = _server(options.listen, "fire-port", options.fire_port,
                          lambda call: locked_fire(call), tls=tls,
                          clients=options.state / "ca.pem", max_body=(options.fire_megabytes << 20) * 3 // 2)
    addresses = {
        "fire": f"https://{options.fire_host}:{fire_server.port}{SERVICE}",
        "fire_public": f"{fire_origin}/fire-signature",
        "sede": options.sede,
        "gateway": gateway_origin + ENTRY,
        "phone": f"https://{options.phone_host}:{gateway_server.port}/movil",
        "workshop": gateway_origin + "/taller",
        "control": gateway_origin + "/_sim/",
        "office": f"http://{options.listen}:{office.port}/",
        "listen": options.listen,
        "ident_host": options.ident_host,
        "provider_name": PROVIDER_NAME,
    }
    rules = (SamlSchema(), addresses["gateway"], known)
    gateway = Gateway(made, Linter(*rules), LogoutLinter(*rules), known,
                      encrypted=options.encrypted, auto=auto, slow=options.slow)
    links = {"Sede": addresses["sede"], "Phone": addresses["phone"]}
    fire = Fire({options.fire_app: made.sede.certificate}, Wallet(gateway.clock), gateway.clock,
                fire_origin, slow=options.slow, most_bytes=options.fire_megabytes << 20)
    (options.state / "firma-ca.pem").write_bytes(fire.wallet.authority.certificate_pem())
    site = Site(gateway, gateway_origin, ident_origin, links, fire)

    def locked_fire(call):
        if call.path != SERVICE:
            return Reply(b"not here\n", 404, "text/plain")
        with gateway.lock:
            return fire.answer(call)

    _serve([office, gateway_server, fire_server], addresses, options.state)


def _server(address, option, port, answer, **more):
    try:
        return Server(address, port, answer, **more)
    except OSError as error:
        raise OSError(f"cannot listen on {address}:{port}: {error.strerror or error}; another "
                      f"--{option}, or 0 for any that is free") from error


def _serve(servers, addresses, state):
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with background.noted(state, addresses):
        # The line is the sign for scripts that everything listens.
        print(_for_people(addresses, state) if sys.stdout.isatty() else json.dumps(addresses),
              flush=True)
        if addresses["listen"] not in ("127.0.0.1", "::1", "localhost"):
            print(f"clave-sim: whoever reaches {addresses['listen']} can be anybody at the sites "
                  "that trust this simulator", file=sys.stderr, flush=True)
        stop.wait()
    for server in servers:
        server.shutdown()
        server.server_close()


def _for_people(addresses, state):
    return f"""SIMULADOR: this is not Cl@ve, and nothing that it issues is ever valid.

  gateway          {addresses["gateway"]}
  provider name    "{addresses["provider_name"]}", with {state}/sede.pem and sede.key
  its certificate  {state}/gateway.pem
  telephone        {addresses["phone"]}
  workshop         {addresses["workshop"]}
  control API      {addresses["control"]}
  FIRe             {addresses["fire"]}
  e-office         {addresses["office"]}
  to be trusted    {state}/ca.pem (TLS), {state}/firma-ca.pem (signatures)

Ctrl-C ends it."""
