"""S-34, S-35, S-67: the form around a good answer."""

import zlib

import xmldsig
from smithy import add


def form(name, row, expected, make):
    """`make`: (smithy, good base64 text) → Form."""

    def built(smithy):
        return make(smithy, xmldsig.b64(smithy.signed().encode()))

    add(f"form-{name}", row, expected, built, kind="form")


def fields(change):
    """A form whose fields are those that `change` (message, RelayState) gives."""
    return lambda s, b64: s.form("", fields=change(b64, s.context.relay_state))


def saml_response(change):
    return fields(lambda b64, relay: [("SAMLResponse", change(b64)), ("RelayState", relay)])


# -- S-34: base64 -------------------------------------------------------------------------------


def _trailing_bits(text):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = text.rstrip("=")
    return bare[:-1] + alphabet[alphabet.index(bare[-1]) + 1] + "=" * (len(text) - len(bare))


def _padded(make_text):
    """With white space after the XML until its base64 ends in padding."""

    def make(smithy, b64):
        text = smithy.signed()
        text += " " * ((1 - len(text.encode())) % 3)
        return smithy.form("", fields=[("SAMLResponse", make_text(xmldsig.b64(text.encode()))),
                                       ("RelayState", smithy.context.relay_state)])

    return make


form("base64-empty", "S-34", "E-FMT", saml_response(lambda t: ""))
form("base64-url-alphabet", "S-34", "E-FMT", saml_response(
    lambda t: (t[:40] + "-_" + t[42:])))
form("base64-no-padding", "S-34", "E-FMT", _padded(lambda t: t.rstrip("=")))
form("base64-trailing-bits", "S-34", "E-FMT", _padded(_trailing_bits))
form("base64-data-after-padding", "S-34", "E-FMT", _padded(lambda t: t + "AAAA"))
form("base64-more-padding", "S-34", "E-FMT", _padded(lambda t: t + "="))
form("base64-nul", "S-34", "E-FMT", saml_response(lambda t: t[:40] + "\0" + t[40:]))
form("base64-other-character", "S-34", "E-FMT", saml_response(lambda t: t[:40] + "*" + t[40:]))
form("base64-twice", "S-34", "E-FMT", saml_response(lambda t: xmldsig.b64(t.encode())))
form("deflated", "S-34", "E-FMT", lambda s, b64: s.form(
    zlib.compress(s.signed().encode(), 9)[2:-4]))
form("not-encoded", "S-34", "E-FMT", lambda s, b64: s.form("", fields=[
    ("SAMLResponse", s.signed()), ("RelayState", s.context.relay_state)]))
form("much-white-space", "S-32", "E-FMT", saml_response(lambda t: t + "\n" * 70000))
form("over-body-cap", "S-32", "E-SIZE", lambda s, b64: s.form("", fields=[
    ("relleno", "A" * 300000), ("SAMLResponse", b64), ("RelayState", s.context.relay_state)]))

# -- S-35: the form -----------------------------------------------------------------------------

form("nothing", "S-35", "E-FMT", lambda s, b64: s.form("", fields=[]))
form("response-missing", "S-35", "E-FMT", fields(lambda b64, relay: [("RelayState", relay)]))
form("response-twice", "S-35", "E-FMT", fields(lambda b64, relay: [
    ("SAMLResponse", b64), ("SAMLResponse", b64), ("RelayState", relay)]))
form("response-twice-other", "S-35", "E-FMT", fields(lambda b64, relay: [
    ("SAMLResponse", b64), ("RelayState", relay), ("SAMLResponse", "AAAA")]))
form("relay-state-twice", "S-35", "E-FMT", fields(lambda b64, relay: [
    ("SAMLResponse", b64), ("RelayState", relay), ("RelayState", relay)]))
form("relay-state-twice-other", "S-35", "E-FMT", fields(lambda b64, relay: [
    ("SAMLResponse", b64), ("RelayState", relay), ("RelayState", "otro")]))
form("logout-beside", "S-35", "E-FMT", fields(lambda b64, relay: [
    ("SAMLResponse", b64), ("logoutResponse", b64), ("RelayState", relay)]))
form("escaped-name-beside", "S-35", "E-FMT", lambda s, b64: s.form("", body=(
    f"SAMLRespons%65=AAAA&SAMLResponse={b64.replace('+', '%2B')}"
    f"&RelayState={s.context.relay_state}").encode()))
form("field-in-query-too", "S-35", "E-FMT", lambda s, b64: s.form(
    s.signed(), query="RelayState=" + s.context.relay_state))
form("response-in-query-only", "S-35", "E-FMT", lambda s, b64: s.form(
    "", fields=[("RelayState", s.context.relay_state)],
    query="SAMLResponse=" + xmldsig.b64(bytes(2000)).replace("+", "%2B")))
form("response-in-query-by-get", "S-35", "E-METHOD", lambda s, b64: s.form(
    "", fields=[], method="GET", query="SAMLResponse=AAAA&RelayState=" + s.context.relay_state))
form("method-put", "S-35", "E-METHOD", lambda s, b64: s.form(s.signed(), method="PUT"))
form("broken-percent", "S-35", "E-FMT", lambda s, b64: s.form("", body=(
    f"SAMLResponse=%zz{b64.replace('+', '%2B')}&RelayState={s.context.relay_state}").encode()))
for name, content_type in {
    "multipart": "multipart/form-data; boundary=x", "text": "text/plain", "json": "application/json",
    "xml": "text/xml", "empty": "", "prefix": "application/x-www-form-urlencodedx",
}.items():
    form(f"type-{name}", "S-35", "E-FMT", lambda s, b64, t=content_type: s.form(s.signed(), content_type=t))

# -- S-50, S-67: the RelayState is a handle and nothing else ------------------------------------


def relay_states(context):
    ours = context.relay_state
    return {
        "empty": "", "longer": ours + "0", "shorter": ours[:-1],
        "case": ours.swapcase() if ours.swapcase() != ours else ours[::-1] + "x",
        "other": "".join(chr(ord(c) ^ 1) for c in ours), "space": ours + " ",
        "81-bytes": "a" * 81, "64-kilobytes": "a" * 65536,
        "slashes": "//evil.example", "three-slashes": "///evil.example",
        "backslashes": "\\\\evil.example", "slash-backslash": "/\\evil.example",
        "escaped-backslash": "/%5cevil.example", "no-slashes": "http:evil.example",
        "absolute": "https://evil.example/", "script": "javascript:alert(1)",
        "userinfo": "https://sede.example.gob.es@evil.example/", "new-line": "/\r\nLocation: //evil",
        "nul": ours + "\0", "markup": "\"><script>alert(1)</script>", "not-utf8": "\udcff",
    }


class _Probe:
    relay_state = "ab"


for name in relay_states(_Probe):
    if name == "not-utf8":
        form("relay-state-not-utf8", "S-67", "E-RELAY", lambda s, b64: s.form("", body=(
            f"SAMLResponse={b64.replace('+', '%2B')}&RelayState=%ff").encode()))
        continue
    # NUL is in no form that a browser sends.
    form(f"relay-state-{name}", "S-67", "E-FMT" if name == "nul" else "E-RELAY", lambda s, b64, n=name: s.form(
        "", fields=[("SAMLResponse", b64), ("RelayState", relay_states(s.context)[n])]))
form("relay-state-missing", "S-35", "E-RELAY", fields(lambda b64, relay: [("SAMLResponse", b64)]))
