"""The walks of `demo --check`: the four procedures as they should go, and the ways that must not
reach the application. Each walk has a browser of its own, as a new person on a new machine."""

import subprocess
from dataclasses import dataclass
from urllib.parse import urlsplit

from .browser import Stuck
from .people import Person
from .visitor import Visitor

WALKS = []


@dataclass(frozen=True)
class Walk:
    text: str
    javascript: bool
    go: object         # callable(World)


def walk(text, *, javascript=True):
    def register(function):
        WALKS.append(Walk(text, javascript, function))
        return function
    return register


@dataclass
class World:
    stack: object
    control: object
    browser: object
    take_picture: object   # callable(name)

    def person(self, key):
        return Person(self.browser, self.control, key)

    def hits(self, path):
        return self.control.hits().get(path, 0)


def expect(condition, otherwise):
    if not condition:
        raise Stuck(otherwise)


def expect_identity(world, path, person, **wanted):
    """The person's page and the application's JSON agree on who this is, and how he came in."""
    browser = world.browser
    expect(browser.has("#quien") and browser.says(person.nif) and browser.says(person.name),
           f"the application does not greet {person.name}: {browser.where()}")
    for got, where in (browser.table("identidad"), "the page"), (browser.identity(path), "its JSON"):
        for name, value in {"nif": person.nif, "name": person.name, **wanted}.items():
            expect(got.get(name) == value,
                   f"{path}: {name} is {got.get(name)!r} in {where}, expected {value!r}")


def expect_refused(world, path, before, *words):
    browser = world.browser
    expect(world.hits(path) == before, f"{path} reached the application")
    expect(not browser.has("#quien"), f"the application answered: {browser.where()}")
    for word in words:
        expect(browser.says(word), f"the page does not say “{word}”: {browser.where()}")


# --- the four procedures ----------------------------------------------------------------------

@walk("consulta de puntos with Cl@ve PIN")
def points_with_pin(world):
    world.browser.to_gateway("/puntos/")
    world.take_picture("eleccion")
    ana = world.person("ana")
    ana.pin()
    world.take_picture("puntos")
    expect_identity(world, "/puntos/", ana, level="pin", method="pin", loa="substantial")


@walk("consulta de puntos with Cl@ve Móvil")
def points_with_movil(world):
    world.browser.to_gateway("/puntos/")
    wei = world.person("wei")
    wei.movil()
    expect_identity(world, "/puntos/", wei, level="pin", method="movil", loa="substantial")


@walk("consulta de puntos with an electronic certificate")
def points_with_certificate(world):
    world.browser.to_gateway("/puntos/")
    ana = world.person("ana")
    ana.certificate()
    expect_identity(world, "/puntos/", ana, level="pin", method="certificado", loa="substantial")


@walk("informe de vida laboral with Cl@ve Permanente and advanced registration")
def working_life_with_password(world):
    world.browser.to_gateway("/vida-laboral/")
    carme = world.person("carme")
    carme.permanente()
    world.take_picture("vida-laboral")
    expect_identity(world, "/vida-laboral/", carme, level="permanente", method="permanente",
                    loa="low")


@walk("cambio de domicilio with Cl@ve Permanente and code")
def address_with_code(world):
    world.browser.to_gateway("/domicilio/")
    expect(not world.browser.offers("pin"), "the chooser offers Cl@ve PIN")
    expect(not world.browser.offers("certificado"), "the chooser offers certificates")
    ana = world.person("ana")
    ana.permanente_otp()
    world.take_picture("domicilio")
    expect_identity(world, "/domicilio/", ana, level="permanente_otp", method="permanente",
                    loa="substantial")


