"""The outcome, for people, for programs (JSON) and for CI servers (JUnit's XML)."""

import json
from collections import Counter

from lxml import etree

from .run import CANNOT_JUDGE, FAIL, NOT_APPLICABLE, PASS, WARN

_WORDS = {PASS: "passed", WARN: "warnings", FAIL: "failed", CANNOT_JUDGE: "cannot be judged",
          NOT_APPLICABLE: "not applicable"}
_WIDTH = len(NOT_APPLICABLE)


def line(result):
    """Of one case."""
    case = result.case
    said = f"{result.verdict:<{_WIDTH}}  {case.full_name:<34}"
    what = [f"{said}  {result.seen}".rstrip()]
    margin = " " * (_WIDTH + 2)
    if result.verdict not in (PASS, NOT_APPLICABLE):
        what.append(f"{margin}{case.text}; expected: {case.expected}")
    if result.note:
        what.append(f"{margin}{result.note}")
    return "\n".join(what)


def summary(results):
    counts = Counter(result.verdict for result in results)
    told = ", ".join(f"{counts[verdict]} {word}" for verdict, word in _WORDS.items()
                     if counts[verdict])
    return f"{len(results)} cases: {told}"


def status(results):
    """0: all passed; 1: something failed; 2: nothing failed, but something cannot be judged."""
    verdicts = {result.verdict for result in results}
    if FAIL in verdicts:
        return 1
    return 2 if CANNOT_JUDGE in verdicts or PASS not in verdicts else 0


def as_json(results, run, url):
    value = {
        "site": url,
        "asked": {"loa": run.asked["loa"], "excluded": list(run.asked["excluded"])},
        "requests": run.requests,
        "lint": [{"severity": severity, "section": section, "message": message, "times": times}
                 for (severity, section, message), times in run.findings.items()],
        "cases": [{"name": r.case.full_name, "text": r.case.text, "expected": r.case.expected,
                   "must": r.case.must, "verdict": r.verdict, "seen": r.seen, "note": r.note}
                  for r in results],
        "counts": dict(Counter(r.verdict for r in results)),
        "status": status(results),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_junit(results, url):
    counts = Counter(result.verdict for result in results)
    suite = etree.Element(
        "testsuite", name="clave-sim conformance", tests=str(len(results)),
        failures=str(counts[FAIL]), errors=str(counts[CANNOT_JUDGE]),
        skipped=str(counts[NOT_APPLICABLE] + counts[WARN]), hostname=url)
    for result in results:
        case = etree.SubElement(suite, "testcase", classname="clave." + result.case.group,
                                name=f"{result.case.name}: {result.case.text}")
        kind = {FAIL: "failure", CANNOT_JUDGE: "error", WARN: "skipped", NOT_APPLICABLE: "skipped"}
        if result.verdict in kind:
            seen = "; ".join(part for part in (result.seen, result.note) if part)
            etree.SubElement(case, kind[result.verdict], message=(
                f"{result.verdict}: expected: {result.case.expected}; seen: {seen}"))
    return etree.tostring(suite, encoding="UTF-8", xml_declaration=True, pretty_print=True)
