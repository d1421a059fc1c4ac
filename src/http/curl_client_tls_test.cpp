// SPDX-License-Identifier: MIT
// The HTTP client over TLS, against a private certificate authority.
#include <fstream>
#include <string>

#include "http/curl_client_fixture.h"
#include "http/tls_trust.h"
#include "support/test_ca.h"

namespace mcpio::http {
namespace {

using test::answering;
using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using test::PeerTls;
using test::ScriptedPeer;
using test::TempDir;
using test::TestCa;
using testing::ElementsAre;
using testing::SizeIs;

class TlsTest : public CurlClientTest {
 protected:
  PeerTls server_tls() const {
    return PeerTls{.certificate_file = ca_.certificate_file(),
                   .key_file = ca_.key_file(),
                   .client_ca_file = {}};
  }

  TestCa ca_;
};

TEST_F(TlsTest, BelievesTheUsersAuthority) {
  ScriptedPeer peer(answering(200, "secret"), server_tls());
  settings_.tls.ca_file = ca_.ca_file();
  auto exchange = client().send(get(peer.url()));
  ASSERT_THAT(run(exchange->head()), IsOk());
  EXPECT_GT(exchange->timings().tls.count(), 0);
}

TEST_F(TlsTest, ReadsSslCertFile) {
  ScriptedPeer peer(answering(200, "secret"), server_tls());
  set_environment("SSL_CERT_FILE", ca_.ca_file());
  EXPECT_THAT(fetch(get(peer.url())), HoldsOk(IsAnswer(200, "secret")));
}

TEST_F(TlsTest, ReadsSslCertDir) {
  ScriptedPeer peer(answering(200, "secret"), server_tls());
  set_environment("SSL_CERT_DIR", ca_.hashed_directory());
  EXPECT_THAT(fetch(get(peer.url())), HoldsOk(IsAnswer(200, "secret")));
}

TEST_F(TlsTest, RefusesAnUnknownAuthorityAndSaysWhatToDo) {
  ScriptedPeer peer(answering(200, "secret"), server_tls());
  EXPECT_THAT(fetch(post(peer.url(), "x")), FailsWith(ErrorKind::untrusted, "--cacert"));
  EXPECT_THAT(peer.requests(), SizeIs(0));
}

TEST_F(TlsTest, RefusesACertificateForAnotherHost) {
  const TestCa other("other.example");
  ScriptedPeer peer(answering(200, "secret"), PeerTls{.certificate_file = other.certificate_file(),
                                                      .key_file = other.key_file(),
                                                      .client_ca_file = {}});
  settings_.tls.ca_file = other.ca_file();
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::untrusted, "localhost"));
}

TEST_F(TlsTest, BelievesAnyoneWhenToldTo) {
  ScriptedPeer peer(answering(200, "secret"), server_tls());
  settings_.tls.insecure = true;
  EXPECT_THAT(fetch(get(peer.url())), HoldsOk(IsAnswer(200, "secret")));
}

TEST_F(TlsTest, ShowsTheClientCertificate) {
  PeerTls tls = server_tls();
  tls.client_ca_file = ca_.ca_file();
  ScriptedPeer peer(answering(200, "known"), tls);
  settings_.tls = TlsSettings{.ca_file = ca_.ca_file(),
                              .client_cert = ca_.certificate_file(),
                              .client_key = ca_.key_file()};
  EXPECT_THAT(fetch(get(peer.url())), HoldsOk(IsAnswer(200, "known")));
}

// Which certificate goes with which request, at a server that asks for one and takes none as well.
class CertificateTest : public TlsTest {
 protected:
  // What the requests, of one client, have shown. Each says whether it is to show the certificate.
  std::vector<std::string> shown_by(const std::vector<bool>& requests, std::string fields = {}) {
    PeerTls tls = server_tls();
    tls.client_ca_file = ca_.ca_file();
    tls.client_may_show_none = true;
    ScriptedPeer peer(answering(200, "x", std::move(fields)), tls);
    settings_.tls.ca_file = ca_.ca_file();
    for (const bool shows : requests) {
      Request request = get(peer.url());
      if (shows)
        request.certificate = std::make_shared<const ClientCertificate>(
            ClientCertificate{.file = ca_.certificate_file(), .key_file = ca_.key_file()});
      EXPECT_THAT(fetch(std::move(request)), HoldsOk(IsAnswer(200, "x")));
    }
    std::vector<std::string> shown;
    for (const auto& request : peer.requests()) shown.push_back(request.shown);
    return shown;
  }

