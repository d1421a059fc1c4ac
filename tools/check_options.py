#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when the options the program knows and the options the documents name differ.

The program's own list comes from `mcp-stdio --list-options`: one option a line, as its name, its
environment variable and its config key, with tabs between (the last two may be empty).
docs/options.md must name all of them and nothing else; README.md must name nothing else. To keep it
so simple, neither shows options of other programs. A name without dashes is an argument, such as URL.
"""

import argparse
import pathlib
import re
import subprocess
import sys

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9.-]*[a-z0-9]")
VARIABLE = re.compile(r"\bMCP_[A-Z0-9_]+\b")
# Not options of the program: how this check and CMake ask it things.
HIDDEN = {"--list-options"}


class Options:
    def __init__(self, listing):
        self.names, self.variables, self.keys = set(), set(), set()
        for line in listing.splitlines():
            name, variable, key = (line.split("\t") + ["", ""])[:3]
            self.names.add(name)
            self.variables |= {variable} - {""}
            self.keys |= {key} - {""}
        self.names -= HIDDEN


def compare(options, reference, readme):
    if not options.names:
        yield "the program lists no options"
        return
    described = {"docs/options.md": reference, "README.md": readme}
    for document, text in described.items():
        for name in sorted(set(OPTION.findall(text)) - options.names - HIDDEN):
            yield f"{document} names {name}, which the program does not know"
        for name in sorted(set(VARIABLE.findall(text)) - options.variables):
            yield f"{document} names {name}, which no option reads"
    code_spans = set(re.findall(r"`([^`\n]+)`", reference))
    named = set(OPTION.findall(reference)) | set(VARIABLE.findall(reference)) | code_spans
    for name in sorted((options.names | options.variables) - named):
        yield f"docs/options.md does not name {name}"
    for key in sorted(options.keys - code_spans):
        yield f"docs/options.md does not name the config key `{key}`"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the mcp-stdio to ask")
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    try:
        listing = subprocess.run([arguments.program, "--list-options"], capture_output=True,
                                 text=True, check=True, timeout=30).stdout
        reference = (arguments.root / "docs" / "options.md").read_text(encoding="utf-8")
        readme = (arguments.root / "README.md").read_text(encoding="utf-8")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"cannot compare the options: {error}")
        return 1
    found = list(compare(Options(listing), reference, readme))
    print("\n".join(found) or "the options and the documents agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
