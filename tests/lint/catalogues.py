#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every language of po/LINGUAS has a catalogue that translates what the sources say now, whole."""

import ast
import collections
import os
import re
import shutil
import subprocess
import sys

import lint

# What the preset "glib" of meson gives to xgettext.
XGETTEXT = (
    "--from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2"
    " --keyword=g_dcgettext:2 --keyword=g_dngettext:2,3 --keyword=g_dpgettext2:2c,3"
    " --flag=N_:1:pass-c-format --flag=C_:2:pass-c-format --flag=NC_:2:pass-c-format"
    " --flag=g_dngettext:2:pass-c-format --flag=g_strdup_printf:1:c-format"
    " --flag=g_string_printf:2:c-format --flag=g_string_append_printf:2:c-format"
    " --flag=g_error_new:3:c-format --flag=g_set_error:4:c-format"
    " --flag=g_markup_printf_escaped:1:c-format --flag=g_log:3:c-format"
    " --flag=g_print:1:c-format --flag=g_printerr:1:c-format --flag=g_printf:1:c-format"
    " --flag=g_fprintf:2:c-format --flag=g_sprintf:2:c-format --flag=g_snprintf:3:c-format"
).split()

FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)? *(".*")$')
# "<PRIu64>" is what gettext makes of a macro of inttypes.h.
DIRECTIVE = re.compile(r"%(?:(\d+)\$)?"
                       r"([-+#0]*[\d*]*(?:\.[\d*]+)?(?:<PRI\w+>|(?:hh|ll|[hlzjt])?[a-zA-Z%]))")
URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s“”„«»‘’\"'<>()（），。；]*")
# White space that shapes the output. A no-break space belongs to the words.
EDGES = re.compile(r"\A([ \t\n]*).*?([ \t\n]*)\Z", re.S)
# Punctuation that is as wide as a character brings its own space along.
WIDE_BEGIN = re.compile(r"[（《「]")
WIDE_END = re.compile(r"[，。；：！？]\n*\Z")

Message = collections.namedtuple("Message", "line flags fields")


def parse(text):
    """The messages of a catalogue in their order, without the obsolete ones."""
    messages, flags, fields, start, field = [], "", {}, 0, None
    for number, line in enumerate(text.split("\n") + [""], 1):
        match = FIELD.match(line)
        if match:
            field = match.group(1) or field
            start = number if field == "msgid" and match.group(1) else start
            fields[field] = fields.get(field, "") + ast.literal_eval(match.group(2))
        elif line.startswith("#,"):
            flags += line[2:]
        elif not line.strip():
            if "msgid" in fields:
                messages.append(Message(start, flags, fields))
            flags, fields = "", {}
    return messages


def key_of(message):
    """What gettext looks a message up by."""
    return message.fields.get("msgctxt"), message.fields["msgid"]


def show(msgid):
    """The beginning of a message, on one line."""
    return "“" + msgid[:60].replace("\n", "\\n") + "”"


def run(arguments, text=None):
    """Returns: what the program says on both outputs, in English"""
    if shutil.which(arguments[0]) is None:
        sys.exit(f"{arguments[0]} is missing; install gettext")
    done = subprocess.run(arguments, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8",
                                                       "LANGUAGE": "en"})
    return done.stdout, done.stderr


def extract(root, findings):
    """The messages of the sources, by their keys."""
    text, words = run(["xgettext", "--files-from", os.path.join(root, "po/POTFILES"),
                       "--directory", root, "--output=-"] + XGETTEXT)
    # A message that xgettext cannot read to its end is never found by the program.
    findings += [line for line in words.split("\n") if re.match(r"\S+:\d+: (?!Here)", line)]
    return {key_of(message): message for message in parse(text) if key_of(message)[1]}


def directives(text):
    """The placeholders of TEXT in the order of their arguments."""
    found = [(int(match.group(1) or 0), count, match.group(2))
             for count, match in enumerate(DIRECTIVE.finditer(text)) if match.group(2) != "%"]
    return [directive for _, _, directive in sorted(found)]


