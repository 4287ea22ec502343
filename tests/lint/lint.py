# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lints share: which files there are, and how a finding is told.

Every lint is run as "NAME.py ROOT [more]", prints "file:line: finding" and ends with 1 when there
is any.
"""

import os
import re
import subprocess
import sys

C_ENDINGS = (".c", ".h", ".cc")
OWN_FOLDERS = ("src", "tests", "plugin")


def tracked(root):
    """Paths relative to ROOT, sorted: what git knows, or all files where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
        paths = [path for path in listed.split("\0") if path]
    except (OSError, subprocess.CalledProcessError):
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith((".git", "build"))]
            paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(path for path in set(paths) if os.path.isfile(os.path.join(root, path)))


def sources(root, folders=OWN_FOLDERS):
    """The tracked C and C++ files below FOLDERS."""
    return [path for path in tracked(root)
            if path.endswith(C_ENDINGS) and path.split("/")[0] in folders]


def read(root, path):
    """The text of a file; bytes that are not UTF-8 are replaced."""
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def without_comments(text):
    """C with comments, and the inside of strings and characters, blanked; line numbers stay."""
    def blank(match):
        token = match.group(0)
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token[0] + " " * (len(token) - 2) + token[-1]

    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    return re.sub(token, blank, text, flags=re.S)


def line_of(text, offset):
    """The number of the line that holds OFFSET."""
    return text.count("\n", 0, offset) + 1


def finish(findings):
    """Tells all FINDINGS and ends the program."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
