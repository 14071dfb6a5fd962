"""Serves the written pages as the module does: with their policies, assets below /.clave/, and a
session that obeys the test."""

import http.server
import json
import threading
from urllib.parse import urlsplit

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".svg": "image/svg+xml"}
_STUB = "<!DOCTYPE html><html lang=es><title>{0}</title><h1 id=arrived>{0}</h1>"
_APPLICATION = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>Solicitud</title>
<script src="/.clave/assets/session.js" data-warning="120" defer></script></head>
<body><main><h1>Solicitud</h1><label>Nombre <input id="name"></label></main></body></html>"""
_PLAIN = ("SOLICITUD DE ALTA DE BENEFICIARIO\n\nSolicitante: María de los Ángeles\n"
          "Beneficiario: Íñigo\nParentesco: descendiente\n" + "Declaro que es cierto.\n" * 40)
# What a strict site allows.
_APPLICATION_POLICY = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Gallery:
    def __init__(self, directory):
        self.directory = directory
        self.pages = json.loads((directory / "manifest.json").read_text())
        self.session = {}
        self.session_requests = []
        # The gateway has no TLS here.
        self._policies = {"/" + page["file"]: page["policy"].replace("form-action https:",
                                                                     "form-action http:")
                          for page in self.pages}

    def __enter__(self):
        gallery = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                gallery.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request):
        if request.command == "POST":
            request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = urlsplit(request.path).path
        if path == "/.clave/session":
            return self._answer_session(request)
        if path == "/solicitud":
            lang = urlsplit(request.path).query or "es"
            return _send(request, 200, "text/html; charset=utf-8",
                         _APPLICATION.format(lang=lang).encode(), _APPLICATION_POLICY)
        if path in self._policies:
            body = (self.directory / path[1:]).read_bytes()
            return _send(request, 200, "text/html; charset=utf-8", body, self._policies[path])
        if path.startswith("/.clave/sign/") and path.endswith("/document"):
            kind = path.split("/")[3]
            body, of_type = _DOCUMENTS.get(kind, _DOCUMENTS["text"])
            return _send(request, 200, of_type, body(),
                         "default-src 'none'; frame-ancestors 'self'"
                         + ("" if kind == "pdf" else "; sandbox"))
        asset = self.directory / "assets" / path.rpartition("/")[2]
        if path.startswith("/.clave/assets/") and asset.is_file():
            return _send(request, 200, _TYPES[asset.suffix], asset.read_bytes())
        return _send(request, 200, "text/html; charset=utf-8", _STUB.format(path).encode(),
                     "default-src 'none'")

    def _answer_session(self, request):
        self.session_requests.append((request.command, request.headers.get("Clave-Background")))
        if request.command == "POST":
            self.session["remaining"] = self.session["extended"]
        alive = self.session["remaining"] > 0
        body = json.dumps({"authenticated": alive, "remaining": self.session["remaining"],
                           "absolute": self.session["absolute"]})
        _send(request, 200 if alive else 401, "application/json", body.encode())


def _pdf():
    page = b"BT /F1 24 Tf 72 700 Td (Solicitud de alta) Tj ET"
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
               b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
               b"<</Length %d>>stream\n%s\nendstream" % (len(page), page))
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + (b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\n"
                   b"startxref\n%d\n%%%%EOF\n" % (table, len(made)))


_DOCUMENTS = {
    "text": (_PLAIN.encode, "text/plain; charset=utf-8"),
    "html": (lambda: "<!DOCTYPE html><html lang=es><title>Solicitud</title><h1>Íñigo</h1>".encode(),
             "text/html; charset=utf-8"),
    "image": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="90"/>',
              "image/svg+xml"),
    "pdf": (_pdf, "application/pdf"),
}


def _send(request, status, kind, body, policy=None):
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Cache-Control", "no-store")
    if policy:
        request.send_header("Content-Security-Policy", policy)
    request.end_headers()
    request.wfile.write(body)
