#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds the include edges of src/ and plugin/ against the layers (src/HACKING.md)."""

import os
import re
import sys

import lint

LIBRARY = ("base", "wire", "net", "auth", "imap", "pop3", "smtp", "outbox", "mail", "discover", "engine",
           "setup", "import", "client")

# layer: the layers it may include besides itself
BELOW = {
    "base": (),
    "wire": ("base",),
    "net": ("base", "wire"),
    "auth": ("base", "wire", "net"),
    "imap": ("base", "wire", "net", "auth"),
    "pop3": ("base", "wire", "net", "auth"),
    "smtp": ("base", "wire", "net", "auth"),
    "outbox": ("base", "wire"),
    "mail": ("base", "wire", "outbox"),
    "discover": ("base", "wire", "net"),
    "engine": ("base", "wire", "net", "auth", "imap", "pop3", "smtp", "outbox", "mail"),
    "setup": ("base", "wire", "net", "auth", "imap", "pop3", "smtp", "mail", "discover", "engine"),
    "import": ("base", "wire", "net", "auth", "imap", "pop3", "outbox", "mail", "engine", "setup"),
    "client": ("base", "net", "engine"),
    "check": ("base", "wire", "net", "discover"),
    "trace": ("base", "wire", "net", "mail"),
    "words": ("base", "net", "engine"),
    "daemon": LIBRARY,
    "cli": LIBRARY + ("check", "trace"),
    "sendmail": ("base", "wire", "outbox"),
    "settings": LIBRARY + ("words",),
    "token": (),
    "lookup": (),
    "claws": LIBRARY + ("words",),
}

# For other programs: it includes what they need and is included by none of ours.
UMBRELLA = "postseal.h"

# A layer that sees single headers of another one.
ALSO = {"mail": ("net/local-link.h", "net/net-error.h"), "lookup": ("base/limits.h",)}

# Of the private headers, those that are not even for their whole layer.
KEEPERS = {"net/sealed-link-private.h": ("net/dial.c", "net/sealed-link.c")}

# Made while building.
GENERATED = ("client/bus-info.h",)

# system header: where it may be included, by folder ("net/") or file
SYSTEM = (
    (r"libsecret/", ("auth/vault-secret-service.c",)),
    (r"libsoup/", ("token/", "lookup/")),
    (r"unbound", ("lookup/",)),
    (r"sqlite3", ("mail/", "outbox/", "base/database.h")),
    (r"gmime/", ("mail/",)),
    (r"gnutls/", ("net/", "auth/", "base/digest.c", "check/certificate.c", "check/probe-tls.c")),
    (r"(sys/socket|sys/un|netdb|netinet/.*|arpa/inet|gio/gnetworking)\.h", ("net/", "check/probe-socket.c")),
    (r"(gtk/|adwaita)", ("settings/", "claws/")),
    (r"(claws|camel|evolution)", ()),
)
# The grammars are pure: no GIO, no GObject, no I/O.
PURE = ("wire",)
IMPURE = r"(gio/|glib-object|unistd|fcntl|stdio|sys/|errno)"


def check_own(path, included, names):
    """Returns: what is wrong with file "layer/x.c" including our own "layer/y.h", or None"""
    layer = path.split("/")[0]
    other = included.split("/")[0]
    if included not in names and included not in GENERATED:
        return f"“{included}” is no file of ours (include as \"layer/file.h\")"
    if layer not in BELOW:
        return f"layer “{layer}” is not in the table of layers.py"
    if included.endswith("-private.h") and other != layer:
        return f"“{included}” is private to {other}"
    if included in KEEPERS and path not in KEEPERS[included]:
        return f"“{included}” is for {' and '.join(KEEPERS[included])} only"
    if other != layer and other not in BELOW[layer] and included not in ALSO.get(layer, ()):
        return f"{layer} may not include “{included}”"
    return None


def check_system(path, included):
    """Returns: what is wrong with file "layer/x.c" including <included>, or None"""
    for pattern, places in SYSTEM:
        if re.match(pattern, included) and not any(
                path == place or (place.endswith("/") and path.startswith(place)) for place in places):
            return f"<{included}> is only for {', '.join(places) or 'front ends of their own'}"
    if path.split("/")[0] in PURE and re.match(IMPURE, included):
        return f"<{included}> in a layer that is pure grammar"
    return None


def main():
    root = sys.argv[1]
    # path from its folder of layers on: that folder
    homes = {full.split("/", 1)[1]: full.split("/")[0] for full in lint.sources(root, ("src", "plugin"))}
    paths = list(homes)
    findings = []
    for path, home in homes.items():
        if path == UMBRELLA:
            continue
        if "/" not in path:
            findings.append(f"{home}/{path}:1: a source file outside all layers")
            continue
        text = lint.read(root, os.path.join(home, path))
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', text, re.M):
            quote, included = match.groups()
            wrong = check_own(path, included, paths) if quote == '"' else check_system(path, included)
            if wrong:
                findings.append(f"{home}/{path}:{lint.line_of(text, match.start())}: {wrong}")
    lint.finish(findings)


main()
