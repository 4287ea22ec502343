# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ports of 127.0.0.1 for servers that are told theirs before they start."""

import socket

held = []


def free_ports(count):
    """So many ports that nobody has. They stay bound, though not listened at, until this process
    ends: a server that asks for one (with SO_REUSEADDR, as they all do) gets it, and nobody gets it
    by chance before that server is up."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", 0))
    held.extend(sockets)
    return [one.getsockname()[1] for one in sockets]
