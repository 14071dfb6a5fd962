"""A person without a browser: cookies, redirects and the two forms of a login, for many visits."""

from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html

from simulator.loopback import LoopbackConnection

_STEPS = 12


@dataclass(frozen=True)
class Arrival:
    status: int
    url: str
    body: str


class Visitor:
    def __init__(self, stack):
        self._authority = stack.prefix / "state" / "ca.pem"
        self._stack = stack
        self._cookies = {}

    def visit(self, path):
        """Follows everything that a browser with script would, to where it stops."""
        return self._follow("GET", path, None)

    def log_out(self):
        return self._follow("POST", "/.clave/logout", "")

    def _follow(self, method, path, body):
        url = self._stack.base_url + path
        for _ in range(_STEPS):
            status, headers, text = self._ask(method, url, body)
            location = headers.get("Location")
            form = None if location else self._form(text)
            if location:
                url, method, body = urljoin(url, location), "GET", None
            elif form is not None:
                url = urljoin(url, form.get("action"))
                method, body = "POST", urlencode(dict(form.form_values()))
            else:
                return Arrival(status, url, text)
        return Arrival(status, url, text)

    def _form(self, text):
        """Those that submit themselves: to Cl@ve, and back from it."""
        if not text.lstrip().startswith("<"):
            return None
        forms = lxml.html.fromstring(text).forms
        return next((f for f in forms if f.get("id") in ("to-clave", "entrega")), None)

    def _ask(self, method, url, body):
        parts = urlsplit(url)
        headers = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate",
                   "Sec-Fetch-Dest": "document"}
        jar = self._cookies.setdefault(parts.netloc, {})
        # The answer of the gateway is posted from another site, where Lax cookies stay behind.
        own = url.startswith(self._stack.base_url) and parts.path != "/.clave/acs"
        if jar and (method == "GET" or own):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if own:
            headers["Sec-Fetch-Site"] = "same-origin"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = LoopbackConnection(parts.hostname, parts.port, self._authority)
        try:
            target = parts.path + ("?" + parts.query if parts.query else "")
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.split(";")[0].partition("=")
                jar[name] = value
                if not value:
                    del jar[name]
            text = answer.read().decode("utf-8", "replace")
            return answer.status, answer.headers, text
        finally:
            connection.close()
