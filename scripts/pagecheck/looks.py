"""What is asked of each page in each way to see it."""

from dataclasses import dataclass, field
from fnmatch import fnmatch

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

WIDTHS = (320, 1280)
SCHEMES = (False, True)
MOST_OCTETS = 20 * 1024
LEAST_TARGET = 44
LANGUAGES = 5
MOST_WAYS_OF_TAB = 4
MOST_STOPS_IN_A_DOCUMENT = 20

_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(r => done(r.violations.map(v => v.id + " " + v.nodes.map(n => n.target + ": " +
        n.failureSummary.replace(/\\s+/g, " ")).join("; "))), e => done([String(e)]));
"""
_SHAPE = """
const small = [...document.querySelectorAll("button, a.button")].filter(e => {
  const box = e.getBoundingClientRect(); return box.height < arguments[0] || box.width < arguments[0];
}).map(e => e.textContent.trim());
const inline = [...document.querySelectorAll("*")].filter(e => e.hasAttribute("style") ||
  [...e.attributes].some(a => a.name.startsWith("on")) || e.tagName === "STYLE" ||
  (e.tagName === "SCRIPT" && !e.src)).map(e => e.outerHTML.slice(0, 80));
return {wide: document.documentElement.scrollWidth > innerWidth, small, inline,
        lang: document.documentElement.lang};
"""
_FOCUS = """
const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
return {what: e === document.body ? "" : e.tagName + " " + e.textContent.trim(),
        seen: box.width > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth &&
              style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2};
"""
_REACHABLE = """
return [...document.querySelectorAll("a[href], button, input:not([type=hidden])")].filter(
  e => !e.closest("object")).map(e => e.tagName + " " + e.textContent.trim());
"""


# What paper has to show of a receipt, and what it has no use for.
_PRINTED = """
const shown = e => e.getClientRects().length > 0;
return {useless: [...document.querySelectorAll(".actions, .languages, .skip, .screen")].filter(shown)
          .map(e => e.className), facts: [...document.querySelectorAll(".facts dt, .facts dd")]
          .map(e => [shown(e), e.scrollWidth > e.clientWidth + 1, e.textContent.trim()]),
        wide: document.documentElement.scrollWidth > innerWidth};
