# SPDX-License-Identifier: MIT
"""What tools/check_messages.py refuses and what it lets pass."""

import unittest

import check_messages as check
from tree import TreeTest

PAGE = """| message | cause | what to do |
|---|---|---|
{}
## Codes

| code | cause | what to do |
|---|---|---|
| `AADSTS1` | A code. | Wait. |
"""


class CheckMessages(TreeTest):
    def setUp(self):
        super().setUp()
        self.entries()
        self.write(check.ADVICE, 'Row{"AADSTS1", "wait"}')

    def entries(self, *cells):
        rows = "".join(f"| {cell} | A cause. | Wait; see `another span`. |\n" for cell in cells)
        self.write(check.DOCUMENT, PAGE.format(rows))

    def source(self, text, name="src/oauth/a.cpp"):
        self.write(name, text)

    def found(self):
        return "\n".join(check.problems(self.root))

    def test_lets_agreement_pass(self):
        self.entries("`the login was lost`, `the key is NAME` (log)")
        self.source('return fail(Kind::io, "the login was lost: try again");\n'
                    'log::warning("the key is {}; going on", name);')
        self.assertEqual(self.found(), "")

    def test_refuses_a_message_without_an_entry(self):
        self.source('\nreturn fail(Kind::io, fmt::format("the {:.9} "\n"was \\"lost\\"", what(")")));')
        self.assertEqual(self.found(), 'src/oauth/a.cpp:2: no entry for `the {} was "lost"`')

    def test_knows_the_ways_to_make_a_message(self):
        for way in ('return Error{.message = "it was lost"};', 'log::error("it was lost");',
                    'co_return fail(Kind::io, "it was " + name);',
                    'findings.mistakes.emplace_back("it was lost");'):
            self.source(way)
            self.assertIn("src/oauth/a.cpp:1: no entry for `it was", self.found(), way)

    def test_refuses_an_entry_that_no_message_has(self):
        self.entries("`the login was lost`", "`the login was found`")
        self.source('fail(Kind::io, "the login was lost");')
        self.assertEqual(self.found(), f"{check.DOCUMENT}:4: no message has `the login was found`")

    def test_is_not_content_with_an_entry_that_only_a_comment_or_a_test_has(self):
        self.entries("`the login was lost`")
        self.source("// the login was lost")
        self.source('fail(Kind::io, "the login was lost");', "src/oauth/a_test.cpp")
        self.assertEqual(self.found(), f"{check.DOCUMENT}:3: no message has `the login was lost`")

    def test_takes_a_short_entry_for_a_whole_message_only(self):
        self.entries("`METHOD needs OPTION`")
        self.source('fail(Kind::io, fmt::format("{} needs {}", a, b));')
        self.assertEqual(self.found(), "")
        self.source('fail(Kind::io, "{} needs {}");fail(Kind::io, "the server needs more time");')
        self.assertEqual(self.found(), "src/oauth/a.cpp:1: no entry for `the server needs more time`")

    def test_takes_a_status_for_a_number(self):
        self.entries("`ENDPOINT answered STATUS`")
        self.source('fail(Kind::io, "{} answered {}"); fail(Kind::io, "{} answered without a code");')
        self.assertEqual(self.found(), "src/oauth/a.cpp:1: no entry for `{} answered without a code`")

    def test_looks_for_entries_in_the_first_cell_of_tables_of_messages(self):
        self.source('fail(Kind::io, "another span");')
        self.entries("`the login was lost`")
        self.assertIn("no entry for `another span`", self.found())

    def test_wants_no_entry_for_other_messages(self):
        self.source('fail(Kind::io, "the file was lost");', "src/net/a.cpp")
        self.source('log::debug("the login was lost"); fail(Kind::cancelled, "cancelled");')
        self.assertEqual(self.found(), "")

    def test_refuses_a_code_without_an_entry(self):
        self.entries("`AADSTS2`")
        self.write(check.ADVICE, 'Row{"AADSTS1", "wait"}, Row{"AADSTS2", "wait"}')
        self.assertEqual(self.found(), f"{check.DOCUMENT}: no entry for `AADSTS2`, which {check.ADVICE} knows")

    def test_fails_when_it_cannot_find_its_input(self):
        (self.root / check.ADVICE).unlink()
        self.assertIn("cannot find", self.found())


if __name__ == "__main__":
    unittest.main()
