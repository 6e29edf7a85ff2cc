"""Ports for worlds that run side by side on one machine."""

import random
import socket

CLAIMS = []  # held open for as long as this process lives


def free_port(draw=random.SystemRandom().randrange):
    """Below those that outgoing connections take, and of no other world of this machine."""
    while True:
        port = draw(10_000, 32_000)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0switchyard-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        CLAIMS.append(claim)
        return port
