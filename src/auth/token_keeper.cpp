// SPDX-License-Identifier: MIT
#include "auth/token_keeper.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "auth/challenge_probe.h"
#include "auth/credential_lock.h"
#include "auth/token_entry.h"
#include "base/log.h"
#include "crypto/random.h"
#include "io/deadline.h"
#include "io/pause.h"
#include "oauth/dpop_use.h"
#include "oauth/issuer.h"
#include "oauth/peer_text.h"
#include "oauth/refusal_advice.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::chrono::milliseconds kLockPause{200};
// Of one piece of work: the second with a refresh token that another program has stored meanwhile.
constexpr int kRefreshes = 2;
// Between two attempts to refresh ahead of time.
constexpr std::chrono::seconds kBetweenAttempts{60};
// A machine may have slept: the wall clock is looked at this often at least.
constexpr std::chrono::seconds kLongestNap{300};

// A text for a terminal, for the middle of another text.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n';
    if (!is_space) line += c;
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

double unix_time(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

TokenKeeper::TokenKeeper(asio::any_io_executor executor, http::Client& client, Places places,
                         Refresher& refresher, const Clock& clock, OAuthSettings settings,
                         std::function<void(std::string)> tell)
    : executor_(executor),
      settings_(std::move(settings)),
      clock_(clock),
      places_(std::move(places)),
      refresher_(refresher),
      fetcher_(client, settings_),
      discovery_(fetcher_, settings_),
      registry_(fetcher_, places_.state, clock_, settings_),
      tokens_(fetcher_, clock_, settings_),
      grants_({.fetcher = fetcher_,
               .registry = registry_,
               .tokens = tokens_,
               .credentials = places_.credentials,
               .state = places_.state,
               .locks = places_.locks,
               .clock = clock_,
               .settings = settings_},
              [this](std::string text) { this->tell(std::move(text)); }),
      offers_(places_.state, clock_, settings_),
      refresh_scope_(places_.state, codec::to_string(settings_.server)),
      leeway_(settings_.refresh_leeway),
      tell_(std::move(tell)),
      tasks_(executor) {}

void TokenKeeper::load() {
  if (std::exchange(loaded_, true)) return;
  auto stored = places_.credentials.load(codec::to_string(settings_.server));
  if (!stored) log::warning("stored credentials cannot be used: {}", stored.error().message);
  if (stored && *stored && is_usable(**stored)) adopt(**std::move(stored));
}

// An entry of another client, or made under other wishes, is not what this run asks for.
bool TokenKeeper::is_usable(const store::Credential& credential) const {
  if (!registry_.may_use(credential)) return false;
  if (settings_.issuer && !is_issuer(credential.issuer.value_or(""))) return false;
  if (!grants_.may_use_stored()) return false;
  const bool is_bound = credential.token_type == kBoundType;
  if (is_bound) return ProofKey::load(places_.state, settings_.server) != nullptr;
  return !settings_.dpop;
}

// A slash that a login would have put up with makes no other issuer of it, unless there is a secret
// to be sent.
bool TokenKeeper::is_issuer(const std::string& stated) const {
  if (settings_.has_client_material()) return stated == *settings_.issuer;
  return oauth::is_same_issuer(*settings_.issuer, stated,
                               oauth::KnownProviders(settings_.provider_quirks));
}

bool TokenKeeper::is_fresh(const store::Credential& credential) const {
  if (!credential.expires_at) return true;
  return *credential.expires_at > unix_time(clock_.wall() + leeway_);
}

bool TokenKeeper::can_refresh() const {
  return held_ && held_->refresh_token && held_->token_endpoint && held_->client_id;
}

void TokenKeeper::adopt(store::Credential credential) {
  hide_secrets(credential);
  hold(std::move(credential));
  ++generation_;
  if (refreshes_ahead_ && !std::exchange(keeps_fresh_, true))
    tasks_.spawn("keeping the token fresh", keep_fresh());
}

void TokenKeeper::hold(store::Credential credential) {
  proof_key_.reset();
  if (credential.token_type == kBoundType)
    proof_key_ = ProofKey::load(places_.state, settings_.server);
  held_ = std::move(credential);
}

awaitable<Result<const store::Credential*>> TokenKeeper::current() {
  load();
  auto fresh = co_await try_ahead();
  if (!fresh) co_return propagate(fresh);
  co_return held_ ? &*held_ : nullptr;
}

bool TokenKeeper::can_renew_alone() const { return can_refresh() || !grants_.needs_a_person(); }

awaitable<Result<void>> TokenKeeper::try_ahead() {
  if (!held_ || is_fresh(*held_) || !can_renew_alone()) co_return ok();
  if (failed_ahead_ && clock_.steady() - *failed_ahead_ < kBetweenAttempts) co_return ok();
  Need need;
  need.refused = generation_;
  co_return co_await renew_ahead(std::move(need));
}

// Whether the old token is still good is for the server to say: a failure here is none, but for
// cancellation.
awaitable<Result<void>> TokenKeeper::renew_ahead(Need need) {
  need.may_log_in = !grants_.needs_a_person();
  need.may_ask = false;
  auto renewed = co_await renew(std::move(need));
  if (renewed || renewed.error().kind == ErrorKind::cancelled) co_return renewed;
  failed_ahead_ = clock_.steady();
  log::info("the token is about to expire: {}", renewed.error().message);
  co_return ok();
}

// Somewhat before requests would do it, and not in all processes at the same moment.
WallTime TokenKeeper::due_at(double spread) const {
  const std::chrono::duration<double> ahead =
      std::chrono::duration<double>(leeway_) * (1 + spread / 4);
  const std::chrono::duration<double> expiry(*held_->expires_at);
  return WallTime(std::chrono::duration_cast<WallTime::duration>(expiry - ahead));
}

awaitable<Result<void>> TokenKeeper::keep_fresh() {
  for (;;) {
    const double spread = crypto::random_fraction();
    const int generation = generation_;
    while (generation == generation_) {
      std::chrono::nanoseconds nap = kLongestNap;
      if (held_ && held_->expires_at && can_renew_alone())
        nap = std::min<std::chrono::nanoseconds>(nap, due_at(spread) - clock_.wall());
      if (nap <= std::chrono::nanoseconds(0)) {
        Need need;
        need.refused = generation_;
        auto renewed = co_await renew_ahead(std::move(need));
        if (!renewed) co_return propagate(renewed);
        nap = kBetweenAttempts;  // also after a token with hardly any life
      }
      const bool waited = co_await io::pause(nap);
      if (!waited) co_return ok();
    }
  }
}

bool TokenKeeper::is_less(const Work& work, const Need& need) {
  return (need.may_log_in && !work.may_log_in) || (need.may_ask && !work.may_ask);
}

awaitable<Result<void>> TokenKeeper::renew(Need need) {
  if (need.refused != generation_ && held_) co_return ok();  // somebody else was faster
  if (need.by_server && held_) {
    auto another = breaker_.refused(generation_, clock_.steady());
    if (!another) co_return propagate(another);
  }
  while (work_ && is_less(*work_, need)) {
    const auto lesser = work_;
    auto got = co_await outcome_of(lesser);
    if (got || got.error().kind == ErrorKind::cancelled) co_return got;
  }
  auto work = work_;
  if (!work) {
    work = std::make_shared<Work>(executor_);
    work->may_log_in = need.may_log_in;
    work->may_ask = need.may_ask;
    work_ = work;  // its end, which may come at once, takes it away again
    tasks_.spawn("getting a token", work_for_all(work, std::move(need)));
  }
  co_return co_await outcome_of(work);
}

// Only what a person has been asked for takes longer than the patience of a client.
awaitable<Result<void>> TokenKeeper::outcome_of(SharedWork work) {
  if (!settings_.patience) {
    auto ended = co_await io::until(work->done);
    if (!ended) co_return ended;
    co_return work->outcome;
  }
  const SteadyTime since = std::chrono::steady_clock::now();
  const bool spoken = co_await work->speaks.wait();
  if (!spoken) co_return fail(ErrorKind::cancelled, "cancelled");
  if (work->done.is_set()) co_return work->outcome;
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - since);
  const auto left = std::max(*settings_.patience - passed, std::chrono::milliseconds(0));
  auto done = co_await io::with_deadline(left, io::until(work->done));
  if (done) co_return work->outcome;
  if (done.error().kind != ErrorKind::timed_out) co_return done;
  co_return fail(ErrorKind::sign_in_pending,
                 fmt::format("sign in first, then try again. {}", work->told));
}

