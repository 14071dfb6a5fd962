"""The words of the protocol: namespaces, URIs, levels and methods.

Levels are compared as numbers here and nowhere as strings (protocol section 2.1).
"""

import enum
from dataclasses import dataclass

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
EIDAS = "http://eidas.europa.eu/saml-extensions"
NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
LEGAL = "http://eidas.europa.eu/attributes/legalperson"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "http://www.w3.org/2001/XMLSchema"
CLAVE = "http://es.minhafp.clave/"

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"
URI_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
NAME_ID_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
NAME_ID_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
NAME_ID_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
ISSUER_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
CONSENT_UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:consent:unspecified"
CONSENT_OBTAINED = "urn:oasis:names:tc:SAML:2.0:consent:obtained"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
LOGOUT_USER = "urn:oasis:names:tc:SAML:2.0:logout:user"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"

# Decoded or encoded, both ways (protocol section 1).
MAX_MESSAGE = 131072
MAX_RELAY_STATE = 80
MAX_PROVIDER_NAME = 128


class Loa(enum.IntEnum):
    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3

    @property
    def uri(self):
        return "http://eidas.europa.eu/LoA/" + self.name.lower()

    @classmethod
    def from_uri(cls, uri):
        return next((loa for loa in cls if loa.uri == uri), None)

    @classmethod
    def from_name(cls, name):
        return next((loa for loa in cls if loa.name.lower() == name), None)


@dataclass(frozen=True)
class Method:
    name: str        # as in nginx configuration
    code: str        # SelectedIdP
    exclusion: str   # the RequestedAttribute that hides it
    title: str
    reaches: Loa     # the most it can give; below what is asked it is not offered


# The wallet has no known exclusion attribute (protocol section 2.2), so it is never offered.
METHODS = {
    method.name: method
    for method in (
        Method("pin", "PIN24H", "AEATIdP", "Cl@ve PIN", Loa.SUBSTANTIAL),
        Method("movil", "CLVMOVIL", "CLVMOVILIdP", "Cl@ve Móvil", Loa.SUBSTANTIAL),
        Method("permanente", "SEGSOC", "GISSIdP", "Cl@ve Permanente", Loa.SUBSTANTIAL),
        Method("certificado", "AFIRMA", "AFirmaIdP", "DNIe / certificado electrónico", Loa.HIGH),
        Method("eidas", "EIDAS", "EIDASIdP", "Ciudadanos de la UE", Loa.HIGH),
    )
}


def tag(namespace, local_name):
    return f"{{{namespace}}}{local_name}"
