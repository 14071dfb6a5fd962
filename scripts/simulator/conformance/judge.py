"""The site as a browser sees it: where a login begins, and whether somebody is logged in."""

from dataclasses import dataclass

from ..browser import Step, Unreachable, origin_of


class Unjudgeable(Exception):
    """A case cannot be played or judged; the text says why."""


@dataclass(frozen=True)
class Answer:
    """What the gateway has the browser post to the site, not yet posted."""

    url: str
    fields: tuple        # pairs
    page: str            # the gateway's, from which it is posted

    def with_fields(self, *pairs):
        return Answer(self.url, tuple(pairs), self.page)

    def field(self, name):
        return dict(self.fields).get(name, "")

    def changed(self, **values):
        """Other values; None leaves a field out."""
        fields = {**dict(self.fields), **values}
        return self.with_fields(*((n, v) for n, v in fields.items() if v is not None))


@dataclass(frozen=True)
class End:
    """Where the browser stands after an answer was posted."""

    page: object         # the last page of the site
    beyond: object       # the step to another site that was not taken, or None

    @property
    def seen(self):
        if self.beyond is None:
            return f"{self.page.status} {self.page.path}"
        return f"sent to {origin_of(self.beyond.url)}"

    @property
    def looks(self):
        """What distinguishes an end from another one; references and times do not."""
        beyond = self.beyond and origin_of(self.beyond.url)
        return beyond, self.page and (self.page.status, self.page.path, self.page.heading)


@dataclass(frozen=True)
class State:
    """Whether somebody is logged in. `page`: what he sees."""

    logged_in: bool
    seen: str
    page: object = None

    def shows(self, text):
        return self.page is not None and text in self.page.text


class Site:
    """`protected` needs a login; `begin` leads to Cl@ve; `marker` is on the page of who is logged
    in. `browser`: one without cookies."""

    def __init__(self, browser, simulator, *, protected, begin="", marker="", logout="",
                 logout_by_get=False):
        self._browser = browser
        self._simulator = simulator
        self._gateway = origin_of(simulator.addresses["gateway"])
        self._protected = protected
        self._begin = begin or protected
        self._marker = marker
        self._own = {origin_of(protected), origin_of(self._begin)}
        self._home = None        # the path at which a login ends
        self.logout = logout
        self._logout_by_get = logout_by_get

    def browser(self):
        return self._browser.fresh()

    def cookies(self, browser):
        return browser.cookies_for(self._protected)

    # --- a login ------------------------------------------------------------------------------

    def ask(self, browser):
        """The step that carries the site's request to the gateway."""
        page, step = browser.follow(Step(self._begin), self._at_the_gateway)
        if step is None:
            raise Unjudgeable(f"no login begins: {page.status} {page.url} does not lead to "
                              f"{self._gateway} by itself (see --begin)")
        return step

    def _at_the_gateway(self, step):
        there = origin_of(step.url) == self._gateway
        if not there:
            self._own.add(origin_of(step.url))   # a login may pass through other hosts of the site
        return there

    def answer(self, browser, step):
        """The gateway's answer to a request."""
        return self._answered(browser, step, "SAMLResponse")

    def _answered(self, browser, step, field):
        page = browser.take(step)
        onward = page.form_with(field)
        if onward is None:
            raise Unjudgeable(f"the gateway refuses the request: {page.heading}")
        self._own.add(origin_of(onward.url))
        return Answer(onward.url, onward.fields, page.url)

    def deliver(self, browser, answer):
        page, step = self._follow(browser, Step(answer.url, answer.fields, answer.page))
        return End(page, step)

    def deliver_by_get(self, browser, answer):
        onward = Step(answer.url, answer.fields, answer.page).as_get()
        return End(*self._follow(browser, onward))

    def _follow(self, browser, step):
        # Only a step that the site makes is judged; the first one is ours.
        first = step
        return browser.follow(step, lambda next_step: next_step is not first
                              and origin_of(next_step.url) not in self._own)

    # --- who is there -------------------------------------------------------------------------

    def learn_home(self, browser):
        """After a good login: how the protected page looks."""
        page, step = self._follow(browser, Step(self._protected))
        if step is not None or not 200 <= page.status < 300:
            raise Unjudgeable("after a good answer the protected page is not shown: "
                              + (f"sent to {origin_of(step.url)}" if step else
                                 f"{page.status} {page.url}"))
        if self._marker and self._marker not in page.text:
            raise Unjudgeable(f"after a good answer {page.url} does not contain {self._marker!r}")
        self._home = page.path

    def state(self, browser):
        try:
            page, step = self._follow(browser, Step(self._protected))
        except Unreachable as problem:
            raise Unjudgeable(str(problem)) from problem
        if step is not None:
            return State(False, f"nobody: sent to {origin_of(step.url)}")
        if not 200 <= page.status < 300:
            return State(False, f"nobody: {page.status} {page.path}")
        if self._marker:
            there = self._marker in page.text
            return State(there, "the marker is there" if there else "nobody: no marker", page)
        if self._home is not None and page.path != self._home:
            return State(False, f"nobody: led to {page.path}", page)
        return State(True, f"{page.status} {page.path}", page)

    # --- a logout -----------------------------------------------------------------------------

    def leave(self, browser):
        """The step that carries the request for a logout to the gateway."""
        fields = None if self._logout_by_get else ()
        page, step = self._follow(browser, Step(self.logout, fields, self._protected))
        if step is None:
            raise Unjudgeable(f"no request for a logout goes to Cl@ve: {page.status} {page.url}")
        if "logoutRequest" not in dict(step.fields or ()):
            raise Unjudgeable(f"what goes to {origin_of(step.url)} is no logoutRequest")
        return step

    def logout_answer(self, browser, step):
        return self._answered(browser, step, "logoutResponse")
