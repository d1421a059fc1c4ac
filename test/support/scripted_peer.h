// SPDX-License-Identifier: MIT
// A TCP or TLS server on the loopback that does to its clients exactly what the test tells it to.
//
//   ScriptedPeer peer([](ScriptedPeer::Connection& client) {
//     client.read_request();
//     client.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal");
//     client.reset();
//   });
//   client.send({.url = peer.url("/mcp")});
//
// Each connection runs its script on a thread of its own, with blocking calls: a script reads like
// the fault it makes. When it returns, the connection is closed. The destructor cuts all
// connections off and waits for the threads, so that a script may stall without end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcpio::test {

struct PeerTls {
  std::string certificate_file, key_file;
  std::string client_ca_file;  // not empty: a certificate of the client is asked for
  bool client_may_show_none = false;
};

class ScriptedPeer {
 public:
  struct Request {
    std::size_t connection = 0;  // which connection it came on, counted from 0
    std::string method, target;
    std::string head;  // request line and fields as they came, each line with its CRLF
    std::string body;  // without chunk framing
    // The subject of the certificate that the client has shown, "/CN=localhost", on this connection
    // or on one whose TLS session it resumes; empty: none.
    std::string shown = {};

    // The first value of that field, found without regard to case; no value: there is none.
    std::optional<std::string> field(std::string_view name) const;
  };

  class Connection {
   public:
    virtual ~Connection() = default;

    virtual std::size_t number() const = 0;

    // The next request, whole; it is recorded too. No value: the client has closed, or what came
    // is no HTTP request.
    virtual std::optional<Request> read_request() = 0;
    // At least one byte of whatever the client sends; empty: it has closed.
    virtual std::string read_some() = 0;

    // All of it, waiting while the client does not read. False: the client has gone.
    virtual bool send(std::string_view bytes) = 0;
    // A complete answer with Content-Length. `fields` are whole lines with CRLF.
    bool respond(int status, std::string_view body, std::string_view fields = {});

    virtual void turn_deaf() = 0;       // reads nothing more, until the peer is destroyed
    virtual void finish_sending() = 0;  // half-close
    virtual void reset() = 0;           // closes with RST
    // Waits until the client closes, or the peer is destroyed.
    void stall();
  };

  using Script = std::function<void(Connection&)>;

  // The first script is for the first connection and so on; the last one is for all that follow.
  explicit ScriptedPeer(std::vector<Script> scripts, std::optional<PeerTls> tls = std::nullopt);
  explicit ScriptedPeer(Script script, std::optional<PeerTls> tls = std::nullopt);
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;
  ~ScriptedPeer();

  std::uint16_t port() const;
  // "http://127.0.0.1:PORT/path", or https and "localhost" with TLS.
  std::string url(std::string_view path = "/") const;

  // What came so far, over all connections, in the order in which it was complete.
  std::vector<Request> requests() const;
  std::size_t connections() const;
  // How many bytes the clients have taken so far.
  std::size_t bytes_sent() const;

  // Blocks the test until that many requests came, or connections ended; false: not in time.
  bool wait_for_requests(std::size_t count) const;
  bool wait_for_closed(std::size_t connections) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

// Answers every request of a connection with this.
ScriptedPeer::Script answering(int status, std::string body, std::string fields = {});

}  // namespace mcpio::test
