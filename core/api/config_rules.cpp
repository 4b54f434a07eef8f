// SPDX-License-Identifier: Apache-2.0
#include "api/base64.h"
#include "api/name_forms.h"
#include "api/rules.h"

#include <array>

namespace keelson::api {
namespace {

constexpr std::size_t configBytesMax = std::size_t{1024} * 1024;

const Object& membersAt(const Value& node, std::string_view name)
{
    static const Object none;
    const auto* found = find(node, {name});
    return found && found->is_object() ? found->get_object() : none;
}

void checkKeys(const Value& node, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    const auto at = path.child(member);
    for (const auto& entry : membersAt(node, member))
        refuse(wrongConfigKey(entry.key()), at.key(entry.key()), Value(entry.key()), refusals);
}

void configMap(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkKeys(node, "data", path, refusals);
    checkKeys(node, "binaryData", path, refusals);
    const auto& data = membersAt(node, "data");
    const auto binary = path.child("binaryData");
    std::size_t bytes = 0;
    for (const auto& entry : data)
        bytes += textOf(entry.value()).size();
    for (const auto& entry : membersAt(node, "binaryData")) {
        bytes += textOf(entry.value()).size() / 4 * 3;
        if (data.contains(entry.key()))
            refusals.invalid(binary.key(entry.key()), Value(entry.key()), "duplicate of key present in data");
    }
    if (bytes > configBytesMax)
        refusals.tooLong(path, configBytesMax);
}

/// Once immutable, always immutable.
void immutableData(const Value& node, const Value& old, const FieldPath& path, Refusals& refusals)
{
    if (!boolAt(old, {"immutable"}))
        return;
    if (!boolAt(node, {"immutable"}))
        refusals.forbidden(path.child("immutable"), "field is immutable when `immutable` is set");
    for (const auto* member : {"data", "binaryData"})
        if (membersAt(node, member) != membersAt(old, member))
            refusals.forbidden(path.child(member), "field is immutable when `immutable` is set");
}

void requireKey(const Value& node, std::string_view key, const FieldPath& path, Refusals& refusals)
{
    const auto data = path.child("data");
    if (!membersAt(node, "data").contains(key))
        refusals.required(data.key(key));
}

void secretType(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto type = stringAt(node, {"type"});
    const auto& data = membersAt(node, "data");
    if (type == "kubernetes.io/service-account-token") {
        constexpr std::string_view name = "kubernetes.io/service-account.name";
        const auto metadata = path.child("metadata");
        const auto annotations = metadata.child("annotations");
        if (stringAt(node, {"metadata", "annotations", name}).empty())
            refusals.required(annotations.key(name));
    } else if (type == "kubernetes.io/dockercfg") {
        requireKey(node, ".dockercfg", path, refusals);
    } else if (type == "kubernetes.io/dockerconfigjson") {
        requireKey(node, ".dockerconfigjson", path, refusals);
    } else if (type == "kubernetes.io/basic-auth" && !data.contains("username") && !data.contains("password")) {
        requireKey(node, "username", path, refusals);
        requireKey(node, "password", path, refusals);
    } else if (type == "kubernetes.io/ssh-auth") {
        requireKey(node, "ssh-privatekey", path, refusals);
    } else if (type == "kubernetes.io/tls") {
        requireKey(node, "tls.crt", path, refusals);
        requireKey(node, "tls.key", path, refusals);
    }
    for (const auto* key : {".dockercfg", ".dockerconfigjson"}) {
        const auto* content = data.if_contains(key);
        const auto bytes = content ? decodeBase64(textOf(*content)) : std::nullopt;
        const auto at = path.child("data");
        if (bytes && type.starts_with("kubernetes.io/docker") && !parseJson(*bytes))
            refusals.invalid(at.key(key), Value("<secret contents redacted>"), "must be valid JSON");
    }
}

void secret(const Value& node, const FieldPath& path, Refusals& refusals)
{
    checkKeys(node, "data", path, refusals);
    std::size_t bytes = 0;
    for (const auto& entry : membersAt(node, "data"))
        bytes += textOf(entry.value()).size() / 4 * 3;
    if (bytes > configBytesMax)
        refusals.tooLong(path.child("data"), configBytesMax);
    secretType(node, path, refusals);
}

constexpr std::array table{
    Rule{"configMap", configMap, immutableData},
    Rule{"secret", secret, immutableData},
};

} // namespace

std::span<const Rule> configRules()
{
    return table;
}

} // namespace keelson::api
