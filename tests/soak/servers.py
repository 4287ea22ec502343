# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers that can be treated badly: a Dovecot that is killed and comes back, a sink for submissions, and
a network between them and their clients that cuts and stalls."""

import argparse
import asyncio
import importlib.machinery
import importlib.util
import os
import signal
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEMO = os.path.join(TOP, "data", "demo")
sys.path.insert(0, DEMO)
import small_smtp  # noqa: E402
from imap_admin import ImapAdmin  # noqa: E402

HOST = "127.0.0.1"


def load_program(name):
    """A program of data/demo as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(DEMO, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


private_dovecot = load_program("private-dovecot")


class Dovecot:
    """One that keeps its ports, certificates and mail from start to start. Mail for USER+FOLDER goes there."""

    def __init__(self, folder, extra=()):
        self.folder = folder
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        private_dovecot.make_certificates(folder)
        extra = ["recipient_delimiter = +", "lmtp_save_to_detail_mailbox = yes", *extra]
        options = argparse.Namespace(mechanisms="plain scram-sha-256", plugins="", extra=extra)
        self.user, self.password, self.ports = private_dovecot.write_config(folder, options)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", folder], check=True)
            # Only its owner may read a file with a password, and that is whoever runs Postseal.
            os.chown(os.path.join(folder, "password"), 0, 0)
        self.ca = os.path.join(folder, "ca.pem")
        self.password_file = os.path.join(folder, "password")
        self.process = None

    def start(self):
        command = [private_dovecot.find_dovecot(), "-F", "-c", os.path.join(self.folder, "dovecot.conf")]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] + command
        for name in ("master.pid",):
            try:
                os.unlink(os.path.join(self.folder, "run", name))
            except OSError:
                pass
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)

    def await_login(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.admin("probe").close()
                return
            except OSError as error:
                if self.process.poll() is not None:
                    raise RuntimeError("Dovecot ended: %s" % self.log_tail()) from error
                if time.monotonic() > deadline:
                    raise RuntimeError("Dovecot takes no log-in: %s" % self.log_tail()) from error
                time.sleep(0.05)

    def log_tail(self):
        return private_dovecot.log_tail(self.folder)

    def stop(self, how=signal.SIGTERM):
        """SIGKILL: it and all its children at once."""
        if self.process is None:
            return
        if how == signal.SIGKILL:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def admin(self, user):
        return ImapAdmin(self.ports["imap"], user, self.password)

    def deliver(self, recipient, message, timeout=30):
        """By LMTP. Returns: True, it has it; False, it has not; None, nobody can tell"""
        try:
            peer = smtplib.LMTP(HOST, self.ports["lmtp"], timeout=timeout)
        except (OSError, smtplib.SMTPException):
            return False
        is_sent = False
        try:
            with peer:
                peer.ehlo_or_helo_if_needed()
                if peer.mail("sender@example.org")[0] != 250 or peer.rcpt(recipient)[0] != 250:
                    return False
                is_sent = True
                return peer.data(message)[0] == 250
        except (OSError, smtplib.SMTPException):
            return None if is_sent else False


class Loop:
    """An asyncio loop in a thread of its own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda *_: None)  # connections that were cut
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)


class Proxy:
    """A port that leads to another one, until it stalls, refuses or cuts."""

    def __init__(self, loop, target, host=HOST):
        self.loop, self.target, self.host = loop, target, host
        self.writers = set()
        self.refuses = False
        self.cuts = []  # monotonic times
        self.port = self.loop.run(self.listen())

    async def listen(self):
        self.flows = asyncio.Event()
        self.flows.set()
        server = await asyncio.start_server(self.serve, self.host, 0, limit=1 << 16)
        return server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        self.writers.add(writer)
        far = None
        flows = self.flows
        try:
            await flows.wait()
            if self.refuses:
                return
            far_reader, far = await asyncio.open_connection(HOST, self.target, limit=1 << 16)
            self.writers.add(far)
            await asyncio.gather(self.pump(reader, far, flows), self.pump(far_reader, writer, flows))
        except OSError:
            pass
        finally:
            for one in (writer, far):
                if one is not None:
                    self.writers.discard(one)
                    one.close()

    @staticmethod
    async def pump(reader, writer, flows):
        while True:
            data = await reader.read(1 << 16)
            await flows.wait()
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    def stall(self):
        """Nothing comes through, and nobody is told."""
        self.loop.loop.call_soon_threadsafe(self.flows.clear)

    def flow(self):
        self.refuses = False
        self.loop.loop.call_soon_threadsafe(self.flows.set)

    def abandon(self):
        """What is connected is dead, and nobody is told; what comes is served."""
        async def replace():
            self.flows.clear()
            self.flows = asyncio.Event()
            self.flows.set()
        self.loop.run(replace())

    def cut(self):
        """All connections are reset."""
        self.cuts.append(time.monotonic())
        self.loop.run(self.abort_all())

    async def abort_all(self):
        for writer in list(self.writers):
            handle = writer.get_extra_info("socket")
            try:
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            writer.transport.abort()
        self.flows.set()

    def refuse(self):
        self.refuses = True
        self.cut()


class Sink:
    """Takes submissions, and remembers each acceptance. @rng decides which are put off, and how."""

    def __init__(self, server, rng):
        self.certificate = os.path.join(server.folder, "server.pem")
        self.key = os.path.join(server.folder, "server.key")
        self.password, self.rng = server.password, rng
        self.port, self.implicit = private_dovecot.free_ports(2)
        self.accepted = []  # (monotonic time, content)
        self.put_off = 0  # answers 4yz
        self.dropped = []  # monotonic times: after the dot, before the reply
        self.moody = False
        self.loop = Loop()
        self.listener = None
        self.sessions = set()

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        right = data.password == self.password.encode()
        return small_smtp.AuthResult(success=right, handled=False, auth_data=data.login if right else None)

    def make(self):
        sink = self

        class Session(small_smtp.SMTP):
            def connection_made(self, transport):
                sink.sessions.add(transport)
                super().connection_made(transport)

            def connection_lost(self, error):
                sink.sessions.discard(self.transport)
                super().connection_lost(error)

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return Session(self, hostname=small_smtp.NAME, ident="Sink", loop=self.loop.loop, tls_context=context,
                       require_starttls=True, auth_required=True, authenticator=self.authenticate,
                       data_size_limit=small_smtp.SIZE_LIMIT, enable_SMTPUTF8=True)

    def start(self):
        async def listen():
            return await self.loop.loop.create_server(self.make, HOST, self.port)
        self.listener = self.loop.run(listen())

    def stop(self):
        """As if it had been killed: what it has accepted it has, what it has not answered is open."""
        async def end():
            self.listener.close()
            for transport in list(self.sessions):
                transport.abort()
        self.loop.run(end())

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        if self.moody and self.rng.random() < 0.03:
            self.put_off += 1
            return "450 4.2.1 Not now"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, _session, envelope):
        if self.moody and self.rng.random() < 0.03:
            self.put_off += 1
            return "451 4.3.0 Try again later"
        self.accepted.append((time.monotonic(), envelope.content))
        if self.moody and self.rng.random() < 0.02:
            self.dropped.append(time.monotonic())
            server.transport.abort()
        return "250 2.0.0 Accepted"
