"""How FIRe reads and writes: its forgiving base64, Java properties, and five shapes of errors.

Protocol-fire sections 1.3 and 2. What the real server does not notice, this one does not either.
"""

import base64
import json
import re

from .http_server import Reply

_TEXTS = {
    2: "No se ha indicado el identificador de la aplicación.",
    3: "No se ha indicado la operación a realizar.",
    8: "No se ha indicado el identificador de usuario.",
    18: "No se ha indicado el identificador de transacción",
    21: "El proveedor no tiene dado de alta al usuario indicado.",
    24: "El usuario no puede poseer certificados de firma por haber realizado un registro no "
        "fehaciente.",
    32: "Error durante la actualización de firma.",
    34: "No se ha indicado el identificador de los datos asíncronos",
    38: "Los certificados del usuario están bloqueados.",
    42: "El identificador de documento ya existe en el lote.",
    44: "Se intenta firmar un lote sin documentos",
    48: "No se ha indicado el identificador del documento del lote.",
    49: "No se ha firmado previamente el lote.",
    50: "Error al firmar el lote.",
    51: "La firma se recuperó anteriormente.",
    53: "El documento no estaba en el lote.",
    54: "El resultado del lote se recuperó anteriormente.",
    56: "Se ha indicado un identificador de documento con longitud o caracteres no soportados",
    503: "La transacción no se ha inicializado o ha caducado.",
    505: "Error detectado despues de llamar a la pasarela externa para firmar.",
    507: "Operación cancelada.",
    508: "El proveedor de firma devolvió un error.",
}
_FORBIDDEN, _UNAUTHORISED, _NOT_FOUND = {501, 503}, {502}, {14}
_BAD_REQUEST = {*range(1, 21), 21, 27, 34, 35, 42, 43, 44, 48, 55, 56, 507} - _NOT_FOUND
_JSON = "application/json;charset=UTF-8"


class Refusal(Exception):
    """An error of FIRe. `shape`: how it is put, A to E."""

    def __init__(self, code, shape="A", transaction=None):
        super().__init__(code)
        self.code, self.shape, self.transaction = code, shape, transaction


def text_of(code):
    return _TEXTS.get(code, "Error.")


def status_of(code):
    for status, codes in ((403, _FORBIDDEN), (401, _UNAUTHORISED), (404, _NOT_FOUND),
                          (400, _BAD_REQUEST)):
        if code in codes:
            return status
    return 500


def refused(refusal):
    status = status_of(refusal.code)
    if refusal.shape == "B":
        return Reply(_compact(failed(refusal.code)).encode(), 500, "")
    if refusal.shape == "C":
        return Reply(_pretty({"transactionid": refusal.transaction.id,
                              "redirecturl": refusal.transaction.error_url}).encode(), status, "")
    if refusal.shape == "D":
        return Reply(text_of(refusal.code).encode(), 500, "")
    # Without escapes, as there.
    return Reply(f'{{"c": {refusal.code}, "m": "{text_of(refusal.code)}"}}'.encode(), status,
                 _JSON)


def failed(code, provider=""):
    result = {"state": -1, "ermsg": text_of(code), "ercod": code}
    if provider:
        result["prov"] = provider
    return {"result": result}


def answer(value, *, pretty=False):
    return Reply((_pretty(value) if pretty else _compact(value)).encode(), 200, _JSON)


def identified(transaction):
    return Reply(f'{{"transactionid": "{transaction}"}}'.encode(), 200, _JSON)


def plain(content):
    return Reply(content if isinstance(content, bytes) else content.encode(), 200, "")


def decoded(value):
    """Only the URL-safe alphabet counts, only whole groups of four: the rest is dropped unseen."""
    if 0 < len(value) < 4:
        raise Refusal(13)
    known = re.sub(r"[^A-Za-z0-9_=-]", "", value)
    known = known[:len(known) // 4 * 4]
    try:
        return base64.urlsafe_b64decode(known)
    except ValueError:
        return b""


def properties(content):
    """java.util.Properties, as far as escapes and separators go."""
    found = {}
    joined = re.sub(r"(?<!\\)((?:\\\\)*)\\\r?\n[ \t]*", r"\1", content.decode("utf-8", "replace"))
    for line in re.split(r"[\r\n\f]+", joined):
        line = line.lstrip(" \t\f")
        if not line or line[0] in "#!":
            continue
        key, value = re.match(r"((?:\\.|[^=:\s\\])*)\s*[=:]?\s*(.*)$", line, re.S).groups()
        found[_unescaped(key)] = _unescaped(value)
    return found


def _unescaped(value):
    def one(match):
        what = match.group(1)
        if what[0] == "u":
            return chr(int(what[1:], 16))
        return {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(what, what)
    value = re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", one, value)
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _pretty(value):
    lines = ",\n".join(f"  {json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}"
                       for k, v in value.items())
    return "{\n" + lines + "\n}"
