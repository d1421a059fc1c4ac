// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <algorithm>
#include <array>

#include "cli/option.h"

namespace mcpio::cli {
namespace {

constexpr std::array kGeneralOnly = {Purpose::general};
constexpr std::array kSigningIn = {Purpose::credentials,
                                   Purpose::signing_in,
                                   Purpose::who_the_client_is,
                                   Purpose::browser,
                                   Purpose::authorization_server,
                                   Purpose::without_a_person,
                                   Purpose::network,
                                   Purpose::logging,
                                   Purpose::general};
constexpr std::array kLooking = {Purpose::logging, Purpose::general};
constexpr std::array kDescribing = {Purpose::signing_in, Purpose::who_the_client_is,
                                    Purpose::browser, Purpose::general};

constexpr CommandEntry kCommandTable[] = {
    {.command = Command::connect,
     .name = "connect",
     .arguments = "URL [OPTIONS]",
     .summary = "connect a client on stdin and stdout to the server (the word may be left out)",
     .text = {},
     .example = {},
     .target = Target::server,
     .purposes = kPurposes},
    {.command = Command::login,
     .name = "login",
     .arguments = "URL [OPTIONS]",
     .summary = "sign in now, in this terminal",
     .text = "Signs in at the authorization server of the MCP server at URL, whether or not there "
             "is a login already, and keeps the token for the next time. The last line says what "
             "was stored where. If the browser is on another machine, paste the address of its "
             "last page, whole, into the terminal.",
     .example = "login https://mcp.example.com/mcp",
     .target = Target::server,
     .purposes = kSigningIn},
    {.command = Command::logout,
     .name = "logout",
     .arguments = "URL [OPTIONS]",
     .summary = "revoke the tokens and forget them",
     .text = "Revokes the stored tokens of the MCP server at URL (RFC 7009) and removes them. They "
             "are removed even if the authorization server cannot be told; the exit code is then "
             "1.",
     .example = "logout https://mcp.example.com/mcp",
     .target = Target::server,
     .purposes = kSigningIn},
    {.command = Command::status,
     .name = "status",
     .arguments = "[OPTIONS]",
     .summary = "show who is signed in where",
     .text = "Shows the stored logins: server, issuer, client, method, scopes, expiry, and where "
             "they are stored. No token is shown, and no server is asked.",
     .example = "status --json",
     .target = Target::none,
     .purposes = kLooking},
    {.command = Command::token,
     .name = "token",
     .arguments = "URL [OPTIONS]",
     .summary = "print a fresh access token, for scripts",
     .text = "Prints the access token for the MCP server at URL on stdout, and nothing else. An "
             "expired one is refreshed first. A browser is opened only with --oauth. Without a "
             "token the exit code is 1.",
     .example = "token https://mcp.example.com/mcp",
     .target = Target::server,
     .purposes = kSigningIn},
    {.command = Command::client_metadata,
     .name = "client-metadata",
     .arguments = "URL [OPTIONS]",
     .summary = "print the client metadata document to publish at URL",
     .text = "Prints the document that makes URL, an https address of yours, a client id for "
             "--client-metadata-url. Publish it there as application/json.",
     .example = "client-metadata https://example.com/mcp-client.json",
     .target = Target::document,
     .purposes = kDescribing},
    {.command = Command::demo,
     .name = "demo",
     .arguments = "",
     .summary = "play a login and some calls, with a server of its own",
     .text = "Plays a conversation between a client and a server of its own, through this program. "
             "The server wants a login, which needs no person. Nothing of yours is read or "
             "written.",
     .example = {},
     .target = Target::none,
     .purposes = kGeneralOnly},
};

}  // namespace

std::span<const CommandEntry> command_table() { return kCommandTable; }

const CommandEntry& entry_of(Command command) {
  return *std::ranges::find(kCommandTable, command, &CommandEntry::command);
}

std::optional<Command> parse_command(std::string_view name) {
  const auto* const found = std::ranges::find(kCommandTable, name, &CommandEntry::name);
  return found != std::end(kCommandTable) ? std::optional(found->command) : std::nullopt;
}

bool takes(Command command, const Option& option) {
  if (option.commands != 0) return (option.commands & only_for(command)) != 0;
  const CommandEntry& entry = entry_of(command);
  if (option.is_positional) return entry.target != Target::none;
  return std::ranges::find(entry.purposes, option.purpose) != entry.purposes.end();
}

}  // namespace mcpio::cli
