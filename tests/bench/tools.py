# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tables of fetching and of sending share."""

import os
import re
import statistics
import subprocess

TICK = os.sysconf("SC_CLK_TCK")


def say(text=""):
    print(text, flush=True)


class Proxy:
    """The server, @rtt milliseconds away."""

    def __init__(self, bench, port, rtt):
        self.process = subprocess.Popen([bench.program("tests/support/delay-proxy"), str(port), "--rtt", str(rtt)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Sample:
    """What one run took. Seconds and MiB."""

    def __init__(self, status, wall, cpu, rss_kib):
        self.status, self.wall, self.cpu = int(status), float(wall), float(cpu)
        self.rss = int(rss_kib) / 1024
        self.server_cpu = self.count = 0


def measure(bench, name, command, environment, stdin=None):
    done = subprocess.run([bench.program("tests/bench/measure")] + command, capture_output=True, text=True,
                          stdin=stdin, env={**os.environ, **environment}, check=False)
    sample = Sample(*re.search(r"measured: (\S+) (\S+) (\S+) (\S+)", done.stderr).groups())
    if sample.status:
        say("  ! %s ended with %d: %s" % (name, sample.status, (done.stdout + done.stderr)[-400:]))
    return sample


def median(values):
    return statistics.median(values)


def table(title, columns, rows):
    say("\n%s\n" % title)
    widths = [max(len(str(row[i])) for row in [columns] + rows) for i in range(len(columns))]
    for row in [columns, ["-" * width for width in widths]] + rows:
        cells = [str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        say("| " + " | ".join(cells) + " |")
