"""What a person does at each method of the gateway, from the chooser to the site's answer."""


class Person:
    def __init__(self, browser, control, key):
        self.browser = browser
        self._control = control
        self.facts = control.personas()[key]

    @property
    def nif(self):
        return self.facts["nif"]

    @property
    def name(self):
        return self.facts["full_name"]

    def pin(self):
        self.browser.press("metodo-pin")
        self.browser.type("nif", self.nif)
        self.browser.type("clave", "k7m2")
        self.browser.press("continuar")
        self.browser.type("pin", "K7M2" + self._control.last_code(self.nif))
        self.browser.press("continuar")
        self.browser.back_to_site()

    def movil(self):
        self.browser.press("metodo-movil")
        self.browser.type("nif", self.nif)
        self.browser.press("continuar")
        code = self.browser.read("codigo-pantalla")
        with self.browser.phone():
            self.browser.type("codigo", code)
            self.browser.press("confirmar")
        self.browser.press("continuar")
        self.browser.back_to_site()

    def permanente(self):
        self.password()
        self.browser.back_to_site()

    def permanente_otp(self):
        self.password()
        self.code(self._control.last_code(self.nif))
        self.browser.back_to_site()

    def permanente_wrong_otp(self):
        """A wrong code, and then the person gives up."""
        self.password()
        right = self._control.last_code(self.nif)
        self.code(f"{(int(right) + 1) % 1000000:06}")

    def certificate(self):
        self.browser.press("metodo-certificado")
        self.browser.press("persona-" + self.facts["key"])
        self.browser.back_to_site()

    def password(self):
        self.browser.press("metodo-permanente")
        self.browser.type("nif", self.nif)
        self.browser.type("contrasena", self.facts["password"])
        self.browser.press("continuar")

    def code(self, value):
        self.browser.type("codigo", value)
        self.browser.press("continuar")

    def firma(self):
        """At FIRe and Cl@ve Firma: the certificate, password and code, each time."""
        self.browser.press("continuar")
        self.browser.type("password", self.facts["password"])
        self.browser.press("continuar")
        self.code(self._control.last_code(self.nif))

    def cancel(self):
        self.browser.press("cancelar")
        self.browser.back_to_site()