"""


@dataclass
class Seen:
    count: int = 0
    problems: list = field(default_factory=list)


def looks_at(viewer, axe, options, look):
    axe_source = axe.read_text()
    seen = Seen()
    viewer.hold("submit.js", "go.js")
    for number, page in enumerate(viewer.gallery.pages):
        if options.only and not fnmatch(page["name"], options.only):
            continue
        views = [(width, dark) for width in WIDTHS for dark in SCHEMES]
        sheet, language = divmod(number, LANGUAGES)
        if not options.all:
            # The sample: each page once in Spanish and once in another language, in two of the four
            # ways, all of which come up over the pages; a look of one's own once for each page.
            turn = language == 1 + sheet % (LANGUAGES - 1)
            if not (turn or (language == 0 and not look)):
                continue
            views = [views[(sheet + (2 if turn else 0) + sheet // 4) % 4]]
        for width, dark in views:
            name = f"{look}{'-' if look else ''}{page['name']}.{page['lang']}" \
                   f"-{width}{'-dark' if dark else ''}"
            viewer.appear(width, dark)
            seen.problems += [f"{name}: {what}" for what in _view(viewer, page, axe_source)]
            seen.count += 1
            if options.screenshots:
                viewer.driver.save_screenshot(str(options.screenshots / f"{name}.png"))
        if page["name"].startswith("sign-receipt"):
            seen.problems += [f"{look}{page['file']}: {what}" for what in _printed(viewer, page)]
        if options.all or (language == 0 and not look):
            viewer.appear(1280, False)
            seen.problems += [f"{look}{page['file']}: {what}" for what in _keyboard(viewer, page)]
            seen.problems += [f"{look}{page['file']}: {what}" for what in _no_scripts(viewer, page)]
    return seen


def _view(viewer, page, axe_source):
    viewer.requests()
    viewer.open(page["file"])
    problems = [f"policy: {message}" for message in viewer.complaints()]
    asked = viewer.requests()
    problems += [f"asks {url}" for url, _ in asked
                 if not url.startswith((viewer.gallery.url, "data:", "chrome-extension:"))]
    octets = sum(size for _, size in asked)
    if octets > MOST_OCTETS:
        problems.append(f"{octets} octets with all that belongs to it")
    shape = viewer.run(_SHAPE, LEAST_TARGET)
    if shape["wide"]:
        problems.append("scrolls sideways")
    if shape["lang"] != page["lang"]:
        problems.append(f"says it is in {shape['lang']}")
    problems += [f"target too small: {what}" for what in shape["small"]]
    problems += [f"inline: {what}" for what in shape["inline"]]
    problems += [f"axe: {what}" for what in complaints_of_axe(viewer, axe_source)]
    return problems


def _printed(viewer, page):
    viewer.paper(True)
    viewer.open(page["file"])
    paper = viewer.run(_PRINTED)
    viewer.paper(False)
    problems = [f"printed, one sees {what}" for what in paper["useless"]]
    problems += [f"printed, {what!r} is {'cut' if shown else 'missing'}"
                 for shown, cut, what in paper["facts"] if cut or not shown]
    if len(paper["facts"]) < 8:
        problems.append("printed, it has few facts")
    if paper["wide"]:
        problems.append("printed, it is wider than the paper")
    return problems


def complaints_of_axe(viewer, axe_source):
    viewer.run(axe_source)
    return viewer.driver.execute_async_script(_AXE)


def _keyboard(viewer, page):
    """Tab reaches everything, in the order of the page, and one sees where it is. A document that the page
    shows takes the place of a link to it, and may do so while one is on the way, the later the busier the
    machine is: then again."""
    for _ in range(MOST_WAYS_OF_TAB):
        problems = _way_of_tab(viewer, page)
        if not problems:
            break
    return problems


def _way_of_tab(viewer, page):
    viewer.open(page["file"])
    wanted = viewer.run(_REACHABLE)
    reached, unseen = [], []
    for _ in range(len(wanted) + MOST_STOPS_IN_A_DOCUMENT):
        viewer.driver.switch_to.active_element.send_keys(Keys.TAB)
        focus = viewer.run(_FOCUS)
        if not focus["what"] or focus["what"].startswith(("OBJECT", "IFRAME")):
            continue  # inside a document that is shown, as the browser does it
        reached.append(focus["what"])
        if not focus["seen"]:
            unseen.append(focus["what"])
        if len(reached) == len(wanted):
            break
    problems = [f"focus is not seen on {what}" for what in unseen]
    if reached != wanted:
        problems.append(f"Tab reaches {reached} of {wanted}")
    viewer.open(page["file"])
    viewer.driver.switch_to.active_element.send_keys(Keys.TAB)
    viewer.driver.switch_to.active_element.send_keys(Keys.ENTER)
    if viewer.run("return document.activeElement.id") != "main":
        problems.append("the skip link does not lead to the content")
    return problems


def _no_scripts(viewer, page):
    """Everything that a page offers can be had without scripts: its first button, its languages."""
    problems = []
    viewer.scripts(False)
    try:
        for selector in ("main .button", ".languages button"):
            viewer.open(page["file"])
            for element in viewer.driver.find_elements(By.CSS_SELECTOR, "[target=_blank]"):
                viewer.run("arguments[0].removeAttribute('target')", element)
            for element in viewer.driver.find_elements(By.CSS_SELECTOR, "main [required]"):
                element.click()
            element = viewer.driver.find_element(By.CSS_SELECTOR, selector)
            if not element.is_displayed():
                problems.append(f"without scripts, {selector} is not to be seen")
                continue
            element.click()
            WebDriverWait(viewer.driver, 30).until(
                lambda driver: driver.find_elements(By.ID, "arrived"))
    except Exception as problem:  # noqa: BLE001 - whatever the browser says
        problems.append(f"without scripts: {str(problem).splitlines()[0]}")
    finally:
        viewer.scripts(True)
    return problems
