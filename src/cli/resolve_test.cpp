// SPDX-License-Identifier: MIT
#include "cli/resolve.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>

#include "base/log.h"
#include "support/test_ca.h"

namespace mcpio::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Arguments = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

constexpr const char* kUrl = "https://a.example/mcp";

Resolved resolved(const Arguments& arguments, const Variables& variables = {}) {
  return resolve(parse_command_line(arguments),
                 [&variables](const std::string& name) -> std::optional<std::string> {
                   const auto found = variables.find(name);
                   return found != variables.end() ? std::optional(found->second) : std::nullopt;
                 });
}

std::string field(const Resolved& result, std::string_view name) {
  for (const auto& credential : result.config.credentials)
    if (credential.name == name) return std::string(credential.value.reveal());
  return "(none)";
}

// A file that is gone with the test.
class TemporaryFile {
 public:
  TemporaryFile(std::string_view text, mode_t mode) {
    const int fd = mkstemp(path_);
    EXPECT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(fchmod(fd, mode), 0);
    close(fd);
  }
  ~TemporaryFile() { std::remove(path_); }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/mcp-stdio-test-XXXXXX";
};

TEST(Resolve, ALoginThatIsNamedBesideATokenIsAContradiction) {
  for (const char* login : {"--oauth", "--oauth-device"})
    for (const char* token : {"--bearer-token=abc", "--bearer-token="})
      EXPECT_THAT(resolved({kUrl, login, token}).mistakes.lines(),
                  ElementsAre(HasSubstr(std::string(login) + " and --bearer-token exclude")));
  EXPECT_THAT(resolved({kUrl, "--oauth", "--oauth-device"}).mistakes.lines(),
              ElementsAre(HasSubstr("--oauth --grant device-code")));
  EXPECT_THAT(resolved({kUrl, "--oauth", "--grant", "device-code"}).mistakes.lines(), IsEmpty());
}

// It may be there for other runs.
TEST(Resolve, ALoginThatIsNamedWinsOverATokenInTheEnvironment) {
  const Variables token = {{"MCP_BEARER_TOKEN", "abc"}};
  for (const char* login : {"--oauth", "--oauth-device"}) {
    const auto result = resolved({kUrl, login}, token);
    EXPECT_THAT(result.mistakes.lines(), IsEmpty());
    EXPECT_THAT(result.warnings, IsEmpty());
    EXPECT_EQ(result.config.sign_in, SignInMode::first);
    EXPECT_EQ(result.config.oauth.asking, auth::Asking::always);
  }
  EXPECT_EQ(resolved({kUrl}, token).config.sign_in, SignInMode::never);
  EXPECT_EQ(resolved({kUrl, "--oauth-device"}).config.sign_in, SignInMode::when_asked);
}

TEST(Resolve, ALoginThatIsNamedWinsOverTheUsersHeaderAndSaysSo) {
  for (const char* login : {"--oauth", "--oauth-device"}) {
    const auto result = resolved({kUrl, login, "-H", "authorization: Basic YTpi"});
    EXPECT_THAT(result.mistakes.lines(), IsEmpty());
    EXPECT_THAT(result.warnings,
                ElementsAre("the login's token replaces the header Authorization"));
    EXPECT_EQ(result.config.sign_in, SignInMode::first);
  }
  EXPECT_THAT(resolved({"https://u:password@a.example/mcp", "--oauth"}).warnings,
              ElementsAre("the login's token replaces the user and password in the URL"));
  const auto without = resolved({kUrl, "-H", "authorization: Basic YTpi"});
  EXPECT_EQ(without.config.sign_in, SignInMode::never);
  EXPECT_THAT(without.warnings, IsEmpty());
}

TEST(Resolve, AClientIdComesBeforeAMetadataDocument) {
  EXPECT_THAT(
      resolved({kUrl, "--client-id", "c", "--client-metadata-url", "https://a.example/c"}).warnings,
      ElementsAre(HasSubstr("--client-metadata-url is not used")));
}

