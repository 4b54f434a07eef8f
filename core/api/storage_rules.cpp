// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace keelson::api {
namespace {

void checkAccessModes(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto& modes = itemsAt(spec, {"accessModes"});
    if (modes.empty())
        refusals.required(path.child("accessModes"), "at least 1 access mode is required");
    if (modes.size() > 1 && std::ranges::find(modes, Value("ReadWriteOncePod")) != modes.end())
        refusals.forbidden(path.child("accessModes"), "may not use ReadWriteOncePod with other access modes");
}

Quantity amountOf(const Value& value)
{
    const auto parsed = Quantity::parse(value.is_string() ? std::string(textOf(value)) : numberText(value));
    return parsed ? *parsed : Quantity();
}

void checkPositive(const Value& value, const FieldPath& path, Refusals& refusals)
{
    if (const auto amount = amountOf(value); amount.isZero() || amount.isNegative())
        refusals.invalid(path, value, "must be greater than zero");
}

/// What a claim is to be filled from: another claim, or an object of a group.
void checkDataSource(const Value& spec, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    const auto* source = find(spec, {member});
    if (!source || !source->is_object())
        return;
    const auto at = path.child(member);
    const auto kind = stringAt(*source, {"kind"});
    const auto group = stringAt(*source, {"apiGroup"});
    if (group.empty() && !kind.empty() && kind != "PersistentVolumeClaim")
        refusals.invalid(at, Value(kind), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
    if (!group.empty())
        refuse(wrongDnsSubdomain(group), at.child("apiGroup"), Value(group), refusals);
}

bool isSameSource(const Value& source, const Value& other)
{
    return std::ranges::all_of(std::array{"apiGroup", "kind", "name"}, [&](std::string_view member) {
        return stringAt(source, {member}) == stringAt(other, {member});
    });
}

void claimSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    checkAccessModes(spec, path, refusals);
    const auto* storage = find(spec, {"resources", "requests", "storage"});
    const auto resources = path.child("resources");
    if (!storage)
        refusals.required(resources.key("storage"));
    else
        checkPositive(*storage, resources.key("storage"), refusals);
    for (const auto* member : {"storageClassName", "volumeAttributesClassName"})
        if (const auto name = stringAt(spec, {member}); !name.empty())
            refuse(wrongDnsSubdomain(name), path.child(member), Value(name), refusals);
    checkDataSource(spec, "dataSource", path, refusals);
    checkDataSource(spec, "dataSourceRef", path, refusals);
    const auto* source = find(spec, {"dataSource"});
    const auto* reference = find(spec, {"dataSourceRef"});
    if (source && reference && stringAt(*reference, {"namespace"}).empty() && !isSameSource(*source, *reference))
        refusals.invalid(path, Value(path.child("dataSource").text()), "must match dataSourceRef");
}

void takeOver(Value& spec, const Value& from, std::string_view member)
{
    spec.get_object().stable_erase(member);
    if (const auto* value = find(from, {member}))
        spec.get_object()[member] = *value;
}

/// A claim asks once. Later it gets its volume, and once it is bound it may ask for more, or for other attributes.
void claimUpdate(const Value& claim, const Value& old, const FieldPath& root, Refusals& refusals)
{
    const auto* spec = find(claim, {"spec"});
    const auto* before = find(old, {"spec"});
    if (!spec || !before)
        return;
    const auto path = root.child("spec");
    Value fixed = *spec;
    if (stringAt(*before, {"volumeName"}).empty())
        takeOver(fixed, *before, "volumeName");
    if (!has(*before, "storageClassName"))
        takeOver(fixed, *before, "storageClassName");
    takeOver(fixed, *before, "volumeAttributesClassName");
    const auto* storage = find(*spec, {"resources", "requests", "storage"});
    const auto* storageBefore = find(*before, {"resources", "requests", "storage"});
    if (stringAt(claim, {"status", "phase"}) == "Bound" && storage && storageBefore)
        objectAt(fixed, {"resources", "requests"})["storage"] = *storageBefore;
    if (fixed != *before)
        refusals.forbidden(path, "spec is immutable after creation except resources.requests and "
                                 "volumeAttributesClassName for bound claims");
    const auto* capacity = find(old, {"status", "capacity", "storage"});
    if (!storage || !storageBefore || amountOf(*storage) >= amountOf(*storageBefore))
        return;
    const auto resources = path.child("resources");
    const auto requests = resources.child("requests");
    if (!capacity)
        refusals.forbidden(requests.child("storage"), "field can not be less than previous value");
    else if (amountOf(*storage) <= amountOf(*capacity))
        refusals.forbidden(requests.child("storage"), "field can not be less than status.capacity");
}

constexpr std::array<std::string_view, 9> volumeMembers{
    "accessModes",      "capacity",     "claimRef",
    "mountOptions",     "nodeAffinity", "persistentVolumeReclaimPolicy",
    "storageClassName", "volumeMode",   "volumeAttributesClassName"};

bool isSource(std::string_view member)
{
    return std::ranges::find(volumeMembers, member) == volumeMembers.end();
}

void checkCapacity(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    const auto* capacity = find(spec, {"capacity"});
    if (!capacity || !capacity->is_object() || capacity->get_object().empty())
        return refusals.required(path.child("capacity"));
    const auto* storage = find(*capacity, {"storage"});
    if (!storage || capacity->get_object().size() > 1)
        return refusals.notSupported(path.child("capacity"), *capacity, {"storage"});
    const auto at = path.child("capacity");
    checkPositive(*storage, at.key("storage"), refusals);
}

void volumeSpec(const Value& spec, const FieldPath& path, Refusals& refusals)
{
    checkAccessModes(spec, path, refusals);
    checkCapacity(spec, path, refusals);
    int sources = 0;
    for (const auto& member : spec.get_object())
        if (isSource(member.key()) && !member.value().is_null() && ++sources > 1)
            refusals.forbidden(path.child(member.key()), "may not specify more than 1 volume type");
    if (sources == 0)
        refusals.required(path, "must specify a volume type");
    const auto host = path.child("hostPath");
    if (const auto directory = stringAt(spec, {"hostPath", "path"});
        ("/" + std::string(directory) + "/").find("/../") != std::string::npos)
        refusals.invalid(host.child("path"), Value(directory), "must not contain '..'");
    if (stringAt(spec, {"hostPath", "path"}) == "/" && stringAt(spec, {"persistentVolumeReclaimPolicy"}) == "Recycle")
        refusals.forbidden(path.child("persistentVolumeReclaimPolicy"),
                           "may not be 'recycle' for a hostPath mount of '/'");
    if (has(spec, "local") && !has(spec, "nodeAffinity"))
        refusals.required(path.child("nodeAffinity"), "Local volume requires node affinity");
    const auto affinity = path.child("nodeAffinity");
    if (has(spec, "nodeAffinity") && !find(spec, {"nodeAffinity", "required"}))
        refusals.required(affinity.child("required"), "must specify required node constraints");
    if (const auto name = stringAt(spec, {"storageClassName"}); !name.empty())
        refuse(wrongDnsSubdomain(name), path.child("storageClassName"), Value(name), refusals);
}

Value sourceOf(const Value& spec)
{
    Object source;
    for (const auto& member : spec.get_object())
        if (isSource(member.key()) && !member.value().is_null())
            source[member.key()] = member.value();
    return source;
}

void volumeUpdate(const Value& spec, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (sourceOf(spec) != sourceOf(old))
        refusals.forbidden(path.child("persistentvolumesource"),
                           "spec.persistentvolumesource is immutable after creation");
    if (stringAt(spec, {"volumeMode"}) != stringAt(old, {"volumeMode"}))
        refusals.invalid(path.child("volumeMode"), Value(stringAt(spec, {"volumeMode"})), "field is immutable");
    const auto* before = find(old, {"nodeAffinity"});
    const auto* now = find(spec, {"nodeAffinity"});
    if (before && (!now || *now != *before))
        refusals.invalid(path.child("nodeAffinity"), now ? *now : Value(), "field is immutable");
}

void storageClass(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::size_t parametersMax = 512;
    constexpr std::size_t parameterBytesMax = std::size_t{256} * 1024;
    std::string lower(stringAt(node, {"provisioner"}));
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto provisioner = stringAt(node, {"provisioner"}); !provisioner.empty())
        refuse(wrongQualifiedName(lower), path.child("provisioner"), Value(provisioner), refusals);
    const auto& terms = itemsAt(node, {"allowedTopologies"});
    const auto list = path.child("allowedTopologies");
    for (auto term = terms.begin(); term != terms.end(); ++term)
        if (std::find(terms.begin(), term, *term) != term)
            refusals.duplicate(
                list.index(static_cast<std::size_t>(term - terms.begin())).child("matchLabelExpressions"), "");
    const auto* parameters = find(node, {"parameters"});
    if (!parameters || !parameters->is_object())
        return;
    if (parameters->get_object().size() > parametersMax)
        return refusals.tooLong(path.child("parameters"), parametersMax);
    std::size_t bytes = 0;
    for (const auto& parameter : parameters->get_object()) {
        if (parameter.key().empty())
            refusals.invalid(path.child("parameters"), "", "field can not be empty.");
        bytes += parameter.key().size() + textOf(parameter.value()).size();
    }
    if (bytes > parameterBytesMax)
        refusals.tooLong(path.child("parameters"), parameterBytesMax);
}

