# SPDX-License-Identifier: MIT
"""What tools/check_docs.py refuses and what it lets pass."""

import unittest

import check_docs as check
from tree import TreeTest


class CheckDocs(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("src/base/result.h")
        self.write("tools/check.py")
        self.write("docs/guide.md", "# Guide\n\n## How it (really) works\n")
        self.write("README.md", "# Top\n")

    def found(self, readme):
        self.write("README.md", readme)
        return "\n".join(check.problems(self.root))

    def test_lets_what_exists_pass(self):
        self.assertEqual(self.found("`src/base/result.h`, `base/result.h`, `src/base/`, `tools/check.py`, "
                                    "[guide](docs/guide.md#how-it-really-works), [top](#top)\n\n# Top\n"), "")

    def test_refuses_a_file_that_does_not_exist(self):
        self.assertEqual(self.found("one\n`src/base/gone.h`\n"),
                         "README.md:2: `src/base/gone.h` does not exist")

    def test_refuses_it_below_docs_too(self):
        self.write("docs/decisions/1.md", "`base/gone.h`")
        self.assertIn("docs/decisions/1.md:1: `base/gone.h`", self.found(""))

    def test_refuses_a_folder_that_does_not_exist(self):
        self.assertIn("`src/gone/` does not exist", self.found("`src/gone/`"))

    def test_refuses_a_link_that_leads_nowhere(self):
        self.assertIn("docs/gone.md leads nowhere", self.found("[x](docs/gone.md)"))
        self.assertIn("gone.svg leads nowhere", self.found('<img src="gone.svg">'))

    def test_refuses_a_link_to_a_heading_that_is_not_there(self):
        self.assertIn("names a heading", self.found("[x](docs/guide.md#gone)"))
        self.assertIn("names a heading", self.found("[x](#gone)"))

    def test_leaves_methods_patterns_and_the_web_alone(self):
        self.assertEqual(self.found("`tools/list` `tools/*.py` `text/html` `build/release/x.y` "
                                    "`src/<module>/a.h` [web](https://a.example/b)"), "")

    def test_leaves_code_blocks_alone(self):
        self.assertEqual(self.found("```\n`src/base/gone.h`\n# no heading\n```\n"), "")

    def test_refuses_a_message_that_the_program_does_not_have(self):
        self.write("src/base/result.cpp", 'f("cannot find {}: "\n  "no address"); g("HTTP {}");')
        self.write("docs/troubleshooting.md",
                   "## Messages\n\n| `cannot find {}: no address` |\n| `HTTP 404` |\n| `is gone` |\n")
        self.assertEqual(self.found(""), "docs/troubleshooting.md:5: the program has no message with `is gone`")

    def test_fails_when_there_is_nothing_to_read(self):
        (self.root / "README.md").unlink()
        self.assertIn("cannot find", "\n".join(check.problems(self.root)))


if __name__ == "__main__":
    unittest.main()
