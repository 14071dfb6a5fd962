"""What a lookup costs and a session takes, from 10^3 to 10^6 sessions: instructions (callgrind), and
time, which also knows the processor's caches."""

import re
import subprocess

from .stand import TOP

LOOKUPS = 20000
TIMED = 500_000


def instructions(program, sessions):
    output = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=look_up_many*", program, str(sessions), str(LOOKUPS)],
        check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    counted = int(re.search(r"Collected : (\d+)", output)[1])
    size = float(re.search(r"([\d.]+) bytes of zone per session", output)[1])
    return counted / LOOKUPS, size


def nanoseconds(program, sessions):
    """The least of five runs: the others were disturbed."""
    command = [program, str(sessions), str(TIMED)]
    return min(float(re.search(r"(\d+) ns a lookup",
                               subprocess.check_output(command, text=True))[1])
               for _ in range(5))


def run():
    build = TOP / "build-core-bench"
    subprocess.run(["cmake", "-S", TOP / "libclavecore", "-B", build, "-G", "Ninja",
                    "-D", "CMAKE_CXX_COMPILER=g++", "-D", "CMAKE_CXX_COMPILER_LAUNCHER=ccache",
                    "-D", "CMAKE_BUILD_TYPE=RelWithDebInfo"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "--quiet", "-C", build, "find_cost"], check=True)
    print("a lookup of a session of 300 bytes:")
    for sessions in (1000, 10_000, 100_000, 1_000_000):
        count, size = instructions(build / "find_cost", sessions)
        time = nanoseconds(build / "find_cost", sessions)
        print(f"{sessions:8} sessions  {count:6.0f} instructions  {time:6.0f} ns"
              f"  {size:5.1f} bytes of zone each", flush=True)
