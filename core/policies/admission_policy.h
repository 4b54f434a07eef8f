// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policies/match_conditions.h"
#include "policies/policy_variables.h"

#include <memory>

namespace keelson::policies {

/// Which writes a policy or a binding is about.
class Matching {
public:
    /// Everything.
    Matching() = default;
    /// `Invalid` for a selector that cannot be read.
    static Result<Matching> of(const api::MatchResources& resources);

    bool match(const Request& request, const RequestLabels& labels) const;

private:
    Selectors m_selectors;
    std::vector<api::NamedRuleWithOperations> m_rules;
    std::vector<api::NamedRuleWithOperations> m_excluded;
    bool m_exact = false;
};

/// What a policy says of a write.
struct Verdict {
    struct Denial {
        std::size_t index = 0; ///< Of the validation.
        std::string message;
        std::string reason; ///< Of a Status; empty: Invalid.
    };
    struct Note {
        std::string key;
        std::string value;
    };
    std::vector<Denial> denials;
    std::vector<Note> notes;              ///< For the audit log.
    std::vector<std::string> notesFailed; ///< Notes that could not be made; each denies, whatever a binding says.
};

/// A ValidatingAdmissionPolicy, ready to be evaluated. Immutable; any thread.
class AdmissionPolicy {
public:
    /// `Invalid` for a selector that cannot be read.
    static Result<std::shared_ptr<const AdmissionPolicy>> of(const api::ValidatingAdmissionPolicy& policy);

    const std::string& name() const { return m_name; }
    /// What cannot be evaluated is allowed (failurePolicy Ignore).
    bool mayFail() const { return m_mayFail; }
    const api::Boxed<api::ParamKind>& paramKind() const { return m_paramKind; }
    bool match(const Request& request, const RequestLabels& labels) const { return m_matching.match(request, labels); }
    /// `params` null: there are none.
    Verdict judge(const Input& input, const api::Value* params) const;

private:
    struct Check {
        Expression expression;
        std::optional<Expression> message;
        std::string text; ///< The message for people; empty: none.
        std::string reason;
    };
    struct Note {
        std::string key;
        Expression value;
    };

    void compile(const api::ValidatingAdmissionPolicySpec& spec);
    Verdict failed(const Error& error) const;
    std::string messageOf(const Check& check, std::span<const cel::Value> values, cel::Budget& budget) const;
    void addNote(const Note& note, std::span<const cel::Value> values, cel::Budget& budget, Verdict& verdict) const;

    std::string m_name;
    bool m_mayFail = false;
    api::Boxed<api::ParamKind> m_paramKind;
    Matching m_matching;
    MatchConditions m_conditions;
    std::deque<cel::Type> m_types; ///< Of `variables`, as each of them sees it, and last as the checks do.
    std::vector<NamedExpression> m_variables;
    std::vector<Check> m_checks;
    std::vector<Note> m_notes;
    Names m_names;        ///< Of checks and notes.
    Names m_messageNames; ///< Of message expressions: no authorizer.
};

/// Puts a policy in force.
struct PolicyBinding {
    std::string name;
    std::string policy;
    Matching matching;
    api::Boxed<api::ParamRef> paramRef;
    std::vector<std::string> actions; ///< "Deny", "Warn", "Audit"

    static Result<PolicyBinding> of(const api::ValidatingAdmissionPolicyBinding& binding);
};

/// `ValidatingAdmissionPolicy 'x' with binding 'y' denied request: WHY`
std::string denialText(const std::string& policy, const std::string& binding, std::string_view why);

} // namespace keelson::policies
