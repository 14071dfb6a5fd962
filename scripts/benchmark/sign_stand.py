"""The stand with FIRe: the simulator on CPU 1, beside the back end, and a front where forms are signed and an
application orders signatures."""

import http.client
import json
import ssl
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from simulator.client import Simulator

from .stand import BACK, FRONT, TOP, Stand

LARGEST = 40  # megabytes that FIRe takes

FIRMA = """
    clave_firma                     {fire} app_id=SEDE;
    clave_firma_public_url          {fire_public};
    clave_firma_certificate         {state}/sede.pem;
    clave_firma_certificate_key     {state}/sede.key;
    clave_firma_trusted_certificate {state}/ca.pem;
    clave_firma_max_document        {largest}m;
    clave_firma_timeout             120s;
    clave_sign_trusted_certificate  {state}/firma-ca.pem;
    clave_sign_archive              {state}/archive per_person=off per_person_size=off;
    clave_sign_evidence             {state}/evidence.log;
"""

LOCATIONS = """
        clave_simulator on;
        location /signed/ {{ clave permanente_otp; clave_sign form; proxy_pass http://app; }}
        location /orders  {{ clave_sign_api; }}
"""


def with_firma(template, **facts):
    """A front, its sites able to sign. Braces of the template are doubled, as it is filled in later."""
    head, site = "    clave_session_store", "        clave_base_url {origin};\n"
    return (template.replace(head, FIRMA.format(**facts) + head)
            .replace(site, site + LOCATIONS))


class SignStand(Stand):
    back_template = BACK.replace("root {dir}/www;", "root {dir}/www; location /signed/ {{ return 200; }}")

    def _others(self):
        self.state = self.dir / "simulator"
        process = subprocess.Popen(
            ["taskset", "-c", "1", TOP / "scripts/simulate", "--state", self.state, "--port", "0",
             "--office-port", "0", "--fire-port", "0", "--fire-megabytes", str(LARGEST)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        addresses = json.loads(process.stdout.readline())
        self.simulator = Simulator(self.state)
        self.fronts = {"front": with_firma(FRONT, state=self.state, largest=LARGEST,
                                           fire=addresses["fire"], fire_public=addresses["fire_public"])}
        return [process]

    def authorise(self, transaction):
        """The person signs at Cl@ve Firma; the path of ours that leads back."""
        back = urlsplit(self.simulator.ask("fire/authorise", {"transaction": transaction})["ok_url"])
        return f"{back.path}?{back.query}"

    def fire(self):
        """A connection to FIRe, as the office, and the path of its service."""
        service = urlsplit(self.simulator.addresses["fire"])
        context = ssl.create_default_context(cafile=self.state / "ca.pem")
        context.check_hostname = False  # its name leads to this machine for browsers only
        context.load_cert_chain(self.state / "sede.pem", self.state / "sede.key")
        return http.client.HTTPSConnection("127.0.0.1", service.port, context=context), service.path

    def front_peak(self):
        """KiB that the worker has had at most."""
        status = Path(f"/proc/{self.front_worker()}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])
