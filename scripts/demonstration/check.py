"""Runs every walk, one line each, and keeps pictures where asked."""

import traceback

from selenium.common.exceptions import WebDriverException

from .browser import Browser, Stuck
from .control import Control
from .walks import WALKS, World


def chosen(only):
    """The walks that say so, each with its number among all."""
    return [(number, walk) for number, walk in enumerate(WALKS, 1) if only in walk.text]


def check(stack, *, screenshots=None, only=""):
    """How many walks failed."""
    failed = 0
    for number, walk in chosen(only):
        problem = _walk(stack, walk, number, screenshots)
        failed += problem is not None
        print(f"not ok   {walk.text}: {problem}" if problem else f"ok       {walk.text}",
              flush=True)
    complaints = [line for line in stack.error_log().splitlines()
                  if any(level in line for level in ("[alert]", "[emerg]", "[crit]"))]
    for line in complaints:
        print(f"not ok   nginx: {line}")
    refused = [record for record in Control(stack).requests() if record["findings"]]
    for record in refused:
        for finding in record["findings"]:
            print(f'not ok   lint: {finding["severity"]}: {finding["message"]}')
    return failed + len(complaints) + len(refused)


def _walk(stack, walk, number, screenshots):
    control = Control(stack)
    with Browser(stack, javascript=walk.javascript) as browser:
        def take_picture(name):
            if screenshots:
                browser.screenshot(screenshots / f"{number:02}-{name}.png")
        try:
            walk.go(World(stack, control, browser, take_picture))
            return None
        except Stuck as problem:
            take_picture("parado")
            return problem
        except (WebDriverException, OSError) as problem:
            take_picture("parado")
            place = traceback.extract_tb(problem.__traceback__)
            step = next((f.name for f in reversed(place) if "demonstration" in f.filename), "?")
            return f"{step} at {browser.where()}: {str(problem).splitlines()[0]}"
