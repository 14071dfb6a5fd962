"""One answer of the gateway (protocol section 3.1) as text, every part of which can be replaced.

`Answer(context, name=value…)` is a good one but for the values given. A part is an attribute value
(None: the attribute is left out) or, where its name ends in `_xml`, the whole element.
"""

import datetime
from xml.sax.saxutils import escape, quoteattr

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "http://www.w3.org/2001/XMLSchema"
NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
CLAVE = "http://es.minhafp.clave"
ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
URI_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
LOA = "http://eidas.europa.eu/LoA/"

ROOT_SIGNATURE = "{{signature}}"
INNER_SIGNATURE = "{{inner-signature}}"


def utc(seconds):
    """xs:dateTime of a Unix time, with the gateway's three digits of fraction."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def attributes(**values):
    """Text of XML attributes; those that are None are left out."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


def attribute(name, friendly, value=None, *, kind="xs:string", name_format=URI_FORMAT, p="saml2",
              values_xml=None):
    """A saml2:Attribute of one value, or with the values given as XML."""
    if values_xml is None:
        values_xml = attribute_value(escape(value or ""), kind=kind, p=p)
    return (
        f"<{p}:Attribute{attributes(FriendlyName=friendly, Name=name, NameFormat=name_format)}>"
        f"{values_xml}</{p}:Attribute>"
    )


def attribute_value(content, *, kind="xs:string", extra="", p="saml2"):
    declaration = f' xmlns:xs="{XS}"' if kind.startswith("xs:") else f' xmlns:eidas-natural="{NATURAL}"'
    return (
        f'<{p}:AttributeValue{declaration} xmlns:xsi="{XSI}" xsi:type="{kind}"{extra}>'
        f"{content}</{p}:AttributeValue>"
    )


