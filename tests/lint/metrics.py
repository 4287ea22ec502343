#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sizes and names of the source files (src/HACKING.md), and a comment on every public function."""

import os
import re
import sys

import lint

FILE_LINES = 700
FUNCTION_LINES = 90
VAGUE = ("util", "utils", "helper", "helpers", "misc", "common")
# These do what their names say for every type.
PLAIN = r"\w+_(ref|unref|free|finish|quark|get_type|new)"
# A block of these holds functions, and is none itself.
TRANSPARENT = re.compile(r'\b(namespace|class|struct|union)\b[^()=]*$|\bextern\s*"\s*C?\s*"\s*$')


def without_directives(text):
    """Preprocessor lines, and macros that stand for declarations, blanked; line numbers stay."""
    token = (r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*|\bG_(?:BEGIN|END)_DECLS\b"
             r"|\bG_(?:DECLARE|DEFINE)_\w+ \([^()]*\);?")
    return re.sub(token, lambda match: re.sub(r"[^\n]", " ", match.group(0)), text,
                  flags=re.M | re.S)


def functions(text):
    """Yields (name, first line, last line) of every function body in TEXT."""
    code = without_directives(lint.without_comments(text))
    depth = 0  # of braces that are no namespace
    opened = []  # for every open brace: whether it counts
    start = 0  # where the current declaration begins
    for match in re.finditer(r"[{};]", code):
        token, here = match.group(0), match.start()
        if token == "{":
            head = code[start:here]
            is_open = depth == 0 and bool(TRANSPARENT.search(head.strip()))
            opened.append(not is_open)
            if is_open:
                start = here + 1
            else:
                depth += 1
        elif token == "}" and opened:
            if opened.pop():
                depth -= 1
                head = code[start:].split("{", 1)[0]
                name = re.search(r"(operator\W+|[\w:~]+)\s*\(", head)
                if depth == 0 and name and "=" not in head.split("(")[0]:
                    first = start + len(head) - len(head.lstrip())
                    yield name.group(1), lint.line_of(code, first), lint.line_of(code, here)
            if depth == 0:
                start = here + 1
        elif token == ";" and depth == 0:
            start = here + 1


def check_size(path, text):
    """Yields findings about one file."""
    n_lines = text.count("\n")
    if n_lines > FILE_LINES:
        yield f"{path}:1: {n_lines} lines, more than {FILE_LINES}"
    for name, first, last in functions(text):
        if last - first + 1 > FUNCTION_LINES:
            yield f"{path}:{first}: {name} has {last - first + 1} lines, more than {FUNCTION_LINES}"


def check_documented(path, text):
    """Yields findings about prototypes in a header without a comment.

    A comment counts for all prototypes that follow it without an empty line, and so does one behind the
    prototype."""
    code = without_directives(lint.without_comments(text))
    lines = text.split("\n")
    code_lines = code.split("\n")
    start = 0
    depth = 0
    for match in re.finditer(r"[{};]", code):
        token, here = match.group(0), match.start()
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth > 0 or token == "{":
            continue
        statement = code[start:here]
        first = lint.line_of(code, here - len(statement.lstrip()))
        last = lint.line_of(code, here)
        start = here + 1
        name = re.match(r"(?!typedef|struct \w+;|enum|union|static|extern)[\w\s*]*?\b(\w+) \(",
                        statement.lstrip())
        if token != ";" or not name or re.fullmatch(PLAIN, name.group(1)):
            continue

        block = first - 1  # index of the first line of code, then upwards over the paragraph
        while block > 0 and lines[block - 1].strip():
            block -= 1
        above = any(line.strip() and not code_line.strip()
                    for line, code_line in zip(lines[block:first], code_lines[block:first]))
        behind = "/*" in lines[last - 1][len(code_lines[last - 1].rstrip()):]
        if not above and not behind:
            yield f"{path}:{first}: {name.group(1)} has no comment"


def check_names(paths):
    """Yields findings about the names of the files in src/ and plugin/."""
    homes = {}
    for path in paths:
        folder, name = os.path.split(path)
        stem = name.rsplit(".", 1)[0]
        if stem in VAGUE or stem.split("-")[-1] in ("util", "utils", "misc"):
            yield f"{path}:1: a file with no concept of its own"
        if stem != "main" and homes.setdefault(stem, folder) != folder:
            yield f"{path}:1: {homes[stem]} has a file of this name, too"


def main():
    root = sys.argv[1]
    findings = []
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
    for path in lint.tracked(root):
        if path.split("/")[0] not in lint.OWN_FOLDERS + ("data",) or "/corpus/" in path:
            continue
        text = lint.read(root, path)
        if not path.endswith(".md"):
            findings += [f"{path}:{lint.line_of(text, match.start())}: {match.group(0)}"
                         for match in later.finditer(text)]
        if path.endswith(lint.C_ENDINGS):
            findings += check_size(path, text)
        if path.startswith(("src/", "plugin/")) and path.endswith(".h"):
            findings += check_documented(path, text)
    findings += check_names(lint.sources(root, ("src", "plugin")))
    lint.finish(findings)


main()
