"""The list of cases, and what a case can say."""

import json
import time

NOW = int(time.time())
DOCUMENT = "Solicitud de Ana: año 2026\n".encode() * 3

_CASES = []


def case(name, signature, *, format, expect="", guards=(), document=DOCUMENT, nif="00000000T",
         claimed=b"", authorities=(), simulator=True, now=NOW, ordered=None, facts=None):
    """`expect`: the code, empty for a signature that is good. `guards`: with these off, all at once,
    it is seen in another way. `ordered`: when; usually ten minutes ago. `facts`: what a good one is said to be."""
    _CASES.append(dict(name=name, signature=signature, format=format, expect=expect,
                       guards=[guards] if isinstance(guards, str) else list(guards),
                       document=document, nif=nif, claimed=claimed,
                       authorities=[one.certificate_pem() for one in authorities],
                       simulator=simulator, now=now,
                       ordered=now - 600 if ordered is None else ordered, facts=facts or {}))


def write(directory):
    names = [one["name"] for one in _CASES]
    assert len(set(names)) == len(names), "two cases of one name"
    for number, one in enumerate(_CASES):
        for key in ("signature", "document", "claimed"):
            path = directory / f"{number:03d}.{key}"
            path.write_bytes(one[key])
            one[key] = str(path)
        path = directory / f"{number:03d}.authorities.pem"
        path.write_bytes(b"".join(one["authorities"]))
        one["authorities"] = str(path) if one["authorities"] else ""
    (directory / "manifest.json").write_text(json.dumps(_CASES))
