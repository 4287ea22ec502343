# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables of the daemon: how soon mail is there, what idling costs, many accounts at once, the main loop."""

import os
import select
import shutil
import smtplib
import subprocess
import time

from tools import TICK, Proxy, median, say, table


class Home:
    """A Postseal of its own: accounts, state and mail."""

    def __init__(self, bench, name):
        self.bench = bench
        self.folder = os.path.join(bench.work, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "config", "postseal"))
        self.environment = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder + "/config",
                            "XDG_STATE_HOME": self.folder + "/state", "XDG_CACHE_HOME": self.folder + "/cache",
                            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "LC_ALL": "C.UTF-8"}

    def maildir(self, user):
        return os.path.join(self.folder, "Mail", user)

    def configure(self, users, port, scheme="imaps", more=""):
        server = self.bench.server
        path = os.path.join(self.folder, "config", "postseal", "accounts.conf")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            for user in users:
                file.write("[account %s]\naddress=%s@example.org\nreceive=%s://%s@127.0.0.1:%d\nca-file=%s\n"
                           "password=file:%s\ndeliver=maildir:%s\n%s\n"
                           % (user, user, scheme, user, port, server.ca, server.password_file, self.maildir(user), more))

    def start(self):
        with open(os.path.join(self.folder, "log"), "w") as log:
            return subprocess.Popen([self.bench.program("src/daemon/postseald"), "--verbose"], env=self.environment,
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)


class Fetchmail:
    """One process an account, for it cannot watch more than one. It wants a CN, so the certificate is not checked."""

    def __init__(self, home, user, port, idle=True):
        server = home.bench.server
        self.folder = os.path.join(home.folder, "fetchmail-" + user)
        os.makedirs(self.folder)
        self.maildir = os.path.join(self.folder, "Mail")
        for part in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(self.maildir, part))
        with open(server.password_file) as file:
            password = file.read().strip()
        path = os.path.join(self.folder, "rc")
        # The least that delivers: a file of its own, and nothing synced.
        deliver = "sh -c 'cat >%s/tmp/$$ && mv %s/tmp/$$ %s/new/$$'" % (self.maildir, self.maildir, self.maildir)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("poll localhost service %d protocol imap username %s password %s ssl no sslcertck "
                       "keep %smda \"%s\"\n" % (port, user, password, "idle " if idle else "", deliver))
        self.command = ["fetchmail", "--fetchmailrc", path, "--pidfile", self.folder + "/pid", "--nosyslog",
                        "--idfile", self.folder + "/ids"]
        self.environment = {**os.environ, "FETCHMAILHOME": self.folder, "HOME": self.folder}

    def start(self):
        return subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def deliver(bench, user, subject):
    with smtplib.LMTP("127.0.0.1", int(bench.server.env["DOVECOT_LMTP"])) as lmtp:
        lmtp.sendmail("a@example.net", [user + "@example.org"],
                      "From: a@example.net\r\nTo: %s\r\nSubject: %s\r\n\r\nOne line.\r\n" % (user, subject))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def idlers(bench):
    """How many IDLE sessions the server has by now."""
    master = bench.server.env["DOVECOT_MASTER_PID"]
    done = subprocess.run(["ps", "--ppid", master, "-o", "args="], capture_output=True, text=True, check=False)
    return done.stdout.count("dovecot/imap")


# --- how soon ---