  static constexpr auto kMine = "/CN=localhost";
};

TEST_F(CertificateTest, IsShownForTheRequestThatNamesIt) {
  EXPECT_THAT(shown_by({true, true}), ElementsAre(kMine, kMine));
}

TEST_F(CertificateTest, AConnectionThatHasShownItServesNoOtherRequest) {
  EXPECT_THAT(shown_by({true, false, true}), ElementsAre(kMine, "", kMine));
}

TEST_F(CertificateTest, AConnectionThatHasNotServesNoRequestWithIt) {
  EXPECT_THAT(shown_by({false, true, false}), ElementsAre("", kMine, ""));
}

// A resumed session stands for the certificate that was shown when it began.
TEST_F(CertificateTest, NorDoesATlsSessionServeTheOtherKind) {
  EXPECT_THAT(shown_by({true, false, true, false}, "Connection: close\r\n"),
              ElementsAre(kMine, "", kMine, ""));
}

TEST_F(CertificateTest, TakesThePlaceOfTheClientsOwn) {
  const TestCa standing("standing.example");
  settings_.tls.client_cert = standing.certificate_file();
  settings_.tls.client_key = standing.key_file();
  EXPECT_THAT(shown_by({true}), ElementsAre(kMine));
}

TEST_F(TlsTest, FilesThatAreNotThereAreTheUsersMistake) {
  ScriptedPeer peer(answering(200, ""), server_tls());
  settings_.tls.ca_file = "/no/such/ca.pem";
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::config, "/no/such/ca.pem"));

  client_.reset();
  settings_.tls = TlsSettings{.ca_file = ca_.ca_file(), .client_cert = "/no/such/cert.pem"};
  EXPECT_THAT(fetch(get(peer.url())), FailsWith(ErrorKind::config, "--client-cert"));
}

TEST_F(TlsTest, TalkingTlsToAPlainServerIsUnreachable) {
  ScriptedPeer peer([](Connection& client) {
    client.read_some();
    client.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  EXPECT_THAT(fetch(get("https://127.0.0.1:" + std::to_string(peer.port()) + "/")),
              FailsWith(ErrorKind::unreachable, "TLS with 127.0.0.1"));
}

// The same at-most-once rule holds, and over a connection with a session to resume.
TEST_F(TlsTest, AReusedConnectionThatDiesDoesNotRepeatTheRequest) {
  ScriptedPeer peer(
      [](Connection& client) {
        client.read_request();
        client.respond(200, "{}");
        client.read_request();
      },
      server_tls());
  settings_.tls.ca_file = ca_.ca_file();
  ASSERT_THAT(fetch(post(peer.url(), "initialize")), IsOk());
  EXPECT_THAT(fetch(post(peer.url(), "tools/call")),
              FailsWith(ErrorKind::network, "was lost before any answer"));
  EXPECT_THAT(peer.requests(), SizeIs(2));
}

class TrustTest : public CurlClientTest {
 protected:
  TempDir dir_;
  const SystemTrust system_{.bundle = "/system/bundle.crt", .directory = dir_.path()};
};

TEST_F(TrustTest, IsTheSystemsDirectoryIfItIsHashed) {
  std::ofstream(dir_.file("5ed36f99.0")) << "x";
  const Trust trust = find_trust({}, system_);
  EXPECT_EQ(trust.directory, dir_.path());
  EXPECT_EQ(trust.bundle, "");
}

TEST_F(TrustTest, IsTheSystemsBundleIfTheDirectoryIsNotHashed) {
  std::ofstream(dir_.file("some-ca.0")) << "x";
  std::ofstream(dir_.file("ca-certificates.crt")) << "x";
  const Trust trust = find_trust({}, system_);
  EXPECT_EQ(trust.directory, "");
  EXPECT_EQ(trust.bundle, "/system/bundle.crt");
}

TEST_F(TrustTest, IsTheUsersFileAloneBeforeTheEnvironment) {
  set_environment("SSL_CERT_FILE", "/environment.pem");
  const Trust trust = find_trust(TlsSettings{.ca_file = "/user.pem"}, system_);
  EXPECT_EQ(trust.bundle, "/user.pem");
  EXPECT_EQ(trust.directory, "");
}

}  // namespace
}  // namespace mcpio::http
