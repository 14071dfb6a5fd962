"""The people of the simulation. Their NIFs are those kept for tests; each shows one rule.

`signing` uses the four states of FIRe's own test service, and OLD for a registration of more than
five years: it is read by whoever simulates the signature, not by the gateway.
"""

import re
from dataclasses import dataclass

from .vocabulary import Loa

_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def nif_is_valid(nif):
    """DNI or NIE with its check letter."""
    digits = nif[:-1].translate(str.maketrans("XYZ", "012")) if nif else ""
    return (
        len(nif) == 9
        and nif[1:8].isdigit() and digits.isdigit()
        and _LETTERS[int(digits) % 23] == nif[8]
    )


@dataclass(frozen=True)
class Persona:
    key: str
    nif: str
    given_name: str
    first_surname: str
    second_surname: str
    password: str
    phone: str
    shows: str                      # what a tester takes this persona for
    advanced: bool = True
    signing: str = "OK"
    country: str = "ES"
    birth: str = ""
    eidas_id: str = ""              # only who comes through the EU node
    represents: tuple = ()          # (NIF, name) of a legal person

    @property
    def surnames(self):
        return f"{self.first_surname} {self.second_surname}".strip()

    @property
    def full_name(self):
        return f"{self.given_name} {self.surnames}"

    @property
    def registered_loa(self):
        """What PIN and Móvil give: the registration decides (protocol section 3.4)."""
        return Loa.SUBSTANTIAL if self.advanced else Loa.LOW

    @property
    def methods(self):
        if self.eidas_id:
            return ("eidas",)
        if self.represents:
            return ("certificado",)
        return ("pin", "movil", "permanente", "certificado")


PERSONAS = {
    persona.key: persona
    for persona in (
        Persona("ana", "00000000T", "Ana", "García", "López", "Ana-permanente-1",
                "600 000 001", "registro avanzado; todos los métodos"),
        Persona("benito", "99999999R", "Benito", "Pérez", "Sanz", "Benito-permanente-1",
                "600 000 002", "registro básico: sin OTP, no llega a nivel sustancial",
                advanced=False, signing="WEAK_REGISTRY"),
        Persona("carme", "11111111H", "Carme", "Sol·là", "Muñoz", "Carme-permanente-1",
                "600 000 003", "ñ y · en el nombre; aún sin certificado en la nube",
                signing="NOCERT"),
        Persona("dolores", "22222222J", "Dolores", "Fernández", "de la Vega",
                "Dolores-permanente-1", "600 000 004",
                "se registró hace más de cinco años", signing="OLD"),
        Persona("eneko", "44444444A", "Eneko", "Etxeberria", "Ibáñez", "Eneko-permanente-1",
                "600 000 005", "certificado de firma bloqueado", signing="BLOCKED"),
        Persona("wei", "X0000000T", "Wei", "Chen", "", "Wei-permanente-1",
                "600 000 006", "NIE y un solo apellido"),
        Persona("lukasz", "", "Łukasz", "Żółć", "", "", "+48 600 000 007",
                "Polonia, por el nodo eIDAS: sin NIF", country="PL", birth="1985-07-14",
                eidas_id="PL/ES/85071412345"),
        Persona("empresa", "33333333P", "Elena", "Ruiz", "Ortega", "", "600 000 008",
                "representa a una empresa con su certificado",
                represents=("B00000000", "Panadería Ejemplo, S.L.")),
    )
}


_BUILT_IN = frozenset(PERSONAS)
_OWN = ("key", "nif", "given_name", "first_surname", "second_surname", "password", "phone", "advanced")


def add(values):
    """Somebody of the tester's own, until a reset; ValueError says what is wrong."""
    unknown = set(values) - set(_OWN)
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]!r}; known: {', '.join(_OWN)}")
    wrong = [name for name, value in values.items()
             if not isinstance(value, bool if name == "advanced" else str)]
    if wrong:
        raise ValueError(f"{wrong[0]} is {'true or false' if wrong[0] == 'advanced' else 'text'}")
    nif = values["nif"]
    key = values.get("key") or nif.lower()
    if not nif_is_valid(nif):
        raise ValueError(f"{nif!r} is no DNI or NIE with its check letter")
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", key) or key in _BUILT_IN:
        raise ValueError(f"key {key!r} is taken, or not of small letters and digits")
    holder = find_by_nif(nif)
    if holder is not None and holder.key != key:
        raise ValueError(f"{nif} is {holder.full_name}")
    persona = Persona(
        key, nif, values["given_name"], values["first_surname"], values.get("second_surname", ""),
        values.get("password") or f"{key}-permanente-1", values.get("phone", "600 000 000"),
        "de la prueba", advanced=values.get("advanced", True))
    PERSONAS[key] = persona
    return persona


def forget_added():
    for key in set(PERSONAS) - _BUILT_IN:
        del PERSONAS[key]


def find_by_nif(nif):
    wanted = nif.strip().upper().replace("-", "").replace(" ", "")
    return next((p for p in PERSONAS.values() if p.nif and p.nif == wanted), None)
