"""A browser without script: cookies, redirects, and the forms that a script would submit.

Cookies are kept and sent as browsers do it, SameSite and the prefixes of names included: a site that
counts on a Lax cookie in the POST that comes back from Cl@ve would work with a simpler one only.
Names below localhost are this machine, as in browsers.
"""

import copy
import http.client
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.etree
import lxml.html

MESSAGES = ("SAMLRequest", "SAMLResponse", "logoutRequest", "logoutResponse")
_MOST_STEPS = 20
_FORM = "application/x-www-form-urlencoded"
# Below these the third label makes the site.
_SHARED = {"gob.es", "com.es", "org.es", "edu.es", "nom.es"}
_BY_ITSELF = re.compile(rb"\.submit\s*\(|requestSubmit\s*\(")


class Unreachable(Exception):
    """No answer of a server; the text says which and why."""


@dataclass(frozen=True)
class Step:
    """One request. `initiator`: the address of the page that leads there, empty if it was typed."""

    url: str
    fields: tuple | None = None      # pairs of a form that is posted
    initiator: str = ""

    @property
    def method(self):
        return "GET" if self.fields is None else "POST"

    def as_get(self):
        """The same fields in the query."""
        joined = "&" if "?" in self.url else "?"
        return replace(self, url=self.url + joined + urlencode(self.fields), fields=None)


@dataclass(frozen=True)
class Page:
    status: int
    headers: object
    body: bytes
    url: str
    step: Step = field(repr=False, default=None)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def document(self):
        try:
            return lxml.html.fromstring(self.body or b"<p></p>")
        except (lxml.etree.ParserError, ValueError):
            return lxml.html.fromstring("<p></p>")

    @property
    def heading(self):
        found = self.document.xpath("//h1") or self.document.xpath("//title")
        return " ".join(found[0].text_content().split()) if found else ""

    def form_with(self, *names):
        """The first form that has one of these fields, as a step; None without one."""
        for form in self.document.forms:
            if any(name in form.fields for name in names):
                return self._submitted(form)
        return None

    def onward(self):
        """Where a browser goes from here without a click, or None."""
        location = self.headers.get("Location")
        if location and self.status in (301, 302, 303, 307, 308):
            fields = self.step.fields if self.status in (307, 308) else None
            return Step(urljoin(self.url, location), fields, self.step.initiator)
        if "html" not in self.headers.get("Content-Type", "html"):
            return None
        return self.form_with(*MESSAGES) or self._form_by_itself() or self._refresh()

    def _submitted(self, form):
        url = urljoin(self.url, form.get("action") or self.url)
        fields = tuple(form.form_values())
        if form.method == "POST":
            return Step(url, fields, self.url)
        return Step(urljoin(url, "?" + urlencode(fields)), None, self.url)

    def _form_by_itself(self):
        forms = [form for form in self.document.forms
                 if not form.xpath(".//input[not(@type='hidden' or @type='submit')]"
                                   " | .//select | .//textarea")]
        return self._submitted(forms[0]) if len(forms) == 1 and _BY_ITSELF.search(self.body) else None

    def _refresh(self):
        for meta in self.document.xpath("//meta[@http-equiv and @content]"):
            wanted = re.match(r"\s*\d+\s*;\s*url\s*=\s*(.+)", meta.get("content"), re.I)
            if meta.get("http-equiv").lower() == "refresh" and wanted:
                return Step(urljoin(self.url, wanted[1].strip("'\" ")), None, self.url)
        return None


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: str

    def goes_to(self, parts, method, cross_site):
        host = parts.hostname
        if host != self.domain and (self.host_only or not host.endswith("." + self.domain)):
            return False
        path = parts.path or "/"
        if path != self.path and not path.startswith(self.path.rstrip("/") + "/"):
            return False
        if self.secure and parts.scheme != "https":
            return False
        if not cross_site or self.same_site not in ("lax", "strict"):
            return True
        return self.same_site == "lax" and method == "GET"


