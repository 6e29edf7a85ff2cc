"""Runs scripts/new_adapter on a copy of the tree: what it begins is whole, and nobody's copy."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class NewAdapter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="with spaces ")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for tree in ("adapters", "src", "scripts"):
            shutil.copytree(ROOT / tree, self.root / tree)
        shutil.copy(ROOT / ".clang-format", self.root)

    def run_script(self, *command):
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)

    def test_begins_an_adapter_that_is_whole(self):
        before = self.run_script("scripts/tidy").stdout.splitlines()[:-1]
        for name in ("blue_money", "aa"):
            made = self.run_script("scripts/new_adapter", name)
            self.assertEqual(made.returncode, 0, made.stderr)
        after = self.run_script("scripts/tidy").stdout.splitlines()[:-1]
        self.assertEqual(after, before)

        for path in (self.root / "adapters/blue_money").rglob("*"):
            self.assertNotIn("example", path.name)
            if path.is_file():
                left = re.search(r"(?i).*example(?!\.com).*", path.read_text())
                self.assertIsNone(left, f"{path}: {left}")
        sources = [*(self.root / "adapters/blue_money").glob("*.[hc]*")]
        formatted = self.run_script("clang-format", "--dry-run", "-Werror", *sources)
        self.assertEqual(formatted.returncode, 0, formatted.stderr)
        listed = (self.root / "adapters/list.txt").read_text().split()
        self.assertEqual(listed, sorted(listed))
        self.assertLessEqual({"aa", "blue_money"}, set(listed))

    def test_refuses_names_that_cannot_be(self):
        for name in ("Foo", "-x", "a", "foo__bar", "1st", "../x", "int", "money", "example", "all"):
            made = self.run_script("scripts/new_adapter", name)
            self.assertEqual(made.returncode, 1, name)
            self.assertFalse((self.root / "adapters" / name / "exchanges").exists()
                             and name != "example")


if __name__ == "__main__":
    unittest.main()
