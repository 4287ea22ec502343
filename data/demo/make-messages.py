#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes realistic mail, the same for the same seed: one CRLF file a message.

    make-messages.py [--count N] [--profile demo|mixed|tiny|odd] [--seed S] [--size BYTES] FOLDER

demo   what a person gets: short mail, newsletters, lists, pictures, invitations, bounces
mixed  the same with the sizes of a grown mailbox: 22 KiB on average
tiny   1 KiB each
odd    everything that real mail does to programs that expect order
one    a single message of --size bytes
"""

import argparse
import base64
import email.utils
import os
import random
import sys
import textwrap

PEOPLE = [
    ("Jane Ambrose", "jane@example.org"), ("Tomás Herrera", "tomas@example.net"),
    ("Aino Virtanen", "aino@example.com"), ("Kwame Boateng", "kwame@mail.example.net"),
    ("Mei-Ling Zhou", "mei-ling@example.com"), ("Łukasz Wrona", "lukasz@example.org"),
    ("Priya Nair", "priya@example.net"), ("Søren Dahl", "soren@example.com"),
    ("Olga Petrova", "olga@lists.example.org"), ("Ben O'Hara", "ben.ohara@example.org"),
    ("Yuki Tanabe", "yuki@example.net"), ("Chloé Marchand", "chloe@example.com"),
]
ME = ("Jane Ambrose", "jane@example.org")
TOPICS = ["the garden plan", "Thursday's rehearsal", "the new bicycle shed", "our trip to the coast",
          "the water meter", "the reading group", "the school concert", "invoice 20417",
          "the leaking roof", "backup of the photo archive", "the choir's budget", "soil samples",
          "the bridge survey", "translation of chapter four", "the night train", "sourdough"]
OPENERS = ["A quick word about {t}:", "Following up on {t}.", "Here is what we know about {t} so far.",
           "You asked about {t}.", "I had another look at {t} last night.", "News about {t}!"]
SENTENCES = [
    "It took longer than we thought, but the worst is behind us.",
    "Could you have a look before the weekend and tell me what you think?",
    "The figures from last month do not agree with what the supplier sent.",
    "I would rather wait for a dry day than do it twice.",
    "Nobody answered the telephone, so I left a note at the door.",
    "We can use the small hall until nine, afterwards it belongs to the chess club.",
    "If it rains we meet under the arches, otherwise at the usual place.",
    "Please bring the key, the drawings and something to eat.",
    "The second part is attached; the first one you have already.",
    "My train leaves at twenty past seven, so let us be brief.",
    "That was the third time this year, and I begin to see a pattern.",
    "The old one still works, it only makes a noise when it is cold.",
    "I have put the originals back where they belong.",
    "There is enough for everybody if we cut it thin.",
    "Thank you again for the help with the boxes.",
]
WORLD = ["Grüße aus Köln, es schneit schon wieder.", "À bientôt, j'espère qu'il fera beau.",
         "Do zobaczenia w środę, przynieś książkę.", "Nähdään huomenna, tuo eväät mukaan.",
         "До встречи на вокзале.", "また来週、お元気で。", "¡Hasta el sábado, y gracias por todo!"]
EPOCH = 1767600000  # 5 January 2026


def word(rng, length):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))


def encode_phrase(text):
    if text.isascii():
        return '"%s"' % text if "'" in text else text
    return "=?utf-8?B?%s?=" % base64.b64encode(text.encode()).decode()


def mailbox(person):
    return "%s <%s>" % (encode_phrase(person[0]), person[1])


def wrap64(data):
    text = base64.b64encode(data).decode()
    return "".join(text[i:i + 76] + "\r\n" for i in range(0, len(text), 76))


class Maker:
    """Makes one message after the other from one random number generator."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.number = 0

    def header(self, sender, subject, extra=(), to=ME):
        rng = self.rng
        self.number += 1
        when = EPOCH + self.number * 1733 + rng.randrange(900)
        domain = sender[1].split("@")[1]
        lines = [
            "Return-Path: <%s>" % sender[1],
            "Received: from mx%d.%s (mx%d.%s [192.0.2.%d])" % (
                rng.randrange(1, 4), domain, rng.randrange(1, 4), domain, rng.randrange(1, 250)),
            "\tby mail.example.org with ESMTPS id %s" % word(rng, 12).upper(),
            "\tfor <%s>; %s" % (to[1], email.utils.formatdate(when + 2)),
        ]
        lines += extra
        lines += [
            "Date: " + email.utils.formatdate(when),
            "From: " + mailbox(sender),
            "To: " + mailbox(to),
            "Subject: " + (subject if subject.isascii() else encode_phrase(subject)),
            "Message-ID: <%s.%d@%s>" % (word(rng, 16), self.number, domain),
            "MIME-Version: 1.0",
        ]
        return "".join(line + "\r\n" for line in lines)

    def prose(self, paragraphs):
        rng = self.rng
        topic = rng.choice(TOPICS)
        out = ["Hello Jane,", "", rng.choice(OPENERS).format(t=topic), ""]
        for _ in range(paragraphs):
            text = " ".join(rng.choice(SENTENCES) for _ in range(rng.randrange(2, 7)))
            out += textwrap.wrap(text, 72) + [""]
        return topic, out

    def plain(self, paragraphs=None):
        rng = self.rng
        sender = rng.choice(PEOPLE)
        topic, lines = self.prose(paragraphs or rng.randrange(1, 12))
        if rng.random() < 0.3:
            lines += ["> " + line for line in self.prose(2)[1]]
        if rng.random() < 0.2:
            lines += [".", "..", ".hidden files are listed too", "From now on the gate stays shut.", ""]
        lines += [rng.choice(WORLD), "", "-- ", sender[0]]
        prefix = rng.choice(["", "Re: ", "Re: ", "Fwd: "])
        return (self.header(sender, prefix + topic[0].upper() + topic[1:])
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                ).encode() + "".join(line + "\r\n" for line in lines).encode()

    def html_text(self, rows):
        rng = self.rng
        cells = []
        for i in range(rows):
            cells.append(
                '<tr><td style="padding:8px 16px;font-family:sans-serif;color:#2e3436">%s</td>'
                '<td><a href="https://news.example.net/r/%s">Read&nbsp;on</a></td></tr>'
                % (rng.choice(SENTENCES), word(rng, 24)))
        # Newsletters come on one line as often as not.
        glue = "" if rng.random() < 0.3 else "\r\n"
        return glue.join(['<!DOCTYPE html><html><body><table width="100%">'] + cells
                         + ["</table></body></html>"]) + "\r\n"

    def newsletter(self, rows=None):
        rng = self.rng
        sender = ("The Weekly Lantern", "news@news.example.net")
        topic, lines = self.prose(3)
        mark = "=_" + word(rng, 20)
        body = self.html_text(rows or rng.randrange(8, 90))
        text = self.header(sender, "This week: %s ☀" % topic, [
            "List-Unsubscribe: <https://news.example.net/u/%s>" % word(rng, 20),
            "Precedence: bulk",
        ]) + 'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % mark
        text += "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" % mark
        text += "".join(line + "\r\n" for line in lines)
        text += "\r\n--%s\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%s" % (mark, body)
        text += "\r\n--%s--\r\n" % mark
        return text.encode()

    def attachment(self, size=None):
        rng = self.rng
        sender = rng.choice(PEOPLE)
        topic, lines = self.prose(2)
        mark = "----=_Part_" + word(rng, 12)
        size = size or int(rng.lognormvariate(11.2, 0.8))
        name, kind = rng.choice([("drawing.pdf", "application/pdf"), ("photo.jpg", "image/jpeg"),
                                 ("figures.ods", "application/vnd.oasis.opendocument.spreadsheet")])
        text = self.header(sender, topic[0].upper() + topic[1:])
        text += 'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n' % mark
        text += "This is a multi-part message in MIME format.\r\n--%s\r\n" % mark
        text += "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        text += "".join(line + "\r\n" for line in lines)
        text += '--%s\r\nContent-Type: %s; name="%s"\r\n' % (mark, kind, name)
        text += 'Content-Disposition: attachment; filename="%s"\r\n' % name
        text += "Content-Transfer-Encoding: base64\r\n\r\n"
        return text.encode() + wrap64(rng.randbytes(size)).encode() + ("--%s--\r\n" % mark).encode()

    def list_post(self):
        rng = self.rng
        sender = rng.choice(PEOPLE)
        topic, lines = self.prose(rng.randrange(2, 9))
        signature = base64.b64encode(rng.randbytes(256)).decode()
        folded = "\r\n\t ".join(signature[i:i + 68] for i in range(0, len(signature), 68))
        extra = [
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=%s; s=s2026;" % sender[1].split("@")[1],
            "\th=from:to:subject:date:message-id:list-id; bh=%s;"
            % base64.b64encode(rng.randbytes(32)).decode(),
            "\tb=" + folded,
            "X-Mailman-Version: 3.3.8",
            "List-Id: Allotments and orchards <orchard.lists.example.org>",
            "List-Post: <mailto:orchard@lists.example.org>",
            "List-Archive: <https://lists.example.org/orchard/>",
        ]
        lines += ["_______________________________________________",
                  "orchard mailing list -- orchard@lists.example.org"]
        return (self.header(sender, "[orchard] " + topic, extra,
                            ("Orchard list", "orchard@lists.example.org"))
                + "Content-Type: text/plain; charset=utf-8\r\n\r\n").encode() + "".join(
                    line + "\r\n" for line in lines).encode()

    def invitation(self):
        rng = self.rng
        sender = rng.choice(PEOPLE)
        topic, lines = self.prose(1)
        mark = "cal-" + word(rng, 18)
        day = rng.randrange(1, 28)
        calendar = ["BEGIN:VCALENDAR", "PRODID:-//Example//Calendar 1.0//EN", "VERSION:2.0",
                    "METHOD:REQUEST", "BEGIN:VEVENT", "UID:%s@example.com" % word(rng, 20),
                    "DTSTAMP:20260105T080000Z", "DTSTART:202602%02dT170000Z" % day,
                    "DTEND:202602%02dT183000Z" % day, "SUMMARY:" + topic,
                    "ORGANIZER;CN=%s:mailto:%s" % sender, "END:VEVENT", "END:VCALENDAR"]
        text = self.header(sender, "Invitation: " + topic)
        text += 'Content-Type: multipart/alternative; boundary="%s"\r\n\r\n' % mark
        text += "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" % mark
        text += "".join(line + "\r\n" for line in lines)
        text += "--%s\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n" % mark
        text += "".join(line + "\r\n" for line in calendar) + "--%s--\r\n" % mark
        return text.encode()

    def bounce(self):
        rng = self.rng
        mark = word(rng, 10).upper() + ".1767/mx.example.com"
        victim = "nobody.%s@example.com" % word(rng, 5)
        text = self.header(("Mail Delivery System", "MAILER-DAEMON@mx.example.com"),
                           "Undelivered Mail Returned to Sender", ["Auto-Submitted: auto-replied"])
        text = text.replace("Return-Path: <MAILER-DAEMON@mx.example.com>", "Return-Path: <>", 1)
        text += ('Content-Type: multipart/report; report-type=delivery-status;\r\n'
                 '\tboundary="%s"\r\n\r\n--%s\r\nContent-Description: Notification\r\n'
                 'Content-Type: text/plain; charset=us-ascii\r\n\r\n'
                 "<%s>: host mx.example.com[192.0.2.25] said: 550 5.1.1 no such user\r\n"
                 "\r\n--%s\r\nContent-Type: message/delivery-status\r\n\r\n"
                 "Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; %s\r\n"
                 "Action: failed\r\nStatus: 5.1.1\r\n\r\n--%s\r\nContent-Type: message/rfc822\r\n\r\n"
                 % (mark, mark, victim, mark, victim, mark))
        return text.encode() + self.plain(1) + ("\r\n--%s--\r\n" % mark).encode()

    def latin(self):
        """8-bit characters that are not UTF-8, in the body and in the header."""
        text = self.header(("Chloe Marchand", "chloe@example.com"), "Le d\x00jeuner")
        text += "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        body = "Ch\xe8re Jane,\r\n\r\nl'\xe9t\xe9 fut tr\xe8s beau.\r\n\r\nChlo\xe9\r\n"
        return text.encode().replace(b"d\x00j", b"d\xe9j") + body.encode("latin-1")

    def tiny(self):
        text = self.header(self.rng.choice(PEOPLE), "Note %d" % self.number)
        text += "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        while len(text) < 960:
            text += self.rng.choice(SENTENCES) + "\r\n"
        return text.encode()

    def demo(self):
        return self.pick([(46, self.plain), (14, self.newsletter), (18, self.list_post),
                          (12, self.attachment), (4, self.invitation), (4, self.bounce), (2, self.latin)])

    def mixed(self):
        return self.pick([(58, self.plain), (12, self.newsletter), (20, self.list_post),
                          (8.6, lambda: self.attachment(int(self.rng.lognormvariate(11.25, 0.9)))),
                          (0.7, lambda: self.attachment(self.rng.randrange(300000, 900000))),
                          (1, self.invitation), (1, self.bounce), (1, self.latin)])

    def pick(self, choices):
        at = self.rng.random() * sum(weight for weight, _ in choices)
        for weight, make in choices:
            at -= weight
            if at < 0:
                return make()
        return choices[0][1]()