TEST(Resolve, AnAddressForTheCallbackIsOneAndIsWarnedOf) {
  for (const auto& [given, host] : {std::pair("::1", "[::1]"), std::pair("[::1]", "[::1]"),
                                    std::pair("localhost", "localhost")})
    EXPECT_EQ(resolved({kUrl, "--callback-host", given}).config.oauth.callback_host, host);
  for (const char* given : {"", "localhost:80", "localhost/x", "me@localhost", "[::1", "a b"})
    EXPECT_THAT(resolved({kUrl, "--callback-host", given}).mistakes.lines(),
                ElementsAre(HasSubstr("is no host")))
        << given;
  const auto open = resolved({kUrl, "--callback-bind", "0.0.0.0"});
  EXPECT_EQ(open.config.oauth.callback_bind, "0.0.0.0");
  EXPECT_THAT(open.warnings, ElementsAre(HasSubstr("--callback-bind 0.0.0.0: whoever can reach")));
  EXPECT_THAT(resolved({kUrl, "--callback-bind", "::1"}).warnings, IsEmpty());
  EXPECT_THAT(resolved({kUrl, "--callback-bind", "localhost"}).mistakes.lines(),
              ElementsAre(HasSubstr("no IP address")));
}

// A token may be bound to it (RFC 8705, section 3).
TEST(Resolve, TheMcpServerIsShownTheCertificateOfTheLogin) {
  const test::TestCa ca;
  const auto result = resolved({kUrl, "--oauth-client-cert", ca.certificate_file(),
                                "--oauth-client-cert-key", ca.key_file()});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_EQ(result.config.http.tls.client_cert, ca.certificate_file());
  EXPECT_EQ(result.config.http.tls.client_key, ca.key_file());
  ASSERT_TRUE(result.config.oauth.server_certificate);
  EXPECT_EQ(result.config.oauth.server_certificate->file, ca.certificate_file());
}

TEST(Resolve, TheMcpServerIsShownTheCertificateThatTheUserNamesForIt) {
  const test::TestCa ca, relay;
  const auto result = resolved({kUrl, "--oauth-client-cert", ca.certificate_file(),
                                "--oauth-client-cert-key", ca.key_file(), "--client-cert",
                                relay.certificate_file(), "--client-cert-key", relay.key_file()});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, Contains(HasSubstr("is shown --client-cert")));
  EXPECT_EQ(result.config.http.tls.client_cert, relay.certificate_file());
  EXPECT_EQ(result.config.oauth.server_certificate->file, relay.certificate_file());
}

// The relay's certificate is for the MCP server's TLS alone.
TEST(Resolve, ACertificateForTheMcpServerProvesNothingElsewhere) {
  const test::TestCa ca;
  const auto result =
      resolved({kUrl, "--client-cert", ca.certificate_file(), "--client-cert-key", ca.key_file()});
  EXPECT_FALSE(result.config.oauth.certificate);
  EXPECT_FALSE(result.config.oauth.has_client_material());
}

TEST(Resolve, NeedsNothingButTheUrl) {
  const auto result = resolved({kUrl});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(codec::to_string(result.config.server), kUrl);
  EXPECT_THAT(result.config.credentials, IsEmpty());
  EXPECT_TRUE(result.config.http.tcp_keepalive);
  EXPECT_TRUE(result.config.cancel_filter);
  EXPECT_TRUE(result.config.proactive_refresh);
  EXPECT_FALSE(resolved({kUrl, "--no-proactive-refresh"}).config.proactive_refresh);
  EXPECT_TRUE(result.config.normalize_arguments);
  EXPECT_EQ(result.config.max_message_bytes, 64u * 1024 * 1024);
}

