# SPDX-License-Identifier: LGPL-2.1-or-later
"""The other side of a test: fills and inspects mailboxes of the private Dovecot.

It talks IMAP in the clear, which Dovecot allows on the machine's own address only, so what goes in
and what is held depends on no TLS code at all.
"""

import os
import re
import socket


class ImapAdmin:
    def __init__(self, port, user, password, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb", 1 << 18)
        self.number = 0
        greeting = self.reader.readline()
        if not greeting.startswith(b"* OK"):
            raise OSError("no IMAP greeting: %r" % greeting)
        self.command("LOGIN %s %s" % (quote(user), quote(password)))

    def close(self):
        try:
            self.command("LOGOUT")
        except OSError:
            pass
        self.reader.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def tag(self):
        self.number += 1
        return b"t%d" % self.number

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, tag):
        """Reads up to the tagged answer. Returns the untagged responses, literals in place."""
        responses = []
        while True:
            line = self.response()
            if line[0].startswith(tag + b" "):
                if not line[0].startswith(tag + b" OK"):
                    raise OSError(line[0].decode("utf-8", "replace").strip())
                return responses
            responses.append(line)

    def response(self):
        parts = []
        while True:
            line = self.reader.readline()
            if not line.endswith(b"\n"):
                raise OSError("the server hung up")
            parts.append(line)
            match = re.search(rb"\{(\d+)\}\r\n$", line)
            if not match:
                return parts
            parts.append(self.reader.read(int(match.group(1))))

    def command(self, text):
        tag = self.tag()
        self.send(tag + b" " + text.encode() + b"\r\n")
        return self.answer(tag)

    def create(self, mailbox):
        try:
            self.command("CREATE " + quote(mailbox))
        except OSError as error:
            if "ALREADYEXISTS" not in str(error):
                raise

    def append(self, mailbox, messages, at_once=200):
        """Appends every bytes object of @messages, some hundred in one transaction."""
        pending = 0
        tag = None
        count = 0
        for data in messages:
            if not tag:
                tag = self.tag()
                self.send(tag + b" APPEND " + quote(mailbox).encode())
            self.send(b" {%d+}\r\n" % len(data) + data)
            pending += 1
            count += 1
            if pending == at_once:
                self.send(b"\r\n")
                self.answer(tag)
                pending, tag = 0, None
        if tag:
            self.send(b"\r\n")
            self.answer(tag)
        return count

    def append_folder(self, mailbox, folder):
        """Appends the files of @folder in the order of their names."""
        if mailbox.upper() != "INBOX":
            self.create(mailbox)

        def read():
            for name in sorted(os.listdir(folder)):
                with open(os.path.join(folder, name), "rb") as file:
                    yield file.read()
        count = self.append(mailbox, read())
        self.warm(mailbox)
        return count

    def warm(self, mailbox):
        """Has the server compute and keep what a first client would otherwise pay for."""
        self.command("SELECT " + quote(mailbox))
        if self.count():
            self.command("FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)")
        self.command("UNSELECT")

    def count(self):
        responses = self.command("NOOP") + self.command("SEARCH RETURN (COUNT) ALL")
        for line in responses:
            match = re.search(rb"COUNT (\d+)", line[0])
            if match:
                return int(match.group(1))
        return 0

    def status(self, mailbox):
        """Returns a dict of MESSAGES, UIDNEXT, UIDVALIDITY, UNSEEN."""
        for line in self.command("STATUS %s (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)" % quote(mailbox)):
            found = re.findall(rb"([A-Z]+) (\d+)", line[-1])
            if found:
                return {key.decode(): int(value) for key, value in found}
        return {}

    def fetch_all(self, mailbox):
        """Yields (UID, bytes) of every message as the server holds it."""
        self.command("EXAMINE " + quote(mailbox))
        if not self.count():
            return
        for line in self.command("UID FETCH 1:* (UID BODY.PEEK[])"):
            match = re.search(rb"UID (\d+)", line[0])
            if match and len(line) > 1:
                yield int(match.group(1)), line[1]
            elif match:
                yield int(match.group(1)), b""

    def delete_all(self, mailbox, uids="1:*"):
        self.command("SELECT " + quote(mailbox))
        if self.count():
            self.command("UID STORE %s +FLAGS.SILENT (\\Deleted)" % uids)
            self.command("UID EXPUNGE %s" % uids)


def quote(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')
