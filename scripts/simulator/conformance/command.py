"""The command `conformance`."""

import argparse
import sys
from pathlib import Path

from ..client import Simulator, Trouble
from ..browser import Unreachable
from . import report
from .cases import CASES, LAST
from .judge import Site
from .run import Run


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="clave-sim conformance",
        description="Tries good and wrong answers of Cl@ve on a site that uses a running simulator "
                    "as its gateway. The simulator is reset before each case: nobody else should "
                    "use it meanwhile.",
        epilog="Status: 0 if every case passed, 1 if one failed, 2 if something could not be judged.")
    parser.add_argument("--state", type=Path, metavar="DIR", help="of the running simulator")
    parser.add_argument("--sp", metavar="URL", help="a page of the site that needs a login")
    parser.add_argument("--begin", default="", metavar="URL",
                        help="where a login begins, if not at that page")
    parser.add_argument("--marker", default="", metavar="TEXT",
                        help="what that page contains for who is logged in; without it, it has to "
                             "answer 200 to him at an address that others do not reach")
    parser.add_argument("--logout", default="", metavar="URL",
                        help="where a logout begins, by POST; without it, no logouts are tried")
    parser.add_argument("--logout-by-get", action="store_true")
    parser.add_argument("--persona", default="ana", help="who logs in; default: ana")
    parser.add_argument("--ca", action="append", default=[], type=Path, metavar="FILE",
                        help="to be trusted for the site, besides the system's and the simulator's")
    parser.add_argument("--insecure", action="store_true", help="trust any certificate of the site")
    parser.add_argument("--resolve", action="append", default=[], metavar="NAME=ADDRESS",
                        help="instead of asking the DNS; names below localhost are known")
    parser.add_argument("--no-encryption", dest="encryption", action="store_false",
                        help="the site does not take encrypted answers")
    parser.add_argument("--strict", action="store_true",
                        help="what is a warning otherwise fails, too")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="a case or a group of cases; may be repeated")
    parser.add_argument("--list", action="store_true", help="say which cases there are, and end")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--junit", type=Path, metavar="FILE")
    options = parser.parse_args(argv)
    if not options.list and not (options.sp and options.state):
        parser.error("--state and --sp are needed")
    names = {"lint", *(name for case in (*CASES, LAST) for name in (case.group, case.full_name))}
    for name in options.only:
        if name not in names:
            parser.error(f"no case or group {name!r}; see --list")
    return options


def main(argv):
    options = arguments(argv)
    if options.list:
        for case in (*CASES, LAST):
            print(f"{case.full_name:<34} {'' if case.must else 'should: '}{case.text}; "
                  f"expected: {case.expected}")
        return 0
    try:
        return _run(options)
    except (Trouble, Unreachable, OSError) as problem:
        print(f"clave-sim conformance: {problem}", file=sys.stderr)
        return 2


def _run(options):
    simulator = Simulator(options.state)
    resolve = dict(entry.split("=", 1) for entry in options.resolve if "=" in entry)
    browser = simulator.browser(options.ca, verify=not options.insecure, resolve=resolve)
    site = Site(browser, simulator, protected=options.sp, begin=options.begin,
                marker=options.marker, logout=options.logout, logout_by_get=options.logout_by_get)
    run = Run(simulator, site, options)
    results = []
    for result in run.results():
        results.append(result)
        print(report.line(result), flush=True)
    simulator.reset()
    print(f"\n{options.sp}: {report.summary(results)}")
    if options.json:
        options.json.write_text(report.as_json(results, run, options.sp))
    if options.junit:
        options.junit.write_bytes(report.as_junit(results, options.sp))
    return report.status(results)