awaitable<Result<void>> TokenKeeper::until_login_ends() {
  const auto work = work_;
  if (!work) co_return ok();
  co_return co_await io::until(work->done);
}

awaitable<Result<void>> TokenKeeper::work_for_all(SharedWork work, Need need) {
  work->outcome = co_await do_work(std::move(need));
  work_.reset();
  work->done.set();
  work->speaks.set();
  co_return ok();
}

// To the person at the machine, and to those whose requests wait for that person.
void TokenKeeper::tell(std::string text) {
  if (work_) {
    const std::string line = one_line(text);
    if (!work_->told.empty()) work_->told += ' ';
    work_->told += line;
    offers_.told(line);
    work_->speaks.set();
  }
  tell_(std::move(text));
}

awaitable<Result<void>> TokenKeeper::do_work(Need need) {
  auto turn = co_await take_turn();
  if (!turn) co_return propagate(turn);
  // While we waited, another process may have done the work; and while we refreshed, one that does
  // not know of our lock: the Python program, which spends the same refresh token.
  for (int attempt = 0; attempt < kRefreshes; ++attempt) {
    if (is_done_by_another(need)) co_return ok();
    if (!need.may_refresh || !can_refresh()) break;
    auto refreshed = co_await refresh(*turn);
    if (!refreshed) co_return propagate(refreshed, "refreshing the token");
    if (*refreshed) co_return ok();
  }
  if (!need.may_log_in)
    co_return fail(ErrorKind::unauthorized, "it cannot be refreshed, only a login gives another");
  co_return co_await log_in(std::move(need));
}