TEST(Resolve, FillsTheConfigurationWithTypedValues) {
  const TemporaryFile pem("", 0600);
  const auto result = resolved({kUrl,
                                "--transport",
                                "sse",
                                "--timeout-connect",
                                "1",
                                "--timeout-read",
                                "2.5",
                                "--timeout-request",
                                "3",
                                "--sse-read-timeout",
                                "0",
                                "--ping-interval",
                                "30",
                                "--max-message-size",
                                "1M",
                                "--no-tcp-keepalive",
                                "--no-cancel-filter",
                                "--no-normalize-arguments",
                                "--proxy",
                                "proxy.example:3128",
                                "--cacert",
                                pem.path(),
                                "--client-cert",
                                pem.path(),
                                "--client-cert-key",
                                pem.path(),
                                "--ipv6",
                                "--http1.1",
                                "--allow-tool",
                                "read_*,list_*",
                                "--allow-tool",
                                "get_?",
                                "--ignore-tool",
                                "*_secret",
                                "--log-level",
                                "debug",
                                "--log-file",
                                "a.log",
                                "--log-format",
                                "json",
                                "--check",
                                "--json"});
  const ConnectConfig& config = result.config;
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_EQ(config.transport, Transport::sse);
  EXPECT_EQ(config.timeout_connect, seconds(1));
  EXPECT_EQ(config.timeout_read, milliseconds(2500));
  EXPECT_EQ(config.timeout_request, seconds(3));
  EXPECT_EQ(config.sse_read_timeout, seconds(0));
  EXPECT_EQ(config.ping_interval, seconds(30));
  EXPECT_EQ(config.max_message_bytes, 1024u * 1024);
  EXPECT_FALSE(config.http.tcp_keepalive);
  EXPECT_FALSE(config.cancel_filter);
  EXPECT_FALSE(config.normalize_arguments);
  EXPECT_EQ(config.http.proxies.for_http(), "http://proxy.example:3128");
  EXPECT_EQ(config.http.proxies.for_https(), "http://proxy.example:3128");
  EXPECT_EQ(config.http.tls.ca_file, pem.path());
  EXPECT_EQ(config.http.tls.client_cert, pem.path());
  EXPECT_EQ(config.http.tls.client_key, pem.path());
  EXPECT_EQ(config.http.ip_version, http::IpVersion::v6);
  EXPECT_TRUE(config.http.http1_only);
  EXPECT_THAT(config.allow_tools, ElementsAre("read_*", "list_*", "get_?"));
  EXPECT_THAT(config.ignore_tools, ElementsAre("*_secret"));
  EXPECT_EQ(config.log.level, log::Level::debug);
  EXPECT_EQ(config.log.file, "a.log");
  EXPECT_EQ(config.log.format, log::Format::json);
  EXPECT_TRUE(config.check);
  EXPECT_TRUE(config.json);
}

struct Wrong {
  Arguments arguments;
  int exit_code;
  std::string_view says;
};

class WrongCommandLines : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCommandLines, AreRefusedWithTheNextStep) {
  Arguments arguments = GetParam().arguments;
  arguments.emplace_back(kUrl);
  const auto result = resolved(arguments);
  EXPECT_THAT(result.mistakes.lines(), ElementsAre(HasSubstr(std::string(GetParam().says))));
  EXPECT_EQ(result.mistakes.exit_code(), GetParam().exit_code);
}

const Wrong kWrong[] = {
    {{"--timeout-connect", "0"}, 2, "--timeout-connect: must be above 0"},
    {{"--timeout-connect", "-1"}, 2, "not a number of seconds"},
    {{"--timeout-read", "nan"}, 2, "--timeout-read: 'nan'"},
    {{"--timeout-read", "inf"}, 2, "not a number of seconds"},
    {{"--timeout-read", "0"}, 2, "above 0"},
    {{"--sse-read-timeout", "ten"}, 2, "--sse-read-timeout: 'ten'"},
    {{"--ping-interval", "-0.5"}, 2, "--ping-interval"},
    {{"--max-message-size", "-1"}, 2, "not a size"},
    {{"--max-message-size", "1.5"}, 2, "not a size"},
    {{"--transport", "streamable"}, 2, "did you mean streamable-http?"},
    {{"--transport", "websocket"}, 2, "use auto, streamable-http or sse"},
    {{"--log-level", "wanring"}, 2, "did you mean warning?"},
    {{"--log-format", "xml"}, 2, "use text or json"},
    {{"--allow-tool", ""}, 2, "empty pattern"},
    {{"--ignore-tool", "a,,b"}, 2, "empty pattern"},
    {{"--proxy", "ftp://p"}, 2, "socks5h"},
    {{"--proxy", "http://"}, 2, "://host:port"},
    {{"--proxy", "http://p q"}, 2, "://host:port"},
    {{"--insecure=maybe"}, 2, "neither yes nor no"},
    {{"--json"}, 2, "--check"},
    {{"--url", kUrl}, 2, "given twice"},
    {{"--cacert", "/does/not/exist"}, 1, "cannot read '/does/not/exist'"},
    {{"--header-file", "/does/not/exist"}, 1, "No such file"},
    {{"--config", "/does/not/exist"}, 1, "No such file"},
    {{"--ipv4", "--ipv6"}, 1, "exclude each other"},
    {{"--client-cert-key", "/dev/null"}, 1, "add --client-cert FILE"},
    {{"-H", "no colon"}, 1, "--header: a header needs a colon"},
    {{"-H", "A: b\nc"}, 1, "line break"},
    {{"-H", "A B: c"}, 1, "name"},
    {{"-H", "A: ${MCP_UNSET}"}, 1, "MCP_UNSET is not set"},
    {{"--bearer-token", "a\r\nb"}, 1, "line break"},
};

