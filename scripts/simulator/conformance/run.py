"""Plays the cases, one after the other, and remembers what the lint says of each request."""

from dataclasses import dataclass

from ..browser import Unreachable, origin_of
from ..client import Trouble
from . import cases
from .cases import CASES, LAST, Case, Seen
from .judge import Unjudgeable

PASS, WARN, FAIL = "PASS", "WARN", "FAIL"
CANNOT_JUDGE, NOT_APPLICABLE = "CANNOT JUDGE", "NOT APPLICABLE"


@dataclass(frozen=True)
class Result:
    case: Case
    verdict: str
    seen: str
    note: str


class Run:
    """`options`: persona, strict, encryption, only (names or groups)."""

    def __init__(self, simulator, site, options):
        self.simulator = simulator
        self.site = site
        self.asked = {"loa": "", "excluded": ()}
        self.findings = {}           # (severity, section, message) → times
        self.requests = 0
        self.shows_identifier = False
        self._options = options
        self._repeated = set()       # of what must be new in every request
        self._known = set()
        self._logout_ends = {}
        persona = simulator.ask("personas").get(options.persona)
        if persona is None:
            raise Trouble(f"no persona {options.persona!r}")
        self.identifier = persona["nif"] or persona["eidas_id"]
        self.methods = ("pin", "movil", "permanente", "certificado") if persona["nif"] else ()

    def results(self):
        """One by one, as they come."""
        obstacle = self._calibrate()
        for case in self._chosen():
            yield self._result(case, obstacle)
        yield from self._lint()

    def _chosen(self):
        for case in (*CASES, LAST):
            if self._options.only and not {case.group, case.full_name} & set(self._options.only):
                continue
            yield case

    # --- for the cases ------------------------------------------------------------------------

    def answer(self, browser, **wish):
        """What the gateway answers to a login that this browser begins."""
        self.simulator.reset()
        self.simulator.next(persona=self._options.persona, **wish)
        step = self.site.ask(browser)
        try:
            return self.site.answer(browser, step)
        finally:
            self._look_at_requests()

    def logged_in(self):
        browser = self.site.browser()
        self.site.deliver(browser, self.answer(browser))
        self.require_logged_in(browser)
        return browser

    def require_logged_in(self, browser):
        state = self.site.state(browser)
        if not state.logged_in:
            raise Unjudgeable(f"a good answer was refused: {state.seen}")

    def logout_answer(self, browser, fault=""):
        self.simulator.reset()
        self.simulator.next_logout(fault)
        step = self.site.leave(browser)
        try:
            return self.site.logout_answer(browser, step)
        finally:
            self._look_at_requests()

    def logout_end(self, fault=""):
        """Where a logout ends; that of a good answer is played once."""
        if fault not in self._logout_ends:
            browser = self.logged_in()
            self._logout_ends[fault] = self.site.deliver(browser, self.logout_answer(browser, fault))
        return self._logout_ends[fault]

    def goes_to_gateway(self, step):
        return origin_of(step.url) == origin_of(self.simulator.addresses["gateway"])

    # --- one case -----------------------------------------------------------------------------

    def _calibrate(self):
        """How the site looks to who is logged in, and that it looks otherwise to others. What makes
        judging impossible, or an empty text."""
        try:
            browser = self.site.browser()
            self.site.deliver(browser, self.answer(browser))
            self.site.learn_home(browser)
            self.shows_identifier = self.site.state(browser).shows(self.identifier)
            if self.site.state(self.site.browser()).logged_in:
                return ("the protected page looks the same to who is not logged in "
                        "(see --marker)")
        except (Unjudgeable, Unreachable) as problem:
            return str(problem)
        return ""

    def _result(self, case, obstacle):
        if case.group == "logout" and not self.site.logout:
            seen = cases.not_applicable("no --logout")
        elif case.name == "encrypted" and not self._options.encryption:
            seen = cases.not_applicable("--no-encryption")
        elif obstacle:
            seen = Seen(None, "", obstacle)
        else:
            try:
                seen = case.play(self)
            except (Unjudgeable, Unreachable) as problem:
                seen = Seen(None, "", str(problem))
        return Result(case, self._verdict(case, seen), seen.text, seen.note)

    def _verdict(self, case, seen):
        if not seen.applies:
            return NOT_APPLICABLE
        if seen.holds is None:
            return CANNOT_JUDGE
        if seen.holds and not (seen.broken and self._options.strict):
            return PASS
        return FAIL if case.must or self._options.strict else WARN

    # --- the requests of the site -------------------------------------------------------------

    def _look_at_requests(self):
        for record in self.simulator.requests():
            self.requests += 1
            for finding in record["findings"]:
                key = (finding["severity"], finding["section"], finding["message"])
                self.findings[key] = self.findings.get(key, 0) + 1
            request = record["request"]
            if not request:
                continue
            for name in ("id", "form_relay_state"):
                value = (name, request[name])
                if request[name] and value in self._known:
                    self._repeated.add(name)
                self._known.add(value)
            if record["kind"] == "login":
                self.asked = {"loa": request["loa"], "excluded": request["excluded"]}

    def _lint(self):
        if self._options.only and "lint" not in self._options.only:
            return
        by = {severity: [(section, message) for (found, section, message) in self.findings
                         if found == severity] for severity in ("error", "warning")}
        for severity, text, must in (("error", "the requests are such as the gateway takes", True),
                                     ("warning", "the requests are as every kit sends them", False)):
            found = by[severity]
            seen = Seen(None if not self.requests else not found,
                        f"{self.requests} requests" if not found else f"{len(found)} findings",
                        "; ".join(f"{message} (protocol {section})" for section, message in found))
            case = Case("lint", severity + "s", text, "no findings", None, must)
            yield Result(case, self._verdict(case, seen), seen.text, seen.note)
        seen = Seen(None if not self.requests else not self._repeated,
                    f"{self.requests} requests", ", ".join(
                        f"{name} is used again" for name in sorted(self._repeated)))
        case = Case("lint", "fresh", "each request has an ID and a RelayState of its own", "new ones",
                    None)
        yield Result(case, self._verdict(case, seen), seen.text, seen.note)
