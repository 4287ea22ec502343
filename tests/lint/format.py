#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every C and C++ file is as clang-format 14 writes it, by the checked-in style."""

import re
import shutil
import subprocess
import sys

import lint


def find_formatter():
    """Other versions write other code, so only this one will do."""
    for name in ("clang-format-14", "clang-format"):
        program = shutil.which(name)
        if program:
            said = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True)
            if re.search(r"version 14\.", said.stdout):
                return program
    sys.exit("clang-format 14 is needed and not found")


def main():
    root = sys.argv[1]
    program = find_formatter()
    findings = {}  # path: its first finding
    said = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *lint.sources(root)],
                          cwd=root, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          check=False)
    for line in said.stderr.splitlines():
        match = re.match(r"(\S+?):\d+:\d+: error: ", line)
        if match:
            findings.setdefault(match.group(1), line)
    if said.returncode != 0 and not findings:
        findings[""] = said.stderr or f"{program} failed"
    lint.finish(findings.values())


main()
