// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/refusals.h"

#include <span>
#include <string_view>

namespace keelson::api {

/// A check of one node that its schema's words cannot say, under the name that a schema calls it by
/// (`x-keelson-rules`). Pure; the node is an object that fits its schema's types and is defaulted.
struct Rule {
    std::string_view name;
    /// What is wrong with the node. Null when the rule is about updates only.
    void (*check)(const Value& node, const FieldPath& path, Refusals& refusals) = nullptr;
    /// What an update from `old` may not do. Null when the rule does not say.
    void (*checkUpdate)(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals) = nullptr;
    /// What is wrong with the node of a new object only. Null when the rule does not say.
    void (*checkCreate)(const Value& node, const FieldPath& path, Refusals& refusals) = nullptr;
};

/// Null when there is none of that name.
const Rule* findRule(std::string_view name);
/// All of them, in groups by what they are about.
std::span<const std::span<const Rule>> rules();

std::span<const Rule> metadataRules();
std::span<const Rule> podRules();
std::span<const Rule> podUpdateRules();
std::span<const Rule> containerRules();
std::span<const Rule> referenceRules();
std::span<const Rule> volumeRules();
std::span<const Rule> placementRules();
std::span<const Rule> securityRules();
std::span<const Rule> workloadRules();
std::span<const Rule> serviceRules();
std::span<const Rule> configRules();
std::span<const Rule> accessRules();
std::span<const Rule> clusterRules();
std::span<const Rule> jobRules();
std::span<const Rule> autoscalingRules();
std::span<const Rule> ingressRules();
std::span<const Rule> storageRules();
std::span<const Rule> storageDriverRules();
std::span<const Rule> flowRules();
std::span<const Rule> quotaRules();
std::span<const Rule> extensionRules();

/// What is wrong with the metadata of an object (not of a template): names, labels, annotations, owners, finalizers.
void checkObjectMetadata(const Value& metadata, const FieldPath& path, Refusals& refusals);
/// Finalizers have a domain, but for Kubernetes' own. Custom kinds and those that make kinds ask for no such thing.
void checkFinalizersAreOwned(const Value& metadata, const FieldPath& path, Refusals& refusals);
void checkObjectMetadataUpdate(const Value& metadata, const Value& old, const FieldPath& path, Refusals& refusals);
/// Keys have the forms of labels' keys in any case, and all together are not too large.
void checkAnnotations(const Value& metadata, const FieldPath& path, Refusals& refusals);
/// Annotations that say something about the pod of this `spec`: that it mirrors one that its node runs by itself, what
/// its deletion costs, the AppArmor profiles of its containers.
void checkPodAnnotations(const Value& metadata, const Value& spec, const FieldPath& path, Refusals& refusals);
/// Those of a mirror and of AppArmor neither come, go nor change.
void checkPodAnnotationsUpdate(const Value& metadata, const Value& old, const FieldPath& path, Refusals& refusals);
/// Labels or a selector's pairs: keys and values have the forms of labels.
void checkLabels(const Value* labels, const FieldPath& path, Refusals& refusals);
/// Of pods at a time: a number that is not negative, or a share such as 25%.
void checkAmount(const Value& value, const FieldPath& path, Refusals& refusals);
/// A share is at most 100%.
void checkAtMostAll(const Value& value, const FieldPath& path, Refusals& refusals);
/// The items of a list member of `node`, or nothing when it is not there.
const Array& itemsAt(const Value& node, std::initializer_list<std::string_view> path);
/// Refuses when `wrong` says something.
void refuse(const std::string& wrong, const FieldPath& path, const Value& value, Refusals& refusals);
/// Whether a member is there and not null.
bool has(const Value& node, std::string_view member);
/// A value of a map or the text itself as a view.
std::string_view textOf(const Value& value);

} // namespace keelson::api