INSTANTIATE_TEST_SUITE_P(Each, WrongCommandLines, testing::ValuesIn(kWrong));

TEST(Resolve, ReportsAllMistakesTogether) {
  const auto result = resolved({"--timeout-read", "x", "--chek", "-H", "bad", "--ipv4", "--ipv6"});
  EXPECT_THAT(
      result.mistakes.lines(),
      ElementsAre(HasSubstr("--chek, did you mean --check?"), HasSubstr("--timeout-read"),
                  HasSubstr("URL is missing"), HasSubstr("--ipv4 and --ipv6"), HasSubstr("colon")));
  EXPECT_EQ(result.mistakes.exit_code(), 2);
}

TEST(Resolve, ExplainsAMissingUrl) {
  const auto result = resolved({});
  EXPECT_THAT(result.mistakes.lines(), ElementsAre(HasSubstr("mcp-stdio demo")));
  EXPECT_EQ(result.mistakes.exit_code(), 2);
}

TEST(Resolve, KnowsWhichUrlWasMeant) {
  EXPECT_THAT(resolved({"example.com/mcp"}).mistakes.lines(),
              ElementsAre(HasSubstr(", as in https://example.com/mcp")));
  EXPECT_THAT(resolved({"localhost:1/mcp"}).mistakes.lines(),
              ElementsAre(HasSubstr(", as in http://localhost:1/mcp")));
  for (const char* other : {"xyz", "ftp://example.com/", "example.com:x"})
    EXPECT_THAT(resolved({other}).mistakes.lines(), ElementsAre(testing::Not(HasSubstr("as in"))))
        << other;
}

// It may well be in the file.
TEST(Resolve, DoesNotMissTheUrlBesideAFileThatCannotBeRead) {
  EXPECT_THAT(resolved({"--config", "/nonexistent.json"}).mistakes.lines(),
              ElementsAre(HasSubstr("/nonexistent.json")));
}

TEST(Resolve, RefusesUrlsThatAreNotHttp) {
  for (const char* wrong : {"ftp://a.example/", "a.example", "file:///etc/passwd", "https://"}) {
    const auto result = resolved({wrong});
    EXPECT_THAT(result.mistakes.lines(), ElementsAre(HasSubstr("URL: "))) << wrong;
    EXPECT_EQ(result.mistakes.exit_code(), 2);
  }
}

// --- Where values come from ---

TEST(Resolve, PrefersTheCommandLineThenTheEnvironmentThenTheFile) {
  const TemporaryFile file(
      R"({"timeout-read": 1, "timeout-connect": 1, "ping-interval": 1, "url": "https://file.example"})",
      0600);
  const auto result =
      resolved({"--timeout-read", "3", "--config", file.path()},
               {{"MCP_STDIO_TIMEOUT_READ", "2"}, {"MCP_STDIO_TIMEOUT_CONNECT", "2"}});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_EQ(result.config.timeout_read, seconds(3));
  EXPECT_EQ(result.config.timeout_connect, seconds(2));
  EXPECT_EQ(result.config.ping_interval, seconds(1));
  EXPECT_EQ(result.config.server.host, "file.example");
}

