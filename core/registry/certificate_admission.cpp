// SPDX-License-Identifier: Apache-2.0
#include "registry/access_admission.h"

#include "api/base64.h"
#include "api/refusals.h"
#include "auth/certificate_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace keelson::registry {
namespace {

constexpr std::string_view group = "certificates.k8s.io";
constexpr std::array<std::string_view, 2> decisions{"Approved", "Denied"};
/// What a controller never takes back.
constexpr std::array<std::string_view, 3> lastingConditions{"Approved", "Denied", "Failed"};

bool isDecision(std::string_view type)
{
    return std::ranges::find(decisions, type) != decisions.end();
}

api::Array conditionsOf(const Value* object)
{
    const auto* const found = object ? api::find(*object, {"status", "conditions"}) : nullptr;
    return found && found->is_array() ? found->get_array() : api::Array();
}

const Value* findCondition(const api::Array& conditions, std::string_view type)
{
    const auto found =
        std::ranges::find_if(conditions, [&](const Value& each) { return api::stringAt(each, {"type"}) == type; });
    return found == conditions.end() ? nullptr : &*found;
}

/// The rest of it the schema's rules check.
void checkSpec(const Value& object, api::Refusals& refusals)
{
    const api::FieldPath root;
    const auto spec = root.child("spec");
    const auto request = api::decodeBase64(api::stringAt(object, {"spec", "request"}));
    if (const auto facts = auth::certificateRequestFacts(request.value_or("")); !facts)
        refusals.invalid(spec.child("request"), Value(api::stringAt(object, {"spec", "request"})),
                         facts.error().message);
    const std::string signer(api::stringAt(object, {"spec", "signerName"}));
    if (signer == auth::legacySigner)
        refusals.invalid(spec.child("signerName"), Value(signer),
                         "the legacy signerName is not allowed via this API version");
}

/// `mayDecide`: the write is of the subresource approval.
void checkConditions(const Value& object, const Value& before, bool mayDecide, api::Refusals& refusals)
{
    const auto now = conditionsOf(&object);
    const auto then = conditionsOf(&before);
    const api::FieldPath root;
    const auto status = root.child("status");
    const auto path = status.child("conditions");
    for (const auto type : lastingConditions) {
        if (findCondition(then, type) && !findCondition(now, type))
            refusals.forbidden(path, fmt::format("updates may not remove a condition of type \"{}\"", type));
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
        const auto type = std::string(api::stringAt(now[i], {"type"}));
        const auto value = std::string(api::stringAt(now[i], {"status"}));
        if (type.empty())
            refusals.required(path.index(i).child("type"));
        if (std::ranges::find(lastingConditions, type) != lastingConditions.end() && value != "True")
            refusals.notSupported(path.index(i).child("status"), Value(value), {"True"});
        if (!mayDecide && isDecision(type) && !findCondition(then, type))
            refusals.forbidden(path, fmt::format("updates may not add a condition of type \"{}\"", type));
    }
    if (findCondition(now, "Approved") && findCondition(now, "Denied"))
        refusals.invalid(path, Value("Denied"), "Approved and Denied conditions are mutually exclusive");
}

void checkCertificate(const Value& object, const Value& before, api::Refusals& refusals)
{
    const api::FieldPath root;
    const auto status = root.child("status");
    const auto path = status.child("certificate");
    const auto now = api::stringAt(object, {"status", "certificate"});
    const auto then = api::stringAt(before, {"status", "certificate"});
    if (now == then)
        return;
    if (!then.empty()) {
        refusals.forbidden(path, now.empty() ? "updates may not clear existing certificate content"
                                             : "updates may not modify existing certificate content");
        return;
    }
    constexpr std::string_view begin = "-----BEGIN ";
    constexpr std::string_view certificate = "CERTIFICATE-----";
    const auto pem = api::decodeBase64(now).value_or("");
    std::size_t blocks = 0;
    for (auto at = pem.find(begin); at != std::string::npos; at = pem.find(begin, at + 1), ++blocks) {
        const auto label = pem.substr(at + begin.size(), certificate.size());
        if (label != certificate)
            return refusals.invalid(path, Value("<certificate data>"), "only CERTIFICATE PEM blocks are allowed");
    }
    if (blocks == 0)
        refusals.invalid(path, Value("<certificate data>"), "must contain at least one CERTIFICATE PEM block");
}

/// New conditions, and those that have changed, get their times.
void stampConditions(Value& object, const Value* before, WallTime now)
{
    if (!api::find(object, {"status", "conditions"}))
        return;
    const auto then = conditionsOf(before);
    auto conditions = conditionsOf(&object);
    for (auto& each : conditions) {
        if (!each.is_object())
            continue;
        const auto* const old = findCondition(then, api::stringAt(each, {"type"}));
        if (api::stringAt(each, {"lastUpdateTime"}).empty())
            each.get_object()["lastUpdateTime"] = formatTime(now);
        const bool same = old && api::stringAt(*old, {"status"}) == api::stringAt(each, {"status"});
        if (same)
            each.get_object()["lastTransitionTime"] = std::string(api::stringAt(*old, {"lastTransitionTime"}));
        else if (api::stringAt(each, {"lastTransitionTime"}).empty())
            each.get_object()["lastTransitionTime"] = formatTime(now);
    }
    api::objectAt(object, {"status"})["conditions"] = std::move(conditions);
}

/// Who asks is not the requester's to say.
void settleRequester(Value& object, const auth::User& user)
{
    auto& spec = api::objectAt(object, {"spec"});
    for (const auto* const member : {"username", "uid", "groups", "extra"})
        spec.erase(member);
    spec["username"] = user.name;
    if (!user.uid.empty())
        spec["uid"] = user.uid;
    const auto listOf = [](const std::vector<std::string>& texts) {
        api::Array list;
        for (const auto& text : texts)
            list.emplace_back(text);
        return list;
    };
    if (!user.groups.empty())
        spec["groups"] = listOf(user.groups);
    api::Object extra;
    for (const auto& [key, values] : user.extra)
        extra[key] = listOf(values);
    if (!extra.empty())
        spec["extra"] = std::move(extra);
}

class CertificateRequests : public AdmissionStep {
public:
    CertificateRequests(const auth::RbacAuthorizer* roles, const Clock& clock) : m_roles(roles), m_clock(clock) {}
    std::string_view name() const override { return "CertificateRequests"; }

