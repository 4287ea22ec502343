# SPDX-License-Identifier: LGPL-2.1-or-later
"""postseald in a home of its own, with a session bus of its own where one is wanted."""

import json
import os
import resource
import signal
import subprocess
import time

SESSION_BUS = """<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context='default'><allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/>
<allow own='*'/></policy></busconfig>
"""


class Bus:
    """A message bus on which nothing can be started."""

    def __init__(self, folder, name):
        self.path = os.path.join(folder, name + ".socket")
        self.address = "unix:path=" + self.path
        config = os.path.join(folder, name + ".conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(SESSION_BUS.format(path=self.path))
        self.process = subprocess.Popen(["dbus-daemon", "--nofork", "--print-address", "--config-file=" + config],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.process.stdout.readline()  # it listens

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Daemon:
    """@buses: addresses for "session" and "system"; one that is absent leads nowhere."""

    def __init__(self, build, home, session=None, system=None, environment=None, prefix=()):
        self.build, self.home, self.prefix = build, home, list(prefix)
        os.makedirs(os.path.join(home, "config", "postseal"), exist_ok=True)
        nowhere = "unix:path=" + os.path.join(home, "no-bus")
        self.environment = {
            **os.environ, "HOME": home, "XDG_CONFIG_HOME": os.path.join(home, "config"),
            "XDG_STATE_HOME": os.path.join(home, "state"), "XDG_CACHE_HOME": os.path.join(home, "cache"),
            "XDG_DATA_HOME": os.path.join(home, "data"), "XDG_RUNTIME_DIR": os.path.join(home, "run"),
            "DBUS_SESSION_BUS_ADDRESS": session or nowhere, "DBUS_SYSTEM_BUS_ADDRESS": system or nowhere,
            "POSTSEAL": self.program("cli/postseal"), "LC_ALL": "C.UTF-8", "LANGUAGE": "en",
            **(environment or {})}
        os.makedirs(self.environment["XDG_RUNTIME_DIR"], mode=0o700, exist_ok=True)
        self.environment.pop("NOTIFY_SOCKET", None)
        self.config = os.path.join(home, "config", "postseal", "accounts.conf")
        self.log = os.path.join(home, "log")
        self.process = None
        self.started = 0.0

    def program(self, name):
        return os.path.join(self.build, "src", name)

    def configure(self, text, is_atomic=True):
        path = self.config + ".new" if is_atomic else self.config
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        if is_atomic:
            os.rename(path, self.config)

    def start(self, file_limit=None):
        def limit():
            if file_limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, self.program("daemon/postseald"), "--verbose"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.environment, preexec_fn=limit)
        self.started = time.monotonic()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Returns: seconds it took to end"""
        if self.process is None or self.process.poll() is not None:
            return 0.0
        begin = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - begin

    def run(self, *command, stdin=None, timeout=120):
        return subprocess.run([self.program("cli/postseal"), *command], input=stdin, capture_output=True,
                              env=self.environment, timeout=timeout, check=False)

    def sendmail(self, arguments, message):
        """Returns: exit status"""
        done = subprocess.run([self.program("sendmail/postseal-sendmail"), *arguments], input=message,
                              capture_output=True, env=self.environment, timeout=120, check=False)
        return done.returncode

    def status(self):
        """What "postseal status --json" tells, by account."""
        done = self.run("status", "--json")
        try:
            told = json.loads(done.stdout)
        except ValueError:
            return {}
        accounts = told["accounts"] if isinstance(told, dict) else told
        return {account["account"]: account for account in accounts}

    def receive_state(self, account):
        direction = self.status().get(account, {}).get("receive")
        return direction["state"] if direction else None

    def log_text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""


def read_proc(pid):
    """(RSS KiB, PSS KiB, descriptors, threads); what may not be read is None, all of it when it is gone."""
    try:
        with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
        rss, threads = int(fields["VmRSS"].split()[0]), int(fields["Threads"])
    except (OSError, KeyError):
        return None
    pss = fds = None
    try:
        fds = len(os.listdir("/proc/%d/fd" % pid))
        with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
            pss = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        pass
    return rss, pss, fds, threads


def read_switches(pid):
    """Times that each of its threads has gone to sleep, by number and name."""
    switches = {}
    for thread in os.listdir("/proc/%d/task" % pid):
        try:
            with open("/proc/%d/task/%s/status" % (pid, thread), encoding="ascii", errors="replace") as file:
                fields = dict(line.split(":", 1) for line in file if ":" in line)
            switches[thread + " " + fields["Name"].strip()] = int(fields["voluntary_ctxt_switches"])
        except OSError:
            pass
    return switches


def count_wakes(pid, seconds):
    """Returns: how often which thread woke up in so many seconds; one that ended has done so once"""
    before = read_switches(pid)
    time.sleep(seconds)
    after = read_switches(pid)
    wakes = {thread: count - before.get(thread, -1) for thread, count in after.items()}
    wakes.update({thread: 1 for thread in before if thread not in after})
    return {thread: count for thread, count in wakes.items() if count}


def await_true(condition, seconds, step=0.05):
    """Returns: how long it took, None: it did not come"""
    begin = time.monotonic()
    while True:
        if condition():
            return time.monotonic() - begin
        if time.monotonic() - begin > seconds:
            return None
        time.sleep(step)
