# SPDX-License-Identifier: MIT
"""What tools/check_options.py refuses and what it lets pass."""

import unittest

import check_options as check

LISTING = "URL\tMCP_STDIO_URL\turl\n--header\t\theader\n--ipv4\tMCP_STDIO_IPV4\tipv4\n--http1.1\t\t\n"
REFERENCE = "`URL`, `MCP_STDIO_URL`, `url`; `--header`, `header`; `--ipv4`, `MCP_STDIO_IPV4`, `ipv4`; `--http1.1`."


def found(listing=LISTING, reference=REFERENCE, **others):
    documents = {"docs/options.md": reference}
    documents |= {f"{name}.md": text for name, text in others.items()}
    return "\n".join(check.compare(check.Options(listing), documents))


class CheckOptions(unittest.TestCase):
    def test_lets_agreement_pass(self):
        self.assertEqual(found(readme="use `--header 'A: b'` or `--http1.1`; not a -- word"), "")

    def test_refuses_an_option_that_is_not_documented(self):
        self.assertEqual(found(LISTING + "--new\t\t\n"), "docs/options.md does not name --new")

    def test_refuses_a_documented_option_that_does_not_exist(self):
        self.assertIn("docs/options.md names --gone", found(reference=REFERENCE + " `--gone`"))
        self.assertIn("operations.md names --gone", found(operations="`--gone`"))

    def test_lets_the_options_of_cmake_pass(self):
        self.assertEqual(found(contributing="`cmake --preset dev`"), "")

    def test_is_not_content_with_the_begin_of_a_name(self):
        self.assertIn("does not name --header",
                      found(reference=REFERENCE.replace("`--header`", "`--header-file`")))

    def test_compares_variables_both_ways(self):
        self.assertIn("does not name MCP_STDIO_IPV4",
                      found(reference=REFERENCE.replace("MCP_STDIO_IPV4", "")))
        self.assertIn("names MCP_STDIO_GONE, which no option reads",
                      found(readme="`MCP_STDIO_GONE`"))

    def test_wants_every_config_key(self):
        self.assertIn("config key `ipv4`", found(reference=REFERENCE.replace("`ipv4`", "")))

    def test_fails_when_the_program_lists_nothing(self):
        self.assertEqual(found(listing=""), "the program lists no options")


if __name__ == "__main__":
    unittest.main()
