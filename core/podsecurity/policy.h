// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/selector.h"
#include "base/error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The Pod Security Standards as functions of documents. Source: Kubernetes, "Pod Security Standards" and "Pod Security
/// Admission".
namespace keelson::podsecurity {

/// From what allows everything to what allows the least.
enum class Level { Privileged, Baseline, Restricted };

/// Which edition of the standards: that of a Kubernetes release, or the latest.
struct Version {
    std::optional<int> minor; ///< v1.MINOR; empty: latest.

    bool atLeast(int other) const { return !minor || *minor >= other; }
    std::string text() const;
    bool operator==(const Version&) const = default;
};

struct Policy {
    Level level = Level::Privileged;
    Version version;

    /// "restricted:latest"
    std::string text() const;
    bool operator==(const Policy&) const = default;
};

/// What a namespace asks for with its labels pod-security.kubernetes.io/...
struct NamespacePolicies {
    Policy enforce;
    Policy audit;
    Policy warn; ///< As `enforce` when no label says anything and that allows less.
    bool operator==(const NamespacePolicies&) const = default;
};

inline constexpr std::string_view labelPrefix = "pod-security.kubernetes.io/";

/// As `defaults` where there is no label; a label that cannot be read means restricted:latest to `enforce` and nothing
/// to the others.
NamespacePolicies policiesOf(const api::Labels& labels, const NamespacePolicies& defaults = {});
/// What the labels say of each mode by itself: what is enforced does not make it warn.
NamespacePolicies ownPolicies(const api::Labels& labels, const NamespacePolicies& defaults = {});
/// What is wrong with the labels, as causes of an `Invalid`.
std::vector<Cause> labelCauses(const api::Labels& labels);

} // namespace keelson::podsecurity