    Result<Done> admit(Admission& admission) const override
    {
        if (admission.verb == Verb::Delete || admission.kind.groupVersion.group != group)
            return Done{};
        auto& object = *admission.object;
        api::Refusals refusals;
        if (admission.verb == Verb::Create) {
            settleRequester(object, admission.context.user);
            TRY_OK(checkSubject(admission));
            checkSpec(object, refusals);
        } else if (admission.subresource.empty()) {
            object.as_object()["spec"] = admission.before->at("spec"); // what was asked stays as it was
        } else {
            stampConditions(object, admission.before, m_clock.wall());
            TRY_OK(checkRight(admission));
            checkConditions(object, *admission.before, admission.subresource == "approval", refusals);
            checkCertificate(object, *admission.before, refusals);
        }
        std::ranges::move(refusals.take(), std::back_inserter(admission.refusals));
        return Done{};
    }

private:
    static Result<Done> checkSubject(const Admission& admission)
    {
        if (api::stringAt(*admission.object, {"spec", "signerName"}) != auth::clientSigner)
            return Done{};
        const auto request = api::decodeBase64(api::stringAt(*admission.object, {"spec", "request"}));
        const auto facts = auth::certificateRequestFacts(request.value_or(""));
        if (!facts || std::ranges::find(facts->organizations, "system:masters") == facts->organizations.end())
            return Done{};
        return fail(forbiddenObject(
            admission.kind, admission.key.name,
            fmt::format("use of {} signer with system:masters group is not allowed", auth::clientSigner)));
    }

    Result<Done> checkRight(const Admission& admission) const
    {
        const bool approval = admission.subresource == "approval";
        const auto part = [&](const Value& object, std::string_view member) {
            const auto* const found = api::find(object, {"status", member});
            return found ? *found : Value();
        };
        const bool unchanged = part(*admission.object, "certificate") == part(*admission.before, "certificate") &&
                               part(*admission.object, "conditions") == part(*admission.before, "conditions");
        const std::string signer(api::stringAt(*admission.before, {"spec", "signerName"}));
        const auto* const verb = approval ? "approve" : "sign";
        if ((!approval && unchanged) || !m_roles || may(admission.context.user, verb, signer))
            return Done{};
        return fail(
            forbiddenObject(admission.kind, admission.key.name,
                            fmt::format("user not permitted to {} requests with signerName \"{}\"", verb, signer)));
    }

    bool may(const auth::User& user, const std::string& verb, const std::string& signer) const
    {
        const auto ask = [&](const std::string& name) {
            return m_roles->authorize(user, {verb, std::string(group), "*", "signers", {}, {}, name, {}}).allowed;
        };
        return ask(signer) || ask(signer.substr(0, signer.find('/')) + "/*");
    }

    const auth::RbacAuthorizer* m_roles;
    const Clock& m_clock;
};

} // namespace

std::unique_ptr<AdmissionStep> certificateRequests(const auth::RbacAuthorizer* roles, const Clock& clock)
{
    return std::make_unique<CertificateRequests>(roles, clock);
}

} // namespace keelson::registry