// Reads the store again. What is new there is taken, even if it is no more than a refresh token.
bool TokenKeeper::is_done_by_another(const Need& need) {
  auto stored = places_.credentials.load(codec::to_string(settings_.server));
  if (!stored || !*stored || !is_usable(**stored)) return false;
  if (held_ && (*stored)->access_token == held_->access_token) return false;
  const bool is_enough = oauth::has_scopes((*stored)->scope.value_or(""), need.scope);
  const auto expiry = (*stored)->expires_at;
  const bool is_over = expiry && *expiry <= unix_time(clock_.wall());
  if (!is_over && is_enough && !need.is_asked_for) {
    shorten_leeway(**stored);
    adopt(**std::move(stored));
    return true;
  }
  hold(**std::move(stored));
  return false;
}

// Others may hold it as long as a person takes to sign in.
awaitable<Result<store::ProcessLock>> TokenKeeper::take_turn() {
  const auto file = credential_lock(places_.locks, codec::to_string(settings_.server));
  const auto until = clock_.steady() + settings_.timeout;
  bool told = false;
  for (;;) {
    auto lock = store::ProcessLock::try_take(file);
    if (lock) co_return *std::move(lock);
    if (!std::exchange(told, true))
      log::info("another process is signing in or refreshing; waiting for its result");
    if (work_ && !work_->speaks.is_set())
      if (const auto elsewhere = offers_.told_elsewhere()) {
        work_->told = "Another mcp-stdio on this machine has asked for it. " + *elsewhere;
        work_->speaks.set();
      }
    if (clock_.steady() >= until)
      co_return fail(
          ErrorKind::timed_out,
          "another process has been signing in for too long; end it, or try again later");
    const bool waited = co_await io::pause(kLockPause);
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  }
}

awaitable<Result<bool>> TokenKeeper::refresh(const store::ProcessLock& lock) {
  RefreshRequest request{.credential = *held_, .proof_key = proof_key_};
  auto renewed = co_await refresher_.refresh(std::move(request), lock);
  if (!renewed) co_return propagate(renewed);
  if (!*renewed) {
    held_->refresh_token.reset();
    co_return false;
  }
  const auto key = proof_key_;
  const std::string before = held_->scope.value_or("");
  adopt_new(**std::move(renewed));
  const std::string now = held_->scope.value_or("");
  if (!before.empty() && !oauth::are_same_scopes(before, now))
    log::info("the refresh of a token for the scope {} gave one for {}", oauth::shown(before),
              oauth::shown(now));
  if (proof_key_ == nullptr) proof_key_ = key;  // it could not be saved
  co_return true;
}

