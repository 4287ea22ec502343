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
    findings = []
    for path in lint.sources(root):
        said = subprocess.run([program, "--dry-run", "-Werror", "--style=file", path], cwd=root,
                              stderr=subprocess.PIPE, text=True, check=False)
        if said.returncode != 0:
            findings.append(said.stderr.splitlines()[0] if said.stderr else f"{path}: not formatted")
    lint.finish(findings)


main()
