"""Validation against the OASIS schemas, as the gateway does before anything else.

The schemas are those of Debian's opensaml-schemas and xmltooling-schemas; the few eIDAS words that
Cl@ve adds are in schemas/ beside this file. Nothing is fetched from the network.
"""

from pathlib import Path

from lxml import etree

_HERE = Path(__file__).parent / "schemas"
_DIRECTORIES = (_HERE, Path("/usr/share/xml/opensaml"), Path("/usr/share/xml/xmltooling"))


class _LocalSchemas(etree.Resolver):
    def resolve(self, url, public_id, context):
        name = url.rsplit("/", 1)[-1]
        for directory in _DIRECTORIES:
            if (directory / name).is_file():
                return self.resolve_filename(str(directory / name), context)
        # The W3C schemas name DTDs that validation does not need.
        return self.resolve_empty(context)


def safe_parser():
    """For messages of others: no DTD, no entities, no network."""
    return etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )


class SamlSchema:
    def __init__(self):
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(_LocalSchemas())
        self._schema = etree.XMLSchema(etree.parse(str(_HERE / "clave.xsd"), parser))

    def problems(self, root):
        """What is wrong with the message, one line per violation; empty if it is valid."""
        # A fresh parse: errors then carry the line of the message as it travelled.
        copy = etree.fromstring(etree.tostring(root), safe_parser())
        if self._schema.validate(copy):
            return []
        return [f"line {error.line}: {error.message}" for error in self._schema.error_log]
