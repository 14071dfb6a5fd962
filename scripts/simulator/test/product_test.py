"""The command as people and their CI use it, and that nobody takes it for the real Cl@ve."""

import json
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from cryptography import x509

from simulator import credentials
from simulator.browser import Unreachable
from simulator.client import Simulator, Started, Trouble
from simulator.citizen import Citizen
from simulator.fire_pages import FirePages
from simulator.phone import Telephone
from simulator.workshop import Workshop

from . import service_provider as sp
from .fire_office import FireOffice, Signer
from .running import COMMAND, simulator

_PORTS = ("--port", "0", "--office-port", "0", "--fire-port", "0")


class CommandTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="simulator-product-")
        self.addCleanup(directory.cleanup)
        self.state = Path(directory.name) / "state"

    def command(self, *arguments):
        return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)

    def test_in_the_background(self):
        started = self.command("--state", str(self.state), "--background", *_PORTS)
        self.addCleanup(self.command, "stop", "--state", str(self.state))
        self.assertEqual(started.returncode, 0, started.stderr)
        running = Simulator(self.state)
        self.assertEqual(json.loads(started.stdout), running.addresses)
        self.assertIn("ana", running.ask("personas"))
        again = self.command("--state", str(self.state), "--background", *_PORTS)
        self.assertEqual(again.returncode, 1)
        self.assertIn("runs already", again.stderr)
        self.assertEqual(self.command("stop", "--state", str(self.state)).returncode, 0)
        with self.assertRaises(Unreachable):
            running.ask("personas")
        self.assertFalse((self.state / "addresses.json").exists())
        self.assertEqual(self.command("stop", "--state", str(self.state)).returncode, 0)

    def test_a_background_that_does_not_start_says_why(self):
        done = self.command("--state", str(self.state), "--background", "--auto", "persona=nadie")
        self.assertEqual(done.returncode, 1)
        self.assertIn("unknown persona 'nadie'", done.stderr)

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = self.command("--state", str(self.state), *_PORTS, "--port", str(port))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"cannot listen on 127\.0\.0\.1:{port}: .*another --port")
        self.assertFalse((self.state / "addresses.json").exists())

    def test_no_name_of_the_real_one(self):
        for option in ("--gateway-host", "--ident-host", "--fire-host", "--phone-host"):
            done = self.command("--state", str(self.state), option, "pasarela.clave.gob.es")
            self.assertEqual(done.returncode, 2)
            self.assertIn("no name below gob.es", done.stderr)

    def test_whoever_opens_it_to_others_is_told(self):
        log = self.state.parent / "log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [*COMMAND, "--state", str(self.state), "--listen", "0.0.0.0", *_PORTS],
                stdout=subprocess.PIPE, stderr=output, text=True)
            try:
                addresses = json.loads(process.stdout.readline())
            finally:
                process.terminate()
                process.wait(20)
                process.stdout.close()
        self.assertEqual(addresses["listen"], "0.0.0.0")
        self.assertIn("can be anybody", log.read_text())

    def test_arguments_from_a_file_and_auto_with_everything(self):
        arguments = self.state.parent / "arguments"
        arguments.write_text("\n".join((
            *_PORTS, "--auto", "persona=ana,method=permanente,otp=yes,encrypted=yes")))
        with Started(self.state, f"@{arguments}", command=COMMAND) as running:
            provider = sp.ServiceProvider(self.state / "sede.key", self.state / "sede.pem",
                                          running.addresses["gateway"])
            page = running.browser().post(provider.gateway_url, provider.fields(provider.request()))
            root, _ = sp.delivered(page)
            assertion = provider.decrypt(root)
            self.assertEqual(root.find("{*}Assertion"), None)
            self.assertTrue(sp.loa(assertion).endswith("/substantial"))
            self.assertEqual(running.requests()[-1]["answer"]["method"], "permanente")
        with self.assertRaises(Trouble):
            Simulator(self.state)

    def test_auto_is_checked(self):
        for auto, said in (("method=pin", "needs persona"), ("persona=ana,otp=1", "yes or no"),
                           ("persona=ana,loa=low", "unknown field")):
            done = self.command("--state", str(self.state), *_PORTS, "--auto", auto)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)


class NotTheRealOneTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()

    def test_every_certificate_says_so(self):
        files = sorted(self.simulator.state.glob("*.pem"))
        self.assertEqual([f.stem for f in files], ["ca", "firma-ca", "gateway", "sede", "tls"])
        for file in files:
            certificate = x509.load_pem_x509_certificate(file.read_bytes())
            self.assertIn("SIMULADOR", certificate.subject.rfc4514_string(), file.name)
            life = certificate.not_valid_after - certificate.not_valid_before
            self.assertLess(life, credentials.LIFETIME * 2)

    def test_keys_are_new_at_every_start_and_only_ours(self):
        for file in self.simulator.state.glob("*.key"):
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.simulator.state.stat().st_mode & 0o777, 0o700)

    def test_every_page_has_the_banner(self):
        def banner(page):
            self.assertRegex(page.text, r'class="banner"[^>]*>SIMULADOR — esto no es Cl@ve', page.url)
            self.assertRegex(page.text, r"<title>[^<]*SIMULADOR</title>", page.url)

        def visit(path, **query):
            asked = "&".join(f"{name}={value}" for name, value in query.items())
            url = f"{origin}{path}?{asked}"
            banner(self.simulator.browser.follow(self.simulator.browser.get(url)))

        running_browser = Simulator(self.simulator.state).browser()
        origin = self.simulator.addresses["control"].rsplit("/_sim/", 1)[0]
        chooser = self.simulator.enter()
        token = re.search(r'name="t" value="([^"]+)"', chooser.text)[1]
        begun = FireOffice(self.simulator).begin(b"a")["redirecturl"]
        signing = dict(part.split("=") for part in begun.split("?")[1].split("&"))
        Signer(self.simulator, begun)
        for part in (Citizen(None, ""), Telephone(None), Workshop(None, {}), FirePages(None, None)):
            for method, path in part.routes:
                if method == "GET":
                    visit(path, t=token, **signing)
        visit("/IdP2/elegir", t="nobody")
        banner(self.simulator.browser.post(self.simulator.provider.gateway_url, {"SAMLRequest": ""}))
        for path in ("", "puntos/", "beneficiario/solicitar"):
            banner(running_browser.get(self.simulator.addresses["office"] + path))

