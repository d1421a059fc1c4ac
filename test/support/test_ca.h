// SPDX-License-Identifier: MIT
// A certificate authority made by the test, for servers and clients on the loopback.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace mcpio::test {

// A directory of its own under the system's temporary one, removed with the object.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// Writes ca.pem, and cert.pem with key.pem for 127.0.0.1, ::1 and `host`. The server's certificate
// serves as a client's too. Keys are P-256: making one takes less than a millisecond.
class TestCa {
 public:
  explicit TestCa(const std::string& host = "localhost");

  std::string ca_file() const { return dir_.file("ca.pem"); }
  std::string certificate_file() const { return dir_.file("cert.pem"); }
  std::string key_file() const { return dir_.file("key.pem"); }

  // A directory in which OpenSSL finds the authority by the hash of its name.
  std::string hashed_directory() const;

 private:
  TempDir dir_;
};

}  // namespace mcpio::test
