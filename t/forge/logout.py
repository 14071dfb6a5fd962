"""The gateway's LogoutResponse (protocol section 4), made of the parts of an Answer.

It has no assertion: a case that wants to spoil one is no case for a logout, and says so.
"""

from answer import Answer
from smithy import Smithy

PARTS = {"declaration", "issuer_element", "status", "body", "signature"}
VALUES = {
    "response_id", "version", "in_response_to", "issue_instant", "destination", "consent",
    "root_extra", "root_tag", "issuer", "extensions_xml", "after_status_xml",
}


class NoSuchPart(Exception):
    """The part of an answer that a LogoutResponse does not have."""


class LogoutAnswer(Answer):
    def __init__(self, context, **changes):
        for name in changes:
            if name not in VALUES and name.removesuffix("_xml") not in PARTS:
                raise NoSuchPart(name)
        super().__init__(context, **{"root_tag": "saml2p:LogoutResponse", "consent": None, **changes})

    def part(self, name):
        if name not in PARTS:
            raise NoSuchPart(name)
        return super().part(name)

    def make_body(self):
        return ""


class LogoutSmithy(Smithy):
    """As the login's, with nothing to encrypt."""

    answers = "logout"

    def answer(self, **changes):
        return LogoutAnswer(self.context, **changes)

    def signed(self, _signature=None, **changes):
        return self.sign(self.answer(**changes), **(_signature or {}))

    def form(self, message, **changes):
        return as_logout(super().form(message, **changes))


def as_logout(form):
    """The same form with the field of a logout."""
    old, new = "SAMLRespons", "logoutRespons"
    form.fields = [(name.replace(old, new), value) for name, value in form.fields]
    if form.body is not None:
        form.body = form.body.replace(old.encode(), new.encode())
    form.query = form.query.replace(old, new)
    return form
