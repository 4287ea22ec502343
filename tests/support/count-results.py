#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-results.py FILE...: adds up meson's JUnit files; names what failed and shows its output.

The last line is "N passed, N failed", with ", N skipped" where there are any. The exit status is 1 if
anything failed or nothing passed."""

import sys
import xml.etree.ElementTree as ElementTree

SHOWN = 200  # lines of output of one failed test


def tail(text):
    lines = (text or "").rstrip().splitlines()
    return (["..."] if len(lines) > SHOWN else []) + lines[-SHOWN:]


def show_failure(where, case, suite):
    print("\nFAILED  %s" % where)
    lines = []
    for kind in ("failure", "error"):
        for node in case.findall(kind):
            lines += tail(node.text or node.get("message"))
    if not lines:
        for node in (case.find("system-out"), case.find("system-err"), suite.find("system-out"),
                     suite.find("system-err")):
            if node is not None:
                lines += tail(node.text)
    for line in lines:
        print("    " + line)


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for path in sys.argv[1:]:
        try:
            root = ElementTree.parse(path).getroot()
        except (OSError, ElementTree.ParseError) as error:
            print("\nFAILED  no results: %s" % error)
            totals["failed"] += 1
            continue
        for suite in root.iter("testsuite"):
            for case in suite.findall("testcase"):
                if case.find("failure") is not None or case.find("error") is not None:
                    totals["failed"] += 1
                    show_failure("%s: %s" % (suite.get("name"), case.get("name")), case, suite)
                elif case.find("skipped") is not None or case.get("status") == "notrun":
                    totals["skipped"] += 1
                else:
                    totals["passed"] += 1
    print("%(passed)d passed, %(failed)d failed" % totals
          + (", %(skipped)d skipped" % totals if totals["skipped"] else ""))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