awaitable<Result<void>> TokenKeeper::log_in(Need need) {
  const bool asks_a_person = grants_.needs_a_person();
  auto may_ask = asks_a_person ? offers_.may_ask() : ok();
  if (!may_ask) co_return propagate(may_ask);
  const bool wants_more = !need.scope.empty();
  auto challenge = co_await challenge_of(std::move(need.challenge), wants_more);
  if (!challenge) co_return propagate(challenge, "signing in");
  auto held_issuers = registry_.held_issuers(held_ ? &*held_ : nullptr);
  auto found = co_await discovery_.run(*challenge, std::move(held_issuers));
  if (!found && !instead_.empty())
    found.error().message = fmt::format("{} ({})", instead_, found.error().message);
  if (!found) co_return propagate(found, "signing in");
  auto grant = wants_more ? grants_.choose_again(found->server) : grants_.choose(found->server);
  if (!grant) co_return not_signed_in(std::move(grant).error());
  const oauth::ScopeChoice choice = scope_of(need.scope, *challenge, *found);
  if (!choice.warning.empty()) log::warning("{}", choice.warning);

  LoginRequest request;
  request.where = *found;
  request.scope = choice.scope;
  request.acr_values = challenge->acr_values;
  request.max_age = challenge->max_age;
  request.may_ask = need.may_ask;
  request.afterwards = &tasks_;
  auto binding = oauth::binding_for(settings_.dpop, *challenge, found->resource, found->server);
  if (!binding) co_return propagate(binding, "signing in");
  if (*binding != oauth::TokenBinding::none) request.proof_key = ProofKey::make(proof_key_.get());
  request.takes_bearer = *binding == oauth::TokenBinding::preferred;
  if (asks_a_person) offers_.begun();
  auto result = co_await grants_.of(*grant).run(std::move(request));
  // If we are to end, nobody can finish it any more, and it may be offered again.
  const bool is_ours_to_judge = !result && result.error().kind != ErrorKind::cancelled;
  if (is_ours_to_judge && !asks_a_person) offers_.finished();  // it may have asked somebody
  if (!result) {
    auto failure = not_signed_in(std::move(result).error());
    if (is_ours_to_judge && asks_a_person) offers_.failed(failure.error());
    co_return failure;
  }
  offers_.finished();
  // RFC 6749, section 5.1: left out if it is what was asked for.
  if (!result->tokens.scope && !choice.scope.empty()) result->tokens.scope = choice.scope;
  for (const std::string& warning : result->tokens.warnings) log::warning("{}", warning);
  const auto before = std::exchange(held_, std::nullopt);
  const std::string granted = result->tokens.scope.value_or("");
  const bool is_new = !before || !oauth::are_same_scopes(before->scope.value_or(""), granted);
  if (is_new && !choice.scope.empty() && !oauth::are_same_scopes(choice.scope, granted))
    log::info("the login asked for the scope {}, and {} was granted", oauth::shown(choice.scope),
              oauth::shown(granted));
  if (wants_more && asks_a_person && before) take_along(*before, *result, found->server.issuer);
  if (wants_more && oauth::has_scopes(result->tokens.scope.value_or(""), need.scope))
    more_scope_ = need.scope;
  if (settings_.use_id_token && !result->tokens.id_token)
    log::warning(
        "--oauth-use-id-token: there is no ID token, and the access token is sent; the scope "
        "openid "
        "may be missing (--oauth-scope)");
  if (asks_a_person && !result->tokens.refresh_token && result->tokens.expires_at)
    log::warning("{}", oauth::kNoRefreshToken);
  remember_resource(places_.state, settings_, found->indicator);
  grants_.remember(*grant);
  keep(result->tokens, result->client, found->server);
  log::info("signed in at {}", codec::for_log(found->server.issuer));
  co_return ok();
}

