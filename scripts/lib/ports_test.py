"""Two worlds on one machine never choose one port, even before either has bound it."""

import socket
import subprocess
import sys
import unittest
from pathlib import Path

CHAOS = Path(__file__).resolve().parent.parent.parent / "tests" / "chaos"
sys.path.insert(0, str(CHAOS))
from ports import free_port  # noqa: E402

AGAIN = "import sys; from ports import free_port; p = int(sys.argv[1]); " \
        "draws = iter([p, int(sys.argv[2])]); print(free_port(lambda *_: next(draws)))"


class Ports(unittest.TestCase):
    def in_another_world(self, first, second):
        return int(subprocess.run([sys.executable, "-B", "-c", AGAIN, str(first), str(second)], cwd=CHAOS,
                                  capture_output=True, text=True, check=True).stdout)

    def test_a_port_that_was_chosen_is_not_chosen_by_another_world(self):
        chosen = free_port()
        other = self.in_another_world(chosen, free_port_nobody_claims())
        self.assertNotEqual(other, chosen)

    def test_a_port_that_somebody_listens_on_is_not_chosen(self):
        with socket.socket() as busy:
            busy.bind(("127.0.0.1", 0))
            taken = busy.getsockname()[1]
            self.assertNotEqual(self.in_another_world(taken, free_port_nobody_claims()), taken)


def free_port_nobody_claims():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