class Browser:
    """`authorities`: files of CAs besides the system's; `resolve`: name → address."""

    def __init__(self, authorities=(), *, resolve=None, verify=True, timeout=60):
        self._tls = ssl.create_default_context()
        for authority in authorities:
            self._tls.load_verify_locations(str(authority))
        if not verify:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._resolve = resolve or {}
        self._timeout = timeout
        self.cookies = {}

    def fresh(self):
        """The same browser of somebody else: it has no cookies."""
        other = copy.copy(self)
        other.cookies = {}
        return other

    def twin(self):
        """A copy with the cookies of this moment."""
        other = copy.copy(self)
        other.cookies = dict(self.cookies)
        return other

    def cookies_for(self, url):
        return {c.name: c for c in self.cookies.values()
                if c.goes_to(urlsplit(url), "GET", cross_site=False)}

    # --- requests -----------------------------------------------------------------------------

    def get(self, url):
        return self.take(Step(url))

    def post(self, url, fields, initiator=None):
        return self.take(Step(url, tuple(dict(fields).items()), url if initiator is None
                              else initiator))

    def open(self, url, stop=None):
        return self.follow(Step(url), stop)

    def follow(self, step, stop=None):
        """(page, step): to where it ends, or to the first step of which `stop` says so, not taken."""
        page = None
        for _ in range(_MOST_STEPS):
            if stop and stop(step):
                return page, step
            page = self.take(step)
            step = page.onward()
            if step is None:
                return page, None
        raise Unreachable(f"{page.url}: more than {_MOST_STEPS} redirects")

    def take(self, step, body=None, content_type=_FORM):
        """The answer to one request; `body` instead of the fields."""
        parts = urlsplit(step.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unreachable(f"{step.url} is not an address of the web")
        headers = self._headers(step, parts)
        if step.method == "POST" or body is not None:
            body = urlencode(step.fields).encode() if body is None else body
            headers["Content-Type"] = content_type
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection = self._connection(parts)
        try:
            connection.request("GET" if body is None else "POST", target, body, headers)
            answer = connection.getresponse()
            page = Page(answer.status, answer.headers, answer.read(), step.url, step)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{parts.scheme}://{parts.netloc}: {error or type(error).__name__}"
                              ) from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self._keep(line, parts)
        return page

    def _headers(self, step, parts):
        cross_site = bool(step.initiator) and (
            site_of(urlsplit(step.initiator).hostname) != site_of(parts.hostname))
        kind = "none" if not step.initiator else "cross-site" if cross_site else "same-origin"
        headers = {
            "Host": parts.netloc, "User-Agent": "clave-sim (SIMULADOR)",
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "es",
            "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": kind,
            "Upgrade-Insecure-Requests": "1", "Connection": "close",
        }
        if step.method == "POST":
            headers["Origin"] = origin_of(step.initiator) if step.initiator else "null"
        sent = [f"{c.name}={c.value}" for c in self.cookies.values()
                if c.goes_to(parts, step.method, cross_site)]
        if sent:
            headers["Cookie"] = "; ".join(sent)
        return headers

    def _connection(self, parts):
        address = self._resolve.get(parts.hostname) or (
            "127.0.0.1" if f".{parts.hostname}".endswith(".localhost") else parts.hostname)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=self._timeout)
        try:
            connection.sock = socket.create_connection((address, port), self._timeout)
            if parts.scheme == "https":
                connection.sock = self._tls.wrap_socket(connection.sock,
                                                        server_hostname=parts.hostname)
        except OSError as error:
            connection.close()
            raise Unreachable(f"{parts.scheme}://{parts.netloc}: {error}") from error
        return connection

    # --- cookies (RFC 6265bis) ----------------------------------------------------------------

    def _keep(self, line, parts):
        pair, *rest = line.split(";")
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            return
        given = {}
        for attribute in rest:
            key, _, content = attribute.partition("=")
            given[key.strip().lower()] = content.strip()
        domain = given.get("domain", "").lstrip(".").lower()
        path = given.get("path", "")
        cookie = Cookie(name, value, domain or parts.hostname, not domain,
                        path if path.startswith("/") else _default_path(parts.path),
                        "secure" in given, "httponly" in given, given.get("samesite", "").lower())
        if not _may_be_set(cookie, parts):
            return
        key = (cookie.name, cookie.domain, cookie.path)
        self.cookies.pop(key, None)
        if not _is_over(given):
            self.cookies[key] = cookie


def _may_be_set(cookie, parts):
    if not replace(cookie, path="/", secure=False, same_site="").goes_to(parts, "GET", False):
        return False
    if cookie.secure and parts.scheme != "https":
        return False
    if cookie.same_site == "none" and not cookie.secure:
        return False
    if cookie.name.lower().startswith("__secure-") and not cookie.secure:
        return False
    if cookie.name.lower().startswith("__host-"):
        return cookie.secure and cookie.host_only and cookie.path == "/"
    return True


def _is_over(given):
    try:
        if "max-age" in given:
            return int(given["max-age"]) <= 0
        # Whoever sets a time that is past deletes; other times are longer than a run.
        return "expires" in given and parsedate_to_datetime(given["expires"]).year < 2000
    except (ValueError, TypeError):
        return False


def _default_path(path):
    return path.rsplit("/", 1)[0] or "/"


def origin_of(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def site_of(host):
    """What cookies take for one site."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        labels = host.split(".")
    return ".".join(labels[-3 if ".".join(labels[-2:]) in _SHARED else -2:])