def keeps_directives(source, translation, is_format):
    """Whether both have the same placeholders. Where they are not printf's, they may be another
    date's."""
    wanted, found = directives(source), directives(translation)
    return wanted == found if is_format else len(wanted) == len(found)


def compare(sources, translation, is_format):
    """Says what is wrong with TRANSLATION of one of SOURCES, the singular and the plural."""
    source = sources[-1]
    if not translation:
        yield "is not translated"
        return
    begin, end = EDGES.match(source).groups()
    if WIDE_BEGIN.match(translation):
        begin = begin.lstrip(" ")
    if WIDE_END.search(translation):
        end = end.lstrip(" ")
    if EDGES.match(translation).groups() != (begin, end):
        yield "begins or ends with other white space"
    if not any(keeps_directives(one, translation, is_format) for one in sources):
        yield "has other placeholders"
    if translation.count("_") != source.count("_"):
        yield "has another mnemonic, or none"
    for url in URL.findall(source):
        if url.rstrip(".,;:!?…") not in translation:
            yield f"has lost {url}"


def compare_forms(wanted, message, n_forms):
    """Says what is wrong with MESSAGE as the translation of WANTED."""
    sources = [wanted.fields[name] for name in ("msgid", "msgid_plural") if name in wanted.fields]
    forms = {name: text for name, text in message.fields.items() if name.startswith("msgstr")}
    names = [f"msgstr[{n}]" for n in range(n_forms)] if len(sources) > 1 else ["msgstr"]
    if "msgid_plural" in message.fields and message.fields["msgid_plural"] != sources[-1]:
        yield "is for another plural"
    if sorted(forms) != sorted(names):
        yield f"has {len(forms)} forms, not {len(names)}"
        return
    if "fuzzy" in message.flags:
        yield "is fuzzy"
    for name in names:
        yield from compare(sources, forms[name], " c-format" in wanted.flags)


def check_catalogue(root, language, wanted, findings):
    """Tells of all that the catalogue of LANGUAGE lacks of WANTED, or has beyond it."""
    path = f"po/{language}.po"
    text = lint.read(root, path)
    messages = parse(text)
    header = next((one.fields["msgstr"] for one in messages if not one.fields["msgid"]), "")
    plural = re.search(r"^Plural-Forms: nplurals=(\d+);", header, re.M)
    if not plural or f"Language: {language}\n" not in header:
        findings.append(f"{path}:1: the header lacks Plural-Forms, or Language: {language}")
        return
    for message in messages:
        if not message.fields["msgid"]:
            continue
        shown = f"{path}:{message.line}: {show(message.fields['msgid'])}"
        if key_of(message) not in wanted:
            findings.append(f"{shown} is in no source any more")
            continue
        findings += [f"{shown} {trouble}" for trouble in
                     compare_forms(wanted[key_of(message)], message, int(plural.group(1)))]
    present = {key_of(message) for message in messages}
    findings += [f"{path}:1: {show(key[1])} is missing" for key in wanted if key not in present]
    if re.search(r"^#[~|]", text, re.M):
        findings.append(f"{path}:1: has obsolete or former messages")
    _, words = run(["msgfmt", "--check", "--output-file=/dev/null", os.path.join(root, path)])
    findings += [line.replace(os.path.join(root, ""), "") for line in words.split("\n")
                 if re.search(r":\d+:", line)]


def main():
    root = sys.argv[1]
    languages = [line for line in lint.read(root, "po/LINGUAS").split("\n")
                 if line and not line.startswith("#")]
    found = [name[:-len(".po")] for name in os.listdir(os.path.join(root, "po"))
             if name.endswith(".po")]
    findings = [f"po/LINGUAS:1: {language} has no catalogue"
                for language in languages if language not in found]
    findings += [f"po/LINGUAS:1: {language} has a catalogue and is missing"
                 for language in sorted(found) if language not in languages]
    if languages != sorted(set(languages)):
        findings.append("po/LINGUAS:1: not sorted")
    wanted = extract(root, findings)
    for language in languages:
        if language in found:
            check_catalogue(root, language, wanted, findings)
    lint.finish(findings)


if __name__ == "__main__":
    main()