TEST(Resolve, FindsTheFileByTheEnvironmentToo) {
  const TemporaryFile file(R"({"timeout-read": 1})", 0600);
  EXPECT_EQ(resolved({kUrl}, {{"MCP_STDIO_CONFIG", file.path()}}).config.timeout_read, seconds(1));
}

TEST(Resolve, NamesTheSourceOfAWrongValue) {
  const TemporaryFile file(R"({"ping-interval": "x"})", 0600);
  const auto result = resolved({kUrl, "--config", file.path()}, {{"MCP_STDIO_TIMEOUT_READ", "x"}});
  EXPECT_THAT(result.mistakes.lines(),
              ElementsAre(HasSubstr("MCP_STDIO_TIMEOUT_READ: 'x'"),
                          HasSubstr(file.path() + ": ping-interval: 'x'")));
  EXPECT_EQ(result.mistakes.exit_code(), 2);
}

TEST(Resolve, TakesAnEmptyVariableForNone) {
  const auto result = resolved({kUrl}, {{"MCP_STDIO_TIMEOUT_READ", ""}, {"MCP_BEARER_TOKEN", ""}});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Resolve, TakesSwitchesAndListsFromTheEnvironment) {
  const auto result = resolved({kUrl}, {{"MCP_STDIO_NO_CANCEL_FILTER", "ON"},
                                        {"MCP_STDIO_HTTP1_1", "false"},
                                        {"MCP_STDIO_HEADER", "X-A: 1\nX-B: 2\n"},
                                        {"MCP_STDIO_ALLOW_TOOL", "a,b"}});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_FALSE(result.config.cancel_filter);
  EXPECT_FALSE(result.config.http.http1_only);
  EXPECT_EQ(field(result, "X-A"), "1");
  EXPECT_EQ(field(result, "X-B"), "2");
  EXPECT_THAT(result.config.allow_tools, ElementsAre("a", "b"));
}

TEST(Resolve, LetsTheCommandLineSwitchOffWhatTheEnvironmentSwitchedOn) {
  const auto result = resolved({kUrl, "--insecure=no"}, {{"MCP_STDIO_INSECURE", "1"}});
  EXPECT_FALSE(result.config.http.tls.insecure);
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Resolve, RefusesAFileThatOthersMayWrite) {
  for (const mode_t mode : {0666, 0622, 0602}) {
    const TemporaryFile file(R"({})", mode);
    EXPECT_THAT(resolved({kUrl, "--config", file.path()}).mistakes.lines(),
                ElementsAre(HasSubstr("chmod go-w")))
        << mode;
  }
}

// The tests below need files of other users.
class ResolveAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can make one";
  }

  // The configuration file, read by that user.
  Resolved read_by(uid_t user) {
    EXPECT_EQ(seteuid(user), 0);
    auto result = resolved({kUrl, "--config", file_.path()});
    EXPECT_EQ(seteuid(0), 0);
    return result;
  }
  void give_to(uid_t user, gid_t group, mode_t mode) {
    ASSERT_EQ(chown(file_.path().c_str(), user, group), 0);
    ASSERT_EQ(chmod(file_.path().c_str(), mode), 0);
  }

  const TemporaryFile file_{R"({"timeout-read": 5})", 0600};
};

TEST_F(ResolveAsRoot, RefusesAFileOfAnotherUser) {
  give_to(12345, 12345, 0644);
  EXPECT_THAT(read_by(12346).mistakes.lines(), ElementsAre(HasSubstr("belongs to another user")));
}

// As in a container, with a file from outside.
TEST_F(ResolveAsRoot, LetsRootReadAFileOfAnybody) {
  give_to(12345, 12345, 0600);
  const auto result = read_by(0);
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
}

// Each user has a group of the same number, and new files are writable for it (umask 002).
TEST_F(ResolveAsRoot, WarnsOfAFileThatTheGroupOfItsOwnerMayWrite) {
  give_to(12345, 12345, 0664);
  const auto result = read_by(12345);
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("chmod g-w")));
}

