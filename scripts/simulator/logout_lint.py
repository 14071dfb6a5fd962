"""Reads a LogoutRequest as the gateway does (protocol section 4), and says what is wrong with it."""

import datetime
from dataclasses import dataclass
from urllib.parse import urlsplit

from .lint import MessageLinter, check_time
from .vocabulary import DS, LOGOUT_USER, NAME_ID_UNSPECIFIED, SAML, tag

# The kits send five minutes; what lives longer is a request that somebody may send again.
_LONGEST_VALIDITY = 600


@dataclass
class LogoutRequest:
    id: str
    issue_instant: str
    destination: str
    return_url: str         # Issuer: where the answer goes
    provider_id: str        # NameID: ProviderName without its application
    name_qualifier: str
    form_relay_state: str


class LogoutLinter(MessageLinter):
    field, root = "logoutRequest", "LogoutRequest"

    def _check(self, linted, root, relay_state, now):
        name = root.find(tag(SAML, "NameID"))
        linted.request = LogoutRequest(
            id=root.get("ID", ""),
            issue_instant=root.get("IssueInstant", ""),
            destination=root.get("Destination", ""),
            return_url=root.findtext(tag(SAML, "Issuer"), ""),
            provider_id="" if name is None else name.text or "",
            name_qualifier="" if name is None else name.get("SPNameQualifier", ""),
            form_relay_state=relay_state,
        )
        _check_return_url(linted)
        _check_name(linted, name)
        _check_root(linted, root)
        check_time(linted, root, now)
        _check_end(linted, root, now)
        self._check_destination(linted)
        self._check_registered(linted, root)


def _check_return_url(linted):
    url = urlsplit(linted.request.return_url)
    if url.scheme != "https" or not url.netloc:
        linted.error("4", f'Issuer is "{linted.request.return_url}"; it must be the full https URL '
                          "to which the answer is posted")


def _check_name(linted, name):
    request = linted.request
    if name is None or not request.provider_id:
        linted.error("4", "no NameID: it names the service provider, as NIF_DIR3")
        return
    if ";" in request.provider_id:
        linted.error("4", "NameID carries the application: it is ProviderName up to the ;")
    if name.get("Format") != NAME_ID_UNSPECIFIED:
        linted.error("4", f'the Format of NameID is "{name.get("Format")}", '
                          f"expected {NAME_ID_UNSPECIFIED}")
    if request.name_qualifier != request.return_url:
        linted.warning("4", "SPNameQualifier is not the return URL, as in every kit")


def _check_root(linted, root):
    request = linted.request
    if not request.id.strip():
        linted.error("4", "ID is missing")
    if root.get("Version") != "2.0":
        linted.error("4", f'Version is "{root.get("Version")}", not 2.0')
    if root.get("Reason") != LOGOUT_USER:
        linted.warning("4", f'Reason is "{root.get("Reason")}", every kit sends {LOGOUT_USER}')
    signature = root.find(tag(DS, "Signature"))
    if signature is not None and root.index(signature) != 1:
        linted.error("4", "ds:Signature must follow Issuer")
    if root.find("{*}SessionIndex") is not None:
        linted.warning("4", "SessionIndex: the gateway gave none")


def _check_end(linted, root, now):
    try:
        end = datetime.datetime.fromisoformat(root.get("NotOnOrAfter", "").replace("Z", "+00:00"))
    except ValueError:
        linted.warning("4", "NotOnOrAfter is missing or not a time; the kits send five minutes")
        return
    if not end.tzinfo or end.timestamp() <= now:
        linted.error("4", f'NotOnOrAfter {root.get("NotOnOrAfter")} is past')
    elif end.timestamp() > now + _LONGEST_VALIDITY:
        linted.warning("4", f'NotOnOrAfter {root.get("NotOnOrAfter")} is far away')
