# SPDX-License-Identifier: LGPL-2.1-or-later
"""What went into the servers and the outbox, and what came out: each message has a token and its digest."""

import collections
import hashlib
import json
import os
import re

FIELD = re.compile(rb"^X-Soak: (\w+) (\w+)\r?$", re.M)
WORDS = b"mail seal link sink ledger latch outbox engine".split()


def digest(body):
    return hashlib.sha256(body.replace(b"\r\n", b"\n").rstrip(b"\n")).hexdigest()[:32]


def inspect(content):
    """Returns: (token, whether it is whole), (None, False) for what is not ours"""
    match = FIELD.search(content)
    if not match:
        return None, False
    body = re.split(rb"\r?\n\r?\n", content, maxsplit=1)
    return match.group(1).decode(), len(body) == 2 and digest(body[1]) == match.group(2).decode()


class Message:
    """@account: where it belongs, once it is delivered"""

    def __init__(self, token, text):
        self.token, self.text, self.account, self.is_certain = token, text, None, True
        self.files, self.damaged = [], 0

    @staticmethod
    def make(rng):
        size = rng.choice([0, 200, 2000, 2000, 2000, 8000, 60000] + [500000] * (rng.random() < 0.1))
        lines = []
        while size > 0:
            line = b" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))
            lines.append(b"." + line if rng.random() < 0.05 else line)
            size -= len(line) + 2
        body = b"\r\n".join(lines) + b"\r\n"
        token = "%016x" % rng.getrandbits(64)
        head = ("From: sender@example.org\r\nTo: receiver@example.net\r\nSubject: soak %s\r\n"
                "Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <%s@example.org>\r\nX-Soak: %s %s\r\n\r\n"
                % (token, token, token, digest(body)))
        return Message(token, head.encode() + body)


class Truth:
    def __init__(self):
        self.given = {}  # token: Message: what servers have taken
        self.sent = {}  # token: Message: what the outbox has taken
        self.unsent = set()  # tokens: what the outbox has refused
        self.read = {}  # path without flags: (token, is whole)
        self.copies = collections.defaultdict(list)  # token: files
        self.strange = collections.Counter()  # account: files without a token, or with another's
        self.accepted = collections.defaultdict(list)  # token: times
        self.damaged_sent = 0
        self.seen_accepted = 0
        self.explanations = []

    def delivered(self, message, account, answer):
        """@answer: as Dovecot.deliver()"""
        if answer is False:
            return
        message.account, message.is_certain = account, answer is True
        message.text = None
        self.given[message.token] = message

    def submitted(self, message, status):
        message.text = None
        if status == 0:
            self.sent[message.token] = message
        else:
            self.unsent.add(message.token)

    # --- looking ---

    def read_maildirs(self, top):
        self.copies.clear()
        self.strange.clear()
        for folder, _, names in os.walk(top):
            if os.path.basename(folder) not in ("new", "cur"):
                continue
            account = os.path.relpath(folder, top).split(os.sep)[0]
            for name in names:
                token, _ = self.read_file(folder, name)
                message = self.given.get(token)
                if message is None or message.account != account:
                    self.strange[account] += 1
                else:
                    self.copies[token].append(os.path.join(folder, name))

    def read_file(self, folder, name):
        key = os.path.join(os.path.dirname(folder), name.split(":2,")[0])
        if key not in self.read:
            with open(os.path.join(folder, name), "rb") as file:
                self.read[key] = inspect(file.read())
            message = self.given.get(self.read[key][0])
            if message is not None and not self.read[key][1]:
                message.damaged += 1
        return self.read[key]

    def read_sink(self, accepted):
        for when, content in accepted[self.seen_accepted:]:
            token, is_whole = inspect(content)
            self.accepted[token].append(when)
            if not is_whole:
                self.damaged_sent += 1
            self.seen_accepted += 1

    def missing(self):
        """Returns: messages that are on a server and nowhere else, messages that the sink has not"""
        return ([message for token, message in self.given.items() if message.is_certain and not self.copies[token]],
                [token for token in self.sent if not self.accepted[token]])

    def read_outbox(self, daemon):
        """Returns: tokens of messages of which the outbox says that they may arrive twice"""
        told = set()
        for arguments in (["--done"], []):
            done = daemon.run("queue", "list", "--json", *arguments)
            for entry in json.loads(done.stdout or "[]"):
                if entry["may-be-doubled"]:
                    told.add((entry["message-id"] or "").strip("<>").split("@")[0])
                    told.add(entry["subject"])
        return told

    # --- judging ---

    def row(self, account):
        mine = [message for message in self.given.values() if message.account == account]
        return [sum(message.is_certain for message in mine), sum(not message.is_certain for message in mine),
                sum(bool(self.copies[message.token]) for message in mine),
                sum(message.is_certain and not self.copies[message.token] for message in mine),
                sum(len(self.copies[message.token]) > 1 for message in mine),
                sum(message.damaged for message in mine), self.strange[account]]

    def is_told(self, token, doubtful):
        return token in doubtful or "soak " + token in doubtful

    def sink_row(self, doubtful, _cuts):
        twice = [token for token in self.sent if len(self.accepted[token]) > 1]
        return [sum(bool(self.accepted[token]) for token in self.sent),
                sum(not self.accepted[token] for token in self.sent), len(twice),
                sum(self.is_told(token, doubtful) for token in twice), self.damaged_sent]

    def deviations(self, doubtful, cuts):
        """@cuts: when the sink, its network or the daemon were cut"""
        found = []
        for token, message in self.given.items():
            files = self.copies[token]
            if message.is_certain and not files:
                found.append("lost: %s of %s" % (token, message.account))
            if len(files) > 1:
                found.append("twice: %s of %s: %s" % (token, message.account, ", ".join(files)))
            if message.damaged:
                found.append("damaged: %s of %s" % (token, message.account))
        for account, count in self.strange.items():
            found.append("%d files of %s that nobody delivered there" % (count, account))
        for token in self.sent:
            times = self.accepted[token]
            if not times:
                found.append("not sent: " + token)
            if len(times) > 1:
                self.judge_repeat(token, times, doubtful, cuts, found)
        for token in self.accepted:
            if token not in self.sent and token not in self.unsent:
                found.append("the sink has what nobody submitted: %s" % token)
        if self.damaged_sent:
            found.append("%d damaged on their way out" % self.damaged_sent)
        return found

    def judge_repeat(self, token, times, doubtful, cuts, found):
        # The cut that took the reply away may be noted a moment before the acceptance.
        between = [cut for cut in cuts if times[0] - 15 <= cut <= times[-1]]
        if self.is_told(token, doubtful) and len(between) >= 1 and len(times) == 2:
            self.explanations.append("%s was accepted twice, %.1f s apart, and told as doubtful; cut at %+.2f s"
                                     % (token, times[1] - times[0],
                                        min((cut - times[0] for cut in between), key=abs)))
        else:
            found.append("sent %d times: %s, %s, cuts between: %d" % (
                len(times), token, "told as doubtful" if self.is_told(token, doubtful) else "not told", len(between)))