def odd_messages(maker, huge):
    """Yields (name, bytes): what some program out there takes for impossible."""
    head = b"From: jane@example.org\r\nSubject: odd\r\n\r\n"
    yield "no-header", b"\r\nOnly a body, the header is empty.\r\n"
    yield "no-header-no-blank", b"a line that is no header field, and nothing before it\r\nanother\r\n"
    yield "header-only", b"From: jane@example.org\r\nSubject: header only\r\n"
    yield "header-only-unfinished", b"From: jane@example.org\r\nSubject: header only, no line end"
    yield "no-body", head
    yield "from-line-first", b"From jane@example.org Mon Jan  5 08:00:00 2026\r\n" + head + b"text\r\n"
    yield "from-in-body", head + b"From here on it is downhill.\r\n>From there too.\r\n"
    yield "from-with-space", b"From  : John Doe <john@example.com>\r\nSubject: odd\r\n\r\ntext\r\n"
    yield "bare-cr", head + b"one\rtwo\rthree\r\nfour\r"
    yield "bare-cr-only", b"From: MAILER-DAEMON\rSubject: returned\r\rbody without a line feed"
    yield "cr-cr-lf", head + b"one\r\r\ntwo\r\r\r\nthree\r\r\n"
    yield "nul", head + b"before\0after\r\n\0\0\r\n"
    yield "no-final-newline", head + b"the last line does not end"
    yield "ends-with-cr", head + b"the last line ends in half\r"
    yield "ends-with-cr-cr", head + b"the last line ends in half\r\r"
    yield "header-8bit", b"From: J\xe4ne <jane@example.org>\r\nSubject: \xfc\xff\x80 \xe2\x82\xac\r\n\r\ntext\r\n"
    yield "header-without-colon", b"From: jane@example.org\r\nthis is not a field\r\nSubject: odd\r\n\r\ntext\r\n"
    yield "dots", head + b".\r\n..\r\n...\r\n.x\r\n..x\r\n \r\n.\r\n\r\n.\r\nend\r\n."
    yield "dot-only", b".\r\n"
    yield "dot-first", b".From: jane@example.org\r\n\r\n.\r\n"
    yield "blank-only", b"\r\n"
    yield "one-byte", b"x"
    yield "imap-like", head + b")\r\na1 OK done\r\n* 1 EXPUNGE\r\n* BYE\r\n* 1 FETCH (BODY[] {5}\r\n"
    yield "pop3-like", head + b"+OK\r\n-ERR [SYS/TEMP] no\r\n.\r\nQUIT\r\n"
    yield "control", head + bytes(b for b in range(1, 32) if b not in (10, 13)) + b"\x7f\r\n"
    yield "high", head + bytes(range(128, 256)) + b"\r\n"
    yield "bad-utf8", head + b"\xc3\x28 \xed\xa0\x80 \xf8\x88\x80\x80\x80\r\n"
    yield "mime-broken", (b'Content-Type: multipart/mixed; boundary="x\r\nSubject: odd\r\n\r\n'
                          b"--x\r\n--x\r\n--x--x\r\n")
    yield "mime-deep", b"Subject: deep\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(60)
    ) + b"\r\nat last\r\n"
    yield "long-header-line", b"Subject: " + b"long " * 40000 + b"\r\n\r\ntext\r\n"
    yield "long-header", b"".join(b"X-Line-%d: %d\r\n" % (i, i) for i in range(8000)) + b"\r\ntext\r\n"
    yield "line-998", head + b"x" * 998 + b"\r\n" + b"y" * 999 + b"\r\n" + b"z" * 1000 + b"\r\n"
    yield "line-5-mib", head + b"0123456789abcdef" * (huge // 16) + b"\r\nend\r\n"
    yield "dots-many", head + b".\r\n" * 30000
    yield "blank-many", head + b"\r\n" * 60000
    for edge in (1024, 4096, 8192, 16384, 65536):
        for at in (edge - 1, edge, edge + 1):
            for name, special in EDGES:
                fill = at - len(head)
                body = bytearray(b"e" * fill)
                for i in range(70, fill - 8, 72):
                    body[i:i + 2] = b"\r\n"
                yield "edge-%d-%s" % (at, name), head + bytes(body) + special + b"after\r\n"


# Some servers swallow one CR of CR CR LF when a message is stored, hence one more.
EDGES = [("cr", b"\r"), ("crlf", b"\r\n"), ("crlf-dot", b"\r\n."), ("crlf-dot-crlf", b"\r\n.\r\n"),
         ("cr-cr-lf", b"\r\r\n"), ("cr-cr-cr-lf", b"\r\r\r\n"), ("high", b"\xe2\x82\xac"), ("from", b"\r\nFrom ")]


def sized(maker, size):
    """One message of exactly @size bytes."""
    text = maker.header(PEOPLE[1], "One large message")
    text += "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    chunk = wrap64(maker.rng.randbytes(57 * 4096)).encode()
    yield text.encode()
    left = size - len(text)
    while left > len(chunk):
        yield chunk
        left -= len(chunk)
    yield chunk[:max(left - 2, 0)].rstrip(b"\r\n").ljust(max(left - 2, 0), b"A") + b"\r\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--profile", choices=["demo", "mixed", "tiny", "odd", "one"], default="demo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=5 << 20)
    parser.add_argument("--without", default="", help="odd: leave these names out, comma between")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    maker = Maker(options.seed)
    without = set(options.without.split(","))
    if options.profile == "odd":
        items = ((name, [data]) for name, data in odd_messages(maker, options.size)
                 if name not in without)
    elif options.profile == "one":
        items = [("one", sized(maker, options.size))]
    else:
        make = getattr(maker, options.profile)
        items = (("%06d" % i, [make()]) for i in range(1, options.count + 1))
    count = total = 0
    for name, parts in items:
        with open(os.path.join(options.folder, name + ".eml"), "wb") as out:
            for part in parts:
                total += out.write(part)
        count += 1
    print("%d messages, %.1f MB" % (count, total / 1e6))
    return 0


if __name__ == "__main__":
    sys.exit(main())
