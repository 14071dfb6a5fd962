"""What is tried. A case plays one login or logout and says what it has seen.

Most are faults of the simulator (forgeries.py, faults.py); the others are things that a browser, or
whoever sits in it, does with a good answer.
"""

import base64
from dataclasses import dataclass

from ..forgeries import FAULTS
from ..logout import LOGOUT_FAULTS
from ..vocabulary import METHODS, Loa
from .judge import Unjudgeable

LET_IN, REFUSED, WHOLE = "let in", "refused", "refused, or the whole identifier"
FORGED_NIF = "22222222J"

# Not a matter of right or wrong in general: what a site makes of these is its own decision.
LEFT_OUT = {
    "slow": "nothing to decide",
    "other_person": "matters to a step-up only",
    "replay": "played by the browser: replayed…",
    "low_loa": "played as level/too_low",
    "representative": "a site may admit representatives",
    "basic_registration": "a site may be content with a basic registration",
    "missing_registration": "a site may be content without",
    "huge_name": "a site may store long names",
}
_GOOD = ("eidas_form", "missing_first_surname", "missing_relay_attribute", "transliterated")
# Where the protocol is silent, or a refusal protects little: only --strict counts these.
_SHOULD = {
    "eidas_form", "long_window", "old_login", "doctype", "huge", "missing_name", "missing_name_id",
    "missing_method", "bad_nif", "foreign_identifier", "name_id_of_another", "other_confirmation",
    "no_confirmation", "cbc",
}
_GROUPS = {
    "status": ("cancelled", "failed", "level_refused", "nested_failure", "no_status",
               "forged_cancellation", "failure_with_identity"),
    "time": ("expired", "not_yet_valid", "clock_fast", "clock_slow", "long_window", "old_login",
             "no_end"),
    "addressee": ("wrong_audience", "wrong_recipient", "wrong_destination", "no_conditions",
                  "no_audience", "no_confirmation", "other_confirmation"),
    "request": ("wrong_in_response_to", "unsolicited", "wrong_relay_state", "no_relay_state"),
    "signature": ("unsigned", "other_key", "borrowed_certificate", "key_value", "sha1",
                  "hmac_with_certificate", "empty_signature", "assertion_signed_only", "altered",
                  "altered_identifier"),
    "wrapping": ("wrapped", "wrapped_root", "xsw1", "xsw2", "xsw3", "xsw4", "xsw5", "xsw6", "xsw7",
                 "xsw8", "xsw9", "duplicate_ids", "two_assertions"),
    "xml": ("comment", "doctype", "entity", "entity_bomb", "huge", "truncated"),
    "encryption": ("cbc", "wrong_recipient_key"),
    "identity": ("missing_identifier", "missing_method", "missing_name", "missing_name_id",
                 "bad_nif", "foreign_identifier", "name_id_of_another", "two_identifiers"),
    "level": ("unknown_loa", "other_method"),
}


@dataclass(frozen=True)
class Case:
    """`play` is callable(run) → Seen; `must`: counted without --strict."""

    group: str
    name: str
    text: str
    expected: str
    play: object
    must: bool = True

    @property
    def full_name(self):
        return f"{self.group}/{self.name}"


@dataclass(frozen=True)
class Seen:
    """`holds`: None where it cannot be judged."""

    holds: bool | None
    text: str
    note: str = ""
    applies: bool = True
    broken: bool = False         # it holds, because the site failed


def not_applicable(why):
    return Seen(None, "", why, applies=False)


# --- judging ----------------------------------------------------------------------------------

def judged(run, browser, end, expected):
    """Whether what is expected holds of a browser after an answer was posted."""
    if end.beyond is not None and not run.goes_to_gateway(end.beyond):
        return Seen(False, end.seen, "the answer leads the browser to a foreign site")
    state = run.site.state(browser)
    if expected == LET_IN:
        return Seen(state.logged_in, end.seen, "" if state.logged_in else state.seen)
    if not state.logged_in:
        error = end.page is not None and end.page.status >= 500 and end.page.status != 503
        return Seen(True, end.seen, "refused by an error of the site" if error else "", broken=error)
    forged = state.shows(FORGED_NIF) and FORGED_NIF != run.identifier
    who = "logged in as the person of the forgery" if forged else "logged in"
    if expected == WHOLE and not forged:
        if not run.shows_identifier:
            return Seen(None, end.seen, "logged in, and the page does not show as whom")
        if state.shows(run.identifier):
            return Seen(True, end.seen, "logged in with the whole identifier")
        who = "logged in with a part of the identifier"
    return Seen(False, end.seen, who)


