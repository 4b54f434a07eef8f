// SPDX-License-Identifier: Apache-2.0
#include "auth/id_tokens.h"

#include "base/log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>

namespace keelson::auth {
namespace {

using std::chrono::seconds;

constexpr seconds notBeforeLeeway{300}; ///< The issuer's clock may be ahead.
constexpr std::array algorithmsKnown{"RS256", "RS384", "RS512", "ES256", "ES384"};

std::unexpected<Error> refused(std::string why)
{
    return fail(Reason::Unauthorized, std::move(why));
}

/// A text, or a list of texts; nothing when it is anything else.
std::optional<std::vector<std::string>> textsOf(const api::Value& value)
{
    std::vector<std::string> texts;
    if (value.is_string())
        return std::vector{std::string(value.get_string())};
    if (!value.is_array())
        return std::nullopt;
    for (const auto& each : value.get_array()) {
        if (!each.is_string())
            return std::nullopt;
        texts.emplace_back(each.get_string());
    }
    return texts;
}

std::string withoutSlash(std::string text)
{
    while (text.ends_with('/'))
        text.pop_back();
    return text;
}

} // namespace

/// The issuer's keys and when they are fetched. Tasks on the loop and the executor hold it.
struct IdTokens::Keys : std::enable_shared_from_this<IdTokens::Keys> {
    Keys(std::string from, Fetch how, Loop& itsLoop, Executor& itsExecutor)
        : issuer(std::move(from)), fetch(std::move(how)), loop(itsLoop), executor(itsExecutor)
    {
    }

    /// The keys that the issuer's documents name now.
    Result<VerificationKeys> read() const
    {
        TRY_ASSIGN(const auto text, fetch(withoutSlash(issuer) + "/.well-known/openid-configuration"));
        const auto document = api::parseJson(text);
        if (!document)
            return fail(Reason::ServiceUnavailable, "the issuer's configuration is no JSON");
        if (const auto said = api::stringAt(*document, {"issuer"}); said != issuer)
            return fail(Reason::ServiceUnavailable,
                        fmt::format("the issuer's configuration is of \"{}\", not of \"{}\"", said, issuer));
        const std::string address(api::stringAt(*document, {"jwks_uri"}));
        TRY_ASSIGN(const auto set, fetch(address));
        TRY_ASSIGN(auto found, VerificationKeys::fromJwks(set));
        if (found.empty())
            return fail(Reason::ServiceUnavailable, "the issuer shows no key that can be used");
        return found;
    }

    /// Fetches unless that is under way or was just done.
    void refresh()
    {
        const auto now = loop.clock().steady();
        {
            const std::scoped_lock lock(mutex);
            if (underWay || (fetchedOnce && now < lastFetch + refreshPause))
                return;
            underWay = true;
            fetchedOnce = true;
            lastFetch = now;
        }
        executor.run([weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->fetchNow();
        });
    }

    void fetchNow()
    {
        auto found = read();
        if (found)
            keys.store(std::make_shared<const VerificationKeys>(*std::move(found)));
        else
            log::warning("auth", "the keys of {}: {}", issuer, found.error().message);
        {
            const std::scoped_lock lock(mutex);
            underWay = false;
            lastFetch = loop.clock().steady();
        }
        const Duration pause = found ? Duration(refreshPeriod) : Duration(refreshPause);
        loop.post([weak = weak_from_this(), pause] {
            if (const auto self = weak.lock())
                self->refreshLater(pause);
        });
    }

    /// On the loop.
    void refreshLater(Duration pause)
    {
        loop.cancel(timer);
        timer = loop.after(pause, [weak = weak_from_this()] {
            if (const auto self = weak.lock())
                self->refresh();
        });
    }

