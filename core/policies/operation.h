// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/admissionregistration_v1.h"
#include "api/kind.h"
#include "api/selector.h"
#include "auth/user.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What users of a cluster configure for admission, without a server: which writes a rule is about, what expressions
/// say of them, and what a policy decides. Source: Kubernetes, "Validating Admission Policy" and "Dynamic Admission
/// Control".
namespace keelson::policies {

/// What a write is to a rule.
struct Operation {
    const api::Kind& kind;
    /// Other versions that serve the same resource: a rule for one of them means this write too, unless it wants exact
    /// matches. The object is sent as it is.
    std::vector<std::string> otherVersions;
    std::string_view subresource;
    std::string_view verb; ///< "CREATE", "UPDATE", "DELETE", "CONNECT"
    std::string_view nameSpace;
};

/// A write that is asked about. Everything outlives it.
struct Request {
    const Operation& operation;
    std::string name;
    const auth::User& user;
    const api::Value* object = nullptr; ///< Null for DELETE.
    const api::Value* before = nullptr; ///< Null for CREATE and CONNECT.
    bool dryRun = false;
    std::string fieldManager;
};

/// The AdmissionRequest without its uid and its objects.
api::Object describe(const Request& request);

/// The labels that selectors are held against.
struct RequestLabels {
    /// Of the namespace that the object lies in or is; null for other objects of the cluster, which no selector of
    /// namespaces excludes.
    const api::Labels* nameSpace = nullptr;
    api::Labels now;
    api::Labels before;
};
/// `nameSpace`: as `RequestLabels` has it.
RequestLabels labelsOf(const Request& request, const api::Labels* nameSpace);

/// A selector of namespaces and one of objects.
struct Selectors {
    api::LabelSelector namespaces;
    api::LabelSelector objects;

    /// A selector of objects takes the write when it takes the object or what it was.
    bool match(const RequestLabels& labels) const;
};

/// Of a webhook, a policy or a binding. `Invalid` for a selector that cannot be read.
template <typename T>
Result<Selectors> selectorsOf(const T& configured)
{
    const auto read = [](const api::Boxed<api::LabelSelectorSpec>& selector) {
        return selector ? api::LabelSelector::fromObject(toJson(*selector)) : api::LabelSelector{};
    };
    TRY_ASSIGN(auto namespaces, read(configured.namespaceSelector));
    TRY_ASSIGN(auto objects, read(configured.objectSelector));
    return Selectors{std::move(namespaces), std::move(objects)};
}

/// Whether the write is one of the rule's. `exact`: only in the versions that the rule names.
bool takes(const api::RuleWithOperations& rule, const Operation& operation, bool exact);
bool takes(const api::NamedRuleWithOperations& rule, const Operation& operation, std::string_view name, bool exact);

} // namespace keelson::policies
