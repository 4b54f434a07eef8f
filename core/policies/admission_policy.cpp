// SPDX-License-Identifier: Apache-2.0
#include "policies/admission_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::policies {
namespace {

using Form = cel::Type::Form;

/// The longest message that an expression may make.
constexpr std::size_t messageBytesMax = std::size_t{5} * 1024;

std::string trimmed(std::string_view text)
{
    constexpr std::string_view space = " \t\r\n";
    const auto begin = text.find_first_not_of(space);
    return begin == text.npos ? std::string()
                              : std::string(text.substr(begin, text.find_last_not_of(space) - begin + 1));
}

} // namespace

Result<Matching> Matching::of(const api::MatchResources& resources)
{
    Matching matching;
    TRY_ASSIGN(matching.m_selectors, selectorsOf(resources));
    matching.m_rules = resources.resourceRules;
    matching.m_excluded = resources.excludeResourceRules;
    matching.m_exact = resources.matchPolicy == "Exact";
    return matching;
}

bool Matching::match(const Request& request, const RequestLabels& labels) const
{
    const auto taken = [&](const api::NamedRuleWithOperations& rule) {
        return takes(rule, request.operation, request.name, m_exact);
    };
    return m_selectors.match(labels) && std::ranges::none_of(m_excluded, taken) &&
           (m_rules.empty() || std::ranges::any_of(m_rules, taken));
}

Result<std::shared_ptr<const AdmissionPolicy>> AdmissionPolicy::of(const api::ValidatingAdmissionPolicy& policy)
{
    auto made = std::make_shared<AdmissionPolicy>();
    const auto& spec = policy.spec;
    made->m_name = policy.metadata.name;
    made->m_mayFail = spec.failurePolicy == "Ignore";
    made->m_paramKind = spec.paramKind;
    if (spec.matchConstraints) {
        TRY_ASSIGN(made->m_matching, Matching::of(*spec.matchConstraints));
    }
    made->m_conditions = MatchConditions(spec.matchConditions, spec.paramKind.has_value());
    made->compile(spec);
    return made;
}

void AdmissionPolicy::compile(const api::ValidatingAdmissionPolicySpec& spec)
{
    m_names = {.authorizer = true, .params = spec.paramKind.has_value(), .variables = nullptr};
    m_variables = compileVariables(spec.variables, m_names, m_types);
    m_names.variables = &m_types.back();
    m_messageNames = m_names;
    m_messageNames.authorizer = false;
    for (const auto& validation : spec.validations) {
        Check check{.expression = Expression::compile(validation.expression, m_names, {Form::Bool}),
                    .message = std::nullopt,
                    .text = trimmed(validation.message),
                    .reason = validation.reason.value_or("")};
        if (!trimmed(validation.messageExpression).empty())
            check.message = Expression::compile(validation.messageExpression, m_messageNames, {Form::String});
        m_checks.push_back(std::move(check));
    }
    for (const auto& note : spec.auditAnnotations)
        m_notes.push_back({note.key, Expression::compile(note.valueExpression, m_names, textOrNull)});
}

/// Where the policy as a whole cannot be evaluated.
Verdict AdmissionPolicy::failed(const Error& error) const
{
    Verdict verdict;
    if (!m_mayFail)
        verdict.denials.push_back({0, error.message, {}});
    return verdict;
}

Verdict AdmissionPolicy::judge(const Input& input, const api::Value* params) const
{
    const auto holds = m_conditions.hold(input, params, m_mayFail);
    if (!holds)
        return failed(holds.error());
    if (!*holds)
        return {};
    cel::Budget budget(policyStepsMax);
    const auto variables = variablesOf(m_variables, m_names, input, params, budget);
    const auto values = input.values(m_names, params, variables);
    const auto messageValues = input.values(m_messageNames, params, variables);
    Verdict verdict;
    for (std::size_t index = 0; index < m_checks.size(); ++index) {
        const auto& check = m_checks[index];
        const auto value = evaluate(check.expression, values, budget);
        if (budget.isSpent())
            return failed(budgetSpent());
        if (!value && !m_mayFail)
            verdict.denials.push_back({index, value.error().message, {}});
        if (value && !(value->as<bool>() && *value->as<bool>()))
            verdict.denials.push_back({index, messageOf(check, messageValues, budget), check.reason});
    }
    cel::Budget noteBudget(policyStepsMax);
    const auto noteVariables = variablesOf(m_variables, m_names, input, params, noteBudget);
    const auto noteValues = input.values(m_names, params, noteVariables);
    for (const auto& note : m_notes)
        addNote(note, noteValues, noteBudget, verdict);
    return verdict;
}

std::string AdmissionPolicy::messageOf(const Check& check, std::span<const cel::Value> values,
                                       cel::Budget& budget) const
{
    if (check.message) {
        const auto value = evaluate(*check.message, values, budget);
        const auto* const text = value ? value->as<std::string>() : nullptr;
        const auto message = text ? trimmed(*text) : std::string();
        if (!message.empty() && message.size() <= messageBytesMax && !message.contains('\n'))
            return message;
    }
    return check.text.empty() ? "failed expression: " + trimmed(check.expression.text) : check.text;
}

void AdmissionPolicy::addNote(const Note& note, std::span<const cel::Value> values, cel::Budget& budget,
                              Verdict& verdict) const
{
    const auto value = evaluate(note.value, values, budget);
    if (!value && !m_mayFail)
        verdict.notesFailed.push_back(value.error().message);
    if (!value || value->as<cel::Null>())
        return;
    const auto* const text = value->as<std::string>();
    if (!text)
        verdict.notesFailed.push_back(
            fmt::format("valueExpression '{}' resulted in unsupported return type: {}. Return "
                        "type must be either string or null.",
                        note.value.text, value->typeName()));
    else if (auto made = trimmed(*text); !made.empty())
        verdict.notes.push_back({note.key, std::move(made)});
}

Result<PolicyBinding> PolicyBinding::of(const api::ValidatingAdmissionPolicyBinding& binding)
{
    PolicyBinding made{.name = binding.metadata.name,
                       .policy = binding.spec.policyName,
                       .matching = {},
                       .paramRef = binding.spec.paramRef,
                       .actions = binding.spec.validationActions};
    if (binding.spec.matchResources) {
        TRY_ASSIGN(made.matching, Matching::of(*binding.spec.matchResources));
    }
    return made;
}

std::string denialText(const std::string& policy, const std::string& binding, std::string_view why)
{
    const auto who = binding.empty() ? "" : fmt::format(" with binding '{}'", binding);
    return fmt::format("ValidatingAdmissionPolicy '{}'{} denied request: {}", policy, who, why);
}

} // namespace keelson::policies