/// Labels of a topology: each once, with values that differ.
void topologyTerm(const Value& term, const FieldPath& path, Refusals& refusals)
{
    const auto& labels = itemsAt(term, {"matchLabelExpressions"});
    const auto list = path.child("matchLabelExpressions");
    std::set<std::string_view> keys;
    for (std::size_t index = 0; index < labels.size(); ++index) {
        const auto at = list.index(index);
        const auto valueList = at.child("values");
        const auto& values = itemsAt(labels[index], {"values"});
        const auto key = stringAt(labels[index], {"key"});
        if (values.empty())
            refusals.required(valueList);
        for (auto value = values.begin(); value != values.end(); ++value)
            if (std::find(values.begin(), value, *value) != value)
                refusals.duplicate(valueList.index(static_cast<std::size_t>(value - values.begin())), *value);
        if (!key.empty())
            refuse(wrongQualifiedName(key), at.child("key"), Value(key), refusals);
        if (!keys.insert(key).second)
            refusals.duplicate(at.child("key"), Value(key));
    }
}

void storageClassUpdate(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    static const Value none;
    for (const auto* member : {"parameters", "provisioner", "reclaimPolicy"}) {
        const auto* now = find(node, {member});
        const auto* before = find(old, {member});
        if ((now ? *now : none) != (before ? *before : none))
            refusals.forbidden(path.child(member), fmt::format("updates to {} are forbidden.", member));
    }
}

constexpr std::array table{
    Rule{"claimSpec", claimSpec},
    Rule{"claimUpdate", nullptr, claimUpdate},
    Rule{"storageClass", storageClass, storageClassUpdate},
    Rule{"topologyTerm", topologyTerm},
    Rule{"volumeSpec", volumeSpec, volumeUpdate},
};

} // namespace

std::span<const Rule> storageRules()
{
    return table;
}

} // namespace keelson::api
