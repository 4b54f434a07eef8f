// SPDX-License-Identifier: Apache-2.0
#include "policies/written_policies.h"

#include "api/codec.h"
#include "api/name_forms.h"
#include "api/rules.h"
#include "policies/policy_variables.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::policies {
namespace {

using api::FieldPath;
using api::Refusals;
using api::Value;
using Form = cel::Type::Form;

constexpr std::size_t conditionsMax = 64;
constexpr std::size_t auditAnnotationsMax = 20;
constexpr std::size_t auditExpressionBytesMax = std::size_t{5} * 1024;

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == text.npos;
}

/// Refuses an expression that does not compile.
void checkExpression(const std::string& text, const Names& names, std::initializer_list<Form> results,
                     const FieldPath& path, Refusals& refusals)
{
    const auto expression = Expression::compile(text, names, results);
    if (!expression.program)
        refusals.invalid(path, Value(text), expression.program.error().message);
}

void checkConditions(std::span<const api::MatchCondition> conditions, bool params, const FieldPath& path,
                     Refusals& refusals)
{
    const Names names{.authorizer = true, .params = params, .variables = nullptr};
    std::set<std::string_view> seen;
    if (conditions.size() > conditionsMax)
        refusals.tooMany(path, conditions.size(), conditionsMax);
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const auto& [name, text] = conditions[i];
        const auto at = path.index(i);
        if (isBlank(text))
            refusals.required(at.child("expression"));
        else
            checkExpression(text, names, {Form::Bool}, at.child("expression"), refusals);
        if (name.empty())
            refusals.required(at.child("name"));
        else
            api::refuse(api::wrongQualifiedName(name), at.child("name"), Value(name), refusals);
        if (!name.empty() && !seen.insert(name).second)
            refusals.duplicate(at.child("name"), Value(name));
    }
}

template <typename Configuration>
void checkWebhooks(const Value& object, Refusals& refusals)
{
    const auto configuration = api::fromJson<Configuration>(object);
    const FieldPath root;
    const auto list = root.child("webhooks");
    for (std::size_t i = 0; configuration && i < configuration->webhooks.size(); ++i) {
        const auto at = list.index(i);
        checkConditions(configuration->webhooks[i].matchConditions, false, at.child("matchConditions"), refusals);
    }
}

/// What a policy is written as: its expressions see the parameters and the variables.
class PolicyChecker {
public:
    PolicyChecker(const api::ValidatingAdmissionPolicy& policy, Refusals& refusals)
        : m_policy(policy),
          m_spec(policy.spec),
          m_refusals(refusals),
          m_names{.authorizer = true, .params = policy.spec.paramKind.has_value(), .variables = nullptr}
    {
    }

    void run()
    {
        const FieldPath root;
        const auto path = root.child("spec");
        if (m_spec.paramKind)
            checkParamKind(path.child("paramKind"));
        const auto constraints = path.child("matchConstraints");
        if (!m_spec.matchConstraints)
            m_refusals.required(constraints);
        else if (m_spec.matchConstraints->resourceRules.empty())
            m_refusals.required(constraints.child("resourceRules"));
        checkConditions(m_spec.matchConditions, m_names.params, path.child("matchConditions"), m_refusals);
        checkVariables(path.child("variables"));
        if (m_spec.validations.empty() && m_spec.auditAnnotations.empty()) {
            for (const auto* const member : {"validations", "auditAnnotations"})
                m_refusals.required(path.child(member),
                                    "validations or auditAnnotations must contain at least one item");
            return;
        }
        const auto validations = path.child("validations");
        for (std::size_t i = 0; i < m_spec.validations.size(); ++i)
            checkValidation(m_spec.validations[i], validations.index(i));
        checkAnnotations(path.child("auditAnnotations"));
    }

private:
    void checkParamKind(const FieldPath& path)
    {
        const auto& [apiVersion, kind] = *m_spec.paramKind;
        if (apiVersion.empty())
            m_refusals.required(path.child("apiVersion"));
        else
            checkApiVersion(apiVersion, path.child("apiVersion"));
        std::string lower(kind);
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (kind.empty())
            m_refusals.required(path.child("kind"));
        else if (const auto wrong = api::wrongDns1035Label(lower); !wrong.empty())
            m_refusals.invalid(path.child("kind"), Value(kind),
                               "may have mixed case, but should otherwise match: " + wrong);
    }

