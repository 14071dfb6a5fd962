"""Headless Chromium, as a person uses it: follows pages, presses buttons, reads what it sees."""

import contextlib
import json
import tempfile

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-dev-shm-usage", "--lang=es", "--window-size=1000,900")
_PATIENCE = 15
# login and step-up: at most two pages of our own stand before the gateway (product section 3).
OWN_PAGES_BEFORE_GATEWAY = 2


class Stuck(Exception):
    """The walk did not come to where it should; the text says where it stands."""


class Browser:
    def __init__(self, stack, *, javascript=True):
        self._stack = stack
        self._javascript = javascript
        self._profile = tempfile.TemporaryDirectory(prefix="clave-demo-chromium-")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*_FLAGS, f"--user-data-dir={self._profile.name}"):
            options.add_argument(flag)
        preferences = {"intl.accept_languages": "es"}
        if not javascript:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        # The demo's CA lives for one run; the certificates themselves are checked by its tests.
        options.accept_insecure_certs = True
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self._profile.cleanup()

    # --- moving -------------------------------------------------------------------------------

    def open(self, path):
        self.driver.get(self._stack.base_url + path)

    def to_gateway(self, path):
        """Opens a procedure and arrives at the chooser."""
        self.open(path)
        for _ in range(OWN_PAGES_BEFORE_GATEWAY):
            if self._at_gateway():
                return
            self._leave_own_page()
        self._until(self._at_gateway, "the gateway's chooser")

    def press(self, identifier):
        """Every button here leads to another page: it is done when the old one is gone."""
        button = self._wait(By.ID, identifier)
        old = self.driver.find_element(By.TAG_NAME, "html")
        button.click()
        self._until(lambda: staleness_of(old)(self.driver), f"what follows {identifier}")

    def type(self, name, value):
        field = self._wait(By.NAME, name)
        field.clear()
        field.send_keys(value)

    @contextlib.contextmanager
    def phone(self):
        """The telephone, in a tab beside the page."""
        page = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self.driver.get(self._stack.addresses["phone"])
        yield
        self.driver.close()
        self.driver.switch_to.window(page)

    def back_to_site(self):
        """From the gateway's last page to what the site answers."""
        if not self._javascript:
            self.press("continuar")
        self._until(self._at_site, "the site")

    def confirm_document(self):
        """On the review: read, confirmed, and onward to Cl@ve Firma."""
        box = self._wait(By.NAME, "read")
        self._until(lambda: box.is_selected() or box.click(), "a box that stays ticked")
        self.driver.find_element(By.CSS_SELECTOR, "form[action$=confirm] button").click()
        if not self._javascript:
            self.press("to-firma")
        self._until(lambda: self.driver.current_url.startswith(self._stack.addresses["fire_public"]),
                    "FIRe's page")

    def follow(self, identifier):
        """A link, where the script of a page may be faster."""
        self._wait(By.ID, identifier).click()

    def log_out(self):
        """From a page of the application to what the site answers in the end."""
        self.press("cerrar-sesion")
        if not self._javascript:
            self.driver.find_element(By.CSS_SELECTOR, "#to-clave button").click()
            self.press("continuar")
        # On the way there is a page of the site, too, with a form that goes on by itself.
        self._until(lambda: self._at_site() and not self.has("#to-clave"), "the site")

    def _leave_own_page(self):
        """The page that goes to Cl@ve submits itself; the others have a link to go on."""
        self._until(lambda: self._at_gateway() or self.has("#to-clave, main a.button"),
                    "the gateway or a page on the way to it")
        if self.has("#to-clave"):
            if not self._javascript:
                self.driver.find_element(By.CSS_SELECTOR, "#to-clave button").click()
            self._until(self._at_gateway, "the gateway's chooser")
        elif not self._at_gateway():
            self.driver.find_element(By.CSS_SELECTOR, "main a.button").click()

    def _wait(self, kind, name):
        """The element, once the page that has it is there."""
        self._until(lambda: self.driver.find_elements(kind, name), f"an element {name}")
        return self.driver.find_element(kind, name)

    def _until(self, condition, what):
        try:
            WebDriverWait(self.driver, _PATIENCE).until(lambda _: _holds(condition))
        except WebDriverException:
            raise Stuck(f"waited for {what}, stands at {self.where()}") from None

    # --- seeing -------------------------------------------------------------------------------

    def has(self, selector):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def says(self, words):
        return words in self.driver.find_element(By.TAG_NAME, "body").text

    def offers(self, method):
        return self.driver.find_element(By.ID, f"metodo-{method}").is_enabled()

    def read(self, identifier):
        return self._wait(By.ID, identifier).text

    def table(self, identifier):
        """Of two columns: names and values."""
        rows = self._wait(By.ID, identifier).find_elements(By.TAG_NAME, "tr")
        return {row.find_element(By.TAG_NAME, "th").text: row.find_element(By.TAG_NAME, "td").text
                for row in rows}

    def title(self):
        try:
            return self.driver.find_element(By.TAG_NAME, "h1").text
        except NoSuchElementException:
            return self.driver.title

    def where(self):
        address = self.driver.current_url.split("?")[0]
        return f"{address} “{self.title()}”"

    def identity(self, path):
        """What the application received at `path`, as it tells in JSON."""
        self.open(path + "?json")
        try:
            body = self.driver.find_element(By.TAG_NAME, "body").text
            return json.loads(body)["identity"]
        except (ValueError, KeyError):
            raise Stuck(f"the application does not answer at {self.where()}") from None

    def screenshot(self, file):
        self.driver.save_screenshot(str(file))

    def _at_gateway(self):
        return self.has("#metodo-pin")

    def _at_site(self):
        return self.driver.current_url.startswith(self._stack.base_url) and self.has("h1")


def _holds(condition):
    try:
        return condition()
    except WebDriverException:
        return False  # the page is just being replaced
