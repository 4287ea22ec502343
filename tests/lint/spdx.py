#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every file that can say so names its licence in its first lines."""

import os
import re
import sys

import lint

LICENCES = ("LGPL-2.1-or-later", "GPL-3.0-or-later", "CC0-1.0")
# No place for a comment, or somebody else's text.
WITHOUT = r"LICENSES/|COPYING|tests/fuzz/corpus/|.*\.(json|png|ico|gz|pem|der|eml|mbox|sum)$"


def main():
    root = sys.argv[1]
    findings = []
    for path in lint.tracked(root):
        with open(os.path.join(root, path), "rb") as file:
            head = file.read(1024)
        if re.match(WITHOUT, path) or b"\0" in head or not head:
            continue
        found = re.search(rb"SPDX-License-Identifier: ([\w.+-]+)", head)
        if not found:
            findings.append(f"{path}:1: no SPDX-License-Identifier")
        elif found.group(1).decode() not in LICENCES:
            findings.append(f"{path}:1: licence {found.group(1).decode()} is none of ours")
        elif not os.path.exists(os.path.join(root, "LICENSES", found.group(1).decode() + ".txt")):
            findings.append(f"{path}:1: LICENSES/ has no text of {found.group(1).decode()}")
    lint.finish(findings)


main()
