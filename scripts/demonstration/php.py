"""PHP-FPM for the procedure that is written in PHP, with the script of conf-examples/signing-php."""

import os
import shutil
import subprocess
from pathlib import Path

_SCRIPT = Path(__file__).resolve().parents[2] / "conf-examples" / "signing-php" / "alta.php"
# Not in the path of those who are not root.
_PLACES = sorted(Path("/usr/sbin").glob("php-fpm*"))

_CONF = """\
[global]
daemonize = no
error_log = {directory}/log
[sede]
{user}listen = {directory}/socket
listen.mode = 0666
pm = static
pm.max_children = 1
"""


def start(prefix):
    """The process; it listens on PREFIX/php/socket. None where there is no PHP-FPM."""
    if not _PLACES:
        return None
    directory = prefix / "php"
    directory.mkdir(mode=0o755)
    shutil.copy(_SCRIPT, directory / "alta.php")
    (directory / "alta.php").chmod(0o644)
    user = "user = www-data\ngroup = www-data\n" if os.getuid() == 0 else ""
    (directory / "conf").write_text(_CONF.format(directory=directory, user=user))
    return subprocess.Popen([str(_PLACES[-1]), "-n", "-y", str(directory / "conf")],
                            stderr=subprocess.DEVNULL)