    /// "v1", "example.org/v1"
    void checkApiVersion(std::string_view text, const FieldPath& path)
    {
        const auto slash = text.find('/');
        const auto group = slash == text.npos ? std::string_view() : text.substr(0, slash);
        const auto version = slash == text.npos ? text : text.substr(slash + 1);
        if (version.contains('/'))
            return m_refusals.invalid(path, Value(text), fmt::format("unexpected GroupVersion string: {}", text));
        if (!group.empty())
            api::refuse(api::wrongDnsSubdomain(group), path, Value(group), m_refusals);
        if (version.empty())
            m_refusals.invalid(path, Value(text), "version must be specified");
        else
            api::refuse(api::wrongDns1035Label(version), path, Value(version), m_refusals);
    }

    void checkVariables(const FieldPath& path)
    {
        static const re2::RE2 identifier("[_a-zA-Z][_a-zA-Z0-9]*");
        const auto compiled = compileVariables(m_spec.variables, m_names, m_types);
        m_names.variables = &m_types.back();
        for (std::size_t i = 0; i < compiled.size(); ++i) {
            const auto& [name, expression] = compiled[i];
            const auto at = path.index(i);
            if (isBlank(name))
                m_refusals.required(at.child("name"), "name is not specified");
            else if (!re2::RE2::FullMatch(name, identifier))
                m_refusals.invalid(at.child("name"), Value(name), "name is not a valid CEL identifier");
            if (isBlank(expression.text))
                m_refusals.required(at.child("expression"), "expression is not specified");
            else if (!expression.program)
                m_refusals.invalid(at.child("expression"), Value(expression.text), expression.program.error().message);
        }
    }

    void checkValidation(const api::Validation& validation, const FieldPath& path)
    {
        if (isBlank(validation.expression))
            m_refusals.required(path.child("expression"), "expression is not specified");
        else
            checkExpression(validation.expression, m_names, {Form::Bool}, path.child("expression"), m_refusals);
        auto messageNames = m_names;
        messageNames.authorizer = false;
        const auto& text = validation.messageExpression;
        if (!text.empty() && isBlank(text))
            m_refusals.invalid(path.child("messageExpression"), Value(text), "must be non-empty if specified");
        else if (!text.empty())
            checkExpression(text, messageNames, {Form::String}, path.child("messageExpression"), m_refusals);
        const auto& message = validation.message;
        if (!message.empty() && isBlank(message))
            m_refusals.invalid(path.child("message"), Value(message), "message must be non-empty if specified");
        else if (message.substr(0, message.find_last_not_of(" \t\r\n") + 1).contains('\n'))
            m_refusals.invalid(path.child("message"), Value(message), "message must not contain line breaks");
        constexpr std::array reasons{"Forbidden", "Invalid", "RequestEntityTooLarge"};
        if (validation.reason && std::ranges::find(reasons, *validation.reason) == reasons.end())
            m_refusals.notSupported(path.child("reason"), Value(*validation.reason), {reasons.begin(), reasons.end()});
    }

