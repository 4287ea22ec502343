#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds what each layer's objects call against what the layer may use (src/README.md section 2).

    symbols.py ROOT NM LAYER=ARCHIVE...

Includes can be forgotten or forged; an undefined symbol cannot.
"""

import re
import subprocess
import sys

import lint

# Digests, MACs and the like: no session, no certificate.
PRIMITIVES = (r"gnutls_(hash\w*|hmac\w*|pbkdf2|hkdf_\w+|rnd|memcmp|memset|strerror|free"
              r"|utf8_password_normalize)")

# symbol: where it may be undefined, as (layer, object); the first line that matches a symbol decides
RULES = (
    (PRIMITIVES, (("net", ".*"), ("auth", ".*"), ("base", r"digest\.c\.o"))),
    (r"(gnutls|dane)_\w+", (("net", ".*"),)),
    (r"g_tls_\w+", ()),  # TLS is ours alone, not glib-networking's
    # Whether a host is a loopback address, for connections that are not made here.
    (r"g_inet_address_(new_from_string|get_is_loopback)",
     (("net", ".*"), ("engine", r"world\.c\.o"))),
    (r"(g_socket|g_network_(address|service)|g_inet|g_resolver|g_tcp|g_unix_socket|g_proxy)\w*",
     (("net", ".*"), ("daemon", r"supervisor\.c\.o"),  # sd_notify(3): no mail, no secret
      ("setup", r"redirect-listener\.c\.o"))),  # on loopback, for a browser (RFC 8252 section 7.3)
    (r"(socket|socketpair|connect|bind|listen|accept4?|getaddrinfo|gethostbyname\w*"
     r"|(send|recv)(to|from|msg|mmsg)?)", (("net", ".*"),)),
    (r"secret_\w+", (("auth", r"vault-secret-service\.c\.o"),)),
    (r"sqlite3_\w+", (("mail", ".*"), ("outbox", ".*"), ("base", r"database\.c\.o"))),
    (r"g_mime_\w+", (("mail", ".*"),)),
    (r"(system|popen|gets|tmpnam|tempnam|mktemp|rand|srand)", ()),
)


def undefined(nm, archive):
    """Yields (object, symbol)."""
    listed = subprocess.run([nm, "-A", "-P", "-u", archive], stdout=subprocess.PIPE,
                            text=True, check=True).stdout
    for line in listed.splitlines():
        match = re.match(r".*\[(?:.*/)?([^/\]]+)\]:? (\S+)", line)
        if not match:
            sys.exit(f"cannot read what {nm} says: {line}")
        yield match.group(1), match.group(2).split("@")[0]


def main():
    nm = sys.argv[2]
    findings = []
    n_symbols = 0
    for argument in sys.argv[3:]:
        layer, archive = argument.split("=", 1)
        for member, symbol in undefined(nm, archive):
            n_symbols += 1
            places = next((places for pattern, places in RULES if re.fullmatch(pattern, symbol)), None)
            if places is not None and not any(
                    layer == place and re.fullmatch(pattern, member) for place, pattern in places):
                findings.append(f"{layer}/{member}: may not use {symbol}")
    if n_symbols == 0:
        findings.append(f"{nm} found no symbols at all")
    lint.finish(findings)


main()