@walk("alta de beneficiario: password for the portal, stepped up to a code for the procedure")
def beneficiary_stepped_up(world):
    world.browser.to_gateway("/beneficiario/")
    ana = world.person("ana")
    ana.permanente()
    expect_identity(world, "/beneficiario/", ana, level="permanente", loa="low")
    before = world.hits("/beneficiario/solicitar")
    world.browser.open("/beneficiario/")
    world.browser.press("solicitar")
    world.take_picture("mas-seguridad")
    expect_refused(world, "/beneficiario/solicitar", before)
    world.browser.to_gateway("/beneficiario/solicitar")
    ana.permanente_otp()
    expect_identity(world, "/beneficiario/solicitar", ana, level="permanente_otp",
                    loa="substantial")
    expect_identity_kept(world, ana)


@walk("alta de beneficiario, signed: declaration, review, Cl@ve Firma, receipt, form at the office")
def beneficiary_signed(world):
    ana = sign_application(world)
    expect(world.browser.says("sign_state") and world.browser.says("signed"),
           "the application is not told that it is signed")
    expect(world.browser.says("beneficiario=Mar%C3%ADa+Garc%C3%ADa"),
           "the application did not get the form as it was typed")
    world.take_picture("presentada")
    world.browser.press("justificante")
    world.take_picture("justificante")
    expect(world.browser.says(ana.nif) and world.browser.says("Alta de beneficiario"),
           f"no receipt: {world.browser.where()}")


@walk("alta de beneficiario signed without JavaScript", javascript=False)
def beneficiary_signed_without_javascript(world):
    sign_application(world)
    world.browser.press("justificante")


@walk("alta de beneficiario, signed, with an application in PHP: $_POST as it was typed")
def beneficiary_signed_in_php(world):
    sign_application(world, "/beneficiario/alta.php")
    expect(world.browser.says("presentada y firmada"), "PHP is not told that it is signed")
    expect(world.browser.says("beneficiario: María García López") and world.browser.says("declaracion: sí"),
           "$_POST is not what was typed")
    world.take_picture("presentada-php")
    world.browser.press("justificante")


def sign_application(world, path="/beneficiario/solicitar"):
    """From the login to what the application says of the signed form."""
    browser = world.browser
    browser.to_gateway(path)
    ana = world.person("ana")
    ana.permanente_otp()
    before = world.hits(path)
    browser.driver.find_element("name", "declaracion").click()
    browser.press("presentar")
    world.take_picture("revision")
    expect(world.hits(path) == before, "the form reached the application unsigned")
    browser.confirm_document()
    world.take_picture("fire")
    ana.firma()
    expect(browser.has("#presentada"), f"no application: {browser.where()}")
    return ana


@walk("a signature that is cancelled: nothing reaches the office, nothing has to be typed again")
def signature_cancelled(world):
    browser, path = world.browser, "/beneficiario/solicitar"
    browser.to_gateway(path)
    ana = world.person("ana")
    ana.permanente_otp()
    browser.driver.find_element("name", "declaracion").click()
    browser.press("presentar")
    before = world.hits(path)
    browser.confirm_document()
    browser.press("cancelar")
    world.take_picture("firma-cancelada")
    expect_refused(world, path, before, "No se ha firmado nada")
    browser.driver.find_element("css selector", "form[action$=again] button").click()
    browser.confirm_document()
    ana.firma()
    expect(browser.has("#presentada"), f"no application after a second try: {browser.where()}")


def expect_identity_kept(world, person):
    """The stepped-up session serves the portal as well, and nobody is asked again."""
    world.browser.open("/beneficiario/")
    expect_identity(world, "/beneficiario/", person, loa="substantial")


@walk("consulta de puntos without JavaScript", javascript=False)
def points_without_javascript(world):
    world.browser.open("/puntos/")
    world.take_picture("sin-javascript")
    world.browser.to_gateway("/puntos/")
    ana = world.person("ana")
    ana.pin()
    expect_identity(world, "/puntos/", ana, level="pin", method="pin")


@walk("an encrypted answer opens as well")
def encrypted_answer(world):
    world.control.next(encrypted=True)
    world.browser.to_gateway("/domicilio/")
    ana = world.person("ana")
    ana.permanente_otp()
    expect_identity(world, "/domicilio/", ana, loa="substantial")