TEST_F(ResolveAsRoot, RefusesAFileThatAnotherGroupMayWrite) {
  give_to(12345, 100, 0664);
  EXPECT_THAT(read_by(12345).mistakes.lines(), ElementsAre(HasSubstr("chmod go-w")));
  give_to(0, 0, 0664);
  EXPECT_THAT(read_by(12345).mistakes.lines(), ElementsAre(HasSubstr("chmod go-w")));
}

TEST(Resolve, ReadsAPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(write(ends[1], "X-Key: piped\n", 13), 13);
  close(ends[1]);
  const auto result = resolved({kUrl, "--header-file", "/dev/fd/" + std::to_string(ends[0])});
  close(ends[0]);
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_EQ(field(result, "X-Key"), "piped");
}

TEST(Resolve, ReadsNoDevice) {
  EXPECT_THAT(resolved({kUrl, "--header-file", "/dev/zero"}).mistakes.lines(),
              ElementsAre(HasSubstr("neither a file nor a pipe")));
}

TEST(Resolve, WarnsOfSecretsThatOthersCanRead) {
  const TemporaryFile open(R"({"bearer-token": "t0ken"})", 0644);
  EXPECT_THAT(resolved({kUrl, "--config", open.path()}).warnings,
              ElementsAre(HasSubstr("chmod 600")));
  const TemporaryFile closed(R"({"bearer-token": "t0ken"})", 0600);
  EXPECT_THAT(resolved({kUrl, "--config", closed.path()}).warnings, IsEmpty());
  const TemporaryFile url(R"({"url": "https://me:s3cret@a.example/mcp"})", 0644);
  EXPECT_THAT(resolved({"--config", url.path()}).warnings, ElementsAre(HasSubstr("chmod 600")));
  const TemporaryFile harmless(R"({"timeout-read": 5, "url": "https://a.example/mcp"})", 0644);
  EXPECT_THAT(resolved({kUrl, "--config", harmless.path()}).warnings, IsEmpty());
}

// --- Credentials ---

TEST(Resolve, PrefersTheBearerOptionToTheVariable) {
  EXPECT_EQ(field(resolved({kUrl, "--bearer-token", "flag"}, {{"MCP_BEARER_TOKEN", "env"}}),
                  "Authorization"),
            "Bearer flag");
  EXPECT_EQ(field(resolved({kUrl}, {{"MCP_BEARER_TOKEN", "env"}}), "Authorization"), "Bearer env");
}

TEST(Resolve, WarnsOfAnEmptyBearerToken) {
  const auto result = resolved({kUrl, "--bearer-token", ""}, {{"MCP_BEARER_TOKEN", "env"}});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("no Authorization header is sent")));
  EXPECT_THAT(result.config.credentials, IsEmpty());
}

TEST(Resolve, PrefersAnAuthorizationHeaderAndWarnsOnce) {
  const auto result = resolved({kUrl, "--bearer-token", "t0ken", "-H", "authorization: Custom abcd",
                                "-H", "AUTHORIZATION: Custom efgh"});
  ASSERT_EQ(result.config.credentials.size(), 1u);
  EXPECT_EQ(result.config.credentials[0].value.reveal(), "Custom efgh");
  EXPECT_THAT(result.warnings, ElementsAre("the header Authorization replaces --bearer-token"));
}

TEST(Resolve, KeepsQuietWhenAHeaderReplacesATokenOfTheEnvironment) {
  EXPECT_THAT(resolved({kUrl, "-H", "Authorization: x"}, {{"MCP_BEARER_TOKEN", "env"}}).warnings,
              IsEmpty());
}

TEST(Resolve, TakesUserAndPasswordFromTheUrl) {
  const auto result = resolved({"https://user:p%40ss@a.example/mcp#top"});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_EQ(field(result, "Authorization"), "Basic dXNlcjpwQHNz");
  EXPECT_EQ(codec::to_string(result.config.server), kUrl);
}