class Answer:
    def __init__(self, context, **changes):
        c, now = context, context.now
        self.p, self.a = "saml2p", "saml2"
        # The envelope.
        self.response_id = c.unique("_respuesta")
        self.version = "2.0"
        self.in_response_to = c.request_id
        self.issue_instant = utc(now)
        self.destination = c.acs_url
        self.consent = "urn:oasis:names:tc:SAML:2.0:consent:obtained"
        self.root_extra = ""  # further attributes and namespaces of the root, as text
        self.root_tag = None  # another name than Response
        self.issuer = c.issuer
        self.extensions_xml = ""
        self.after_status_xml = ""
        # The assertion.
        self.assertion_id = c.unique("_asercion")
        self.assertion_version = "2.0"
        self.assertion_issue_instant = utc(now)
        self.assertion_extra = ""
        self.assertion_issuer = c.issuer
        self.name_id = c.nif
        self.confirmation_method = BEARER
        self.confirmation_in_response_to = c.request_id
        self.confirmation_not_before = None
        self.confirmation_not_on_or_after = utc(now + 300)
        self.address = "203.0.113.7"
        self.recipient = c.acs_url
        self.not_before = utc(now)
        self.not_on_or_after = utc(now + 300)
        self.audience = c.audience or c.acs_url
        self.authn_instant = utc(now)
        self.session_not_on_or_after = None
        self.loa = LOA + c.loa
        # The person.
        self.nif = c.nif
        self.given_name = c.given_name
        self.surnames = c.surnames
        self.first_surname = c.first_surname
        self.selected_idp = c.selected_idp
        self.relay_state = c.relay_state
        self.more_attributes_xml = "".join(
            attribute(uri, uri.rpartition(":")[2], value) for uri, value in c.more.items())
        # Elements that can be replaced whole.
        self.replaced = {}
        for name, value in changes.items():
            if name.endswith("_xml") and not hasattr(self, name):
                if not hasattr(self, "make_" + name[:-4]):
                    raise AttributeError(name)
                self.replaced[name[:-4]] = value
            elif hasattr(self, name):
                setattr(self, name, value)
            else:
                raise AttributeError(name)

    def part(self, name):
        made = self.replaced.get(name)
        if made is None:
            return getattr(self, "make_" + name)()
        return made(self) if callable(made) else made

    # -- the envelope --------------------------------------------------------------------------

    def make_declaration(self):
        return '<?xml version="1.0" encoding="UTF-8"?>'

    def make_issuer_element(self):
        return f'<{self.a}:Issuer Format="{ENTITY}">{escape(self.issuer)}</{self.a}:Issuer>'

    def make_status(self):
        p = self.p
        return (
            f'<{p}:Status><{p}:StatusCode Value="{STATUS}Success"/>'
            f"<{p}:StatusMessage>{STATUS}Success</{p}:StatusMessage></{p}:Status>"
        )

    def make_body(self):
        return self.part("assertion")

    def make_signature(self):
        return ROOT_SIGNATURE

    def make_inner_signature(self):
        return ""

    def root_attributes(self):
        return attributes(
            ID=self.response_id, InResponseTo=self.in_response_to, Version=self.version,
            IssueInstant=self.issue_instant, Destination=self.destination, Consent=self.consent,
        )

    def root_namespaces(self):
        return (
            f' xmlns:{self.p}="{SAMLP}" xmlns:{self.a}="{SAML}"'
            f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:eidas="{NATURAL}"'
        )

    def text(self):
        """The message without its declaration, with markers where the signatures go."""
        tag = self.root_tag or f"{self.p}:Response"
        return (
            f"<{tag}{self.root_namespaces()}{self.root_attributes()}{self.root_extra}>"
            f"{self.part('issuer_element')}{self.part('signature')}{self.extensions_xml}"
            f"{self.part('status')}{self.after_status_xml}{self.part('body')}</{tag}>"
        )

    # -- the assertion -------------------------------------------------------------------------

    def make_assertion(self):
        a = self.a
        own = attributes(ID=self.assertion_id, IssueInstant=self.assertion_issue_instant,
                         Version=self.assertion_version)
        return (
            f'<{a}:Assertion xmlns:{a}="{SAML}"{own}{self.assertion_extra}>'
            f"{self.part('assertion_issuer_element')}{self.part('inner_signature')}"
            f"{self.part('subject')}{self.part('conditions')}{self.part('authn_statement')}"
            f"{self.part('attribute_statement')}</{a}:Assertion>"
        )

    def make_assertion_issuer_element(self):
        return f'<{self.a}:Issuer Format="{ENTITY}">{escape(self.assertion_issuer)}</{self.a}:Issuer>'

    def make_subject(self):
        return f"<{self.a}:Subject>{self.part('name_id_element')}{self.part('confirmation')}</{self.a}:Subject>"

    def make_name_id_element(self):
        a = self.a
        return (
            f'<{a}:NameID Format="{UNSPECIFIED}" NameQualifier={quoteattr(self.issuer)}>'
            f"{escape(self.name_id)}</{a}:NameID>"
        )

    def make_confirmation(self):
        a = self.a
        return (
            f"<{a}:SubjectConfirmation{attributes(Method=self.confirmation_method)}>"
            f"{self.part('confirmation_data')}</{a}:SubjectConfirmation>"
        )

    def make_confirmation_data(self):
        data = attributes(
            Address=self.address, InResponseTo=self.confirmation_in_response_to,
            NotBefore=self.confirmation_not_before,
            NotOnOrAfter=self.confirmation_not_on_or_after, Recipient=self.recipient,
        )
        return f"<{self.a}:SubjectConfirmationData{data}/>"

    def make_conditions(self):
        a = self.a
        times = attributes(NotBefore=self.not_before, NotOnOrAfter=self.not_on_or_after)
        return f"<{a}:Conditions{times}>{self.part('restrictions')}<{a}:OneTimeUse/></{a}:Conditions>"

    def make_restrictions(self):
        a = self.a
        return (
            f"<{a}:AudienceRestriction><{a}:Audience>{escape(self.audience)}</{a}:Audience>"
            f"</{a}:AudienceRestriction>"
        )

    def make_authn_statement(self):
        a = self.a
        times = attributes(AuthnInstant=self.authn_instant,
                           SessionNotOnOrAfter=self.session_not_on_or_after)
        return (
            f"<{a}:AuthnStatement{times}><{a}:AuthnContext>{self.part('class_ref')}"
            f"<{a}:AuthnContextDecl/></{a}:AuthnContext></{a}:AuthnStatement>"
        )

    def make_class_ref(self):
        return f"<{self.a}:AuthnContextClassRef>{escape(self.loa)}</{self.a}:AuthnContextClassRef>"

    def make_attribute_statement(self):
        a = self.a
        return (
            f"<{a}:AttributeStatement>{self.part('identifier')}{self.part('names')}"
            f"{self.part('first_surname_element')}{self.part('idp')}{self.part('relay')}"
            f"{self.more_attributes_xml}</{a}:AttributeStatement>"
        )

    def make_identifier(self):
        return attribute(f"{NATURAL}/PersonIdentifier", "PersonIdentifier", self.nif,
                         kind="eidas-natural:PersonIdentifierType", p=self.a)

    def make_names(self):
        return attribute(
            f"{NATURAL}/CurrentGivenName", "FirstName", self.given_name,
            kind="eidas-natural:CurrentGivenNameType", p=self.a,
        ) + attribute(
            f"{NATURAL}/CurrentFamilyName", "FamilyName", self.surnames,
            kind="eidas-natural:CurrentFamilyNameType", p=self.a,
        )

    def make_first_surname_element(self):
        return attribute(f"{CLAVE}/FirstSurname", "FirstSurname", self.first_surname, p=self.a)

    def make_idp(self):
        return attribute(f"{CLAVE}/SelectedIdP", "SelectedIdP", self.selected_idp, p=self.a)

    def make_relay(self):
        return attribute(f"{CLAVE}/RelayState", "RelayState", self.relay_state, p=self.a)
