"""What a site may want to know of itself."""

import json

import pytest


def identity(page):
    """What the sample application was told of the person; a site of your own shows it elsewhere."""
    assert page.status == 200, page.text
    return json.loads(page.body)["identity"]


def test_a_citizen_is_let_in(clave, site, browser):
    clave.next(persona="ana", method="pin")
    page, _ = browser.open(site + "/puntos/?json")
    assert identity(page)["nif"] == "00000000T"
    assert identity(page)["method"] == "pin"


def test_a_name_that_is_not_ascii(clave, site, browser):
    clave.next(persona="carme")
    page, _ = browser.open(site + "/puntos/?json")
    assert identity(page)["name"] == "Carme Sol·là Muñoz"


def test_a_password_is_not_enough_for_the_domicile(clave, site, browser):
    clave.next(persona="ana", method="permanente", otp=False, level="low")
    page, _ = browser.open(site + "/domicilio/?json")
    assert page.status == 403


def test_whoever_has_a_code_by_sms_is_let_in_there(clave, site, browser):
    clave.next(persona="ana", method="permanente", otp=True)
    page, _ = browser.open(site + "/domicilio/?json")
    assert identity(page)["loa"] == "substantial"


def test_who_cancels_sees_a_page_and_is_nobody(clave, site, browser):
    clave.next(persona="ana", fault="cancelled")
    page, _ = browser.open(site + "/puntos/?json")
    assert page.status == 200
    assert "cancelado" in page.text


@pytest.mark.parametrize("fault", ["expired", "unsigned", "other_key", "xsw2", "wrong_audience"])
def test_a_wrong_answer_is_refused(clave, site, browser, fault):
    clave.next(persona="ana", fault=fault)
    page, _ = browser.open(site + "/puntos/?json")
    assert page.status == 403
    assert "00000000T" not in page.text
