#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No file holds a path of the machine it was made on, nor a private key."""

import os
import re
import sys

import lint

# Written so that this file does not match itself. People in examples live in /home/jane.
PATTERNS = (
    (r"(?<![\w.-])/(?:tmp/(?:wt|build|helper)|wor[k]/|roo[t]/)[\w./-]*", "a path of a development machine"),
    (r"(?<![\w.-])/hom[e]/(?!jane\b|user\b)[a-z_][\w-]*", "a home directory"),
    (r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KE[Y]-----", "a private key"),
)


def main():
    root = sys.argv[1]
    findings = []
    for path in lint.tracked(root):
        with open(os.path.join(root, path), "rb") as file:
            text = file.read().decode("utf-8", "replace")
        for pattern, what in PATTERNS:
            for match in re.finditer(pattern, text):
                findings.append(f"{path}:{lint.line_of(text, match.start())}: {what}: {match.group(0)}")
    lint.finish(findings)


main()
