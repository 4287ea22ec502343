#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""po/POTFILES lists every source file with a translatable string, sorted, and no other."""

import re
import sys

import lint

# Keywords of the "glib" preset of meson that our C uses, and the headers that define them.
KEYWORD = re.compile(r"(?<!\w)(?:N?_|C_|NC_|ngettext|g_dngettext|g_dpgettext2?)\s*\(")


def main():
    root = sys.argv[1]
    listed = [line for line in lint.read(root, "po/POTFILES").split("\n")
              if line and not line.startswith("#")]
    wanted = [path for path in lint.sources(root, ("src", "plugin"))
              if KEYWORD.search(lint.without_comments(lint.read(root, path)))]
    wanted += [path for path in lint.tracked(root)
               if path.endswith(".ui") and 'translatable="yes"' in lint.read(root, path)
               or path.startswith("data/settings/") and path.endswith((".desktop.in", ".xml.in"))]
    findings = [f"po/POTFILES:1: {path} has translatable strings and is missing"
                for path in wanted if path not in listed]
    findings += [f"po/POTFILES:1: {path} has none or does not exist"
                 for path in listed if path not in wanted]
    if listed != sorted(listed):
        findings.append("po/POTFILES:1: not sorted")
    lint.finish(findings)


main()
