"""The chooser and the rules of each method, walked as a person does."""

import re
import unittest

from simulator.vocabulary import Loa

from . import service_provider as sp
from .running import simulator

ANA, BENITO = "00000000T", "99999999R"


class MethodsTest(unittest.TestCase):
    def setUp(self):
        self.simulator = simulator()
        self.browser = self.simulator.browser

    def enter(self, loa=Loa.LOW, excluded=()):
        return self.simulator.enter(self.simulator.provider.request(loa, excluded))

    def sms(self, nif):
        return self.simulator.control(f"sms/last?nif={nif}")["code"]

    def assert_identified(self, received, nif, code, loa):
        root, fields = sp.delivered(received)
        self.assertTrue(sp.signature_is_good(root, self.simulator.state / "gateway.pem"))
        self.assertEqual(sp.status(root), ("Success",))
        assertion = self.simulator.provider.decrypt(root)
        found = sp.attributes(assertion)
        self.assertEqual((found["PersonIdentifier"], found["SelectedIdP"]), (nif, code))
        self.assertEqual(sp.loa(assertion), loa.uri)
        self.assertEqual(found["RelayState"], "e5f6a7b8")
        self.assertEqual(fields["RelayState"], "a1b2c3d4")

    def test_the_chooser_lives_on_another_host(self):
        first = self.browser.post(self.simulator.provider.gateway_url,
                                  self.simulator.provider.fields(self.simulator.provider.request()))
        self.assertEqual(first.status, 303)
        self.assertTrue(first.location.startswith("https://ident.clave.localhost:"))

    def test_the_chooser_honours_exclusions_and_level(self):
        chooser = self.enter(Loa.HIGH, ["EIDASIdP"])
        for method, offered in {"pin": False, "movil": False, "permanente": False,
                                "certificado": True, "eidas": False}.items():
            disabled = f'id="metodo-{method}" disabled' in chooser.text
            self.assertNotEqual(disabled, offered, method)
        insisted = self.simulator.choose(chooser, "pin")
        self.assertIn("No alcanza el nivel", insisted.text)

    def test_an_excluded_method_cannot_be_reached_by_its_address(self):
        chooser = self.enter(excluded=["GISSIdP"])
        token = chooser.url.rpartition("=")[2]
        received = self.browser.post(chooser.url.replace("elegir", "permanente"),
                                     {"t": token, "persona": "ana"})
        self.assertEqual(received.status, 303)
        self.assertIn("/IdP2/elegir", received.location)

    def test_somebody_of_ones_own(self):
        self.simulator.control("personas", {"key": "nuria", "nif": "12345678Z",
                                            "given_name": "Núria", "first_surname": "Puig"})
        chooser = self.enter()
        self.assertIn("Núria Puig", self.simulator.choose(chooser, "pin").text)
        self.simulator.control("next", {"persona": "nuria", "method": "permanente", "otp": True})
        self.assert_identified(self.enter(), "12345678Z", "SEGSOC", Loa.SUBSTANTIAL)

    # Cl@ve PIN

    def pin_page(self, nif=ANA, loa=Loa.LOW):
        form = self.simulator.choose(self.enter(loa), "pin")
        return self.browser.submit(form, form="/IdP2/pin", nif=nif, clave="ab12")

    def test_pin(self):
        page = self.pin_page()
        phone = self.browser.get(self.simulator.addresses["phone"]).text
        self.assertIn(self.sms(ANA), re.sub("<[^>]*>", " ", phone), "a person reads the code there")
        done = self.browser.submit(page, pin="ab12" + self.sms(ANA))
        self.assert_identified(done, ANA, "PIN24H", Loa.SUBSTANTIAL)

    def test_pin_of_a_basic_registration_is_low(self):
        page = self.pin_page(BENITO)
        done = self.browser.submit(page, pin="AB12" + self.sms(BENITO))
        self.assert_identified(done, BENITO, "PIN24H", Loa.LOW)

    def test_pin_of_a_basic_registration_fails_where_substantial_is_asked(self):
        page = self.pin_page(BENITO, Loa.SUBSTANTIAL)
        end = self.browser.submit(page, pin="AB12" + self.sms(BENITO))
        self.assertIn("el trámite pide sustancial", end.text)
        root, _ = sp.delivered(self.browser.submit(end))
        self.assertEqual(sp.status(root), ("Responder", "AuthnFailed"))

    def test_pin_is_single_use(self):
        page = self.pin_page()
        pin = "AB12" + self.sms(ANA)
        self.browser.submit(page, pin=pin)
        again = self.simulator.choose(self.enter(), "pin")
        again = self.browser.submit(again, form="/IdP2/pin", nif=ANA, clave="zz99")
        self.assertIn("no es correcto", self.browser.submit(again, pin=pin).text)

    def test_pin_ends_after_ten_minutes(self):
        page = self.pin_page()
        self.simulator.control("clock", {"advance": 601})
        late = self.browser.submit(page, pin="AB12" + self.sms(ANA))
        self.assertIn("ha caducado", late.text)

    def test_pin_just_before_ten_minutes(self):
        page = self.pin_page()
        self.simulator.control("clock", {"advance": 590})
        done = self.browser.submit(page, pin="AB12" + self.sms(ANA))
        self.assert_identified(done, ANA, "PIN24H", Loa.SUBSTANTIAL)

    # Cl@ve Móvil

    def movil_page(self):
        form = self.simulator.choose(self.enter(), "movil")
        return self.browser.submit(form, form="/IdP2/movil", nif=ANA)

    def confirm(self, code):
        phone = self.browser.get(self.simulator.addresses["phone"])
        return self.browser.submit(phone, codigo=code)

    def shown_code(self, page):
        return page.text.split('id="codigo-pantalla">')[1][:3]

    def test_movil(self):
        page = self.movil_page()
        self.assertIn("Aún no ha confirmado", self.browser.submit(page).text)
        self.confirm(self.shown_code(page))
        self.assert_identified(self.browser.submit(page), ANA, "CLVMOVIL", Loa.SUBSTANTIAL)

    def test_movil_with_other_digits_is_rejected(self):
        page = self.movil_page()
        wrong = f"{(int(self.shown_code(page)) + 1) % 1000:03}"
        self.assertIn("no coincide", self.confirm(wrong).text)
        self.assertIn("se rechazó", self.browser.submit(page).text)

    def test_movil_ends_after_five_minutes(self):
        page = self.movil_page()
        self.confirm(self.shown_code(page))
        self.simulator.control("clock", {"advance": 301})
        self.assertIn("Han pasado 5 minutos", self.browser.submit(page).text)

    # Cl@ve Permanente

    def password(self, password, nif=ANA, loa=Loa.LOW):
        form = self.simulator.choose(self.enter(loa), "permanente")
        return self.browser.submit(form, form="/IdP2/permanente", nif=nif, contrasena=password)

    def test_permanente_is_low(self):
        self.assert_identified(self.password("Ana-permanente-1"), ANA, "SEGSOC", Loa.LOW)

    def test_permanente_asks_a_code_where_substantial_is_asked(self):
        page = self.password("Ana-permanente-1", loa=Loa.SUBSTANTIAL)
        self.assertIn("Código recibido por SMS", page.text)
        done = self.browser.submit(page, codigo=self.sms(ANA))
        self.assert_identified(done, ANA, "SEGSOC", Loa.SUBSTANTIAL)

    def test_a_wrong_code_is_refused_and_five_void_it(self):
        page = self.password("Ana-permanente-1", loa=Loa.SUBSTANTIAL)
        wrong = f"{(int(self.sms(ANA)) + 1) % 1000000:06}"
        for _ in range(4):
            self.assertIn("no es correcto", self.browser.submit(page, codigo=wrong).text)
        self.assertIn("se ha anulado", self.browser.submit(page, codigo=wrong).text)
        self.assertIn("ya se usó", self.browser.submit(page, codigo=self.sms(ANA)).text)

    def test_the_code_alone_is_not_enough(self):
        self.password("Ana-permanente-1", loa=Loa.SUBSTANTIAL)
        form = self.simulator.choose(self.enter(Loa.SUBSTANTIAL), "permanente")
        token = form.url.rpartition("=")[2]
        jumped = self.browser.post(form.url.replace("permanente?", "permanente/codigo?"),
                                   {"t": token, "codigo": self.sms(ANA)})
        self.assertTrue(jumped.location.startswith("/IdP2/permanente?"))

    def test_a_basic_registration_gets_no_code(self):
        page = self.password("Benito-permanente-1", BENITO, Loa.SUBSTANTIAL)
        self.assertIn("El suyo es básico", page.text)

    def test_five_wrong_passwords_lock(self):
        for _ in range(4):
            self.assertIn("no es correcta", self.password("otra").text)
        self.assertIn("queda bloqueada", self.password("otra").text)
        self.assertIn("está bloqueada", self.password("Ana-permanente-1").text)

    def test_four_wrong_passwords_do_not(self):
        for _ in range(4):
            self.password("otra")
        self.assert_identified(self.password("Ana-permanente-1"), ANA, "SEGSOC", Loa.LOW)

    # the others

    def test_certificate_and_dnie(self):
        for kind, loa in {"fichero": Loa.SUBSTANTIAL, "dnie": Loa.HIGH}.items():
            form = self.simulator.choose(self.enter(), "certificado")
            done = self.browser.submit(form, form="/IdP2/certificado", soporte=kind,
                                       button=("persona", "ana"))
            self.assert_identified(done, ANA, "AFIRMA", loa)

    def test_eidas_has_no_nif(self):
        form = self.simulator.choose(self.enter(), "eidas")
        done = self.browser.submit(form, button=("persona", "lukasz"))
        self.assert_identified(done, "PL/ES/85071412345", "EIDAS", Loa.SUBSTANTIAL)

    def test_cancel(self):
        chooser = self.enter()
        root, fields = sp.delivered(self.browser.submit(chooser, form="/IdP2/cancelar"))
        self.assertTrue(sp.signature_is_good(root, self.simulator.state / "gateway.pem"))
        self.assertEqual(sp.status(root), ("Responder", "RequestDenied"))
        self.assertEqual(fields["RelayState"], "a1b2c3d4")
