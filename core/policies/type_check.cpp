// SPDX-License-Identifier: Apache-2.0
#include "policies/type_check.h"

#include "api/schema.h"
#include "policies/policy_variables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::policies {
namespace {

using cel::Type;

/// What expressions know of objects that fit a schema. The types live as long as this.
class SchemaTypes {
public:
    const Type* of(const api::Schema* schema)
    {
        if (!schema)
            return &cel::dynType();
        if (const auto known = m_known.find(schema); known != m_known.end())
            return known->second;
        auto& type = m_types.emplace_back();
        m_known.emplace(schema, &type); // first: it may contain itself
        type.form = formOf(*schema);
        if (schema->items)
            type.items = of(schema->items);
        for (const auto& field : schema->fields)
            type.members[field.name] = of(field.schema);
        return &type;
    }

private:
    static Type::Form formOf(const api::Schema& schema)
    {
        switch (schema.type) {
        case api::SchemaType::Object:
            return schema.preserveUnknown || schema.fields.empty() ? Type::Form::Dyn : Type::Form::Object;
        case api::SchemaType::Map:
            return Type::Form::Map;
        case api::SchemaType::Array:
            return Type::Form::List;
        case api::SchemaType::String:
            return Type::Form::String;
        case api::SchemaType::Integer:
            return Type::Form::Int;
        case api::SchemaType::Number:
            return Type::Form::Double;
        case api::SchemaType::Boolean:
            return Type::Form::Bool;
        case api::SchemaType::Time:
        case api::SchemaType::MicroTime:
            return Type::Form::Timestamp;
        default:
            return Type::Form::Dyn;
        }
    }

    std::deque<Type> m_types;
    std::map<const api::Schema*, const Type*> m_known;
};

std::vector<const api::Kind*> kindsOf(const api::ValidatingAdmissionPolicySpec& spec, const api::Catalog& catalog)
{
    std::vector<const api::Kind*> kinds;
    const auto add = [&](const std::string& group, const std::string& version, const std::string& resource) {
        const auto* const kind = catalog.findPlural({group, version}, resource);
        if (kind && kinds.size() < checkedKindsMax && std::ranges::find(kinds, kind) == kinds.end())
            kinds.push_back(kind);
    };
    for (const auto& rule :
         spec.matchConstraints ? spec.matchConstraints->resourceRules : std::vector<api::NamedRuleWithOperations>{})
        for (const auto& group : rule.apiGroups)
            for (const auto& version : rule.apiVersions)
                for (const auto& resource : rule.resources)
                    add(group, version, resource);
    return kinds;
}

/// Checks a policy's expressions for objects of one kind.
class KindCheck {
public:
    KindCheck(const api::ValidatingAdmissionPolicySpec& spec, const api::Kind& kind, const api::Kind* params)
        : m_kind(kind)
    {
        m_names.params = spec.paramKind.has_value();
        m_names.object = m_types.of(kind.schema);
        if (params)
            m_names.param = m_types.of(params->schema);
        (void)compileVariables(spec.variables, m_names, m_variables);
        m_names.variables = &m_variables.back();
    }

    /// Nothing: nothing is doubtful.
    std::string warning(const std::string& expression) const
    {
        const auto program = cel::Program::compile(expression, declared(m_names));
        if (program)
            return {};
        return fmt::format("{}, Kind={}: {}", m_kind.groupVersion.text(), m_kind.kind, program.error().message);
    }

private:
    const api::Kind& m_kind;
    SchemaTypes m_types;
    std::deque<Type> m_variables;
    Names m_names;
};

} // namespace

std::vector<api::ExpressionWarning> typeWarnings(const api::ValidatingAdmissionPolicy& policy,
                                                 const api::Catalog& catalog)
{
    const auto& spec = policy.spec;
    const auto* const params =
        spec.paramKind ? catalog.find(api::GroupVersion::parse(spec.paramKind->apiVersion), spec.paramKind->kind)
                       : nullptr;
    std::deque<KindCheck> checks;
    for (const auto* const kind : kindsOf(spec, catalog))
        checks.emplace_back(spec, *kind, params);
    std::vector<api::ExpressionWarning> warnings;
    const auto check = [&](std::size_t index, std::string_view member, const std::string& expression) {
        std::vector<std::string> said;
        for (const auto& each : checks) {
            if (auto warning = each.warning(expression); !warning.empty())
                said.push_back(std::move(warning));
        }
        if (!said.empty())
            warnings.push_back(
                {fmt::format("spec.validations[{}].{}", index, member), fmt::format("{}", fmt::join(said, "\n"))});
    };
    for (std::size_t i = 0; i < spec.validations.size(); ++i) {
        check(i, "expression", spec.validations[i].expression);
        if (!spec.validations[i].messageExpression.empty())
            check(i, "messageExpression", spec.validations[i].messageExpression);
    }
    return warnings;
}

} // namespace keelson::policies
