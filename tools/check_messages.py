#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when the failures of signing in and their entries in docs/troubleshooting.md differ.

A message is what a failure or a warning is made with, in SOURCES. An entry is a code span in the first
cell of a table of messages there: a part of a message, with NAME, STATUS or the like
for what the program fills in. Each message needs an entry, each entry must be in a text of src/, and each code of
src/oauth/refusal_advice.cpp, such as AADSTS50011, must stand in a table of codes.
"""

import argparse
import pathlib
import re
import sys

from cpp_text import code_only, cpp_files, end_of_group, line_of

DOCUMENT = "docs/troubleshooting.md"
ADVICE = "src/oauth/refusal_advice.cpp"
SOURCES = re.compile(r"src/(?:auth/|oauth/|store/|crypto/(?:pem|jwk_reader|signing_key)\."
                     r"|cli/(?:sign_in|jwt_sources|key_material|private_file))")
TESTS = re.compile(r"_(?:test|fixture)\.")
MAKERS = re.compile(r"\b(?:fail|refuse|not_usable|ended|unusable|log::warning|log::error"
                    r"|(?:warnings|mistakes)\.(?:push|emplace)_back)(?=\()|\bError(?=\{)")
LITERAL = r'"((?:\\.|[^"\\\n])*)"'
LITERALS = re.compile(rf"(?:{LITERAL}\s*)+")
PLACEHOLDER = re.compile(r"\b(?:NAME|NUMBER|FILE|METHOD|OPTION|ENDPOINT|STATUS|VERB|\d+)\b")
SHORTEST = 10  # fixed characters of an entry: one that has fewer must be the whole message

# Message -> why it needs no entry.
UNLISTED = {
    "cancelled": "nobody waits for it any more",
    "a DPoP proof needs the URL of its request": "each request has a URL that was read before",
}


def literals(text):
    """(place, text) of each run of literals, as the compiler joins them."""
    for run in LITERALS.finditer(text):
        joined = "".join(re.findall(LITERAL, run[0])).replace('\\"', '"')
        yield run.start(), re.sub(r"\{[^{}]*\}", "{}", joined)


def messages(text):
    """(place, message) of each; {} stands for what the program fills in."""
    code = code_only(text)
    for maker in MAKERS.finditer(code):
        group = text[maker.end():end_of_group(code, maker.end())]
        pieces = [piece for _, piece in literals(group) if re.search(r"[a-z]{2}", piece)]
        if pieces and pieces[0] not in UNLISTED:
            yield maker.start(), " {} ".join(pieces)


def pattern_of(entry):
    """STATUS is a number, so that `answered STATUS` does not stand for `answered without a code`."""
    words = re.split(f"({PLACEHOLDER.pattern})", entry)
    filled = [r"(?:\{\}|\d+)" if word == "STATUS" else r"\S+" for word in words[1::2]] + [""]
    return re.compile("".join(re.escape(fixed) + word for fixed, word in zip(words[::2], filled)))


def covers(entry, message):
    pattern, fixed = pattern_of(entry), PLACEHOLDER.sub("", entry)
    return bool(pattern.search(message) if len(fixed) >= SHORTEST else pattern.fullmatch(message))


def entries(document, kind):
    """(line, span) of the first cells of the tables whose first column is called `kind`."""
    inside = False
    for number, line in enumerate(document.splitlines(), 1):
        head = re.match(r"\| (.*?[^\\]) \|", line)
        inside = bool(head) and (inside or head[1] == kind) or inside and line.startswith("|---")
        if inside and head:
            yield from ((number, span) for span in re.findall(r"`([^`]+)`", head[1]))


def problems(root):
    if not (root / DOCUMENT).is_file() or not (root / ADVICE).is_file():
        return [f"cannot find {DOCUMENT} and {ADVICE} in {root}"]
    document = (root / DOCUMENT).read_text(encoding="utf-8")
    listed = list(entries(document, "message"))
    found, said = [], []
    for path in cpp_files(root):
        name = path.relative_to(root).as_posix()
        if not name.startswith("src/") or TESTS.search(name):
            continue
        text = path.read_text(encoding="utf-8")
        said += [piece for _, piece in literals(text)]
        if SOURCES.match(name):
            found += [f"{name}:{line_of(text, at)}: no entry for `{message}`" for at, message in messages(text)
                      if not any(covers(span, message) for _, span in listed)]
    corpus = "\n".join(said)
    found += [f"{DOCUMENT}:{line}: no message has `{span}`" for line, span in listed
              if not pattern_of(span).search(corpus)]
    codes = {span for _, span in entries(document, "code")}
    known = re.findall(r'Row\{"(\w+)"', (root / ADVICE).read_text(encoding="utf-8"))
    return found + [f"{DOCUMENT}: no entry for `{code}`, which {ADVICE} knows" for code in known if code not in codes]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = problems(parser.parse_args().root)
    print("\n".join(found) or f"the failures of signing in and {DOCUMENT} agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
