// SPDX-License-Identifier: MIT
// Keeps the token for one server good: loads, refreshes, logs in, saves.
//
// Several requests of one process, and several processes of one user, want the same token at the
// same time; each may be killed at any moment; refresh tokens are often good for one use only. So:
//
//   - Within the process one piece of work is under way at a time, and everybody who needs a token
//     waits for its outcome (Work).
//   - Across processes, a lock per credential is held meanwhile. Whoever gets it after waiting
//     reads the store again before doing anything: mostly, another process has done the work.
//   - What a refresh returns is saved before it is used, and it may be made by a process of its
//   own,
//     which outlives this one: see Refresher.
//   - A refresh that was *rejected* (the grant is spent) leads to a login; one that *failed* (the
//     network, a 5xx) keeps everything as it is and says so.
//   - A login that nobody finished is not offered again for a while, whatever the number of
//     requests and processes that would like one; but one whose process died over it is.
//   - A request does not wait longer for a person than its client would: after
//     OAuthSettings::patience it fails with sign_in_pending, and the login goes on.
//   - A token that is about to expire is refreshed ahead of time, also while nothing is asked; if
//     that does not work, it is used as long as the server takes it. Only a request that was
//     refused makes a person sign in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/client_registry.h"
#include "auth/discovery.h"
#include "auth/fetcher.h"
#include "auth/login_offers.h"
#include "auth/oauth_settings.h"
#include "auth/places.h"
#include "auth/refresh_scope.h"
#include "auth/refresher.h"
#include "auth/token_endpoint.h"
#include "auth/token_grants.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/client.h"
#include "io/event.h"
#include "io/task_scope.h"
#include "oauth/challenges.h"
#include "oauth/refusal_breaker.h"
#include "oauth/scopes.h"
#include "store/credential_store.h"
#include "store/process_lock.h"
#include "store/state.h"

namespace mcpio::auth {

class TokenKeeper {
 public:
  // All must outlive it. `tell` shows a text to the person at the machine; it may hold the address
  // of a login, which no log may.
  TokenKeeper(asio::any_io_executor executor, http::Client& client, Places places,
              Refresher& refresher, const Clock& clock, OAuthSettings settings,
              std::function<void(std::string)> tell);

  const OAuthSettings& settings() const { return settings_; }

  // The token to send; null: there is none, and none was asked for yet. Reads the store once, and
  // refreshes a token that is about to expire. Does not wait for a person.
  awaitable<Result<const store::Credential*>> current();

  // What the token is bound to; null: it is a bearer token.
  const std::shared_ptr<ProofKey>& proof_key() const { return proof_key_; }

  // Where the server was reached; empty: nobody knows.
  void server_is_at(std::string address) { fetcher_.server_is_at(std::move(address)); }

  // Grows with each new token.
  int generation() const { return generation_; }

  // What the last login brought is in the store.
  bool is_saved() const { return is_saved_; }

  // A refresh or a login is under way; renew() waits for it.
  bool is_getting_a_token() const { return work_ != nullptr; }

  struct Need {
    // What the server has said; nothing: it has not been asked. A login then goes by what it said
    // last, and asks it if it has said nothing yet.
    std::optional<oauth::ServerChallenge> challenge = {};
    int refused = 0;          // the generation that was refused; 0: there was none
    bool by_server = false;   // it was refused by the server; else it is about to expire
    bool may_refresh = true;  // false: only another login can help
    // To ask for, with the grant that got the token, instead of that of the challenge: more of what
    // there is a token for.
    std::string scope = {};
    bool is_asked_for = false;  // by the user: a login, whatever is stored
    bool may_log_in = true;     // false: a refresh or nothing
    bool may_ask = true;        // false: nobody may be shown a page for it
  };
  // Gets another token than the refused one. Waits for a refresh or a login, of this process or
  // another; for a person up to OAuthSettings::patience.
  awaitable<Result<void>> renew(Need need);

