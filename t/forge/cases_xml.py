"""S-23, S-30 to S-33: text that is not the XML we read, and XML that costs too much to read."""

from smithy import add, bad, swap


def whole(smithy):
    answer = smithy.answer()
    return smithy.sign_root(answer.text(), answer.response_id)


DECLARED = '<?xml version="1.0" encoding="{}"?>'

# -- S-23: what different parsers read differently ----------------------------------------------

for name, change in {
    "empty": lambda t: b"",
    "spaces": lambda t: b" \n ",
    "not-xml": lambda t: b"hola",
    "truncated": lambda t: t.encode()[:-20],
    "two-roots": lambda t: (t + "<a/>").encode(),
    "twice": lambda t: (t + t).encode(),
    "trailing-text": lambda t: (t + "x").encode(),
    "trailing-nul": lambda t: t.encode() + b"\0",
    "nul-inside": lambda t: swap(t, "<saml2p:Status>", "\0<saml2p:Status>").encode(),
    "cdata-end": lambda t: swap(t, "<saml2p:Status>", "]]><saml2p:Status>").encode(),
    "bom": lambda t: b"\xef\xbb\xbf" + t.encode(),
    "utf16": lambda t: (DECLARED.format("UTF-16") + t).encode("utf-16"),
    "utf16-without-bom": lambda t: t.encode("utf-16-le"),
    "utf32": lambda t: t.encode("utf-32"),
    "utf7-declared": lambda t: (DECLARED.format("UTF-7") + t).encode(),
    "latin1": lambda t: (DECLARED.format("ISO-8859-1") + t).encode("latin-1", "replace"),
    "ebcdic": lambda t: (DECLARED.format("cp037") + t).encode("cp037", "replace"),
    "unknown-encoding": lambda t: (DECLARED.format("x-nada") + t).encode(),
    "xml-1.1": lambda t: ('<?xml version="1.1"?>' + t).encode(),
    "space-before-declaration": lambda t: (" " + DECLARED.format("UTF-8") + t).encode(),
    "invalid-utf8": lambda t: swap(t, "<saml2p:Status>", "\0<saml2p:Status>").encode().replace(
        b"\0", b"\xff"),
    "overlong-utf8": lambda t: swap(t, "<saml2p:Status>", "\0<saml2p:Status>").encode().replace(
        b"\0", b"\xc0\xaf"),
    "surrogate": lambda t: swap(t, "<saml2p:Status>", "\0<saml2p:Status>").encode().replace(
        b"\0", b"\xed\xa0\x80"),
    "control-character": lambda t: swap(t, "<saml2p:Status>", "\x01<saml2p:Status>").encode(),
    "unbound-prefix": lambda t: swap(t, "<saml2p:Status>", "<nadie:a/><saml2p:Status>").encode(),
    "unknown-entity": lambda t: swap(t, "<saml2p:Status>", "&nadie;<saml2p:Status>").encode(),
    "duplicate-attribute": lambda t: swap(t, ' Version="2.0"', ' Version="2.0" Version="2.0"').encode(),
    "xml-prefix-rebound": lambda t: swap(t, "<saml2p:Response", '<saml2p:Response xmlns:xml="urn:x"').encode(),
    "xmlns-prefix-bound": lambda t: swap(t, "<saml2p:Response", '<saml2p:Response xmlns:xmlns="urn:x"').encode(),
    "html": lambda t: b"<html><body>error</body></html>"[:-3],
}.items():
    # Well-formed, but not in what namespaces allow.
    expected = "E-STRUCT" if "prefix" in name else "E-FMT"
    add(f"xml-{name}", "S-23", expected, lambda s, change=change: change(whole(s)))

# -- S-30, S-31: entities -----------------------------------------------------------------------

