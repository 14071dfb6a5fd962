"""The command line of scripts/bench."""

import argparse
import shutil
from pathlib import Path

from . import flood, growth, login, redis, session, sign
from .redis_stand import PEERS
from .stand import Stand


TOOLS = ("wrk", "valgrind", "cmake", "ninja", "xmlsec1")


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--build", type=Path, help="a directory that scripts/build --nginx-src has made")
    commands = parser.add_subparsers(dest="command", required=True)

    of_session = commands.add_parser("session", help="cost of a request with a session")
    of_session.add_argument("--rounds", type=int, default=7)
    of_session.add_argument("--seconds", type=int, default=3)
    of_session.add_argument("--no-growth", action="store_true")

    of_login = commands.add_parser("login", help="cost of a login, and to others")
    of_login.add_argument("--logins", type=int, default=200)
    of_login.add_argument("--rate", type=int, default=100)
    of_login.add_argument("--seconds", type=int, default=5)
    of_login.add_argument("--rounds", type=int, default=5)

    of_sign = commands.add_parser("sign", help="time added to a signature, memory for a document")
    of_sign.add_argument("--rounds", type=int, default=7)
    of_sign.add_argument("--signatures", type=int, default=20, help="of a round, each way")
    of_sign.add_argument("--megabytes", type=int, nargs="+", default=[1, 8, 32], help="of documents, rising")

    of_flood = commands.add_parser("flood", help="what anonymous requests cost those with a session")
    of_flood.add_argument("--requests", type=int, default=1_000_000)
    of_flood.add_argument("--seconds", type=int, default=5)

    of_redis = commands.add_parser("redis", help="sessions in Redis, beside others that ask it")
    of_redis.add_argument("--rounds", type=int, default=7)
    of_redis.add_argument("--seconds", type=int, default=3)
    of_redis.add_argument("--logouts", type=int, default=300)
    of_redis.add_argument("--rate", type=int, default=1000)
    return parser


def main():
    parser = options()
    arguments = parser.parse_args()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        parser.exit(1, "scripts/bench needs: sudo apt-get install wrk valgrind cmake ninja-build "
                       "xmlsec1\n")

    if arguments.build:
        Stand.use(arguments.build)
    if arguments.command == "session":
        session.run(arguments.rounds, arguments.seconds)
        if not arguments.no_growth:
            growth.run()
    elif arguments.command == "login":
        login.run(arguments.logins, arguments.rate, arguments.seconds, arguments.rounds)
    elif arguments.command == "sign":
        sign.run(arguments.rounds, arguments.signatures, arguments.megabytes)
    elif arguments.command == "redis":
        if not all(Path("/usr/share/doc", package).exists() for package in PEERS):
            parser.exit(1, f"scripts/bench redis needs: sudo apt-get install {' '.join(PEERS)}\n")
        return redis.run(arguments.rounds, arguments.seconds, arguments.logouts, arguments.rate)
    else:
        return flood.run(arguments.requests, arguments.seconds)
    return 0
