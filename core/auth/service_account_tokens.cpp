// SPDX-License-Identifier: Apache-2.0
#include "auth/service_account_tokens.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

namespace keelson::auth {
namespace {

using std::chrono::seconds;

/// How long a token outlives an object that is on its way out: its containers are still ending.
constexpr seconds deletionLeeway{60};
constexpr seconds clockLeeway{60};
/// Tokens whose signatures need not be checked again.
constexpr std::size_t verifiedMax = 8192;
constexpr std::array boundKinds{"Pod", "Secret", "Node"};

std::unexpected<Error> refused(std::string why)
{
    return fail(Reason::Unauthorized, std::move(why));
}

std::int64_t secondsOf(WallTime time)
{
    return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count();
}

std::vector<std::string> texts(const api::Value* value)
{
    std::vector<std::string> list;
    if (value && value->is_string())
        list.emplace_back(value->get_string());
    if (value && value->is_array()) {
        for (const auto& item : value->get_array()) {
            if (const auto* text = item.if_string())
                list.emplace_back(*text);
        }
    }
    return list;
}

api::Array arrayOf(const std::vector<std::string>& list)
{
    api::Array array;
    for (const auto& item : list)
        array.emplace_back(item);
    return array;
}

/// "pod", as claims call the kind.
std::string lowered(std::string_view kind)
{
    std::string text(kind);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

api::Object reference(std::string_view name, std::string_view uid)
{
    return {{"name", name}, {"uid", uid}};
}

Error invalidRequest(std::string field, std::string message)
{
    auto error = makeError(Reason::Invalid,
                           fmt::format("TokenRequest.authentication.k8s.io \"\" is invalid: {}: {}", field, message));
    error.group = "authentication.k8s.io";
    error.resource = "TokenRequest";
    error.causes.push_back({"FieldValueInvalid", std::move(message), std::move(field)});
    return error;
}

Error missing(std::string_view resource, std::string_view name)
{
    auto error = makeError(Reason::NotFound, fmt::format("{} \"{}\" not found", resource, name));
    error.resource = resource;
    error.name = name;
    return error;
}

Result<seconds> lifetimeOf(const api::Value& request)
{
    const seconds wanted{api::integerAt(request, {"spec", "expirationSeconds"}, tokenLifetimeDefault.count())};
    const auto invalid = [&](std::string_view why) {
        return fail(
            invalidRequest("spec.expirationSeconds", fmt::format("Invalid value: {}: {}", wanted.count(), why)));
    };
    if (wanted < tokenLifetimeMin)
        return invalid("may not specify a duration less than 10 minutes");
    if (wanted > tokenLifetimeMax)
        return invalid("may not specify a duration larger than 2^32 seconds");
    return wanted;
}

} // namespace

User serviceAccountUser(std::string_view nameSpace, std::string_view name, std::string uid)
{
    return {fmt::format("{}{}:{}", serviceAccountPrefix, nameSpace, name),
            std::move(uid),
            {"system:serviceaccounts", fmt::format("system:serviceaccounts:{}", nameSpace), "system:authenticated"},
            {}};
}

/// What a token of ours says, once its signature was found to be right.
struct ServiceAccountTokens::Claims {
    struct Reference {
        std::string kind; ///< "Pod"; for the account itself: "ServiceAccount"
        std::string name;
        std::string uid;
    };
    std::vector<std::string> audiences;
    std::int64_t notBefore = 0;
    std::int64_t expires = 0;
    std::string id;
    std::string nameSpace;
    Reference account;
    std::vector<Reference> bound;
};

/// Claims of tokens with right signatures, by the token's digest: a client shows the same token with each request.
struct ServiceAccountTokens::Cache {
    std::mutex mutex;
    std::unordered_map<std::string, ClaimsPointer> claims;

    static std::string digest(std::string_view token)
    {
        std::string digest(SHA256_DIGEST_LENGTH, '\0');
        SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
               reinterpret_cast<unsigned char*>(digest.data()));
        return digest;
    }