  // The login under way has ended, one way or another; at once if there is none. Fails with
  // cancelled only.
  awaitable<Result<void>> until_login_ends();

  // From the first token on, keeps it fresh also while nothing is asked.
  void refresh_ahead() { refreshes_ahead_ = true; }

  // Ends the work under way. Needed before it is destroyed, if anything was awaited.
  awaitable<void> close();

 private:
  // One refresh or login, for everybody who needs a token.
  struct Work {
    explicit Work(asio::any_io_executor executor) : done(executor), speaks(std::move(executor)) {}
    io::Event done;
    io::Event speaks;  // a person has been told something, or it is done
    std::string told;  // to the person
    bool may_log_in = true;
    bool may_ask = true;
    Result<void> outcome;
  };
  using SharedWork = std::shared_ptr<Work>;

  // It may fail where the need would not.
  static bool is_less(const Work& work, const Need& need);
  void load();
  bool is_fresh(const store::Credential& credential) const;
  bool is_usable(const store::Credential& credential) const;
  bool is_issuer(const std::string& stated) const;
  bool can_refresh() const;
  awaitable<Result<void>> work_for_all(SharedWork work, Need need);
  awaitable<Result<void>> outcome_of(SharedWork work);
  awaitable<Result<void>> do_work(Need need);
  bool is_done_by_another(const Need& need);
  awaitable<Result<store::ProcessLock>> take_turn();
  void tell(std::string text);
  bool can_renew_alone() const;
  WallTime due_at(double spread) const;
  awaitable<Result<void>> try_ahead();
  awaitable<Result<void>> renew_ahead(Need need);
  awaitable<Result<void>> keep_fresh();
  // True: there is a new token. False: the grant is spent.
  awaitable<Result<bool>> refresh(const store::ProcessLock& lock);
  awaitable<Result<void>> log_in(Need need);
  std::unexpected<Error> not_signed_in(Error why) const;
  awaitable<Result<oauth::ServerChallenge>> challenge_of(std::optional<oauth::ServerChallenge> said,
                                                         bool wants_more);
  oauth::ScopeChoice scope_of(const std::string& more, const oauth::ServerChallenge& challenge,
                              const Discovered& where) const;
  void take_along(const store::Credential& before, LoginResult& result, const std::string& issuer);
  void keep(const oauth::TokenSet& tokens, const Client& client,
            const oauth::ServerMetadata& server);
  void adopt_new(store::Credential credential);
  void shorten_leeway(const store::Credential& credential);
  void adopt(store::Credential credential);
  void hold(store::Credential credential);

  asio::any_io_executor executor_;
  const OAuthSettings settings_;
  const Clock& clock_;
  Places places_;
  Refresher& refresher_;
  Fetcher fetcher_;
  Discovery discovery_;
  ClientRegistry registry_;
  TokenEndpoint tokens_;
  TokenGrants grants_;
  LoginOffers offers_;
  RefreshScope refresh_scope_;
  std::optional<store::Credential> held_;
  std::shared_ptr<ProofKey> proof_key_;  // of held_
  bool loaded_ = false;
  std::optional<oauth::ServerChallenge> said_;  // when it last wanted a login
  std::string instead_;     // what it did when asked whether it wants one; empty: it wanted one
  std::string more_scope_;  // what logins for more scope have brought; later ones ask for it too
  int generation_ = 0;
  bool is_saved_ = false;
  // Of this token: a short life does not make every request refresh it.
  std::chrono::seconds leeway_;
  oauth::RefusalBreaker breaker_;
  SharedWork work_;  // under way
  const std::function<void(std::string)> tell_;
  std::optional<SteadyTime> failed_ahead_;  // when refreshing ahead of time last failed
  bool refreshes_ahead_ = false;
  bool keeps_fresh_ = false;
  io::TaskScope tasks_;
};

}  // namespace mcpio::auth