def _answered(expected, **wish):
    def play(run):
        browser = run.site.browser()
        answer = run.answer(browser, **wish)
        return judged(run, browser, run.site.deliver(browser, answer), expected)
    return play


def _changed(change, expected=REFUSED):
    """A good answer, changed in the browser: `change` is callable(answer) → answer."""
    def play(run):
        browser = run.site.browser()
        answer = change(run.answer(browser, encrypted=False))
        return judged(run, browser, run.site.deliver(browser, answer), expected)
    return play


def _message(change):
    def changed(answer):
        return answer.changed(SAMLResponse=change(answer.field("SAMLResponse")))
    return changed


def _twice(forged_first):
    def change(answer):
        good = answer.field("SAMLResponse")
        content = base64.b64decode(good)
        nif = content.split(b"NameQualifier", 1)[1].split(b">", 1)[1].split(b"<", 1)[0]
        forged = base64.b64encode(content.replace(nif, FORGED_NIF.encode())).decode()
        both = [("SAMLResponse", forged), ("SAMLResponse", good)]
        return answer.with_fields(*(both if forged_first else reversed(both)),
                                  ("RelayState", answer.field("RelayState")))
    return change


# --- whose answer it is -----------------------------------------------------------------------

def _other_browser(run):
    answer = run.answer(run.site.browser())
    stranger = run.site.browser()
    return judged(run, stranger, run.site.deliver(stranger, answer), REFUSED)


def _other_browser_in_login(run):
    answer = run.answer(run.site.browser())
    stranger = run.site.browser()
    run.site.ask(stranger)
    return judged(run, stranger, run.site.deliver(stranger, answer), REFUSED)


def _used(run):
    """A good answer that was used, the browser that did, and its cookies of before."""
    browser = run.site.browser()
    answer = run.answer(browser)
    before = browser.twin()
    run.site.deliver(browser, answer)
    if not run.site.state(browser).logged_in:
        raise Unjudgeable("the good answer to be repeated was refused")
    return answer, before


def _replayed(run):
    answer, before = _used(run)
    if run.site.state(before).logged_in:
        raise Unjudgeable("the cookies of before the login are logged in, too (see session/new)")
    return judged(run, before, run.site.deliver(before, answer), REFUSED)


def _replayed_elsewhere(run):
    answer, _ = _used(run)
    thief = run.site.browser()
    return judged(run, thief, run.site.deliver(thief, answer), REFUSED)


def _by_get(run):
    browser = run.site.browser()
    answer = run.answer(browser)
    return judged(run, browser, run.site.deliver_by_get(browser, answer), REFUSED)


# --- levels and methods -----------------------------------------------------------------------

def _too_low(run):
    browser = run.site.browser()
    answer = run.answer(browser, fault="low_loa")
    if run.asked["loa"] == Loa.LOW.name.lower():
        return not_applicable("the site asks for the lowest level")
    return judged(run, browser, run.site.deliver(browser, answer), REFUSED)


def _excluded_method(run):
    excluded = [name for name in run.asked["excluded"] if name in run.methods]
    if not excluded:
        return not_applicable("the site excludes no method of this person")
    # The level must not be the reason for a refusal.
    browser = run.site.browser()
    answer = run.answer(browser, method=excluded[0], level=Loa.HIGH.name.lower())
    return judged(run, browser, run.site.deliver(browser, answer), REFUSED)


# --- the session ------------------------------------------------------------------------------

def _new_session(run):
    browser = run.site.browser()
    answer = run.answer(browser)
    before = run.site.cookies(browser)
    run.site.deliver(browser, answer)
    run.require_logged_in(browser)
    fresh = [cookie.name for cookie in _fresh(before, run.site.cookies(browser))]
    return Seen(bool(fresh), ", ".join(fresh) or "the same cookies as before",
                "" if fresh else "whoever has planted a cookie has the session (fixation)")


def _fresh(before, after):
    return [cookie for name, cookie in after.items()
            if name not in before or before[name].value != cookie.value]


def _session_cookie(run):
    browser = run.site.browser()
    answer = run.answer(browser)
    before = run.site.cookies(browser)
    run.site.deliver(browser, answer)
    run.require_logged_in(browser)
    after = run.site.cookies(browser)
    fresh = _fresh(before, after) or list(after.values())
    lacking = [f"{c.name} without {word}" for c in fresh
               for word, there in (("Secure", c.secure), ("HttpOnly", c.http_only)) if not there]
    return Seen(bool(fresh) and not lacking, ", ".join(lacking or [c.name for c in fresh]))


# --- logout -----------------------------------------------------------------------------------

def _ends_session(run):
    browser = run.logged_in()
    run.site.leave(browser)
    state = run.site.state(browser)
    return Seen(not state.logged_in, state.seen,
                "still logged in when the browser is sent to Cl@ve" if state.logged_in else "")


