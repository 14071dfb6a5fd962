"""The example that comes with the simulator, in a real browser: a site behind this tree's module, and
the Playwright that the lock file has."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
EXAMPLES = TOP / "scripts" / "simulator" / "examples"
MODULE = TOP / "build" / "ngx_http_clave_module.so"
LIMIT = 300


def check_playwright(tools):
    if not MODULE.exists():
        return [f"playwright: {MODULE} is missing; run scripts/build first"]
    as_root = "user root;" if os.geteuid() == 0 else ""
    os.environ["NGINX_GLOBALS"] = f"load_module {MODULE}; {as_root}"
    os.environ.setdefault("NGINX", "/usr/sbin/nginx")
    os.environ["CLAVE_SIM_LIBRARY"] = str(TOP / "scripts")
    sys.path.insert(0, str(EXAMPLES / "pytest"))
    # The site of the other example will do for this one.
    from conftest import running_site  # pylint: disable=import-outside-toplevel
    from simulator.client import Started  # pylint: disable=import-outside-toplevel

    with tempfile.TemporaryDirectory(prefix="clave-playwright-") as place:
        state = Path(place) / "state"
        site = Path(place) / "site"
        site.mkdir()
        # Node looks for packages where the program is.
        program = tools / "login.mjs"
        program.write_text((EXAMPLES / "playwright" / "login.mjs").read_text())
        with Started(state, "--port", "0", "--office-port", "0", "--fire-port", "0",
                     command=[str(TOP / "scripts" / "simulate")]) as simulator, \
                running_site(simulator, site) as address:
            done = subprocess.run(["node", str(program)], capture_output=True, text=True,
                                  timeout=LIMIT, check=False, cwd=tools,
                                  env={**os.environ, "SITE": address + "/puntos/",
                                       "STATE": str(state)})
    print("playwright: the example has run")
    if done.returncode or "all holds" not in done.stdout:
        return [f"playwright: {line}" for line in (done.stdout + done.stderr).splitlines()[-8:]]
    return []