# --- the end of a session ---------------------------------------------------------------------

def expect_logged_out(world, path):
    before = world.hits(path)
    world.browser.to_gateway(path)
    expect_refused(world, path, before)


@walk("a logout ends the session here and at Cl@ve")
def logout(world):
    world.browser.to_gateway("/puntos/")
    world.person("ana").pin()
    world.browser.log_out()
    world.take_picture("sesion-cerrada")
    expect(world.browser.says("Sede electrónica de ejemplo"),
           f"the logout does not lead home: {world.browser.where()}")
    asked = world.control.requests()[-1]
    expect(asked["kind"] == "logout" and asked["outcome"] == "logged out",
           f"the gateway was asked for {asked['kind']}: {asked['outcome']}")
    expect_logged_out(world, "/puntos/")


@walk("a logout without JavaScript", javascript=False)
def logout_without_javascript(world):
    world.browser.to_gateway("/puntos/")
    world.person("ana").pin()
    world.browser.log_out()
    expect(world.browser.says("Sede electrónica de ejemplo"),
           f"the logout does not lead home: {world.browser.where()}")
    expect_logged_out(world, "/puntos/")


@walk("a gateway that does not confirm the logout leaves nobody logged in")
def logout_unconfirmed(world):
    world.browser.to_gateway("/puntos/")
    world.person("ana").pin()
    world.control.next_logout("other_key")
    world.browser.log_out()
    world.take_picture("sesion-cerrada-aqui")
    expect(world.browser.says("Cierre el navegador"),
           f"the person is not told to close the browser: {world.browser.where()}")
    expect_logged_out(world, "/puntos/")


@walk("an address that leads to the logout asks first")
def logout_by_address(world):
    world.browser.to_gateway("/puntos/")
    ana = world.person("ana")
    ana.pin()
    world.browser.open("/.clave/logout")
    world.take_picture("cerrar-sesion")
    expect(world.browser.says("¿Quiere cerrar la sesión?"), f"stands at {world.browser.where()}")
    world.browser.open("/puntos/")
    expect_identity(world, "/puntos/", ana)


@walk("each wrong answer to a logout that the simulator knows is told to the person")
def every_logout_fault(world):
    for name in world.control.logout_faults():
        # One is only slow, the other never comes back.
        if name in ("slow", "silent"):
            continue
        world.control.next(persona="ana", method="permanente")
        visitor = Visitor(world.stack)
        visitor.visit("/puntos/")
        before = world.hits("/puntos/")
        world.control.next_logout(name)
        arrival = visitor.log_out()
        said = f"{name}: {arrival.status} at {arrival.url.split('?')[0]}"
        expect(arrival.status in (400, 403) and "Cierre el navegador" in arrival.body, said)
        visitor.visit("/puntos/")
        expect(world.hits("/puntos/") == before, f"{said}; the session is still there")


# --- the ways that must not lead to the application -------------------------------------------

@walk("a session of Cl@ve PIN does not open cambio de domicilio")
def pin_is_not_enough(world):
    world.browser.to_gateway("/puntos/")
    world.person("ana").pin()
    before = world.hits("/domicilio/")
    world.browser.open("/domicilio/")
    expect_refused(world, "/domicilio/", before)
    world.browser.to_gateway("/domicilio/")
    expect(not world.browser.offers("pin"), "the chooser offers Cl@ve PIN")
    expect_refused(world, "/domicilio/", before)


@walk("a cancelled login is told to the person, and goes no further")
def cancelled(world):
    before = world.hits("/puntos/")
    world.browser.to_gateway("/puntos/")
    world.person("ana").cancel()
    world.take_picture("cancelado")
    expect_refused(world, "/puntos/", before, "cancelado")


@walk("a wrong one-time code goes no further")
def wrong_code(world):
    before = world.hits("/domicilio/")
    world.browser.to_gateway("/domicilio/")
    ana = world.person("ana")
    ana.permanente_wrong_otp()
    expect(world.browser.says("no es correcto"), f"the code was taken: {world.browser.where()}")
    world.take_picture("codigo-incorrecto")
    ana.cancel()
    expect_refused(world, "/domicilio/", before)


