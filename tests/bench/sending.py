# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables of sending: every client hands the same messages to one sink, with STARTTLS and AUTH PLAIN."""

import os
import shutil
import subprocess
import time

from tools import TICK, Proxy, measure, median, say, table

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAKE = os.path.join(TOP, "data", "demo", "make-messages.py")
USER, SENDER, RECIPIENT = "jane", "bench@example.org", "sink@example.net"


class Sink:
    """Takes everything and counts. Vouched for by the private Dovecot's authority."""

    def __init__(self, bench):
        server = bench.server
        self.process = subprocess.Popen(
            [bench.program("tests/bench/smtp-sink"), os.path.join(server.dir, "server.pem"),
             os.path.join(server.dir, "server.key"), USER, server.password_file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port, self.implicit_port = (int(word) for word in self.process.stdout.readline().split())

    def count(self):
        """Messages, octets and connections since the last call."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def cpu(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Load:
    """Messages with CR LF, one a file."""

    def __init__(self, bench, name, count, profile, size=0):
        self.name, self.count = name, count
        self.folder = os.path.join(bench.work, "send-" + name)
        if not os.path.isdir(self.folder):
            made = subprocess.run([MAKE, "--count", str(count), "--profile", profile, "--size", str(size), self.folder],
                                  check=True, capture_output=True, text=True).stdout
            say("  (%s: %s)" % (name, made.strip()))

    def paths(self):
        return [os.path.join(self.folder, name) for name in sorted(os.listdir(self.folder))]


# --- the clients ---

class Sender:
    """One way of sending a load. Whatever can be got ready is ready before the clock starts."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.home = os.path.join(bench.work, "senders", name)

    def write(self, name, text):
        path = os.path.join(self.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        return path

    def is_there(self):
        return True

    def environment(self):
        return {}

    def reset(self):
        shutil.rmtree(self.home, ignore_errors=True)
        os.makedirs(self.home)


class Bare(Sender):
    def prepare(self, load, port):
        server = self.bench.server
        return [self.bench.program("tests/bench/bare-submission"), "localhost", str(port), USER,
                server.password_file, server.ca, load.folder]


class Curl(Sender):
    """One process that keeps its connection."""

    def is_there(self):
        return shutil.which("curl")

    def prepare(self, load, port):
        server = self.bench.server
        with open(server.password_file) as file:
            password = file.read().strip()
        parts = ["\n".join(['url = "smtp://localhost:%d"' % port, "ssl-reqd", 'cacert = "%s"' % server.ca,
                            'user = "%s:%s"' % (USER, password), 'mail-from = "%s"' % SENDER,
                            'mail-rcpt = "%s"' % RECIPIENT, 'upload-file = "%s"' % path, "silent"])
                 for path in load.paths()]
        return ["curl", "-s", "-K", self.write("curlrc", "\nnext\n".join(parts) + "\n")]


class Msmtp(Sender):
    """One process a message, one or four at a time."""

    def is_there(self):
        return shutil.which("msmtp")

    def command(self, port):
        """For a shell: sends the file $1."""
        server = self.bench.server
        path = self.write("msmtprc", "\n".join([
            "account a", "host localhost", "port %d" % port, "from " + SENDER, "user " + USER, "auth plain",
            'passwordeval "cat %s"' % server.password_file, "tls on", "tls_starttls on",
            "tls_trust_file " + server.ca, ""]))
        return 'msmtp -C "%s" -a a %s <"$1"' % (path, RECIPIENT)

    def prepare(self, load, port):
        send = self.command(port)
        if self.name == "msmtp-x4":
            return ["sh", "-c", "printf '%%s\\0' \"$1\"/* | xargs -0 -n 1 -P 4 sh -c '%s' send" % send, "all", load.folder]
        return ["sh", "-c", 'for file in "$1"/*; do set -- "$file"; %s; done' % send, "all", load.folder]


class Postseal(Sender):
    """A flush of an outbox that was filled before."""

    def is_there(self):
        return os.access(self.bench.program("src/sendmail/postseal-sendmail"), os.X_OK)

    def environment(self):
        return {"XDG_CONFIG_HOME": self.home + "/config", "XDG_STATE_HOME": self.home + "/state",
                "XDG_CACHE_HOME": self.home + "/cache"}

    def configure(self, port):
        server = self.bench.server
        self.write("config/postseal/accounts.conf", "\n".join([
            "[account bench]", "address=" + SENDER, "send=submission://%s@localhost:%d" % (USER, port),
            "ca-file=" + server.ca, "password=file:" + server.password_file, "auth=PLAIN", ""]))

    def submit(self, path, more):
        with open(path, "rb") as file:
            return measure(self.bench, self.name,
                           [self.bench.program("src/sendmail/postseal-sendmail"), "-i", "-f", SENDER, RECIPIENT],
                           {**self.environment(), **more}, stdin=file)

    def prepare(self, load, port):
        kept = os.path.join(self.bench.work, "outbox-" + load.name)
        self.configure(port)
        if not os.path.isdir(kept):
            for path in load.paths():
                # What it wakes to send the message does nothing.
                self.submit(path, {"POSTSEAL": "/bin/true"})
            # Makes the index, which is there in everyday life.
            subprocess.run([self.program(), "queue", "list"], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, **self.environment()})
            shutil.copytree(self.home + "/state", kept)
        shutil.rmtree(self.home + "/state", ignore_errors=True)
        shutil.copytree(kept, self.home + "/state")
        return [self.program(), "queue", "flush", "--no-daemon"]

    def program(self):
        return self.bench.program("src/cli/postseal")

    def is_idle(self):
        return not subprocess.run([self.program(), "queue", "list", "--ids"], check=True, capture_output=True,
                                  env={**os.environ, **self.environment()}).stdout.strip()


KINDS = {"bare-submission": Bare, "postseal-send": Postseal, "curl": Curl, "msmtp-x4": Msmtp, "msmtp": Msmtp}


def senders(bench, names=KINDS):
    made = [KINDS[name](bench, name) for name in names if name not in bench.options.without.split(",")]
    return [sender for sender in made if sender.is_there()]


# --- the tables ---

def run_once(bench, sink, sender, load, port):
    sender.reset()
    command = sender.prepare(load, port)
    os.sync()
    sink.count()
    before = sink.cpu()
    sample = measure(bench, sender.name, command, sender.environment())
    sample.server_cpu = sink.cpu() - before
    sample.count, _, sample.connections = sink.count()
    shutil.rmtree(sender.home, ignore_errors=True)
    return sample


def compare(bench, title, load, reps, rtt=0, names=KINDS):
    sink = Sink(bench)
    proxy = Proxy(bench, sink.port, rtt) if rtt else None
    port = proxy.port if proxy else sink.port
    clients = senders(bench, names)
    samples = {client.name: [] for client in clients}
    for rep in range(reps):
        # Each repetition begins with another client, so that none always follows the same one.
        for client in clients[rep % len(clients):] + clients[:rep % len(clients)]:
            samples[client.name].append(run_once(bench, sink, client, load, port))
    if proxy:
        proxy.close()
    sink.close()
    rows = []
    for client in clients:
        mine = samples[client.name]
        walls = [sample.wall for sample in mine]
        ratios = [a.wall / b.wall for a, b in zip(mine, samples.get("bare-submission", []))]
        counts = {s.count for s in mine}
        rows.append([client.name, "%.3f" % median(walls), "%.3f-%.3f" % (min(walls), max(walls)),
                     "%.2f" % (1000 * median(walls) / load.count), "%.2f" % median(ratios) if ratios else "-",
                     "%.2f" % (1000 * median([s.cpu for s in mine]) / load.count),
                     "%.2f" % (1000 * median([s.server_cpu for s in mine]) / load.count),
                     "%.1f" % max(s.rss for s in mine), "%d" % median([s.connections for s in mine]),
                     "all" if counts == {load.count} else str(sorted(counts))])
    table(title, ["", "s", "min-max", "ms/message", "x bare", "client cpu ms", "sink cpu ms", "RSS MiB", "connections",
                  "arrived"], rows)


def bench_send_200(bench, options):
    count = 50 if options.quick else 200
    load = Load(bench, "tiny%d" % count, count, "tiny")
    compare(bench, "Sending %d messages of 1 KiB" % count, load, options.reps)


def bench_send_2000(bench, options):
    count = 500 if options.quick else 2000
    load = Load(bench, "tiny%d" % count, count, "tiny")
    compare(bench, "Sending %d messages of 1 KiB" % count, load, options.reps,
            names=["bare-submission", "postseal-send", "curl"])


def bench_send_latency(bench, options):
    load = Load(bench, "tiny20", 20, "tiny")
    compare(bench, "Sending 20 messages of 1 KiB, 150 ms round trip", load, max(options.reps // 2, 1), 150)


def bench_send_large(bench, options):
    size = (5 if options.quick else 25) << 20
    load = Load(bench, "large%d" % (size >> 20), 1, "one", size)
    compare(bench, "Sending one message of %d MiB" % (size >> 20), load, options.reps,
            names=["bare-submission", "postseal-send", "curl", "msmtp"])


def hand_over(bench, sink, runs):
    """Times of: a process, a synced file, postseal-sendmail, and what sends before it returns."""
    load = Load(bench, "tiny20", 20, "tiny")
    paths = load.paths()
    postseal, msmtp = Postseal(bench, "hand-over"), Msmtp(bench, "msmtp")
    postseal.reset()
    postseal.configure(sink.port)
    results = {}
    for run in range(runs):
        path = paths[run % len(paths)]
        commands = {"true (a process)": ["/bin/true"],
                    "dd conv=fsync (a synced file)":
                        ["dd", "if=" + path, "of=%s/copy-%d" % (postseal.home, run), "conv=fsync", "status=none"]}
        for name, command in commands.items():
            results.setdefault(name, []).append(measure(bench, name, command, {}))
        if postseal.is_there():
            results.setdefault("postseal-sendmail", []).append(
                postseal.submit(path, {"POSTSEAL": postseal.program()}))
            while not postseal.is_idle():  # what it woke is not to run into the next
                time.sleep(0.02)
        if msmtp.is_there():
            msmtp.reset()
            results.setdefault("msmtp (sends before it returns)", []).append(
                measure(bench, "msmtp", ["sh", "-c", msmtp.command(sink.port), "send", path], {}))
    return results


def bench_hand_over(bench, options):
    sink = Sink(bench)
    results = hand_over(bench, sink, 10 if options.quick else 50)
    sink.close()
    rows = []
    for name, samples in results.items():
        walls = sorted(1000 * sample.wall for sample in samples)
        rows.append([name, "%.1f" % median(walls), "%.1f" % walls[int(len(walls) * 0.95)], "%.1f" % walls[-1],
                     "%.1f" % (1000 * median([s.cpu for s in samples])), "%.1f" % max(s.rss for s in samples)])
    table("Handing over one message of 1 KiB", ["", "ms", "95 %", "max", "cpu ms", "RSS MiB"], rows)


BENCHES = {"send-200": bench_send_200, "send-2000": bench_send_2000, "send-latency": bench_send_latency,
           "send-large": bench_send_large, "hand-over": bench_hand_over}