TEST(Resolve, ReadsTheHeaderFile) {
  const TemporaryFile file("# mine\nX-Key: ${KEY}\nX-Other: file\n", 0644);
  const auto result = resolved({kUrl, "--header-file", file.path(), "-H", "x-other: option"},
                               {{"KEY", "from-env"}});
  EXPECT_THAT(result.mistakes.lines(), IsEmpty());
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("chmod 600")));
  EXPECT_EQ(field(result, "X-Key"), "from-env");
  EXPECT_EQ(field(result, "x-other"), "option");
}

TEST(Resolve, NamesTheWrongLineOfTheHeaderFile) {
  const TemporaryFile file("X-Key: 1\nhush\n", 0600);
  EXPECT_THAT(resolved({kUrl, "--header-file", file.path()}).mistakes.lines(),
              ElementsAre(testing::AllOf(HasSubstr("line 2"), Not(HasSubstr("hush")))));
}

TEST(Resolve, SendsNoCredentialsInPlainTextUnlessAllowed) {
  for (const Arguments& with :
       {Arguments{"--bearer-token", "t0ken"}, Arguments{"-H", "X-Key: 1"}}) {
    Arguments arguments = with;
    arguments.emplace_back("http://a.example/mcp");
    const auto refused = resolved(arguments);
    EXPECT_THAT(refused.mistakes.lines(), ElementsAre(HasSubstr("--allow-http")));
    EXPECT_EQ(refused.mistakes.exit_code(), 1);
    arguments.emplace_back("--allow-http");
    EXPECT_THAT(resolved(arguments).mistakes.lines(), IsEmpty());
  }
  EXPECT_THAT(resolved({"http://a.example/mcp"}).mistakes.lines(), IsEmpty());
  EXPECT_THAT(resolved({"http://127.0.0.1/mcp", "--bearer-token", "t"}).mistakes.lines(),
              IsEmpty());
  EXPECT_THAT(resolved({"http://u:p@a.example/mcp"}).mistakes.lines(),
              ElementsAre(HasSubstr("--allow-http")));
}

TEST(Resolve, SendsNoCredentialsToAProxyOnAnotherMachineUnlessAllowed) {
  const Variables proxy{{"HTTP_PROXY", "http://proxy.example:3128"}};
  const Arguments local = {"http://localhost:8080/mcp", "--bearer-token", "t0ken"};
  EXPECT_THAT(resolved(local, proxy).mistakes.lines(),
              ElementsAre(testing::AllOf(HasSubstr("NO_PROXY"), HasSubstr("--allow-http"))));
  EXPECT_THAT(resolved(local).mistakes.lines(), IsEmpty());
  EXPECT_THAT(resolved({"http://localhost:8080/mcp"}, proxy).mistakes.lines(), IsEmpty());
  Variables excepted = proxy;
  excepted["NO_PROXY"] = "localhost";
  EXPECT_THAT(resolved(local, excepted).mistakes.lines(), IsEmpty());
}

// Also of what is no URL, because of a slash in the password, and of what has no scheme.
TEST(Resolve, HidesThePasswordsOfProxiesInTheEnvironment) {
  resolved({kUrl}, {{"HTTPS_PROXY", "http://user:env/pass@proxy:3128"},
                    {"http_proxy", "joe:other@pass@proxy:99999"}});
  EXPECT_EQ(log::redacted("'http://user:env/pass@proxy:3128' env/pass"), "'http://proxy:3128' ***");
  EXPECT_EQ(log::redacted("'joe:other@pass@proxy:99999' other@pass"), "'***@proxy:99999' ***");
}

TEST(Resolve, HidesEverySecretFromTheLog) {
  const auto result =
      resolved({"https://user:urlpassword@a.example/mcp", "-H", "X-Key: headersecret", "--proxy",
                "http://joe:proxypassword@p.example"},
               {{"MCP_BEARER_TOKEN", "bearersecret"}});
  EXPECT_EQ(log::redacted("urlpassword headersecret proxypassword bearersecret"),
            "*** *** *** ***");
}

TEST(Resolve, KeepsPlainHeadersReadableInTheLog) {
  const auto result = resolved({kUrl, "-H", "Accept: application/x-plain"});
  EXPECT_EQ(log::redacted("application/x-plain"), "application/x-plain");
}

// --- Warnings ---