@walk("an answer with a lower level than asked is refused")
def level_too_low(world):
    before = world.hits("/domicilio/")
    world.control.next(fault="low_loa")
    world.browser.to_gateway("/domicilio/")
    world.person("ana").permanente_otp()
    world.take_picture("nivel-insuficiente")
    expect_refused(world, "/domicilio/", before)


@walk("a basic registration does not open vida laboral")
def basic_registration(world):
    before = world.hits("/vida-laboral/")
    world.browser.to_gateway("/vida-laboral/")
    world.person("benito").permanente()
    world.take_picture("registro-basico")
    expect_refused(world, "/vida-laboral/", before)


@walk("a company's certificate does not pass for a person")
def company(world):
    before = world.hits("/puntos/")
    world.browser.to_gateway("/puntos/")
    world.person("empresa").certificate()
    world.take_picture("empresa")
    expect_refused(world, "/puntos/", before)


@walk("another person at the step-up does not take the session over")
def other_person_at_step_up(world):
    before = world.hits("/beneficiario/solicitar")
    world.browser.to_gateway("/beneficiario/")
    world.person("ana").permanente()
    world.browser.to_gateway("/beneficiario/solicitar")
    world.person("dolores").permanente_otp()
    world.take_picture("otra-persona")
    expect_refused(world, "/beneficiario/solicitar", before)
    # Nor is the first session left open for whoever sits there now.
    before = world.hits("/beneficiario/")
    world.browser.to_gateway("/beneficiario/")
    expect_refused(world, "/beneficiario/", before)


@walk("X-Clave-Nif sent by a client reaches no application")
def forged_header(world):
    forged = [value for spelling in ("X-Clave-Nif", "x-clave-nif", "X_Clave_Nif", "X-Clave-Level")
              for value in ("-H", f"{spelling}: 00000000T")]
    before = world.hits("/domicilio/")
    status, _ = _curl(world, "/domicilio/", *forged)
    expect(status == 302, f"/domicilio/ answers {status}, expected a redirect to the login")
    expect(world.hits("/domicilio/") == before, "/domicilio/ reached the application")
    status, body = _curl(world, "/horario?json", *forged)
    expect(status == 200, f"a public page answers {status}")
    expect("00000000T" not in body, "a public page received the header")


def _curl(world, path, *options):
    port = urlsplit(world.stack.base_url).port
    done = subprocess.run(
        ["curl", "-s", "--cacert", str(world.stack.prefix / "state" / "ca.pem"),
         "--resolve", f"sede.localhost:{port}:127.0.0.1", "-w", "\n%{http_code}",
         "-H", "Accept: text/html", *options, world.stack.base_url + path],
        capture_output=True, text=True, timeout=30,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body


@walk("each wrong answer that the simulator knows is refused, each harmless one is not")
def every_fault(world):
    for name, fault in world.control.faults().items():
        # A slow gateway is only slow; how much name is too much is the site's own decision.
        if name in ("slow", "huge_name"):
            continue
        # What the answer says of the registration matters only where it is asked for.
        path = "/vida-laboral/" if "registration" in name else "/domicilio/"
        before = world.hits(path)
        world.control.next(persona="ana", method="permanente", fault=name)
        arrival = Visitor(world.stack).visit(path)
        reached = world.hits(path) - before
        said = f"{name} ({fault['text']}): {arrival.status} at {arrival.url.split('?')[0]}"
        expect(reached == fault["harmless"], f"{said}; reached the application {reached} times")
        if not fault["harmless"]:
            expect(arrival.status in (200, 400, 403, 413), said)
        world.control.next(persona="ana", method="permanente")
        again = Visitor(world.stack).visit(path)
        expect(world.hits(path) == before + reached + 1,
               f"after {name} a good login fails: {again.status} at {again.url.split('?')[0]}")
