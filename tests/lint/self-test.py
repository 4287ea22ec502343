#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Shows that each lint finds what it is for: plants one violation at a time in a sound little tree.

    self-test.py "CC [ARGUMENT...]" AR NM
"""

import os
import shlex
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SPDX = "/* SPDX-License-Identifier: " + "LGPL-2.1-or-later */\n"
CC, AR, NM = shlex.split(sys.argv[1]), sys.argv[2], sys.argv[3]

SOUND = {
    "LICENSES/LGPL-2.1-or-later.txt": "text\n",
    "src/base/bytes.h": SPDX + "#pragma once\n\n/* Counts. */\nint count (int n);\n",
    "src/base/bytes.c": SPDX + '#include "base/bytes.h"\n\nint\ncount (int n)\n{\n  return n;\n}\n',
    "src/net/dial.h": SPDX + "#pragma once\n",
    "src/net/dial-private.h": SPDX + "#pragma once\n",
    "src/net/sealed-link-private.h": SPDX + "#pragma once\n",
    "src/net/dial.c": SPDX + '#include "net/sealed-link-private.h"\n\n#include "base/bytes.h"\n',
    "src/mail/sink.c": SPDX + "#include <sqlite3.h>\n",
}


class Lint(unittest.TestCase):
    """A tree in a directory of its own, and a way to lint it."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = holder.name
        for path, text in SOUND.items():
            self.plant(path, text)

    def plant(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def lint(self, name, *more):
        done = subprocess.run([sys.executable, os.path.join(HERE, name + ".py"), self.root, *more],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode != 0, bool(done.stdout), done.stdout)
        return done.stdout

    def archive(self, layer, member, code):
        """Returns: LAYER=ARCHIVE with one object of that name"""
        source = os.path.join(self.root, member[: -len(".o")])
        with open(source, "w", encoding="utf-8") as file:
            file.write(code)
        subprocess.run(CC + ["-w", "-c", source, "-o", source + ".o"], check=True)
        archive = os.path.join(self.root, f"lib{layer}.a")
        subprocess.run([AR, "crs", archive, source + ".o"], check=True)
        return f"{layer}={archive}"


class Layers(Lint):
    def finds(self, path, line, words):
        self.plant(path, SPDX + line + "\n")
        self.assertIn(words, self.lint("layers"))

    def test_sound_tree(self):
        self.assertEqual(self.lint("layers"), "")

    def test_include_of_a_higher_layer(self):
        self.finds("src/base/up.c", '#include "net/dial.h"', "base may not include")

    def test_sister_session(self):
        self.plant("src/pop3/pop3-session.h", SPDX)
        self.finds("src/imap/side.c", '#include "pop3/pop3-session.h"', "imap may not include")

    def test_mail_sees_one_header_of_net(self):
        self.plant("src/net/local-link.h", SPDX)
        self.plant("src/mail/lmtp.c", SPDX + '#include "net/local-link.h"\n')
        self.assertEqual(self.lint("layers"), "")
        self.finds("src/mail/lmtp.c", '#include "net/dial.h"', "mail may not include")

    def test_private_header_of_another_layer(self):
        self.finds("src/engine/reach.c", '#include "net/dial-private.h"', "is private to net")

    def test_constructor_of_the_sealed_link(self):
        self.finds("src/net/channel.c", '#include "net/sealed-link-private.h"', "for net/dial.c")

    def test_bare_include(self):
        self.finds("src/net/bare.c", '#include "dial.h"', "is no file of ours")

    def test_unknown_layer(self):
        self.finds("src/attic/old.c", '#include "base/bytes.h"', "not in the table")

    def test_system_headers(self):
        for path, header in (("src/auth/other.c", "libsecret/secret.h"), ("src/net/cache.c", "sqlite3.h"),
                             ("src/imap/tls.c", "gnutls/gnutls.h"), ("src/engine/raw.c", "sys/socket.h"),
                             ("src/cli/window.c", "gtk/gtk.h"), ("src/wire/reader.c", "gio/gio.h")):
            with self.subTest(header=header):
                self.finds(path, f"#include <{header}>", f"{path}:2: <{header}>")


class Symbols(Lint):
    def finds(self, layer, member, symbol):
        archive = self.archive(layer, member, f"void {symbol} (void);\nvoid f (void) {{ {symbol} (); }}\n")
        return self.lint("symbols", NM, archive)

    def test_use_in_its_place(self):
        for layer, member, symbol in (("net", "tls.c.o", "gnutls_handshake"), ("net", "dial.c.o", "connect"),
                                      ("auth", "scram.c.o", "gnutls_pbkdf2"),
                                      ("base", "digest.c.o", "gnutls_hash_init"),
                                      ("mail", "ledger.c.o", "sqlite3_step"),
                                      ("auth", "vault-secret-service.c.o", "secret_service_get"),
                                      ("imap", "imap-session.c.o", "postseal_channel_new")):
            with self.subTest(symbol=symbol):
                self.assertEqual(self.finds(layer, member, symbol), "")

    def test_use_elsewhere(self):
        for layer, member, symbol in (("auth", "sasl.c.o", "gnutls_session_channel_binding"),
                                      ("base", "paths.c.o", "gnutls_rnd"), ("mail", "sink.c.o", "connect"),
                                      ("imap", "imap-session.c.o", "g_socket_client_connect_async"),
                                      ("net", "cache.c.o", "sqlite3_open"),
                                      ("auth", "vault.c.o", "secret_password_lookup"),
                                      ("net", "stream.c.o", "g_tls_client_connection_new"),
                                      ("engine", "job.c.o", "system")):
            with self.subTest(symbol=symbol):
                self.assertIn(f"{layer}/{member}: may not use {symbol}", self.finds(layer, member, symbol))

    def test_nothing_to_look_at(self):
        self.assertIn("no symbols", self.lint("symbols", NM))


class Spdx(Lint):
    def test_sound_tree(self):
        self.assertEqual(self.lint("spdx"), "")

    def test_file_without_licence(self):
        self.plant("src/base/bare.c", "int x;\n")
        self.assertIn("src/base/bare.c:1: no SPDX", self.lint("spdx"))

    def test_other_licence(self):
        self.plant("src/base/other.c", "/* SPDX-License-Identifier: " + "MIT */\n")
        self.assertIn("MIT is none of ours", self.lint("spdx"))

    def test_licence_without_its_text(self):
        self.plant("src/base/other.c", "/* SPDX-License-Identifier: " + "GPL-3.0-or-later */\n")
        self.assertIn("no text of GPL-3.0-or-later", self.lint("spdx"))


class Paths(Lint):
    def test_sound_tree(self):
        self.plant("README.md", "see /home/jane/Mail, /tmp/x and http://example.org/work/ now\n")
        self.assertEqual(self.lint("paths"), "")

    def test_machine_paths(self):
        for path in ("/wor" + "k/main/src", "/tmp/" + "wt/net/x.c", "/roo" + "t/.cache", "/hom" + "e/bob/src"):
            with self.subTest(path=path):
                self.plant("src/base/where.c", SPDX + f'/* "{path}" */\n')
                self.assertIn("src/base/where.c:2:", self.lint("paths"))

    def test_private_key(self):
        for kind in ("", "RSA ", "ENCRYPTED "):
            with self.subTest(kind=kind):
                self.plant("tests/key.pem", f"-----BEGIN {kind}PRIVATE " + "KEY-----\n")
                self.assertIn("tests/key.pem:1: a private key", self.lint("paths"))


class Metrics(Lint):
    def finds(self, path, text, words):
        self.plant(path, text)
        self.assertIn(words, self.lint("metrics"))

    def test_sound_tree(self):
        self.assertEqual(self.lint("metrics"), "")

    def test_sizes_at_their_limits(self):
        self.plant("src/base/long.c", "void\nf (void)\n{\n" + "  ;\n" * 86 + "}\n" + "\n" * 610)
        self.assertEqual(self.lint("metrics"), "")

    def test_long_file(self):
        self.finds("tests/long.cc", "\n" * 701, "tests/long.cc:1: 701 lines")

    def test_long_function(self):
        self.finds("src/base/long.c", "static int x[] = { 1, 2 };\n\nvoid\nf (void)\n{\n" + "  ;\n" * 87 + "}\n",
                   "src/base/long.c:3: f has 91 lines")

    def test_long_function_in_a_namespace(self):
        self.finds("tests/long.cc", 'namespace\n{\nclass A\n{\n  void f ()\n  {\n' + "// }\n" * 90 + "  }\n};\n}\n",
                   "tests/long.cc:5: f has 93 lines")

    def test_base_names(self):
        self.finds("src/net/bytes.c", SPDX, "src/net/bytes.c:1: src/base has a file of this name, too")
        self.finds("src/net/utils.c", SPDX, "src/net/utils.c:1: a file with no concept")
        self.finds("src/net/string-util.c", SPDX, "src/net/string-util.c:1: a file with no concept")

    def test_work_left_for_later(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.finds("src/base/later.c", SPDX + f"/* {word}: x */\n", f"src/base/later.c:2: {word}")

    def test_comments_on_prototypes(self):
        self.plant("src/base/told.h", "G_BEGIN_DECLS\n\n/* Does f. */\nint\nf (int a,\n   int b);\nint f2 (void);\n\n"
                   "void g (void); /* does g */\n\nvoid a_free (A *self);\n\ntypedef int (*F) (int x);\n")
        self.assertEqual(self.lint("metrics"), "")
        self.finds("src/base/untold.h", "/* Does f. */\nint f (void);\n\nstruct a *\ng (void);\n",
                   "src/base/untold.h:4: g has no comment")


class Format(Lint):
    def setUp(self):
        super().setUp()
        self.plant(".clang-format", "BasedOnStyle: GNU\nSpaceBeforeParens: Always\n")

    def test_sound_tree(self):
        self.assertEqual(self.lint("format"), "")

    def test_misplaced_brace(self):
        self.plant("src/base/ugly.c", SPDX + "int\nf (void) {\n  return 1;\n}\n")
        self.assertIn("src/base/ugly.c:3:", self.lint("format"))

    def test_no_formatter(self):
        done = subprocess.run([sys.executable, os.path.join(HERE, "format.py"), self.root], check=False,
                              env={"PATH": self.root}, stderr=subprocess.PIPE, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("clang-format 14", done.stderr)


class Catalogues(Lint):
    HEAD = ('msgid ""\nmsgstr ""\n"Project-Id-Version: x\\n"\n"PO-Revision-Date: 2026-01-01 00:00+0000\\n"\n'
            '"Last-Translator: x\\n"\n"Language-Team: x\\n"\n"Language: de\\n"\n"MIME-Version: 1.0\\n"\n'
            '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
            '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n')
    BODY = ('\nmsgid "_See https://example.org/.\\n"\nmsgstr "Siehe _https://example.org/.\\n"\n'
            '\n#, c-format\nmsgid "%s is %d"\nmsgstr "%2$d ist %1$s"\n'
            '\nmsgid "%A of %B"\nmsgstr "%B %A"\n'
            '\n#, c-format\nmsgid "%u day"\nmsgid_plural "%u days"\nmsgstr[0] "%u Tag"\nmsgstr[1] "%u Tage"\n')

    def setUp(self):
        super().setUp()
        self.plant("po/LINGUAS", "# x\nde\n")
        self.plant("po/POTFILES", "# x\nsrc/base/say.c\n")
        self.plant("po/de.po", self.HEAD + self.BODY)
        self.plant("src/base/say.c", SPDX + 'void f (void) { a (_ ("_See https://example.org/.\\n"));\n'
                   'g_print (_ ("%s is %d"), b); a (_ ("%A of %B")); g_print (ngettext ("%u day", "%u days", n)); }\n')

    def finds(self, old, new, words):
        self.assertIn(old, self.HEAD + self.BODY)
        self.plant("po/de.po", (self.HEAD + self.BODY).replace(old, new))
        self.assertIn(words, self.lint("catalogues"))

    def test_sound_tree(self):
        self.assertEqual(self.lint("catalogues"), "")

    def test_languages(self):
        self.plant("po/LINGUAS", "fr\nde\n")
        self.assertEqual(self.lint("catalogues"),
                         "po/LINGUAS:1: fr has no catalogue\npo/LINGUAS:1: not sorted\n")
        self.plant("po/LINGUAS", "# none\n")
        self.assertIn("de has a catalogue and is missing", self.lint("catalogues"))

    def test_header(self):
        self.finds("Language: de", "Language: fr", "po/de.po:1: the header lacks")
        self.finds("Plural-Forms: nplurals=2; ", "Plural: ", "po/de.po:1: the header lacks")

    def test_message_of_another_time(self):
        self.finds('msgid "%A of %B"', 'msgid "%A or %B"', "po/de.po:20: “%A or %B” is in no source any more")
        self.finds('msgid "%A of %B"', 'msgid "%A or %B"', "po/de.po:1: “%A of %B” is missing")
        self.finds('msgid "%A of', '#~ msgid "x"\n#~ msgstr "y"\n\nmsgid "%A of', "obsolete")

    def test_unfinished_message(self):
        self.finds('"%B %A"', '""', "“%A of %B” is not translated")
        self.finds('"%u Tage"', '""', "“%u day” is not translated")
        self.finds('msgstr[1] "%u Tage"\n', "", "“%u day” has 1 forms, not 2")
        self.finds("#, c-format\nmsgid \"%s", "#, fuzzy, c-format\nmsgid \"%s", "“%s is %d” is fuzzy")

    def test_changed_shape(self):
        self.finds('Siehe _https://example.org/.\\n', 'Siehe _https://example.org/.', "other white space")
        self.finds('"Siehe _', '" Siehe _', "other white space")
        self.finds('"%B %A"', '"%B"', "“%A of %B” has other placeholders")
        self.finds('"%2$d ist %1$s"', '"%1$d ist %2$s"', "po/de.po:")
        self.finds("Siehe _", "Siehe ", "has another mnemonic, or none")
        self.finds("Siehe _https://example.org/", "Siehe _https://example.net/", "has lost https://example.org/")

    def test_wide_punctuation_has_its_own_space(self):
        self.plant("src/base/say.c", SPDX + 'void f (void) { a (_ (" (line 1)")); a (_ ("one, ")); }\n')
        for line, word in (("（第 1 行）", "一，"), ("(第 1 行)", "一，"), ("（第 1 行）", "一,")):
            self.plant("po/de.po", self.HEAD + f'\nmsgid " (line 1)"\nmsgstr "{line}"\n'
                       f'\nmsgid "one, "\nmsgstr "{word}"\n')
            wrong = "(第" in line or "一," in word
            self.assertEqual("other white space" in self.lint("catalogues"), wrong)

    def test_message_that_a_macro_cuts(self):
        self.plant("src/base/say.c", SPDX + 'void f (void) { g_print (_ ("%" G_GUINT64_FORMAT " days"), n); }\n')
        self.assertIn("src/base/say.c:2: warning:", self.lint("catalogues"))


unittest.main(argv=sys.argv[:1])