    const std::string issuer;
    const Fetch fetch;
    Loop& loop;
    Executor& executor;
    std::atomic<std::shared_ptr<const VerificationKeys>> keys; ///< Null: none yet.
    Loop::TimerId timer = 0;                                   ///< The loop's.
    std::mutex mutex;                                          ///< Of what follows.
    bool underWay = false;
    bool fetchedOnce = false;
    SteadyTime lastFetch{};
};

Result<Done> checkIdTokenOptions(const IdTokenOptions& options)
{
    if (!options.issuer.starts_with("https://"))
        return fail(Reason::Invalid, fmt::format("--oidc-issuer-url: \"{}\" must begin with https://", options.issuer));
    if (options.clientId.empty())
        return fail(Reason::Invalid, "--oidc-client-id is needed together with --oidc-issuer-url");
    if (options.usernameClaim.empty())
        return fail(Reason::Invalid, "--oidc-username-claim must not be empty");
    for (const auto& algorithm : options.algorithms) {
        if (std::ranges::find(algorithmsKnown, algorithm) == algorithmsKnown.end())
            return fail(Reason::Invalid, fmt::format("--oidc-signing-algs: \"{}\" is not among {}", algorithm,
                                                     fmt::join(algorithmsKnown, ", ")));
    }
    return Done{};
}

IdTokens::IdTokens(IdTokenOptions options, Fetch fetch, const Clock& clock, Loop& loop, Executor& executor)
    : m_options(std::move(options)),
      m_clock(clock),
      m_keys(std::make_shared<Keys>(m_options.issuer, std::move(fetch), loop, executor))
{
}

IdTokens::~IdTokens() = default;

void IdTokens::start()
{
    m_keys->refresh();
}

bool IdTokens::recognizes(std::string_view token) const
{
    if (!looksLikeWebToken(token))
        return false;
    const auto parsed = parseWebToken(token);
    return parsed && api::stringAt(parsed->claims, {"iss"}) == m_options.issuer;
}

Result<TokenIdentity> IdTokens::authenticate(std::string_view token, std::span<const std::string> /*audiences*/) const
{
    TRY_ASSIGN(const auto parsed, parseWebToken(token));
    if (std::ranges::find(m_options.algorithms, parsed.algorithm) == m_options.algorithms.end())
        return refused(fmt::format("the ID token is signed with {}, which is not accepted", parsed.algorithm));
    const auto keys = m_keys->keys.load();
    if (!keys) {
        m_keys->refresh();
        return refused(fmt::format("the keys of {} have not come yet: try again in a moment", m_options.issuer));
    }
    if (!parsed.keyId.empty() && !keys->holds(parsed.keyId)) {
        m_keys->refresh();
        return refused(fmt::format("the ID token is signed with a key that {} did not show before; its keys are being "
                                   "fetched again: try again in a moment",
                                   m_options.issuer));
    }
    TRY_OK(keys->verify(parsed));
    TRY_OK(checkClaims(parsed));
    TRY_ASSIGN(auto user, userOf(parsed.claims));
    return TokenIdentity{std::move(user), {}};
}

Result<Done> IdTokens::checkClaims(const WebToken& token) const
{
    const auto& claims = token.claims;
    const auto now = std::chrono::duration_cast<seconds>(m_clock.wall().time_since_epoch()).count();
    if (api::stringAt(claims, {"iss"}) != m_options.issuer)
        return refused("the ID token is of another issuer");
    const auto* const audience = api::find(claims, {"aud"});
    const auto audiences = audience ? textsOf(*audience) : std::nullopt;
    if (!audiences || std::ranges::find(*audiences, m_options.clientId) == audiences->end())
        return refused(fmt::format("the ID token is meant for [{}], not for [{}]",
                                   fmt::join(audiences.value_or(std::vector<std::string>{}), ", "),
                                   m_options.clientId));
    const auto expires = api::integerAt(claims, {"exp"});
    if (expires <= now)
        return refused(fmt::format("the ID token expired at {}", formatTime(WallTime{seconds{expires}})));
    if (const auto begins = api::integerAt(claims, {"nbf"}); begins > now + notBeforeLeeway.count())
        return refused(fmt::format("the ID token is valid only from {} on", formatTime(WallTime{seconds{begins}})));
    for (const auto& [name, wanted] : m_options.requiredClaims) {
        const auto* const claim = api::find(claims, {name});
        if (!claim)
            return refused(fmt::format("the ID token lacks the claim \"{}\"", name));
        if (!claim->is_string() || claim->get_string() != wanted)
            return refused(fmt::format("the claim \"{}\" of the ID token is not \"{}\"", name, wanted));
    }
    return Done{};
}

Result<User> IdTokens::userOf(const api::Value& claims) const
{
    const auto& claim = m_options.usernameClaim;
    const std::string name(api::stringAt(claims, {claim}));
    if (name.empty())
        return refused(fmt::format("the ID token lacks the claim \"{}\", a text that names the user", claim));
    // An address that nobody has looked at could be anybody's.
    if (const auto* const verified = api::find(claims, {"email_verified"});
        claim == "email" && verified && !(verified->is_bool() && verified->get_bool()))
        return refused("the e-mail address in the ID token is not verified");
    auto prefix = m_options.usernamePrefix;
    if (prefix.empty() && claim != "email")
        prefix = m_options.issuer + "#";
    else if (prefix == "-")
        prefix.clear();
    User user{prefix + name, {}, {}, {}};
    if (const auto* const groups =
            m_options.groupsClaim.empty() ? nullptr : api::find(claims, {m_options.groupsClaim})) {
        const auto names = textsOf(*groups);
        if (!names)
            return refused(fmt::format("the claim \"{}\" of the ID token is neither a text nor a list of texts",
                                       m_options.groupsClaim));
        for (const auto& each : *names)
            user.groups.push_back(m_options.groupsPrefix + each);
    }
    user.groups.emplace_back("system:authenticated");
    return user;
}

} // namespace keelson::auth
