# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network of its own for one program: it is reached, and reaches this machine, by one cable and one route."""

import os
import subprocess
import time

NEAR, FAR = "10.87.65.1", "10.87.65.2"
NAME = "mail.example.test"  # of the certificate


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


class Netns:
    """Needs root, and the right to make network namespaces and to mount. @folder: of its own"""

    def __init__(self, folder):
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sleep", "infinity"])
        deadline = time.monotonic() + 10
        while os.readlink("/proc/%d/ns/net" % self.holder.pid) == os.readlink("/proc/self/ns/net"):
            if time.monotonic() > deadline or self.holder.poll() is not None:
                raise RuntimeError("no network namespace may be made here")
            time.sleep(0.01)
        self.link = "pss%d" % (os.getpid() % 100000)
        hosts = os.path.join(folder, "hosts")
        with open(hosts, "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n%s %s\n" % (NEAR, NAME))
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(self.holder.pid))
        run("ip", "address", "add", NEAR + "/30", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        self.prefix = ["nsenter", "--target", str(self.holder.pid), "--net", "--mount"]
        for command in (["mount", "--bind", hosts, "/etc/hosts"], ["ip", "link", "set", "lo", "up"],
                        ["ip", "address", "add", FAR + "/32", "dev", "eth0"], ["ip", "link", "set", "eth0", "up"]):
            run(*self.prefix, *command)
        self.restore()

    def restore(self):
        run(*self.prefix, "ip", "route", "add", NEAR + "/32", "dev", "eth0")
        run(*self.prefix, "ip", "route", "add", "default", "via", NEAR)

    def remove(self):
        run(*self.prefix, "ip", "route", "del", "default")
        run(*self.prefix, "ip", "route", "del", NEAR + "/32", "dev", "eth0")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        subprocess.run(["ip", "link", "del", self.link], capture_output=True, check=False)