    void checkAnnotations(const FieldPath& path)
    {
        const auto& notes = m_spec.auditAnnotations;
        std::set<std::string_view> keys;
        if (notes.size() > auditAnnotationsMax)
            m_refusals.invalid(path, fmt::format("must not have more than {} auditAnnotations", auditAnnotationsMax));
        for (std::size_t i = 0; i < notes.size(); ++i) {
            const auto at = path.index(i);
            const auto& [key, text] = notes[i];
            const auto full = m_policy.metadata.name.empty() ? key : m_policy.metadata.name + "/" + key;
            api::refuse(api::wrongQualifiedName(full), at.child("key"), Value(full), m_refusals);
            if (isBlank(text))
                m_refusals.required(at.child("valueExpression"), "valueExpression is not specified");
            else if (text.size() > auditExpressionBytesMax)
                m_refusals.required(at.child("valueExpression"), "must not exceed 5kb in length");
            else
                checkExpression(text, m_names, textOrNull, at.child("valueExpression"), m_refusals);
            if (!keys.insert(key).second)
                m_refusals.duplicate(at.child("key"), Value(key));
        }
    }

    const api::ValidatingAdmissionPolicy& m_policy;
    const api::ValidatingAdmissionPolicySpec& m_spec;
    Refusals& m_refusals;
    Names m_names;
    std::deque<cel::Type> m_types;
};

void checkParamRef(const api::ParamRef& reference, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view exclusive = "name and selector are mutually exclusive";
    if (!reference.name.empty())
        api::refuse(api::wrongPathSegment(reference.name), path.child("name"), Value(reference.name), refusals);
    if (!reference.name.empty() && reference.selector) {
        refusals.forbidden(path.child("name"), exclusive);
        refusals.forbidden(path.child("selector"), exclusive);
    }
    if (reference.name.empty() && !reference.selector)
        refusals.required(path, "one of name or selector must be specified");
    const auto action = reference.parameterNotFoundAction.value_or("");
    if (action.empty())
        refusals.required(path.child("parameterNotFoundAction"));
    else if (action != "Allow" && action != "Deny")
        refusals.notSupported(path.child("parameterNotFoundAction"), Value(action), {"Allow", "Deny"});
}

void checkActions(const std::vector<std::string>& actions, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < actions.size(); ++i)
        if (!seen.insert(actions[i]).second)
            refusals.duplicate(path.index(i), Value(actions[i]));
    if (seen.contains("Deny") && seen.contains("Warn"))
        refusals.invalid(
            path, Value(api::Array(actions.begin(), actions.end())),
            "must not contain both Deny and Warn (repeating the same validation failure information in the "
            "API response and headers serves no purpose)");
    if (seen.empty())
        refusals.required(path, "at least one validation action is required");
}

void checkBinding(const api::ValidatingAdmissionPolicyBindingSpec& spec, Refusals& refusals)
{
    const FieldPath root;
    const auto path = root.child("spec");
    if (spec.policyName.empty())
        refusals.required(path.child("policyName"));
    else
        api::refuse(api::wrongDnsSubdomain(spec.policyName), path.child("policyName"), Value(spec.policyName),
                    refusals);
    if (spec.paramRef)
        checkParamRef(*spec.paramRef, path.child("paramRef"), refusals);
    checkActions(spec.validationActions, path.child("validationActions"), refusals);
}

} // namespace

bool isOfAdmission(const api::Kind& kind)
{
    return kind.groupVersion.group == "admissionregistration.k8s.io";
}

std::vector<Cause> checkWritten(const api::Kind& kind, const Value& object)
{
    Refusals refusals;
    if (kind.kind == api::MutatingWebhookConfiguration::kindName)
        checkWebhooks<api::MutatingWebhookConfiguration>(object, refusals);
    else if (kind.kind == api::ValidatingWebhookConfiguration::kindName)
        checkWebhooks<api::ValidatingWebhookConfiguration>(object, refusals);
    else if (kind.kind == api::ValidatingAdmissionPolicy::kindName) {
        if (const auto policy = api::fromJson<api::ValidatingAdmissionPolicy>(object))
            PolicyChecker(*policy, refusals).run();
    } else if (const auto binding = api::fromJson<api::ValidatingAdmissionPolicyBinding>(object)) {
        checkBinding(binding->spec, refusals);
    }
    return refusals.take();
}

} // namespace keelson::policies