// Only the server says where its resource metadata are, if they are not where they are looked for
// (MCP 2026-07-28, authorization server discovery).
awaitable<Result<oauth::ServerChallenge>> TokenKeeper::challenge_of(
    std::optional<oauth::ServerChallenge> said, bool wants_more) {
  if (said) instead_.clear();
  if (said && wants_more) co_return *std::move(said);
  if (!said && !said_) {
    auto asked = co_await probe_challenge(fetcher_, settings_);
    if (!asked) co_return propagate(asked);
    instead_ = std::move(asked->instead);
    said = std::move(asked->challenge);
  }
  if (said) said_ = *std::move(said);
  co_return *said_;
}

// Whoever did not ask for a login wants no credentials either.
std::unexpected<Error> TokenKeeper::not_signed_in(Error why) const {
  if (why.kind == ErrorKind::no_sign_in && !instead_.empty()) why.message = instead_;
  why.message.insert(0, "signing in: ");
  return std::unexpected(std::move(why));
}

// A login for more scope asks for what its caller has put together, whatever --oauth-scope says.
oauth::ScopeChoice TokenKeeper::scope_of(const std::string& more,
                                         const oauth::ServerChallenge& challenge,
                                         const Discovered& where) const {
  const bool wants_more = !more.empty();
  oauth::ScopeSources sources;
  if (!wants_more) sources.option = settings_.scope;
  sources.challenge = wants_more ? more : challenge.scope;
  if (where.resource) sources.resource_supported = where.resource->scopes_supported;
  sources.server_supported = where.server.scopes;
  // Without a person there is nothing that a refresh token would spare.
  sources.offline_access = settings_.offline_access && grants_.needs_a_person();
  oauth::ScopeChoice choice = oauth::choose_scope(sources);
  if (!wants_more && !more_scope_.empty())
    choice.scope = oauth::unite_scopes(choice.scope, more_scope_);
  return choice;
}

// What a login for more scope leaves out and is still good: of the same client at the same server.
// A refresh token that is bound to a key (RFC 9449, section 5) is lost with it.
void TokenKeeper::take_along(const store::Credential& before, LoginResult& result,
                             const std::string& issuer) {
  const bool is_bound = result.client.proof_key != nullptr || before.token_type == kBoundType;
  if (is_bound || before.issuer != issuer || before.client_id != result.client.credentials.id)
    return;
  oauth::TokenSet& tokens = result.tokens;
  if (!tokens.id_token) tokens.id_token = before.id_token;
  if (tokens.refresh_token || !before.refresh_token) return;
  tokens.refresh_token = before.refresh_token;
  refresh_scope_.remember(*before.refresh_token, before.scope.value_or(""));
}

// Of a login. Saved before it is used.
void TokenKeeper::keep(const oauth::TokenSet& tokens, const Client& client,
                       const oauth::ServerMetadata& server) {
  store::Credential credential;
  put_tokens(credential, tokens, client);
  put_resource(credential, settings_);
  credential.issuer = server.issuer;
  credential.token_endpoint = server.endpoints.token;
  credential.authorization_endpoint = server.endpoints.authorization;
  credential.registration_endpoint = server.endpoints.registration;
  credential.iss_parameter_supported = server.sends_iss;
  is_saved_ = save_entry(places_, settings_, credential, client.proof_key.get());
  adopt_new(std::move(credential));
  proof_key_ = client.proof_key;
}

// One that was just issued.
void TokenKeeper::adopt_new(store::Credential credential) {
  breaker_.issued(clock_.steady());
  shorten_leeway(credential);
  adopt(std::move(credential));
}

// For one that has come just now, so that the rest of its life is all of it.
void TokenKeeper::shorten_leeway(const store::Credential& credential) {
  leeway_ = settings_.refresh_leeway;
  if (!credential.expires_at) return;
  const double half = (*credential.expires_at - unix_time(clock_.wall())) / 2;
  leeway_ = std::min(leeway_, std::chrono::seconds(static_cast<long long>(half)));
}

awaitable<void> TokenKeeper::close() {
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace mcpio::auth
