#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compiles a source that must be refused, and its legal twin that must not.

    must-not-compile.py BUILD-DIRECTORY LIKE SOURCE

The compiler and its flags are those of the project's own file LIKE (from compile_commands.json). The
source names the diagnostic it expects in a comment: "Diagnostic: some words". With -DLEGAL it differs in
the one thing that is wrong, and has to compile.
"""

import json
import os
import re
import shlex
import subprocess
import sys


def flags_of(build, like):
    """The command that compiles LIKE, without its input and outputs."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        for entry in json.load(file):
            if os.path.realpath(os.path.join(entry["directory"], entry["file"])) == like:
                break
        else:
            sys.exit(f"{like} is not in compile_commands.json")

    words = shlex.split(entry["command"])
    command = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-MF", "-MQ", "-MT"):
            skip = True
        elif word not in ("-c", "-MD", "-MMD", entry["file"]):
            command.append(word)
    return command, entry["directory"]


def compiles(command, directory, source, *more):
    """Returns: whether it does, and what the compiler said"""
    environment = dict(os.environ, LC_ALL="C", LANGUAGE="en", CCACHE_DISABLE="1")
    done = subprocess.run(
        command + list(more) + ["-fsyntax-only", "-fdiagnostics-color=never", source],
        cwd=directory, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode == 0, done.stderr


def main():
    build, like, source = (os.path.realpath(path) for path in sys.argv[1:])
    command, directory = flags_of(build, like)
    with open(source, encoding="utf-8") as file:
        expected = re.search(r"Diagnostic: (.*?) \*/", file.read()).group(1)

    is_legal, said = compiles(command, directory, source, "-DLEGAL")
    if not is_legal:
        sys.exit(f"{source}: the legal twin does not compile either:\n{said}")
    is_legal, said = compiles(command, directory, source)
    if is_legal:
        sys.exit(f"{source}: compiles, but must not")
    errors = [line for line in said.splitlines() if "error:" in line]
    if not any(expected in line for line in errors):
        sys.exit(f"{source}: refused, but not for “{expected}”:\n{said}")


main()
