// SPDX-License-Identifier: Apache-2.0
#include "policies/expressions.h"

#include "cel/access.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::policies {
namespace {

using cel::Type;
using Members = std::map<std::string, const Type*, std::less<>>;

const Type textType{.form = Type::Form::String};
const Type flagType{.form = Type::Form::Bool};
const Type numberType{.form = Type::Form::Int};
const Type timeType{.form = Type::Form::Timestamp};
const Type textList{.form = Type::Form::List, .items = &textType};
const Type textMap{.form = Type::Form::Map, .items = &textType};

Type objectOf(Members members)
{
    return {.form = Type::Form::Object, .items = nullptr, .members = std::move(members), .names = {}};
}

/// Of the AdmissionRequest.
const Type& requestType()
{
    static const auto kind = objectOf({{"group", &textType}, {"version", &textType}, {"kind", &textType}});
    static const auto resource = objectOf({{"group", &textType}, {"version", &textType}, {"resource", &textType}});
    static const Type extra{.form = Type::Form::Map, .items = &textList};
    static const auto user =
        objectOf({{"username", &textType}, {"uid", &textType}, {"groups", &textList}, {"extra", &extra}});
    static const auto type = objectOf({{"kind", &kind},
                                       {"resource", &resource},
                                       {"subResource", &textType},
                                       {"requestKind", &kind},
                                       {"requestResource", &resource},
                                       {"requestSubResource", &textType},
                                       {"name", &textType},
                                       {"namespace", &textType},
                                       {"operation", &textType},
                                       {"userInfo", &user},
                                       {"dryRun", &flagType},
                                       {"options", &cel::dynType()}});
    return type;
}

/// Of the Namespace: what Kubernetes shows of it.
const Type& namespaceType()
{
    static const auto metadata = objectOf({{"name", &textType},
                                           {"generateName", &textType},
                                           {"namespace", &textType},
                                           {"labels", &textMap},
                                           {"annotations", &textMap},
                                           {"UID", &textType},
                                           {"creationTimestamp", &timeType},
                                           {"deletionGracePeriodSeconds", &numberType},
                                           {"deletionTimestamp", &timeType},
                                           {"generation", &numberType},
                                           {"resourceVersion", &textType},
                                           {"finalizers", &textList}});
    static const auto spec = objectOf({{"finalizers", &textList}});
    static const auto status = objectOf({{"phase", &textType}});
    static const auto type = objectOf({{"metadata", &metadata}, {"spec", &spec}, {"status", &status}});
    return type;
}

std::string_view nameOf(Type::Form form)
{
    return form == Type::Form::Bool ? "bool" : form == Type::Form::String ? "string" : "null_type";
}

cel::AccessCheck accessOf(const auth::Authorizer* authorizer, const auth::User& user)
{
    return [authorizer, &user](const cel::AccessQuestion& question) -> cel::AccessAnswer {
        if (!authorizer)
            return {};
        auto who = user;
        if (!question.accountName.empty())
            who = {fmt::format("system:serviceaccount:{}:{}", question.accountNamespace, question.accountName),
                   {},
                   {"system:serviceaccounts", "system:serviceaccounts:" + question.accountNamespace,
                    "system:authenticated"},
                   {}};
        auto decision = authorizer->authorize(who, {.verb = question.verb,
                                                    .group = question.group,
                                                    .version = question.path.empty() ? "*" : "",
                                                    .resource = question.resource,
                                                    .subresource = question.subresource,
                                                    .nameSpace = question.nameSpace,
                                                    .name = question.name,
                                                    .path = question.path,
                                                    .fieldSelector = question.fieldSelector});
        return {decision.allowed, std::move(decision.reason)};
    };
}

} // namespace

std::vector<cel::Variable> declared(const Names& names)
{
    std::vector<cel::Variable> variables{{"object", names.object},
                                         {"oldObject", names.object},
                                         {"request", &requestType()},
                                         {"namespaceObject", &namespaceType()}};
    if (names.authorizer) {
        variables.push_back({"authorizer", &cel::dynType()});
        variables.push_back({"authorizer.requestResource", &cel::dynType()});
    }
    if (names.params)
        variables.push_back({"params", names.param});
    if (names.variables)
        variables.push_back({"variables", names.variables});
    return variables;
}

Expression Expression::compile(std::string text, const Names& names, std::initializer_list<Type::Form> results)
{
    auto program = cel::Program::compile(text, declared(names));
    if (!program)
        program = fail(Reason::Invalid, "compilation failed: " + program.error().message);
    else if (const auto form = program->result();
             results.size() > 0 && form != Type::Form::Dyn && std::ranges::find(results, form) == results.end()) {
        std::vector<std::string_view> wanted;
        for (const auto result : results)
            wanted.push_back(nameOf(result));
        program = fail(Reason::Invalid, wanted.size() == 1
                                            ? fmt::format("must evaluate to {}", wanted.front())
                                            : fmt::format("must evaluate to one of [{}]", fmt::join(wanted, " ")));
    }
    return {std::move(text), std::move(program)};
}

Input::Input(const Request& request, const api::Value* nameSpace, const auth::Authorizer* authorizer)
    : m_request(request), m_nameSpace(nameSpace), m_authorizer(authorizer), m_described(describe(request))
{
}

std::vector<cel::Value> Input::values(const Names& names, const api::Value* params, const cel::Value& variables) const
{
    const auto document = [](const api::Value* value, const Type& type = cel::dynType()) {
        return value ? cel::Value::of(*value, type) : cel::Value{};
    };
    std::vector<cel::Value> values{document(m_request.object), document(m_request.before),
                                   document(&m_described, requestType()), document(m_nameSpace, namespaceType())};
    if (names.authorizer) {
        const auto access = accessOf(m_authorizer, m_request.user);
        const auto& [kind, otherVersions, subresource, verb, nameSpace] = m_request.operation;
        values.push_back(cel::authorizerOf(access));
        values.push_back(cel::resourceCheckOf(access, {.group = kind.groupVersion.group,
                                                       .resource = kind.plural,
                                                       .subresource = std::string(subresource),
                                                       .nameSpace = std::string(nameSpace),
                                                       .name = m_request.name}));
    }
    if (names.params)
        values.push_back(document(params));
    if (names.variables)
        values.push_back(variables);
    return values;
}

Result<cel::Value> evaluate(const Expression& expression, std::span<const cel::Value> values, cel::Budget& budget)
{
    if (!expression.program)
        return fail(Reason::Invalid, "compilation error: " + expression.program.error().message);
    auto value = expression.program->evaluate(values, budget);
    if (budget.isSpent())
        return fail(budgetSpent());
    if (!value)
        return fail(Reason::Invalid,
                    fmt::format("expression '{}' resulted in error: {}", expression.text, value.error().message));
    return value;
}

Error budgetSpent()
{
    return makeError(Reason::TooManyRequests,
                     "validation failed due to running out of cost budget, no further validation rules will be run");
}

} // namespace keelson::policies