TEST(Resolve, WarnsLoudlyOfInsecure) {
  EXPECT_THAT(resolved({kUrl, "--insecure"}).warnings, ElementsAre(HasSubstr("NOT verified")));
}

TEST(Resolve, TakesTheFormerNameOfCheck) {
  const auto result = resolved({kUrl, "--test"});
  EXPECT_TRUE(result.config.check);
  EXPECT_THAT(result.warnings, ElementsAre("--test is deprecated, use --check"));
  EXPECT_THAT(resolved({kUrl, "--check"}).warnings, IsEmpty());
}

TEST(Resolve, BoundsTheMessageSizeByWhatIsBufferedAltogether) {
  EXPECT_EQ(resolved({kUrl, "--max-message-size", "0"}).config.max_message_bytes,
            limits::kBufferedBytes);
  const auto result = resolved({kUrl, "--max-message-size", "1G"});
  EXPECT_EQ(result.config.max_message_bytes, limits::kBufferedBytes);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("256M")));
}

// What is set for the relay is not in the way of another command.
TEST(Resolve, OfACommandPassesOverWhatIsNotForIt) {
  const auto status = resolved({"status"}, {{"MCP_STDIO_URL", "nonsense"},
                                            {"MCP_STDIO_PING_INTERVAL", "nonsense"},
                                            {"HOME", "/home/me"}});
  EXPECT_THAT(status.mistakes.lines(), IsEmpty());
  EXPECT_EQ(status.config.home, "/home/me");
}

TEST(Resolve, OfACommandNeedsItsUrl) {
  EXPECT_THAT(resolved({"login"}).mistakes.lines(),
              ElementsAre(HasSubstr("mcp-stdio login https://")));
  EXPECT_THAT(resolved({"login"}, {{"MCP_STDIO_URL", kUrl}}).mistakes.lines(), IsEmpty());
  EXPECT_THAT(resolved({"client-metadata"}, {{"MCP_STDIO_URL", kUrl}}).mistakes.lines(),
              ElementsAre(HasSubstr("mcp-stdio client-metadata https://")));
}

TEST(Resolve, KnowsWhoMayBeAskedToSignIn) {
  EXPECT_EQ(resolved({kUrl}).config.oauth.asking, auth::Asking::once_in_a_while);
  EXPECT_EQ(resolved({kUrl, "--oauth"}).config.oauth.asking, auth::Asking::always);
  EXPECT_EQ(resolved({"login", kUrl}).config.oauth.asking, auth::Asking::always);
  EXPECT_EQ(resolved({"token", kUrl}).config.oauth.asking, auth::Asking::never);
  EXPECT_EQ(resolved({"token", kUrl, "--oauth"}).config.oauth.asking, auth::Asking::always);
}

TEST(Resolve, OfACommandThatStoresNeedsAStoreThatStays) {
  EXPECT_THAT(resolved({"login", kUrl, "--token-store", "memory"}).mistakes.lines(),
              ElementsAre(HasSubstr("--token-store memory")));
  EXPECT_THAT(resolved({kUrl, "--token-store", "memory"}).mistakes.lines(), IsEmpty());
}

TEST(Resolve, KnowsThreePlacesForTokens) {
  EXPECT_EQ(resolved({kUrl}).config.token_store, TokenStore::file);
  const auto helped = resolved({kUrl, "--token-store", "helper:secretservice"});
  EXPECT_EQ(helped.config.token_store, TokenStore::helper);
  EXPECT_EQ(helped.config.token_helper, "secretservice");
  for (const char* wrong : {"helper:", "helper:a/b", "keychain", ""})
    EXPECT_THAT(resolved({kUrl, "--token-store", wrong}).mistakes.lines(),
                ElementsAre(HasSubstr("helper:NAME")));
}

TEST(Resolve, TakesAProfileThatIsAName) {
  EXPECT_EQ(resolved({kUrl}, {{"MCP_STDIO_PROFILE", "work"}}).config.profile, "work");
  EXPECT_THAT(resolved({kUrl, "--profile", "../x"}).mistakes.lines(),
              ElementsAre(HasSubstr("--profile")));
}

}  // namespace
}  // namespace mcpio::cli
