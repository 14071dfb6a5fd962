"""Headless Chromium that can be told how wide it is, whether it is dark, and to run no scripts."""

import json

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-dev-shm-usage", "--window-size=1280,900", "--hide-scrollbars")


class Viewer:
    def __init__(self, gallery):
        self.gallery = gallery
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in _FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def appear(self, width, dark):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def paper(self, printed):
        """A4 without its margins, as a printer lays a page out."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": 718, "height": 1020, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"media": "print" if printed else ""})

    def scripts(self, allowed):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def hold(self, *assets):
        """Those scripts do not arrive: the pages on the way to Cl@ve stay where they are."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.setBlockedURLs",
                                    {"urls": [f"*{asset}*" for asset in assets]})

    def open(self, path):
        self.driver.get(f"{self.gallery.url}/{path}")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def requests(self):
        """The addresses that were asked for since the last time, with the octets that came."""
        asked, sizes = {}, {}
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            parameters = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                asked[parameters["requestId"]] = parameters["request"]["url"]
            elif message["method"] == "Network.loadingFinished":
                sizes[parameters["requestId"]] = parameters["encodedDataLength"]
        return [(url, sizes.get(identifier, 0)) for identifier, url in asked.items()]

    def complaints(self):
        """What the console says of a policy that was broken."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "Content Security Policy" in entry["message"]]