NESTED = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
DOCTYPES = {
    "empty": "<!DOCTYPE r>",
    "lower-case": "<!doctype r>",
    "xxe-file": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "xxe-http": '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
    "xxe-parameter": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>',
    "external-subset": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    "public": '<!DOCTYPE r PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
    "laughs": f'<!DOCTYPE r [<!ENTITY l0 "ja">{NESTED}]>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY x "{"a" * 50000}">]>',
    "default-attribute": '<!DOCTYPE r [<!ATTLIST saml2p:Response x CDATA "y">]>',
    "id-attribute": '<!DOCTYPE r [<!ATTLIST saml2:Assertion ID ID #REQUIRED>]>',
}
ENTITIES = {"xxe-file": "&x;", "xxe-http": "&x;", "laughs": "&l9;", "quadratic": "&x;" * 400}
for name, doctype in DOCTYPES.items():
    add(f"doctype-{name}", "S-31" if name in ("laughs", "quadratic") else "S-30", "E-FMT",
        lambda s, d=doctype, e=ENTITIES.get(name, ""): d + swap(
            whole(s), "<saml2p:StatusMessage>", f"<saml2p:StatusMessage>{e}"))
add("doctype-after-comment", "S-30", "E-STRUCT", lambda s: "<!--x--><!DOCTYPE r>" + whole(s))
add("doctype-entity-in-attribute", "S-31", "E-FMT", lambda s: (
    '<!DOCTYPE r [<!ENTITY x "y">]>' + swap(whole(s), 'Consent="', 'Consent="&x;')))
add("xinclude", "S-30", "E-STRUCT", lambda s: s.signed(
    after_status_xml='<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" '
    'href="file:///etc/hostname" parse="text"/>'))

# -- S-32, S-33: what costs too much ------------------------------------------------------------

CAP = 131072  # protocol section 1


@bad("size-over-cap", "S-32", "E-SIZE")
def _(smithy):
    text = whole(smithy)
    return text + " " * (CAP + 1 - len(text.encode()))


def deep(levels):
    return "<x>" * levels + "</x>" * levels


def attributes(number):
    return "<x {}/>".format(" ".join(f'a{i}=""' for i in range(number)))


def heavy(content):
    def make(smithy):
        extensions = f"<saml2p:Extensions>{content}</saml2p:Extensions>"
        if len(content) > 20000:
            # The caps come before the signature; signing thousands of levels proves nothing more.
            return swap(whole(smithy), "<saml2p:Status>", extensions + "<saml2p:Status>")
        answer = smithy.answer(extensions_xml=extensions)
        return smithy.sign_root(answer.text(), answer.response_id)

    return make


def declarations(number):
    return "<x {}/>".format(" ".join(f'xmlns:n{i}="urn:{i}"' for i in range(number)))


for name, content in {
    "depth-33": deep(33),
    "depth-257": deep(257),
    "depth-5000": deep(5000),
    "attributes-33": attributes(33),
    "attributes-12000": attributes(12000),
    "attributes-behind-a-bracket": attributes(5000).replace('a0=""', 'a0=">"'),
    "nodes-4001": "<x/>" * 4001,
    "nodes-20000": "<x/>" * 20000,
    "namespaces-65": declarations(65),
    "namespaces-3000": declarations(3000),
    "namespaces-in-scope": "".join(f'<x xmlns:n{i}="urn:{i}">' for i in range(250)) + "<n0:x/>" * 3000
    + "</x>" * 250,
    "namespaces-spread": "".join(f'<x xmlns:n{i}="urn:{i}"/>' for i in range(70)),
}.items():
    # Beyond 256 levels libxml2 gives up by itself.
    add(f"cap-{name}", "S-33", "E-FMT" if name == "depth-257" else "E-STRUCT", heavy(content))

add("cap-long-name", "S-33", "E-FMT", lambda s: swap(
    whole(s), "<saml2p:Status>", f"<saml2p:Extensions><{'n' * 60000}/></saml2p:Extensions><saml2p:Status>"))
add("cap-long-value", "S-65", "E-ATTR", lambda s: s.signed(given_name="A" * 60000))
