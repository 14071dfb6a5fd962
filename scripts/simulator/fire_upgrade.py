"""What stands behind FIRe: the platform that adds timestamps to signatures, at once or later.

It knows the level T. Of whoever asks for more it says that it has reached less (state 2), if that
is allowed.
"""

import secrets

from . import timestamps
from .fire_wire import Refusal

UPGRADES = ("VERIFY", "ES-T", "ES-C", "ES-X", "ES-X-1", "ES-X-2", "ES-X-L", "ES-X-L-1", "ES-X-L-2",
            "ES-A", "ES-LTV", "T-LEVEL", "LT-LEVEL", "LTA-LEVEL")
_LEVEL_T = ("ES-T", "T-LEVEL")
_HOUR = 3600
# Fault → how long the platform wants to wait, each time that it is asked.
GRACES = {
    "grace": (_HOUR,),
    "grace_short": (2,),
    "grace_again": (_HOUR, _HOUR),
    "grace_far": (365 * 24 * _HOUR,),
    "grace_silent": (_HOUR,),
    "grace_lost": (_HOUR,),
    "grace_slow": (_HOUR,),
}


class Late:
    """A signature that is ready later."""

    def __init__(self, document, fault, clock):
        self.document, self.fault = document, fault
        self._waits = list(GRACES[fault])
        self._clock = clock
        self.ready = clock.now() + self._waits.pop(0)
        self.silent = fault == "grace_silent"

    def is_ready(self):
        if self._clock.now() >= self.ready and self._waits:
            self.ready = self._clock.now() + self._waits.pop(0)
        return self._clock.now() >= self.ready

    def grace(self, identifier):
        return {"id": identifier, "date": int(self.ready * 1000)}


class Upgrades:
    def __init__(self, clock, authority):
        self._clock = clock
        self._stamps = timestamps.TimestampAuthority(authority)
        self._late = {}

    def forget_everything(self):
        self._late.clear()

    def timestamp_for(self, upgrade):
        """What signing.sign() takes; None if nothing is asked for, or nothing to be added."""
        wanted = upgrade and upgrade.upper() != "VERIFY"
        return self._stamps.token if wanted else None

    def reached(self, upgrade, form, *, partial_allowed):
        """What the answer says of it."""
        if not upgrade or upgrade.upper() == "VERIFY":
            return {}
        if upgrade.upper() not in UPGRADES or form.lower() == "none":
            raise Refusal(32)
        if upgrade.upper() in _LEVEL_T:
            return {"upgrade": upgrade}
        if not partial_allowed:
            raise Refusal(32)
        return {"state": 2, "upgrade": "ES-T"}

    def postpone(self, document, fault):
        identifier = secrets.token_hex(16)
        late = self._late[identifier] = Late(document, fault, self._clock)
        return late.grace(identifier)

    def find(self, identifier):
        if not identifier:
            raise Refusal(34)
        if identifier not in self._late:
            raise Refusal(503)
        return self._late[identifier]

    def take(self, identifier):
        late = self.find(identifier)
        del self._late[identifier]
        return late
