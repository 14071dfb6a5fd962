"""assets/session.js on a page of the site, before a session that the test moves."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from .looks import SCHEMES, WIDTHS, complaints_of_axe

_OPEN = "return !!document.querySelector('dialog[open]')"
_ASK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def check_session_script(viewer, axe_source):
    problems = []
    for name, check in (("quiet", _quiet), ("warns and extends", _extends),
                        ("other tab", _other_tab), ("last", _last), ("over", _over),
                        ("languages", _languages), ("nobody", _nobody)):
        try:
            problem = check(viewer)
        except Exception as trouble:  # noqa: BLE001 - whatever the browser says
            problem = str(trouble).splitlines()[0]
        problem = problem or "; ".join(viewer.complaints())
        if problem:
            problems.append(f"session.js, {name}: {problem}")
    for width in WIDTHS:
        for dark in SCHEMES:
            viewer.appear(width, dark)
            problems += [f"session.js, {width}{' dark' if dark else ''}: {what}"
                         for what in _seen_by_axe(viewer, axe_source)]
    viewer.appear(WIDTHS[-1], False)
    print("session.js: 7 situations, 4 views")
    return problems


def _start(viewer, remaining, absolute=20000, extended=900, lang="es"):
    gallery = viewer.gallery
    gallery.session = {"remaining": remaining, "absolute": absolute, "extended": extended}
    gallery.session_requests.clear()
    viewer.complaints()
    viewer.open(f"solicitud?{lang}")
    _until(lambda: gallery.session_requests)


def _until(condition):
    WebDriverWait(None, 5, 0.05).until(lambda _: condition())


def _is_open(viewer):
    return viewer.run(_OPEN)


def _dialog(viewer):
    _until(lambda: _is_open(viewer))
    return viewer.driver.find_element(By.CSS_SELECTOR, "dialog")


def _quiet(viewer):
    _start(viewer, 900)
    if _is_open(viewer):
        return "warns fifteen minutes before"
    if viewer.gallery.session_requests != [("GET", "1")]:
        return f"asked {viewer.gallery.session_requests}"
    return ""


def _extends(viewer):
    _start(viewer, 119)
    dialog = _dialog(viewer)
    if "menos de 2 minutos" not in dialog.text or dialog.get_attribute("role") != "alertdialog":
        return f"says {dialog.text}"
    if viewer.driver.switch_to.active_element.text != "Seguir con la sesión":
        return "the focus is not on the button"
    viewer.driver.switch_to.active_element.send_keys(Keys.ENTER)
    _until(lambda: not _is_open(viewer))
    _until(lambda: ("POST", "1") in viewer.gallery.session_requests)
    viewer.run("document.getElementById('name').focus()")
    viewer.gallery.session["remaining"] = 60
    viewer.run(_ASK_AGAIN)
    _dialog(viewer)
    viewer.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    _until(lambda: not _is_open(viewer))
    focused = viewer.run("return document.activeElement.id")
    return "" if focused == "name" else f"the focus goes to {focused!r}"


def _other_tab(viewer):
    _start(viewer, 60)
    _dialog(viewer)
    viewer.gallery.session["remaining"] = 900
    viewer.run(_ASK_AGAIN)
    _until(lambda: not _is_open(viewer))
    return ""


def _last(viewer):
    _start(viewer, 60, absolute=60)
    dialog = _dialog(viewer)
    if "no se puede alargar" not in dialog.text:
        return f"says {dialog.text}"
    viewer.driver.switch_to.active_element.send_keys(Keys.ENTER)
    _until(lambda: not _is_open(viewer))
    viewer.run(_ASK_AGAIN)
    posted = [one for one in viewer.gallery.session_requests if one[0] == "POST"]
    return "extends what has an end" if posted or _is_open(viewer) else ""


def _over(viewer):
    _start(viewer, 900)
    viewer.gallery.session["remaining"] = 0
    viewer.run(_ASK_AGAIN)
    dialog = _dialog(viewer)
    return "" if "ha terminado" in dialog.text else f"says {dialog.text}"


def _languages(viewer):
    for lang, words in (("ca", "a punt d’acabar"), ("eu", "amaitzear"), ("gl-ES", "a piques"),
                        ("en", "about to end"), ("fr", "a punto de terminar")):
        _start(viewer, 60, lang=lang)
        if words not in _dialog(viewer).text:
            return f"{lang}: says {_dialog(viewer).text}"
    return ""


def _seen_by_axe(viewer, axe_source):
    # The library comes by the driver, which the page's policy does not hold.
    _start(viewer, 60)
    dialog = _dialog(viewer)
    problems = [f"axe: {what}" for what in complaints_of_axe(viewer, axe_source)]
    box = viewer.run("return arguments[0].getBoundingClientRect().toJSON()", dialog)
    if box["left"] < 0 or box["right"] > viewer.run("return innerWidth"):
        problems.append("the dialog is wider than the window")
    return problems


def _nobody(viewer):
    _start(viewer, 0)
    viewer.run(_ASK_AGAIN)
    return "warns somebody without a session" if _is_open(viewer) else ""
