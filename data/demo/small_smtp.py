# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small submission server and a recorder of mail, both of aiosmtpd, in a thread of their own.

What is accepted goes on by LMTP, or into a folder: 000001.eml as it came, and 000001.envelope with one
fact a line: "from ADDRESS", "to ADDRESS", "option BODY=8BITMIME", "to-option NOTIFY=NEVER", "user NAME".
"""

import asyncio
import hmac
import logging
import os
import smtplib
import ssl
import threading
import warnings

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult

HOST = "127.0.0.1"
NAME = "mail.example.test"
SIZE_LIMIT = 64 << 20

# It does not see the TLS below an implicit port.
warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Recorder:
    """Writes what it is given into a folder. The .eml appears last, and whole. Knows everybody but those whose name
    begins with "nobody"."""

    def __init__(self, folder):
        self.folder = folder
        self.number = 0
        os.makedirs(folder, exist_ok=True)

    async def handle_RCPT(self, _server, _session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.number += 1
        path = os.path.join(self.folder, "%06d" % self.number)
        facts = ["from " + (envelope.mail_from or "").replace("<>", "")]
        facts += ["to " + recipient for recipient in envelope.rcpt_tos]
        facts += ["option " + option for option in envelope.mail_options]
        facts += ["to-option " + option for option in envelope.rcpt_options]
        if session.auth_data:
            facts.append("user " + session.auth_data.decode("utf-8", "replace"))
        with open(path + ".envelope", "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("".join(fact + "\n" for fact in facts))
        with open(path + ".new", "wb") as file:
            file.write(envelope.content)
        os.rename(path + ".new", path + ".eml")
        reply = "250 2.0.0 Recorded as %06d" % self.number
        # LMTP answers once a recipient.
        return "\r\n".join([reply] * (len(envelope.rcpt_tos) if isinstance(server, LMTP) else 1))


class Forwarder:
    """Hands everything to an LMTP server. Says yes when one recipient has it, as nothing else can be said of several."""

    def __init__(self, port):
        self.port = port

    async def handle_DATA(self, _server, _session, envelope):
        return await asyncio.get_running_loop().run_in_executor(None, self.forward, envelope)

    def forward(self, envelope):
        answers = []
        try:
            with smtplib.LMTP(HOST, self.port, timeout=60) as peer:
                # smtplib reads one reply to the data, LMTP has one a recipient: so each gets a copy.
                for recipient in envelope.rcpt_tos:
                    answers.append(self.deliver(peer, envelope, recipient))
        except (OSError, smtplib.SMTPException) as error:
            return "451 4.3.0 Cannot deliver now: %s" % str(error).replace("\n", " ")
        return min(answers)

    def deliver(self, peer, envelope, recipient):
        try:
            peer.sendmail(envelope.mail_from or "", [recipient], envelope.content)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = error.recipients[recipient]
            return "%d %s" % (code, text.decode("utf-8", "replace").splitlines()[0])
        return "250 2.0.0 Delivered"


class Servers:
    """The listeners of one process, served by one thread."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def listen(self, port, make_protocol, context=None):
        async def start():
            return await self.loop.create_server(make_protocol, HOST, port, ssl=context)
        asyncio.run_coroutine_threadsafe(start(), self.loop).result()

    def relay(self, port, handler, protocol=SMTP):
        """Takes mail for anybody from anybody on this machine. @protocol: SMTP or LMTP"""
        self.listen(port, lambda: protocol(handler, hostname=NAME, ident="Relay", loop=self.loop,
                                           data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True))

    def submission(self, port, implicit_port, handler, certificate, key, password):
        """Takes mail over TLS after a log-in: with STARTTLS on @port, from the first byte on the other."""
        def authenticate(_server, _session, _envelope, _mechanism, data):
            right = hmac.compare_digest(data.password, password.encode())
            return AuthResult(success=right, handled=False, auth_data=data.login if right else None)

        def make(**more):
            return SMTP(handler, hostname=NAME, ident="Small submission server", loop=self.loop,
                        data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, auth_required=True,
                        authenticator=authenticate, **more)

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
        self.listen(port, lambda: make(tls_context=context, require_starttls=True))
        self.listen(implicit_port, lambda: make(auth_require_tls=False), context)