    ClaimsPointer find(const std::string& digest)
    {
        const std::scoped_lock lock(mutex);
        const auto found = claims.find(digest);
        return found == claims.end() ? nullptr : found->second;
    }

    void keep(const std::string& digest, ClaimsPointer one, std::int64_t now)
    {
        const std::scoped_lock lock(mutex);
        if (claims.size() >= verifiedMax)
            std::erase_if(claims, [&](const auto& item) { return item.second->expires <= now; });
        if (claims.size() >= verifiedMax)
            claims.clear();
        claims.emplace(digest, std::move(one));
    }
};

namespace {

ServiceAccountTokens::FutureKey presentKey(SigningKey key)
{
    std::promise<Result<SigningKey>> promise;
    promise.set_value(std::move(key));
    return promise.get_future().share();
}

} // namespace

ServiceAccountTokens::ServiceAccountTokens(SigningKey key, Options options, const ObjectSource& objects,
                                           const Clock& clock, Random& random)
    : ServiceAccountTokens(presentKey(std::move(key)), std::move(options), objects, clock, random)
{
}

ServiceAccountTokens::ServiceAccountTokens(FutureKey key, Options options, const ObjectSource& objects,
                                           const Clock& clock, Random& random)
    : m_key(std::move(key)),
      m_options(std::move(options)),
      m_objects(objects),
      m_clock(clock),
      m_random(random),
      m_cache(std::make_unique<Cache>())
{
}

ServiceAccountTokens::~ServiceAccountTokens() = default;

Result<const SigningKey*> ServiceAccountTokens::key() const
{
    const auto& made = m_key.get();
    if (!made)
        return fail(made.error());
    return &*made;
}

bool ServiceAccountTokens::recognizes(std::string_view token) const
{
    if (!looksLikeWebToken(token))
        return false;
    if (m_cache->find(Cache::digest(token)))
        return true;
    const auto parsed = parseWebToken(token);
    return parsed && api::stringAt(parsed->claims, {"iss"}) == m_options.issuer;
}

Result<ServiceAccountTokens::ClaimsPointer> ServiceAccountTokens::verified(std::string_view token) const
{
    const auto digest = Cache::digest(token);
    if (auto known = m_cache->find(digest))
        return known;
    TRY_ASSIGN(const auto parsed, parseWebToken(token));
    if (api::stringAt(parsed.claims, {"iss"}) != m_options.issuer)
        return refused("the bearer token was not issued by this cluster");
    TRY_ASSIGN(const auto* const own, key());
    TRY_OK(own->verificationKeys().verify(parsed));
    const auto text = [&](std::initializer_list<std::string_view> path) {
        return std::string(api::stringAt(parsed.claims, path));
    };
    Claims claims;
    claims.audiences = texts(api::find(parsed.claims, {"aud"}));
    claims.notBefore = api::integerAt(parsed.claims, {"nbf"});
    claims.expires = api::integerAt(parsed.claims, {"exp"});
    claims.id = text({"jti"});
    claims.nameSpace = text({"kubernetes.io", "namespace"});
    claims.account = {"ServiceAccount", text({"kubernetes.io", "serviceaccount", "name"}),
                      text({"kubernetes.io", "serviceaccount", "uid"})};
    for (const std::string_view kind : boundKinds) {
        const auto member = lowered(kind);
        if (api::find(parsed.claims, {"kubernetes.io", member}))
            claims.bound.push_back(
                {std::string(kind), text({"kubernetes.io", member, "name"}), text({"kubernetes.io", member, "uid"})});
    }
    if (text({"sub"}) != fmt::format("{}{}:{}", serviceAccountPrefix, claims.nameSpace, claims.account.name))
        return refused("the bearer token names two different service accounts");
    auto pointer = std::make_shared<const Claims>(std::move(claims));
    m_cache->keep(digest, pointer, secondsOf(m_clock.wall()));
    return pointer;
}

Result<Done> ServiceAccountTokens::checkObjects(const Claims& claims) const
{
    // Of what a pod's token names, the node is told for information only: the pod's end ends it.
    const bool nodeIsBound = claims.bound.size() == 1 && claims.bound.front().kind == "Node";
    const auto check = [&](const Claims::Reference& wanted) -> Result<Done> {
        const auto nameSpace = wanted.kind == "Node" ? std::string() : claims.nameSpace;
        const auto what = wanted.kind == "ServiceAccount" ? std::string("service account") : lowered(wanted.kind);
        const auto facts = m_objects.facts(wanted.kind, {nameSpace, wanted.name});
        if (!facts)
            return refused(fmt::format("the {} \"{}\" that the bearer token is bound to is gone", what, wanted.name));
        if (facts->uid != wanted.uid)
            return refused(fmt::format("the {} \"{}\" that the bearer token is bound to was deleted; there is another "
                                       "of the same name",
                                       what, wanted.name));
        if (facts->deletedAt && *facts->deletedAt + deletionLeeway < m_clock.wall())
            return refused(
                fmt::format("the {} \"{}\" that the bearer token is bound to has been deleted", what, wanted.name));
        return Done{};
    };
    TRY_OK(check(claims.account));
    for (const auto& reference : claims.bound) {
        if (reference.kind != "Node" || nodeIsBound)
            TRY_OK(check(reference));
    }
    return Done{};
}

Result<TokenIdentity> ServiceAccountTokens::authenticate(std::string_view token,
                                                         std::span<const std::string> audiences) const
{
    TRY_ASSIGN(const auto claims, verified(token));
    const auto now = secondsOf(m_clock.wall());
    const auto timeText = [](std::int64_t time) { return formatTime(WallTime{seconds{time}}); };
    if (claims->expires <= now)
        return refused(fmt::format("the bearer token expired at {}", timeText(claims->expires)));
    if (claims->notBefore > now + clockLeeway.count())
        return refused(fmt::format("the bearer token is valid only from {} on", timeText(claims->notBefore)));
    const std::span<const std::string> wanted = audiences.empty() ? m_options.audiences : audiences;
    TokenIdentity identity;
    for (const auto& audience : wanted) {
        if (std::ranges::find(claims->audiences, audience) != claims->audiences.end())
            identity.audiences.push_back(audience);
    }
    if (identity.audiences.empty())
        return refused(fmt::format("the bearer token is meant for [{}], not for [{}]",
                                   fmt::join(claims->audiences, ", "), fmt::join(wanted, ", ")));
    TRY_OK(checkObjects(*claims));
    identity.user = serviceAccountUser(claims->nameSpace, claims->account.name, claims->account.uid);
    constexpr std::string_view prefix = "authentication.kubernetes.io/";
    if (!claims->id.empty())
        identity.user.extra[fmt::format("{}credential-id", prefix)] = {"JTI=" + claims->id};
    for (const auto& reference : claims->bound) {
        if (reference.kind == "Secret")
            continue;
        identity.user.extra[fmt::format("{}{}-name", prefix, lowered(reference.kind))] = {reference.name};
        identity.user.extra[fmt::format("{}{}-uid", prefix, lowered(reference.kind))] = {reference.uid};
    }
    return identity;
}

namespace {

/// The claims about what the token is bound to; empty without. Fails as `answerRequest` says.
Result<api::Object> boundClaims(const ObjectSource& objects, const api::ObjectKey& account, const api::Value& request)
{
    api::Object claims;
    const auto* const bound = api::find(request, {"spec", "boundObjectRef"});
    if (!bound || !bound->is_object())
        return claims;
    const auto kind = std::string(api::stringAt(*bound, {"kind"}));
    const auto version = std::string(api::stringAt(*bound, {"apiVersion"}));
    const auto name = std::string(api::stringAt(*bound, {"name"}));
    const auto uid = std::string(api::stringAt(*bound, {"uid"}));
    if (std::ranges::find(boundKinds, std::string_view(kind)) == boundKinds.end() ||
        (!version.empty() && version != "v1"))
        return fail(Reason::BadRequest,
                    fmt::format("cannot bind token for serviceaccount \"{}\" to type {}, Kind={}: Pod, Secret and Node "
                                "of v1 are possible",
                                account.name, version, kind));
    const auto object = objects.find(kind, {kind == "Node" ? std::string() : account.nameSpace, name});
    if (!object)
        return fail(missing(lowered(kind) + "s", name));
    const auto present = api::stringAt(*object, {"metadata", "uid"});
    if (!uid.empty() && uid != present) {
        auto error = makeError(
            Reason::Conflict,
            fmt::format("Operation cannot be fulfilled on {} \"{}\": the UID in the bound object reference ({}) does "
                        "not match the UID in record. The object might have been deleted and then recreated",
                        lowered(kind), name, uid));
        return fail(std::move(error));
    }
    claims[lowered(kind)] = reference(name, present);
    if (kind != "Pod")
        return claims;
    auto used = api::stringAt(*object, {"spec", "serviceAccountName"});
    if (used != account.name)
        return fail(Reason::BadRequest,
                    fmt::format("cannot bind token for serviceaccount \"{}\" to pod running with different "
                                "serviceaccount name.",
                                account.name));
    if (const auto node = std::string(api::stringAt(*object, {"spec", "nodeName"})); !node.empty()) {
        const auto facts = objects.facts("Node", {{}, node});
        claims["node"] = reference(node, facts ? facts->uid : std::string());
    }
    return claims;
}

} // namespace

Result<api::Value> ServiceAccountTokens::answerRequest(const api::ObjectKey& account, api::Value request) const
{
    if (!request.is_object())
        return fail(Reason::BadRequest, "the body is no TokenRequest");
    const auto facts = m_objects.facts("ServiceAccount", account);
    if (!facts)
        return fail(missing("serviceaccounts", account.name));
    TRY_ASSIGN(const auto lifetime, lifetimeOf(request));
    TRY_ASSIGN(auto own, boundClaims(m_objects, account, request));
    auto audiences = texts(api::find(request, {"spec", "audiences"}));
    if (audiences.empty())
        audiences = m_options.audiences;

    const auto now = secondsOf(m_clock.wall());
    const auto expires = now + lifetime.count();
    own["namespace"] = account.nameSpace;
    own["serviceaccount"] = reference(account.name, facts->uid);
    TRY_ASSIGN(const auto* const signer, key());
    TRY_ASSIGN(const auto token,
               signer->sign({{"aud", arrayOf(audiences)},
                             {"exp", expires},
                             {"iat", now},
                             {"iss", m_options.issuer},
                             {"jti", m_random.uuid()},
                             {"kubernetes.io", std::move(own)},
                             {"nbf", now},
                             {"sub", fmt::format("{}{}:{}", serviceAccountPrefix, account.nameSpace, account.name)}}));

    request.as_object()["kind"] = "TokenRequest";
    request.as_object()["apiVersion"] = "authentication.k8s.io/v1";
    auto& metadata = api::objectAt(request, {"metadata"});
    metadata["name"] = account.name;
    metadata["namespace"] = account.nameSpace;
    metadata["creationTimestamp"] = formatTime(m_clock.wall());
    auto& spec = api::objectAt(request, {"spec"});
    spec["audiences"] = arrayOf(audiences);
    spec["expirationSeconds"] = lifetime.count();
    request.as_object()["status"] =
        api::Object{{"token", token}, {"expirationTimestamp", formatTime(WallTime{seconds{expires}})}};
    return request;
}

Result<std::string> ServiceAccountTokens::discoveryDocument(std::string_view server) const
{
    TRY_ASSIGN(const auto* const own, key());
    return api::writeJson(api::Object{{"issuer", m_options.issuer},
                                      {"jwks_uri", fmt::format("{}/openid/v1/jwks", server)},
                                      {"response_types_supported", api::Array{"id_token"}},
                                      {"subject_types_supported", api::Array{"public"}},
                                      {"id_token_signing_alg_values_supported", api::Array{own->algorithm()}}});
}

Result<std::string> ServiceAccountTokens::keysDocument() const
{
    TRY_ASSIGN(const auto* const own, key());
    return own->verificationKeys().jwks();
}

} // namespace keelson::auth
