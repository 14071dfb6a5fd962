"""S-01 to S-09: signature wrapping, eight shapes × three ways with IDs × four places.

The shapes are those of "On Breaking SAML" (USENIX Security 2012). What the gateway signed stays
whole somewhere; what we are meant to read is ours. Where the signed element is the assertion, the
gateway's root signature covers the result, so that nothing but the shape can give it away.
"""

from answer import INNER_SIGNATURE, ROOT_SIGNATURE, SAMLP
from smithy import add, swap

EVIL = {"nif": "00000000T", "name_id": "00000000T", "given_name": "ATACANTE", "surnames": "FALSO",
        "first_surname": "FALSO"}
ID_NAMES = ["Id", "id", "xml:id"]


class Signed:
    """An element with its signature, and its pieces."""

    def __init__(self, text):
        start = text.index("<ds:Signature")
        end = text.index("</ds:Signature>") + len("</ds:Signature>")
        self.whole = text
        self.signature = text[start:end]
        self.bare = text[:start] + text[end:]

    def signature_around(self, content):
        return swap(self.signature, "</ds:Signature>", content + "</ds:Signature>")


def in_object(text):
    return f"<ds:Object>{text}</ds:Object>"


def before_end(text, content):
    end = text.rindex("</")
    return text[:end] + content + text[end:]


def wrapped_assertion(shape, evil, signed):
    """(extensions, body) of a message whose evil assertion has a marker for its signature."""
    unsigned = evil.replace(INNER_SIGNATURE, "")
    return {
        1: ("", evil.replace(INNER_SIGNATURE, signed.signature_around(in_object(signed.whole)))),
        2: ("", evil.replace(INNER_SIGNATURE, signed.bare + signed.signature)),
        3: ("", unsigned + signed.whole),
        4: ("", before_end(unsigned, signed.whole)),
        5: ("", evil.replace(INNER_SIGNATURE, signed.signature) + signed.bare),
        6: ("", evil.replace(INNER_SIGNATURE, signed.signature_around(signed.bare))),
        7: (f'<saml2p:Extensions xmlns:saml2p="{SAMLP}">{unsigned}</saml2p:Extensions>', signed.whole),
        8: ("", evil.replace(INNER_SIGNATURE, signed.signature_around(in_object(signed.bare)))),
    }[shape]


def wrapped_response(shape, evil, signed):
    unsigned = evil.replace(ROOT_SIGNATURE, "")
    taken = evil.replace(ROOT_SIGNATURE, signed.signature)
    extensions = f'<saml2p:Extensions xmlns:saml2p="{SAMLP}">{signed.bare}</saml2p:Extensions>'
    return {
        1: evil.replace(ROOT_SIGNATURE, signed.signature_around(in_object(signed.whole))),
        2: evil.replace(ROOT_SIGNATURE, signed.bare + signed.signature),
        3: unsigned.replace("<saml2p:Status>", signed.whole + "<saml2p:Status>", 1),
        4: before_end(unsigned, signed.whole),
        5: before_end(taken, signed.bare),
        6: evil.replace(ROOT_SIGNATURE, signed.signature_around(signed.bare)),
        7: evil.replace(ROOT_SIGNATURE, signed.signature + extensions),
        8: evil.replace(ROOT_SIGNATURE, signed.signature_around(in_object(signed.bare))),
    }[shape]


def evil_ids(ids, shape, own_id, signed_id):
    """(the ID, further attributes) of the evil element."""
    if ids == "same":
        return signed_id, ""
    if ids == "distinct":
        return own_id, ""
    return own_id, f' {ID_NAMES[shape % 3]}="{signed_id}"'


def evil_answer(smithy, genuine, shape, ids, place):
    """The evil one; what it wraps has the IDs of the genuine one."""
    response_id, response_extra = genuine.response_id, ""
    assertion_id, assertion_extra = smithy.context.unique("_mala"), ""
    if place in ("response", "both"):
        own = smithy.context.unique("_mala")
        response_id, response_extra = evil_ids(ids, shape, own, genuine.response_id)
    if place != "response":
        assertion_id, assertion_extra = evil_ids(ids, shape, assertion_id, genuine.assertion_id)
    return smithy.answer(
        **EVIL, response_id=response_id, root_extra=response_extra, assertion_id=assertion_id,
        assertion_extra=assertion_extra,
        inner_signature_xml="" if place == "response" else INNER_SIGNATURE,
    )