class Ear:
    """A program that says when something happened."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
        self.process.stdout.readline()

    def hear(self, seconds=10):
        """When it happened first since the last call, in monotonic ms, or None."""
        text = b""
        end = time.monotonic() + seconds
        while b"\n" not in text and select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
            text += os.read(self.process.stdout.fileno(), 65536)
        return int(text.split()[0]) / 1e6 if text else None

    def close(self):
        self.process.kill()
        self.process.wait()


def bench_push(bench, options):
    """All clients watch one mailbox at the same time; each delivery is a race."""
    count = 8 if options.quick else 40
    port = bench.server.port("imap", True)
    home = Home(bench, "push")
    home.configure(["race"], port)
    bench.mailbox("race", 200, "tiny")
    daemon = home.start()
    fetchmail = Fetchmail(home, "race", port) if shutil.which("fetchmail") else None
    peer = fetchmail.start() if fetchmail else None
    new = os.path.join(home.maildir("race"), "new")
    wait_for(lambda: os.path.isdir(new) and len(os.listdir(new)) == 200)
    if fetchmail:
        wait_for(lambda: len(os.listdir(fetchmail.maildir + "/new")) == 200)
    time.sleep(2)
    ears = {"bare": Ear([bench.program("tests/bench/bare-client"), "imap", "127.0.0.1", str(port), "race",
                         bench.server.password_file, bench.server.ca, "--implicit", "--idle"]),
            "postseald": Ear([bench.program("tests/bench/folder-watch"), new])}
    if fetchmail:
        ears["fetchmail"] = Ear([bench.program("tests/bench/folder-watch"), fetchmail.maildir + "/new"])
    later = {name: [] for name in ears}
    lost = {name: 0 for name in ears}
    for i in range(count):
        begin = time.monotonic() * 1000
        deliver(bench, "race", str(i))
        heard = {name: ear.hear() for name, ear in ears.items()}
        for name, when in heard.items():
            if when is None or heard["bare"] is None:
                lost[name] += 1
            else:
                later[name].append((when - begin, when - heard["bare"]))
        time.sleep(1.2)
    rows = []
    for name, pairs in later.items():
        after = sorted(pair[1] for pair in pairs)
        rows.append([name, len(pairs), "%.1f" % median([pair[0] for pair in pairs]), "%.2f" % median(after),
                     "%.2f" % after[len(after) * 9 // 10], "%.2f" % after[-1], lost[name]])
    table("From LMTP to the file in new/ (bare: to EXISTS on a raw IDLE connection), ms",
          ["", "deliveries", "after LMTP", "after bare", "p90", "worst", "lost"], rows)
    for ear in ears.values():
        ear.close()
    for process in filter(None, (daemon, peer)):
        process.terminate()
        process.wait()


# --- what idling costs ---

def usage(pid):
    """PSS in KiB, CPU seconds, threads, descriptors, times it woke up."""
    with open("/proc/%d/smaps_rollup" % pid) as file:
        pss = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    with open("/proc/%d/status" % pid) as file:
        woken = next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
    return pss, (int(fields[11]) + int(fields[12])) / TICK, len(os.listdir("/proc/%d/task" % pid)), \
        len(os.listdir("/proc/%d/fd" % pid)), woken


def bench_idling(bench, options):
    port = bench.server.port("imap", True)
    seconds = 10 if options.quick else 300
    rows = []
    for count in (1, 10, 50):
        users = ["idler%d" % i for i in range(count)]
        for user in users:
            bench.mailbox(user, 20, "tiny")
        for name in ("postseald", "fetchmail"):
            home = Home(bench, "idling-%s-%d" % (name, count))
            home.configure(users, port)
            if name == "postseald":
                processes = [home.start()]
                folders = [os.path.join(home.maildir(user), "new") for user in users]
            elif shutil.which("fetchmail"):
                peers = [Fetchmail(home, user, port) for user in users]
                processes = [peer.start() for peer in peers]
                folders = [peer.maildir + "/new" for peer in peers]
            else:
                continue
            wait_for(lambda: all(os.path.isdir(folder) and len(os.listdir(folder)) == 20 for folder in folders))
            time.sleep(5)
            before = [usage(process.pid) for process in processes]
            time.sleep(seconds if name == "postseald" else 5)
            after = [usage(process.pid) for process in processes]
            pss, cpu, threads, files, woken = (sum(values) for values in zip(*after))
            spent = cpu - sum(value[1] for value in before)
            rows.append([name, count, len(processes), "%.1f" % (pss / 1024), threads, files,
                         woken - sum(value[4] for value in before) if name == "postseald" else "-",
                         "%.1f" % (spent * 3600 / seconds) if name == "postseald" else "-"])
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait()
    table("Idling, %d s" % seconds, ["", "accounts", "processes", "PSS MiB", "threads", "files", "woken", "CPU s an hour"],
          rows)


# --- many accounts, far away ---

def bench_poll_many(bench, options):
    rows = []
    proxy = Proxy(bench, bench.server.port("imap", True), 150)
    for count in (1, 10) if options.quick else (1, 10, 50):
        users = ["idler%d" % i for i in range(count)]
        for user in users:
            bench.mailbox(user, 20, "tiny")
        home = Home(bench, "poll-many-%d" % count)
        home.configure(users, proxy.port)
        command = [bench.program("src/cli/postseal"), "fetch", "--no-daemon"]
        walls = []
        for _ in range(options.reps + 1):
            begin = time.monotonic()
            subprocess.run(command, env=home.environment, check=False, stdout=subprocess.DEVNULL)
            walls.append(time.monotonic() - begin)
        rows.append(["postseal fetch", count, "%.2f" % median(walls[1:])])
        if shutil.which("fetchmail") and count < 50:
            peers = [Fetchmail(home, user, proxy.port, idle=False) for user in users]
            for peer in peers:
                subprocess.run(peer.command, env=peer.environment, check=False, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            begin = time.monotonic()
            for peer in peers:
                subprocess.run(peer.command, env=peer.environment, check=False, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
            rows.append(["fetchmail", count, "%.2f" % (time.monotonic() - begin)])
    proxy.close()
    table("Nothing new, 150 ms round trip, all accounts", ["", "accounts", "s"], rows)


# --- the main loop ---

def bench_stall(bench, options):
    count = 2000 if options.quick else 20000
    bench.mailbox("mixed%d" % count, count, "mixed")
    rows = []
    for scheme in ("imaps", "pop3s"):
        for _ in range(2):
            home = Home(bench, "stall")
            home.configure(["mixed%d" % count], bench.server.port(scheme[:-1], True), scheme)
            done = subprocess.run([bench.program("tests/bench/stall-bench"), "mixed%d" % count], env=home.environment,
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                say("  ! " + done.stderr)
                continue
            rows.append([scheme] + done.stdout.split())
    table("The main loop during a first fetch with fsync", ["", "messages", "s", "longest stall ms", "p99 ms", "own work ms", "turns"], rows)


BENCHES = {"push": bench_push, "idling": bench_idling, "poll-many": bench_poll_many, "stall": bench_stall}
