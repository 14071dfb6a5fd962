"""The command line, and what has to be there before a browser can look."""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from .gallery import Gallery
from .looks import looks_at
from .playwright import check_playwright
from .sessions import check_session_script
from .viewer import Viewer

TOP = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TOOLS = TOP / "build-pages"
CORE = TOP / "build-core-gcc"


def main():
    parser = argparse.ArgumentParser(prog="check-pages")
    parser.add_argument("--all", action="store_true", help="nothing left out")
    parser.add_argument("--only", default="", metavar="NAME",
                        help="only pages of this name, as in 'sign-*'")
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    options = parser.parse_args()
    if options.screenshots:
        options.screenshots.mkdir(parents=True, exist_ok=True)
    subprocess.run([str(TOP / "scripts" / "install-packages")], check=True)
    fetch_tools()
    build_writer()
    problems = []
    with tempfile.TemporaryDirectory(prefix="clave-pages-") as place:
        axe = TOOLS / "node_modules/axe-core/axe.min.js"
        for look, templates in (("", None), ("own", HERE / "look")):
            directory = Path(place) / (look or "built-in")
            write_pages(directory, templates)
            problems += validate(directory)
            with Gallery(directory) as gallery, Viewer(gallery) as viewer:
                seen = looks_at(viewer, axe, options, look)
                problems += seen.problems
                print(f"{look or 'built-in'} look: {seen.count} views")
                if not look:
                    problems += check_session_script(viewer, axe.read_text())
    problems += check_playwright(TOOLS)
    for problem in problems:
        print(f"not ok   {problem}")
    print(f"check-pages: {'FAIL' if problems else 'PASS'} ({len(problems)} problems)")
    return 1 if problems else 0


def fetch_tools():
    """As the lock file has them, once; nothing of it is part of the tree."""
    TOOLS.mkdir(exist_ok=True)
    names = ("package.json", "package-lock.json")
    fresh = all((TOOLS / name).is_file() and
                (TOOLS / name).read_bytes() == (HERE / name).read_bytes() for name in names)
    if fresh and (TOOLS / "complete").exists():
        return
    (TOOLS / "complete").unlink(missing_ok=True)
    for name in names:
        shutil.copy(HERE / name, TOOLS)
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"],
                   cwd=TOOLS, check=True)
    (TOOLS / "complete").touch()


def build_writer():
    subprocess.run(["cmake", "-S", str(TOP / "libclavecore"), "-B", str(CORE), "-G", "Ninja",
                    "-D", "CMAKE_CXX_COMPILER=g++", "-D", "CMAKE_CXX_COMPILER_LAUNCHER=ccache"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "--quiet", "-C", str(CORE), "write_pages"], check=True)


def write_pages(directory, templates):
    (directory / "assets").mkdir(parents=True)
    command = [str(CORE / "test" / "write_pages"), str(directory)]
    subprocess.run(command + ([str(templates)] if templates else []), check=True)


def validate(directory):
    done = subprocess.run(
        ["node", str(TOOLS / "node_modules/.bin/html-validate"),
         "--config", str(HERE / "htmlvalidate.json"), "--formatter", "text",
         *sorted(map(str, directory.glob("*.html")))],
        cwd=TOOLS, capture_output=True, text=True)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    if done.returncode and not lines:
        lines = ["html-validate failed"]
    return [line.replace(str(directory) + "/", "html-validate: ") for line in lines]
