# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dialog as a screen reader sees it, and a keyboard drives it."""

import os
import re
import signal
import subprocess
import sys
import time

import pyatspi

# What a person can operate; each must say what it is.
CONTROLS = {
    pyatspi.ROLE_PUSH_BUTTON, pyatspi.ROLE_TOGGLE_BUTTON, pyatspi.ROLE_CHECK_BOX,
    pyatspi.ROLE_RADIO_BUTTON, pyatspi.ROLE_COMBO_BOX, pyatspi.ROLE_TEXT, pyatspi.ROLE_ENTRY,
    pyatspi.ROLE_PASSWORD_TEXT, pyatspi.ROLE_SPIN_BUTTON, pyatspi.ROLE_SLIDER, pyatspi.ROLE_LINK,
    pyatspi.ROLE_LIST_ITEM, pyatspi.ROLE_MENU_ITEM, pyatspi.ROLE_PAGE_TAB,
}


class Program:
    """A run of postseal-settings."""

    root = None

    def __init__(self, *arguments):
        self.process = subprocess.Popen([os.environ["POSTSEAL_SETTINGS"], *arguments])
        self.pid = self.process.pid
        self.root = self.wait(self.find_root, "its window")

    def find_root(self):
        for application in pyatspi.Registry.getDesktop(0):
            if application is not None and application.get_process_id() == self.pid:
                for window in application:
                    if window is not None:
                        return window
        return None

    def wait(self, condition, what, limit=30):
        """What CONDITION returns once that is something."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            try:
                found = condition()
            except Exception:  # the tree changes while it is walked
                found = None
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"waited {limit} s for {what}; there is:\n" + self.tell())

    def walk(self, root=None):
        """Everything that is on the screen."""
        root = root or self.root
        root.clear_cache()  # it would be refreshed by a main loop only
        states = root.getState()
        if not states.contains(pyatspi.STATE_VISIBLE):
            return
        yield root
        for child in root:
            if child is not None:
                yield from self.walk(child)

    def tell(self):
        if self.root is None:
            return "  nothing"
        return "\n".join(f"  {one.getRoleName()}: {one.name!r}" for one in self.walk())

    def controls(self):
        return [one for one in self.walk() if one.getRole() in CONTROLS]

    def find(self, name, role=None):
        for one in self.walk():
            if one.name.replace("_", "") == name and (role is None or one.getRole() == role):
                return one
        return None

    def activate(self):
        """Keys go to its window from now on."""
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--pid", str(self.pid), ".",
                        "windowactivate", "--sync"], check=True, stdout=subprocess.DEVNULL)

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], check=True)
        time.sleep(0.05)

    def type(self, text):
        subprocess.run(["xdotool", "type", "--delay", "5", text], check=True)

    def click(self, name):
        found = self.wait(lambda: self.find(name), f"“{name}”")
        found.queryAction().doAction(0)

    def focused(self):
        for one in self.walk():
            if one.getState().contains(pyatspi.STATE_FOCUSED) and one.getRole() != pyatspi.ROLE_FRAME:
                return one
        return None

    def end(self):
        self.process.terminate()
        self.process.wait()


class StartedByOthers(Program):
    """A run that the bus has begun, or a desktop."""

    def __init__(self, pid):
        self.pid = pid
        self.root = self.wait(self.find_root, "its window")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)


def stack_pages(one):
    """The pages of stacks that hold it: GTK 4.8 does not tell which page of a stack is shown."""
    pages = set()
    while one is not None and one.getRole() != pyatspi.ROLE_APPLICATION:
        if one.name == "GtkStackPage" or one.parent is not None and one.parent.name == "GtkStack":
            pages.add(one.path)
        one = one.parent
    return pages


# What GTK calls a thing that has no name.
OF_CLASS = re.compile(r"\b(Gtk|Adw|Postseal)[A-Z]\w+")


def faults(program):
    """What a screen reader could only call by its role, or by what it is in the source."""
    found = []
    for one in program.controls():
        name = one.name
        place = f"{one.getRoleName()} {name!r} in {one.parent.getRoleName()} {one.parent.name!r}"
        if not name.strip() or OF_CLASS.search(name):
            found.append("without a name: " + place)
        if re.search(r"(^|\W)_\w", name):
            found.append("with a mnemonic in the name: " + place)
        if re.fullmatch(r"(.+) \1", name):
            found.append("named twice: " + place)
        if OF_CLASS.search(one.description):
            found.append(f"described as {one.description!r}: " + place)
    assert program.process.poll() is None, "the program ended while it was looked at"
    return found


def check(program, state):
    """Every control that is there has a name."""
    found = faults(program)
    assert not found, f"{state}:\n  " + "\n  ".join(found)
    assert len(program.controls()) > 2, f"{state}: hardly anything there:\n" + program.tell()


def main(tests):
    """Runs TESTS, functions without arguments, and tells as gtest does."""
    failed = []
    for test in tests:
        name = test.__name__
        print(f"[ RUN      ] {name}", flush=True)
        try:
            test()
            print(f"[       OK ] {name}", flush=True)
        except AssertionError as error:
            failed.append(name)
            print(f"{error}\n[  FAILED  ] {name}", flush=True)
    sys.exit(1 if failed else 0)
