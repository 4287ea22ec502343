#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The description of the bus interfaces is well formed, and its comments make reference pages.

    bus-description.py XML GDBUS-CODEGEN [XMLLINT]
"""

import glob
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import lint


def torn(path, text):
    """Yields findings about arguments described in two lines: the second becomes part of the text below."""
    for comment in re.finditer(r"<!--.*?-->", text, re.S):
        for match in re.finditer(r"^\s*@\w+:.*\n(?!\s*(?:@|-->|\n))", comment.group(0), re.M):
            line = lint.line_of(text, comment.start() + match.end())
            yield f"{path}:{line}: what an argument is belongs on one line"


def undocumented(tree, pages):
    """Yields findings about methods, signals and their arguments of which the pages say nothing."""
    for interface in tree.findall("interface"):
        name = interface.get("name")
        page = pages.get(name)
        if page is None:
            yield f"{name} has no reference page"
            continue
        for member in interface.findall("method") + interface.findall("signal"):
            part = page.partition(f'id="gdbus-{member.tag}-{name.replace(".", "-", 2)}.{member.get("name")}"')[2]
            part = part.partition("</refsect2>")[0]
            for arg in member.findall("arg"):
                if not re.search(rf"<parameter>{arg.get('name')}</parameter>.*?<para>\s*[^<\s]", part, re.S):
                    yield f"{name}.{member.get('name')}: nothing says what {arg.get('name')} is"


def main():
    path, codegen = sys.argv[1:3]
    findings = []
    if len(sys.argv) > 3:
        done = subprocess.run([sys.argv[3], "--noout", "--nonet", path], stderr=subprocess.PIPE, text=True)
        findings += done.stderr.splitlines() if done.returncode else []
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "reference")
        done = subprocess.run([codegen, "--generate-docbook", prefix, path], stderr=subprocess.PIPE, text=True)
        findings += [f"gdbus-codegen: {line}" for line in done.stderr.splitlines()]
        pages = {}
        for page in glob.glob(prefix + "*"):
            with open(page, encoding="utf-8") as file:
                pages[os.path.basename(page)[len("reference-"):].removesuffix(".xml")] = file.read()
            if len(sys.argv) > 3:
                done = subprocess.run([sys.argv[3], "--noout", "--nonet", page], stderr=subprocess.PIPE, text=True)
                findings += [f"reference: {line}" for line in done.stderr.splitlines() if done.returncode]
        findings += undocumented(ElementTree.parse(path), pages)
    with open(path, encoding="utf-8") as file:
        findings += torn(os.path.basename(path), file.read())
    lint.finish(findings)


main()
