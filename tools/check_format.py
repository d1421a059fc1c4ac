#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on a C++ file that clang-format 19 would change, or that begins without its license."""

import argparse
import pathlib
import re
import subprocess
import sys

from cpp_text import cpp_files

FORMATTER = "clang-format-19"
LICENSE = "// SPDX-License-Identifier: MIT\n"


def problems(root):
    files = list(cpp_files(root))
    if not files:
        return [f"no C++ files found in {root}"]
    found = [f"{path.relative_to(root)}:1: the first line is not {LICENSE.strip()}"
             for path in files if not path.read_text(encoding="utf-8").startswith(LICENSE)]
    run = subprocess.run([FORMATTER, "--dry-run", "--Werror", *files], capture_output=True, text=True)
    changed = re.findall(r"^(.*?):\d+:\d+: error:", run.stderr, re.MULTILINE)
    found += [f"{pathlib.Path(name).relative_to(root)}: {FORMATTER} -i would change it"
              for name in sorted(set(changed))]
    if run.returncode != 0 and not changed:
        found.append(f"{FORMATTER} failed: {run.stderr.strip()}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    try:
        found = problems(parser.parse_args().root.resolve())
    except FileNotFoundError:
        found = [f"cannot find {FORMATTER}: apt-get install {FORMATTER}"]
    print("\n".join(found) or "every C++ file is formatted and has its license")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
