# SPDX-License-Identifier: Apache-2.0
"""Writes the manual pages: alicorn(1), and one for each of its commands, of what the program itself says in its help.

    python3 scripts/lib/manual.py --program PROGRAM --folder FOLDER [--date SECONDS]

They are in mdoc(7). The date is that of $SOURCE_DATE_EPOCH unless --date gives another. A paragraph of a command's discussion that
begins with "The exit status" becomes the section of that name, and every command must have one.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

EXIT_STATUS = "The exit status"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--date", type=int, default=int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
    wanted = parser.parse_args()
    root = json.loads(ask(wanted.program, "--experimental-dump-help"))["command"]
    commands = [command for command in root["subcommands"] if command["commandName"] != "help" and command["shouldDisplay"]]
    wanted.folder.mkdir(parents=True, exist_ok=True)
    date = time.strftime("%B %d, %Y", time.gmtime(wanted.date)).replace(" 0", " ")
    version = ask(wanted.program, "--version").strip()
    for command in [root, *commands]:
        names = [root["commandName"]] + [command["commandName"]] * (command is not root)
        others = sorted(page(root, other) for other in [root, *commands] if other is not command)
        text = head(date, version, names, command) + body(root, command, commands if command is root else [])
        text += [".Sh SEE ALSO", *[f".Xr {other} 1" + " ," * (other != others[-1]) for other in others]]
        (wanted.folder / f"{'-'.join(names)}.1").write_text("\n".join(text) + "\n")


def ask(program, option):
    return subprocess.run([program, option], check=True, capture_output=True, text=True).stdout


def page(root, command):
    return root["commandName"] if command is root else f"{root['commandName']}-{command['commandName']}"


def head(date, version, names, command):
    return [
        f".Dd {date}", f".Dt {'-'.join(names).upper()} 1", f".Os Alicorn {version}",
        ".Sh NAME", f".Nm {'-'.join(names)}", f".Nd {escaped(command['abstract'].rstrip('.'))}",
        ".Sh SYNOPSIS", f".Nm {' '.join(names)}",
    ]


def body(root, command, commands):
    paragraphs = command.get("discussion", "").split("\n\n")
    statuses = [text for text in paragraphs if text.startswith(EXIT_STATUS)]
    if not statuses:
        sys.exit(f"The help of {command['commandName']} does not say what its exit statuses mean: "
                 f'its discussion needs a paragraph that begins with "{EXIT_STATUS}".')
    positionals = [argument for argument in shown(command) if argument["kind"] == "positional"]
    text = [".Op Ar command"] * bool(commands) + [".Op Ar options", *map(placed, positionals)]
    described = [text for text in paragraphs if text not in statuses] or [command["abstract"]]
    text += [".Sh DESCRIPTION", *prose(described[0])]
    for paragraph in described[1:]:
        text += [".Pp", *prose(paragraph)]
    if positionals:
        text += [".Ss Arguments", *listed([([f"Ar {escaped(each['valueName'])}"], each) for each in positionals])]
    if commands:
        text += [".Sh COMMANDS", ".Bl -tag -width Ds"]
        for each in commands:
            name = each["commandName"] + " (default)" * (each["commandName"] == command.get("defaultSubcommand"))
            text += [f".It Cm {escaped(name)}", *line(each["abstract"]), "See", f".Xr {page(root, each)} 1 ."]
        text += [".El"]
    return text + options(command) + [".Sh EXIT STATUS", *(each for status in statuses for each in prose(status))]


def shown(command):
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def placed(positional):
    name = f"Ar {escaped(positional['valueName'])}" + " ..." * positional["isRepeating"]
    return f".Op {name}" if positional["isOptional"] else f".{name}"


def options(command):
    """The options by their titles, in the order of the help, where those without one come last."""
    sections = {}
    for argument in shown(command):
        if argument["kind"] != "positional":
            sections.setdefault(argument.get("sectionTitle", "General"), []).append(argument)
    general = sections.pop("General", [])
    text = [".Sh OPTIONS"]
    for title, arguments in [*sections.items(), ("General", general)]:
        if sections:
            text += [f".Ss {escaped(title)}"]
        text += listed(both(arguments))
    return text


def both(arguments):
    """Options with their names; a flag and what turns it off, which have one help, are one."""
    items = []
    for argument in arguments:
        names = [flag(name) for name in argument["names"]]
        if argument["kind"] == "option":
            names[-1] += f" Ar {escaped(argument['valueName']).replace(' ', chr(92) + ' ')}"
        if items and argument["kind"] == "flag" and items[-1][1].get("abstract") == argument.get("abstract"):
            items[-1][0].extend(names)
        else:
            items.append((names, argument))
    return items


def flag(name):
    return "Fl " + escaped("-" * (name["kind"] == "long") + name["name"], is_code=True)


def listed(items):
    text = [".Bl -tag -width Ds"]
    for names, argument in items:
        text += [".It " + " , ".join(names), *line(argument.get("abstract", ""))]
        facts = []
        if argument.get("allValues") and "|".join(argument["allValues"]) != argument["valueName"]:
            facts += ["one of " + ", ".join(argument["allValues"])]
        if "defaultValue" in argument and argument["kind"] != "flag":
            facts += ["default: " + argument["defaultValue"]]
        if facts:
            text += line(f"[{'; '.join(facts)}]")
    return text + [".El"]


def prose(paragraph):
    """A paragraph; indented lines stay as they are."""
    lines = paragraph.split("\n")
    if all(each.startswith("  ") for each in lines):
        return [".Bd -literal", *map(escaped, lines), ".Ed"]
    return [each for text in lines for each in line(text)]


def line(text):
    """Each sentence begins a line of its own, as mdoc has it."""
    return [escaped(sentence) for sentence in re.split(r"(?<=[^ .]\.) (?=[A-Z])", text.strip()) if sentence]


def escaped(text, is_code=False):
    text = text.replace("\\", "\\e")
    if is_code:
        return text.replace("-", "\\-")
    text = re.sub(r"(?<![\w-])--?(?=\w)", lambda dashes: "\\-" * len(dashes[0]), text)
    # Names are not hyphenated.
    text = re.sub(r"(?<!\S)(?=\w*[_:/]\w|alicorn\b)", r"\\%", text)
    # What begins with these would be a request.
    return "\\&" + text if text[:1] in (".", "'") else text


main()
