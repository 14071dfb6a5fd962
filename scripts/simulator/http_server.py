"""A small HTTP server on the standard library: one thread per connection, one lock per gateway."""

import http.server
import json
import socketserver
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

MAX_BODY = 1 << 20
_CSP = ("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self' https:; frame-ancestors 'none'; base-uri 'none'")


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict
    headers: object
    body: bytes
    client_ip: str
    client_certificate: bytes = None   # DER

    @property
    def host(self):
        return self.headers.get("Host", "")

    @property
    def fields(self):
        """The posted form as pairs, so that a field sent twice is seen."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def form(self):
        return dict(self.fields)

    def json(self):
        """The object that was sent; ValueError if it is none."""
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("a JSON object is expected")
        return value


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict = field(default_factory=dict)
    delay: float = 0
    lost: bool = False              # the connection ends instead
    cut: bool = False               # the connection ends in the middle

    @classmethod
    def of_json(cls, value, status=200):
        content = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        return cls(content.encode(), status, "application/json; charset=utf-8")

    @classmethod
    def see_other(cls, location):
        return cls(status=303, headers={"Location": location})


class Server(http.server.ThreadingHTTPServer):
    """`answer`: callable Call → Reply; `clients`: the authority of clients with certificates."""

    daemon_threads = True

    def __init__(self, address, port, answer, *, tls=None, clients=None, max_body=MAX_BODY):
        handler = type("Handler", (_Handler,),
                       {"answer": staticmethod(answer), "max_body": max_body})
        super().__init__((address, port), handler)
        if tls:
            certificate, key = tls
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            if clients:
                context.load_verify_locations(clients)
                context.verify_mode = ssl.CERT_OPTIONAL
            # The handshake happens at the first read, in the connection's own thread: browsers
            # open connections ahead and leave them silent.
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def port(self):
        return self.server_address[1]

    def server_bind(self):
        # HTTPServer would look its own name up in the DNS.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """A browser that goes away is no event; faults inside `answer` are caught there."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SIMULADOR"
    sys_version = ""
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self):
        self._serve(b"")

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= self.max_body:
            self.close_connection = True
            self._send(Reply(b"request body refused\n", 413, "text/plain"))
            return
        body = self.rfile.read(length)
        if len(body) < length:  # whoever sent it gave up: nothing was asked
            self.close_connection = True
            return
        self._serve(body)

    do_HEAD = do_GET
    do_PUT = do_DELETE = do_PATCH = do_POST

    def _serve(self, body):
        target = urlsplit(self.path)
        tls = isinstance(self.connection, ssl.SSLSocket)
        call = Call(self.command, target.path,
                    dict(parse_qsl(target.query, keep_blank_values=True)),
                    self.headers, body, self.client_address[0],
                    self.connection.getpeercert(True) if tls else None)
        try:
            reply = self.answer(call)
        except Exception as error:  # a tester should see the fault, not an empty connection
            reply = Reply(f"simulator fault: {error!r}\n".encode(), 500, "text/plain")
            self.log_error("%r", error)
        self._send(reply)

    def _send(self, reply):
        if reply.delay:
            time.sleep(reply.delay)
        if reply.lost:
            self.close_connection = True
            return
        self.send_response(reply.status)
        headers = {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body)),
                   "Cache-Control": "no-store", "Content-Security-Policy": _CSP,
                   "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
                   **reply.headers}
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        body = reply.body
        if reply.cut:
            self.close_connection = True
            body = body[:len(body) // 2]
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_error(self, what, *facts):
        if not what.startswith("Request timed out"):  # a connection that browsers had opened ahead
            super().log_error(what, *facts)

    def log_request(self, code="-", size="-"):
        """Silent: what happened is at /_sim/requests."""
