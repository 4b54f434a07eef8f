// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::api {
namespace {

constexpr std::size_t annotationsBytesMax = std::size_t{256} * 1024;

using WrongName = std::string (*)(std::string_view);

template <WrongName wrong>
void checkName(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto metadata = path.child("metadata");
    const auto name = stringAt(node, {"metadata", "name"});
    if (!name.empty())
        refuse(wrong(name), metadata.child("name"), Value(name), refusals);
    const auto generateName = stringAt(node, {"metadata", "generateName"});
    if (!generateName.empty()) // What is appended makes a '-' at the end good.
        refuse(wrong(std::string(generateName) + "x"), metadata.child("generateName"), Value(generateName), refusals);
}

/// Kubernetes does not tell which of the owners it is about.
void checkOwner(const Value& owner, const FieldPath& list, Refusals& refusals)
{
    const auto version = stringAt(owner, {"apiVersion"});
    if (version.substr(version.find('/') + 1).empty())
        refusals.invalid(list.child("apiVersion"), Value(version), "version must not be empty");
    for (const auto* member : {"kind", "name", "uid"})
        if (stringAt(owner, {member}).empty())
            refusals.invalid(list.child(member), "", fmt::format("{} must not be empty", member));
    if (version == "v1" && stringAt(owner, {"kind"}) == "Event")
        refusals.invalid(list, owner, "/v1, Kind=Event is disallowed from being an owner");
}

void checkOwners(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& owners = itemsAt(node, {"ownerReferences"});
    const auto list = path.child("ownerReferences");
    std::string controller;
    for (const auto& owner : owners) {
        checkOwner(owner, list, refusals);
        if (!boolAt(owner, {"controller"}))
            continue;
        const auto name = fmt::format("{}/{}", stringAt(owner, {"kind"}), stringAt(owner, {"name"}));
        if (controller.empty())
            controller = name;
        else
            refusals.invalid(list, Value(owners),
                             fmt::format("Only one reference can have Controller set to true. Found \"true\" in "
                                         "references for {} and {}",
                                         controller, name));
    }
}

void checkFinalizers(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& finalizers = itemsAt(node, {"finalizers"});
    const auto list = path.child("finalizers");
    for (const auto& finalizer : finalizers)
        refuse(wrongQualifiedName(textOf(finalizer)), list, finalizer, refusals);
}

/// Dependents are either left alone or deleted first.
void checkPropagation(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto& finalizers = itemsAt(node, {"finalizers"});
    const auto has = [&](std::string_view name) {
        return std::ranges::find(finalizers, Value(name)) != finalizers.end();
    };
    if (has("orphan") && has("foregroundDeletion"))
        refusals.invalid(path.child("finalizers"), Value(finalizers),
                         "finalizer orphan and foregroundDeletion cannot be both set");
}

constexpr std::array table{
    Rule{"nameIsDns1035Label", checkName<wrongDns1035Label>},
    Rule{"nameIsDnsLabel", checkName<wrongDnsLabel>},
    Rule{"nameIsDnsSubdomain", checkName<wrongDnsSubdomain>},
    Rule{"nameIsPathSegment", checkName<wrongPathSegment>},
};

} // namespace

void checkAnnotations(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* annotations = find(node, {"annotations"});
    if (!annotations || !annotations->is_object())
        return;
    const auto at = path.child("annotations");
    std::size_t bytes = 0;
    for (const auto& annotation : annotations->get_object()) {
        std::string key(annotation.key());
        bytes += key.size() + textOf(annotation.value()).size();
        std::ranges::transform(key, key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        refuse(wrongQualifiedName(key), at, Value(annotation.key()), refusals);
    }
    if (bytes > annotationsBytesMax)
        refusals.tooLong(at, annotationsBytesMax);
}

void checkObjectMetadata(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (stringAt(node, {"generateName"}).empty() && stringAt(node, {"name"}).empty())
        refusals.required(path.child("name"), "name or generateName is required");
    if (const auto generation = integerAt(node, {"generation"}); generation < 0)
        refusals.invalid(path.child("generation"), generation, "must be greater than or equal to 0");
    checkLabels(find(node, {"labels"}), path.child("labels"), refusals);
    checkAnnotations(node, path, refusals);
    checkOwners(node, path, refusals);
    checkFinalizers(node, path, refusals);
    checkPropagation(node, path, refusals);
}

void checkFinalizersAreOwned(const Value& metadata, const FieldPath& path, Refusals& refusals)
{
    const auto& finalizers = itemsAt(metadata, {"finalizers"});
    const auto list = path.child("finalizers");
    for (std::size_t index = 0; index < finalizers.size(); ++index) {
        const auto name = textOf(finalizers[index]);
        const bool standard = name == "orphan" || name == "foregroundDeletion" || name == "kubernetes";
        if (!standard && name.find('/') == name.npos && wrongQualifiedName(name).empty())
            refusals.invalid(list.index(index), finalizers[index],
                             "name is neither a standard finalizer name nor is it fully qualified");
    }
}

void checkObjectMetadataUpdate(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    for (const auto* member : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"}) {
        const auto now = stringAt(node, {member});
        const auto before = stringAt(old, {member});
        if (now != before && !before.empty())
            refusals.invalid(path.child(member), Value(now), "field is immutable");
    }
    if (!has(old, "deletionTimestamp"))
        return;
    const auto& before = itemsAt(old, {"finalizers"});
    for (const auto& finalizer : itemsAt(node, {"finalizers"}))
        if (std::ranges::find(before, finalizer) == before.end())
            refusals.forbidden(path.child("finalizers"),
                               fmt::format("no new finalizers can be added if the object is being deleted, found new "
                                           "finalizers []string{{{}}}",
                                           writeJson(finalizer)));
}

std::span<const Rule> metadataRules()
{
    return table;
}

} // namespace keelson::api