def wrapping(shape, ids, place):
    def make(smithy):
        genuine = smithy.answer(inner_signature_xml="" if place == "response" else INNER_SIGNATURE)
        evil = evil_answer(smithy, genuine, shape, ids, place)
        if place in ("assertion", "decrypted"):
            inner = Signed(smithy.assertion(genuine))
            extensions, body = wrapped_assertion(shape, evil.part("assertion"), inner)
            if place == "decrypted":
                body = smithy.encrypted(extensions + body)
            else:
                evil.extensions_xml = extensions
            evil.replaced["body"] = body
            return smithy.sign_root(evil.text(), evil.response_id)
        if place == "both":
            # The evil assertion takes its signature from the one in the wrapped response.
            genuine.replaced["body"] = smithy.assertion(genuine)
            evil.replaced["inner_signature"] = Signed(genuine.replaced["body"]).signature
        signed = Signed(smithy.sign_root(genuine.text(), genuine.response_id))
        return wrapped_response(shape, evil.text(), signed)

    return make


ROWS = {1: "S-01", 2: "S-02", 3: "S-03", 4: "S-04", 5: "S-05", 6: "S-05", 7: "S-06", 8: "S-07"}


def expected(shape, ids, place):
    """Which of the shapes' marks is seen first."""
    if ids == "variant" or (place == "decrypted" and shape in (3, 5, 7)):
        return "E-STRUCT"  # an element with two IDs, or two elements in one ciphertext
    if ids == "same":
        return "E-ID-DUP"
    return "E-SIG-BIND" if place in ("response", "both") else "E-STRUCT"


for the_place in ("response", "assertion", "both", "decrypted"):
    for the_shape in range(1, 9):
        for the_ids in ("same", "distinct", "variant"):
            add(
                f"xsw{the_shape}-{the_place}-{the_ids}",
                f"{ROWS[the_shape]} S-09",
                expected(the_shape, the_ids, the_place),
                wrapping(the_shape, the_ids, the_place),
            )


# S-08: the same in the other places that have been used.
def hidden_in(container):
    """A second, unsigned assertion inside `container`, under a good root signature."""

    def make(smithy):
        evil = smithy.answer(**EVIL).part("assertion")
        return smithy.signed(**container(smithy, evil))

    return make


def _advice(smithy, evil):
    conditions = smithy.answer().part("conditions")
    return {"conditions_xml": f"{conditions}<saml2:Advice>{evil}</saml2:Advice>"}


def _attribute_value(_, evil):
    return {"more_attributes_xml": f'<saml2:Attribute Name="urn:x"><saml2:AttributeValue>{evil}'
            "</saml2:AttributeValue></saml2:Attribute>"}


def _confirmation_data(smithy, evil):
    data = smithy.answer().part("confirmation_data")
    return {"confirmation_data_xml": f"{data[:-2]}>{evil}</saml2:SubjectConfirmationData>"}


def _status_detail(_, evil):
    status = '<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
    return {"status_xml": f"<saml2p:Status>{status}<saml2p:StatusDetail>{evil}"
            "</saml2p:StatusDetail></saml2p:Status>"}


def _after(smithy, evil):
    return {"body_xml": lambda answer: answer.part("assertion") + evil}


def _before(smithy, evil):
    return {"body_xml": lambda answer: evil + answer.part("assertion")}


def _foreign(_, evil):
    return {"extensions_xml": f'<saml2p:Extensions><x:cosa xmlns:x="urn:x">{evil}</x:cosa>'
            "</saml2p:Extensions>"}


for name, where in [
    ("advice", _advice), ("attribute-value", _attribute_value), ("status-detail", _status_detail),
    ("confirmation-data", _confirmation_data), ("after", _after), ("before", _before),
    ("foreign-extension", _foreign),
]:
    add(f"second-assertion-{name}", "S-08", "E-STRUCT", hidden_in(where))