def _logout_good(run):
    browser = run.logged_in()
    answer = run.logout_answer(browser)
    end = run.site.deliver(browser, answer)
    fine = end.page is not None and end.page.status < 400
    return Seen(fine and not run.site.state(browser).logged_in, end.seen)


def _logout_fault(name):
    def play(run):
        end, good = run.logout_end(fault=name), run.logout_end()
        same = end.looks == good.looks
        return Seen(not same, end.seen, "taken for a good answer" if same else "")
    return play


def _logout_forged(run):
    """Somebody who is logged in is led to post an answer to a logout that he never began."""
    browser = run.logged_in()
    answer = run.logout_answer(browser, fault="unsigned")
    other = run.logged_in()
    run.site.deliver(other, answer)
    state = run.site.state(other)
    return Seen(state.logged_in, state.seen, "" if state.logged_in else "it ended a session")


_LOGOUT_LEFT_OUT = {
    "slow": "nothing to decide",
    "silent": "nothing comes back",
    "replayed": "as wrong_in_response_to, to a site that keeps what it has asked",
    "clock_fast": "a site need not look at the time of a logout",
    "stale": "a site need not look at the time of a logout",
    "partial": "a site may say either",
}


def _logouts():
    yield Case("logout", "ends_session", "the session of the site ends before the browser leaves",
               "logged out", _ends_session)
    yield Case("logout", "good", "a good answer to a logout", "logged out", _logout_good)
    yield Case("logout", "forged", "a logout answer that nobody asked for ends no session",
               "still logged in", _logout_forged)
    for name, fault in LOGOUT_FAULTS.items():
        if name not in _LOGOUT_LEFT_OUT:
            yield Case("logout", name, fault.text, "not as a good one", _logout_fault(name),
                       name not in ("doctype", "no_relay_state", "wrong_destination"))


def _logins():
    yield Case("good", "plain", "a good answer, not encrypted", LET_IN,
               _answered(LET_IN, encrypted=False))
    yield Case("good", "encrypted", "a good answer, encrypted to the certificate of the request",
               LET_IN, _answered(LET_IN, encrypted=True))
    for name in _GOOD:
        yield Case("good", name, FAULTS[name].text, LET_IN, _answered(LET_IN, fault=name),
                   name not in _SHOULD)
    for group, names in _GROUPS.items():
        for name in names:
            expected = WHOLE if name == "comment" else REFUSED
            yield Case(group, name, FAULTS[name].text, expected, _answered(expected, fault=name),
                       name not in _SHOULD)
    yield Case("level", "too_low", "LoA low where more was asked", REFUSED, _too_low)
    yield Case("level", "excluded_method", "a method that the request had excluded", REFUSED,
               _excluded_method)
    yield Case("browser", "other_browser", "the answer to another browser's login", REFUSED,
               _other_browser)
    yield Case("browser", "other_browser_in_login",
               "the same, in a browser that is about to log in itself", REFUSED,
               _other_browser_in_login)
    yield Case("browser", "replayed", "an answer that was used, by the same browser", REFUSED,
               _replayed)
    yield Case("browser", "replayed_elsewhere", "an answer that was used, by another browser",
               REFUSED, _replayed_elsewhere)
    yield Case("browser", "relay_state_url", "an address of another site as RelayState", REFUSED,
               _changed(lambda answer: answer.changed(RelayState="https://otra-sede.example/")))
    yield Case("browser", "by_get", "a good answer by GET", REFUSED, _by_get, must=False)
    yield Case("browser", "forged_twin_before", "a forged field SAMLResponse before the good one",
               WHOLE, _changed(_twice(True), WHOLE))
    yield Case("browser", "forged_twin_after", "a forged field SAMLResponse after the good one",
               WHOLE, _changed(_twice(False), WHOLE))
    yield Case("browser", "empty", "an empty message", REFUSED, _changed(_message(lambda text: "")))
    yield Case("browser", "not_base64", "a message that is not base64", REFUSED,
               _changed(_message(lambda text: "%%%" + text[3:])))
    yield Case("browser", "not_xml", "a message that is not XML", REFUSED,
               _changed(_message(lambda text: base64.b64encode(b"SAML" * 99).decode())))
    yield Case("session", "new", "a login makes a new session", "a new cookie", _new_session)
    yield Case("session", "cookie", "the cookie of the session is Secure and HttpOnly",
               "both", _session_cookie, must=False)


CASES = (*_logins(), *_logouts())
LAST = Case("good", "afterwards", "a good answer after all of this", LET_IN, _answered(LET_IN))
