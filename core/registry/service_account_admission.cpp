// SPDX-License-Identifier: Apache-2.0
// Source: Kubernetes, admission plugin ServiceAccount.
#include "registry/admission.h"

#include "api/codec.h"
#include "registry/mountable_secrets.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

constexpr std::string_view volumePrefix = "kube-api-access-";
constexpr std::string_view mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::string_view rootCaConfigMap = "kube-root-ca.crt";
constexpr std::string_view mirrorAnnotation = "kubernetes.io/config.mirror";
constexpr std::string_view enforceAnnotation = "kubernetes.io/enforce-mountable-secrets";
/// A little over an hour, so that agents and tokens can tell it from an hour that somebody asked for.
constexpr std::int64_t tokenSeconds = 3607;
constexpr std::int64_t fileMode = 0644;
constexpr std::size_t suffixLength = 5;

/// The token, the authority that the API server's certificate is of, and the namespace.
api::Object accessVolume(const std::string& name)
{
    const api::Object token{
        {"serviceAccountToken", api::Object{{"path", "token"}, {"expirationSeconds", tokenSeconds}}}};
    const api::Object authority{
        {"configMap", api::Object{{"name", rootCaConfigMap},
                                  {"items", api::Array{api::Object{{"key", "ca.crt"}, {"path", "ca.crt"}}}}}}};
    const api::Object field{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
    const api::Object nameSpace{
        {"downwardAPI", api::Object{{"items", api::Array{api::Object{{"path", "namespace"}, {"fieldRef", field}}}}}}};
    return {
        {"name", name},
        {"projected", api::Object{{"defaultMode", fileMode}, {"sources", api::Array{token, authority, nameSpace}}}}};
}

api::Array& arrayAt(Value& object, std::string_view member)
{
    auto& list = object.as_object()[member];
    return list.is_array() ? list.get_array() : list.emplace_array();
}

/// Mounts the volume in the containers that have nothing at its place; says whether there were any.
bool mountWhereFree(Value& spec, const std::string& volume)
{
    bool mounted = false;
    for (const auto* const list : {"initContainers", "containers"}) {
        auto* const containers = spec.as_object().if_contains(list);
        if (!containers || !containers->is_array())
            continue;
        for (auto& container : containers->get_array()) {
            if (!container.is_object())
                continue;
            auto& mounts = arrayAt(container, "volumeMounts");
            if (std::ranges::any_of(mounts,
                                    [](const Value& each) { return api::stringAt(each, {"mountPath"}) == mountPath; }))
                continue;
            mounts.push_back({{"name", volume}, {"readOnly", true}, {"mountPath", mountPath}});
            mounted = true;
        }
    }
    return mounted;
}

class ServiceAccount : public AdmissionStep {
public:
    ServiceAccount(const WatchCache& cache, const Kind& accounts, Random& random)
        : m_cache(cache), m_accounts(accounts), m_random(random)
    {
    }
    std::string_view name() const override { return "ServiceAccount"; }
    bool changes(const Admission& admission) const override { return isPodCreation(admission); }

    Result<Done> admit(Admission& admission) const override
    {
        if (!isPodCreation(admission))
            return Done{};
        const auto refuse = [&](const std::string& why) {
            return fail(forbiddenObject(admission.kind, admission.key.name, why));
        };
        auto& pod = *admission.object;
        auto& spec = api::objectAt(pod, {"spec"});
        auto account = std::string(api::stringAt(pod, {"spec", "serviceAccountName"}));
        if (api::find(pod, {"metadata", "annotations", mirrorAnnotation})) {
            TRY_ASSIGN(const auto typed, api::fromJson<api::Pod>(pod));
            const auto why = needOfMirrorPod(typed);
            return why.empty() ? Result<Done>(Done{}) : refuse(why);
        }
        if (account.empty())
            account = "default";
        spec["serviceAccountName"] = account;
        spec["serviceAccount"] = account; // the older name of the same field
        const auto stored = m_cache.find(m_accounts, {admission.key.nameSpace, account});
        if (!stored)
            return refuse(fmt::format("error looking up service account {}/{}: serviceaccount \"{}\" not found",
                                      admission.key.nameSpace, account, account));
        TRY_ASSIGN(const auto document, api::parseJson(stored->json));
        if (wantsToken(pod, document))
            mountToken(*pod.as_object().if_contains("spec"));
        const auto* const secrets = api::find(document, {"imagePullSecrets"});
        if (const auto* own = api::find(pod, {"spec", "imagePullSecrets"});
            secrets && (!own || !own->is_array() || own->get_array().empty()))
            spec["imagePullSecrets"] = *secrets;
        return Done{};
    }

    /// Which secrets the pod may use, where its account says so.
    Result<Done> check(Admission& admission) const override
    {
        const bool adds = isCoreKind(admission.kind, "Pod") && admission.subresource == "ephemeralcontainers";
        if ((!isPodCreation(admission) && !adds) || !admission.object)
            return Done{};
        const auto stored =
            m_cache.find(m_accounts, {admission.key.nameSpace,
                                      std::string(api::stringAt(*admission.object, {"spec", "serviceAccountName"}))});
        if (!stored || !stored->json.contains(enforceAnnotation))
            return Done{};
        TRY_ASSIGN(const auto document, api::parseJson(stored->json));
        TRY_ASSIGN(const auto account, api::fromJson<api::ServiceAccount>(document));
        const auto enforced = account.metadata.annotations.find(std::string(enforceAnnotation));
        if (enforced == account.metadata.annotations.end() || !isTrueText(enforced->second))
            return Done{};
        TRY_ASSIGN(const auto pod, api::fromJson<api::Pod>(*admission.object));
        const auto why = unmountableSecret(pod, account);
        return why.empty() ? Result<Done>(Done{}) : fail(forbiddenObject(admission.kind, admission.key.name, why));
    }

private:
    /// As Go reads a flag.
    static bool isTrueText(std::string_view text)
    {
        constexpr std::array words{"1", "t", "T", "true", "TRUE", "True"};
        return std::ranges::find(words, text) != words.end();
    }

    /// The pod's word counts before the account's.
    static bool wantsToken(const Value& pod, const Value& account)
    {
        constexpr std::string_view member = "automountServiceAccountToken";
        for (const auto* const said : {api::find(pod, {"spec", member}), api::find(account, {member})}) {
            if (said && said->is_bool())
                return said->get_bool();
        }
        return true;
    }

    void mountToken(Value& spec) const
    {
        std::string present;
        if (const auto* const volumes = api::find(spec, {"volumes"}); volumes && volumes->is_array()) {
            for (const auto& each : volumes->get_array()) {
                if (const auto name = api::stringAt(each, {"name"}); name.starts_with(volumePrefix))
                    present = name;
            }
        }
        const auto volume =
            present.empty() ? fmt::format("{}{}", volumePrefix, m_random.suffix(suffixLength)) : present;
        if (mountWhereFree(spec, volume) && present.empty())
            arrayAt(spec, "volumes").emplace_back(accessVolume(volume));
    }

    const WatchCache& m_cache;
    const Kind& m_accounts;
    Random& m_random;
};

} // namespace

std::unique_ptr<AdmissionStep> serviceAccount(const WatchCache& cache, const api::Catalog& catalog, Random& random)
{
    return std::make_unique<ServiceAccount>(cache, *catalog.find({"", "v1"}, "ServiceAccount"), random);
}

} // namespace keelson::registry
