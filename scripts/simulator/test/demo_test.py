"""What scripts/demo leaves behind when it has run in the background: nothing, and nobody else's."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from demonstration import command


class TestRunDirectory(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="clave-demo-test-")
        self.addCleanup(place.cleanup)
        self.place = Path(place.name)
        self.base = self.place / "own"
        self._patch(mock.patch.object(command, "_own_base", lambda: self.base))
        self._patch(mock.patch("builtins.print"))

    def _patch(self, patch):
        patch.start()
        self.addCleanup(patch.stop)

    def _begun(self, runtime=""):
        self._patch(mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": runtime}))
        directory = command._make_run_directory()
        for name in ("output", "pid"):
            (directory / name).write_text("0")
        return directory

    def test_all_of_it_goes(self):
        self._begun()
        command.stop_background()
        self.assertFalse(self.base.exists())

    def test_what_is_not_ours_stays(self):
        directory = self._begun()
        (self.base / "notes").write_text("mine")
        command.stop_background()
        self.assertFalse(directory.exists())
        self.assertEqual((self.base / "notes").read_text(), "mine")

    def test_the_directory_of_the_session_stays(self):
        runtime = self.place / "run"
        runtime.mkdir()
        directory = self._begun(str(runtime))
        command.stop_background()
        self.assertFalse(directory.exists())
        self.assertTrue(runtime.exists())

    def test_nothing_is_made_to_find_that_nothing_runs(self):
        command.stop_background()
        self.assertFalse(self.base.exists())
