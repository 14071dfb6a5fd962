"""A citizen who logs in, for the cookie or for the work that it makes."""

import base64
import http.client
import re


def nif(number):
    return f"{number:08d}" + "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]


class Visitor:
    def __init__(self, stand, port=None):
        self.stand = stand
        self.port = port or stand.protected
        self.cookies = {}

    def login(self, path, **who):
        """The Cookie header of a session that is good for `path`."""
        self.finish(self.begin(path, **who))
        return "__Host-clave=" + self.cookies["__Host-clave"]

    def is_in(self, path):
        return self._ask("GET", path)[0] == 200

    def begin(self, path, **who):
        """Everything up to the gateway's answer, which is returned unsent."""
        _, headers, _ = self._ask("GET", path)
        _, _, page = self._ask("GET", headers["Location"])
        message = base64.b64decode(re.search(r'name="SAMLRequest" value="([^"]+)"', page)[1])
        return self.stand.forge({
            "case": "good-plain",
            "request_id": re.search(rb'\bID="([^"]+)"', message)[1].decode(),
            "relay_state": re.search(r'name="RelayState" value="([^"]+)"', page)[1],
            "acs_url": f"{self.stand.origin}/.clave/acs",
            "loa": "low", **who})

    def finish(self, form):
        _, headers, _ = self._ask("POST", "/.clave/acs", form["body"], form["content_type"])
        status, _, _ = self._ask("GET", headers["Location"])
        if status != 303:
            raise RuntimeError(f"a login ended with {status}")

    def log_out(self):
        status, _, _ = self._ask("POST", "/.clave/logout", "", "application/x-www-form-urlencoded",
                                 {"Sec-Fetch-Site": "same-origin"})
        if status >= 400:
            raise RuntimeError(f"a logout ended with {status}")

    def _ask(self, method, path, body=None, content_type=None, more=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **(more or {})}
        if content_type:
            headers["Content-Type"] = content_type
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.headers, answer.read().decode()
