// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/resource_names.h"
#include "api/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace keelson::api {
namespace {

using Names = std::span<const std::string_view>;

/// Fields of a pod that have a name to ask for them by.
constexpr std::array<std::string_view, 14> podFields{
    "metadata.annotations", "metadata.labels",    "metadata.name",
    "metadata.namespace",   "metadata.uid",       "spec.nodeName",
    "spec.restartPolicy",   "spec.schedulerName", "spec.serviceAccountName",
    "status.hostIP",        "status.hostIPs",     "status.phase",
    "status.podIP",         "status.podIPs"};
constexpr std::array<std::string_view, 9> variableFields{
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};
constexpr std::array<std::string_view, 5> fileFields{"metadata.annotations", "metadata.labels", "metadata.name",
                                                     "metadata.namespace", "metadata.uid"};
constexpr std::array<std::string_view, 6> resourceFields{
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
constexpr std::array<std::string_view, 2> cpuDivisors{"1m", "1"};
constexpr std::array<std::string_view, 13> byteDivisors{"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                                        "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};

bool isIn(Names names, std::string_view name)
{
    return std::ranges::find(names, name) != names.end();
}

/// The members of a union that are there.
std::vector<std::string_view> present(const Value& node, Names members)
{
    std::vector<std::string_view> found;
    for (const auto member : members)
        if (has(node, member))
            found.push_back(member);
    return found;
}

std::string lowered(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// `metadata.labels['app']`: one value of a map. Whether the field has that form; then its key is checked.
bool checkKeyOfMap(std::string_view field, const FieldPath& path, Refusals& refusals)
{
    const auto open = field.find("['");
    if (open == field.npos || !field.ends_with("']") || open + 4 > field.size())
        return false;
    const auto map = field.substr(0, open);
    const std::string key(field.substr(open + 2, field.size() - open - 4));
    if (map != "metadata.labels" && map != "metadata.annotations")
        return false;
    refuse(wrongQualifiedName(map == "metadata.labels" ? key : lowered(key)), path, Value(key), refusals);
    return true;
}

void checkField(const Value& reference, const FieldPath& path, Names allowed, Refusals& refusals)
{
    const auto field = stringAt(reference, {"fieldPath"});
    const auto at = path.child("fieldPath");
    if (field.empty() || checkKeyOfMap(field, path, refusals))
        return;
    if (const auto version = stringAt(reference, {"apiVersion"}); version != "v1")
        refusals.invalid(at, Value(field),
                         fmt::format("error converting fieldPath: unsupported pod version: {}", version));
    else if (!isIn(podFields, field))
        refusals.invalid(at, Value(field),
                         fmt::format("error converting fieldPath: field label not supported: {}", field));
    else if (!isIn(allowed, field))
        refusals.notSupported(at, Value(field), {allowed.begin(), allowed.end()});
}

void checkDivisor(std::string_view resource, const Value& divisor, const FieldPath& path, Refusals& refusals)
{
    const auto text = divisor.is_string() ? std::string(textOf(divisor)) : numberText(divisor);
    const auto parsed = Quantity::parse(text);
    if (!parsed || parsed->isZero())
        return;
    if (resource.ends_with(".cpu")) {
        if (!isIn(cpuDivisors, parsed->text()))
            refusals.invalid(path, Value(text), "only divisor's values 1m and 1 are supported with the cpu resource");
    } else if (!isIn(byteDivisors, parsed->text())) {
        refusals.invalid(path, Value(text),
                         fmt::format("only divisor's values {} are supported with the {} resource",
                                     fmt::join(byteDivisors, ", "),
                                     resource.ends_with(".memory") ? "memory" : "local ephemeral storage"));
    }
}

void checkResource(const Value& reference, const FieldPath& path, Refusals& refusals)
{
    const auto resource = stringAt(reference, {"resource"});
    if (resource.empty())
        return;
    const bool hugePages = resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
    if (!isIn(resourceFields, resource) && !hugePages)
        refusals.notSupported(path.child("resource"), Value(resource), {resourceFields.begin(), resourceFields.end()});
    else if (const auto* divisor = find(reference, {"divisor"}); divisor && !hugePages)
        checkDivisor(resource, *divisor, path.child("divisor"), refusals);
}

void checkKeyReference(const Value& source, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    if (!has(source, member))
        return;
    const auto part = path.child(member);
    if (stringAt(source, {member, "name"}).empty())
        refusals.required(part.child("name"));
    if (const auto key = stringAt(source, {member, "key"}); !key.empty())
        refuse(wrongConfigKey(key), part.child("key"), Value(key), refusals);
}

void envVar(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 4> sources{"fieldRef", "resourceFieldRef", "configMapKeyRef",
                                                      "secretKeyRef"};
    if (const auto name = stringAt(node, {"name"}); !name.empty())
        refuse(wrongEnvName(name), path.child("name"), Value(name), refusals);
    const auto* source = find(node, {"valueFrom"});
    if (!source || source->is_null())
        return;
    const auto found = present(*source, sources);
    const auto at = path.child("valueFrom");
    if (!stringAt(node, {"value"}).empty())
        refusals.invalid(at, Value(""), "may not be specified when `value` is not empty");
    if (found.empty())
        refusals.invalid(at, Value(""),
                         "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
    if (found.size() > 1)
        refusals.invalid(at, Value(""), "may not have more than one field specified at a time");
    if (const auto* field = find(*source, {"fieldRef"}); field && field->is_object())
        checkField(*field, at.child("fieldRef"), variableFields, refusals);
    if (const auto* resource = find(*source, {"resourceFieldRef"}); resource && resource->is_object())
        checkResource(*resource, at.child("resourceFieldRef"), refusals);
    checkKeyReference(*source, "configMapKeyRef", at, refusals);
    checkKeyReference(*source, "secretKeyRef", at, refusals);
}

void envFromSource(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::array<std::string_view, 2> sources{"configMapRef", "secretRef"};
    if (const auto prefix = stringAt(node, {"prefix"}); !prefix.empty())
        refuse(wrongEnvName(prefix), path.child("prefix"), Value(prefix), refusals);
    const auto found = present(node, sources);
    if (found.empty())
        refusals.invalid(path, Value(""), "must specify one of: `configMapRef` or `secretRef`");
    if (found.size() > 1)
        refusals.invalid(path, Value(""), "may not have more than one field specified at a time");
    for (const auto source : found) {
        const auto at = path.child(source);
        if (stringAt(node, {source, "name"}).empty())
            refusals.required(at.child("name"));
    }
}

/// A file of a volume of fields: it shows a field of the pod, or a resource of a container.
void downwardFile(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* field = find(node, {"fieldRef"});
    const auto* resource = find(node, {"resourceFieldRef"});
    if (field && field->is_object()) {
        checkField(*field, path.child("fieldRef"), fileFields, refusals);
        if (resource)
            refusals.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
    } else if (resource && resource->is_object()) {
        const auto at = path.child("resourceFieldRef");
        if (stringAt(*resource, {"containerName"}).empty())
            refusals.required(at.child("containerName"));
        else
            checkResource(*resource, at, refusals);
    } else {
        refusals.required(path, "one of fieldRef and resourceFieldRef is required");
    }
}

constexpr std::array table{
    Rule{"downwardFile", downwardFile},
    Rule{"envFromSource", envFromSource},
    Rule{"envVar", envVar},
};

} // namespace

std::span<const Rule> referenceRules()
{
    return table;
}

} // namespace keelson::api
