// SPDX-License-Identifier: Apache-2.0
#include "api/name_forms.h"
#include "api/quantity.h"
#include "api/rules.h"

#include <array>
#include <set>

namespace keelson::api {
namespace {

constexpr std::int64_t modeMax = 0777;

/// ".." would lead out of the volume.
bool climbs(std::string_view path)
{
    return ("/" + std::string(path) + "/").find("/../") != std::string::npos;
}

void checkMode(const Value& node, std::string_view member, const FieldPath& path, Refusals& refusals)
{
    const auto* mode = find(node, {member});
    if (mode && mode->is_int64() && (mode->get_int64() < 0 || mode->get_int64() > modeMax))
        refusals.invalid(path.child(member), *mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

void checkRelative(std::string_view target, const FieldPath& path, Refusals& refusals)
{
    if (target.starts_with('/'))
        refusals.invalid(path, Value(target), "must be a relative path");
    if (climbs(target))
        refusals.invalid(path, Value(target), "must not contain '..'");
}

/// A file that a volume makes of a key or a field.
void keyToPath(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto target = stringAt(node, {"path"});
    checkRelative(target, path.child("path"), refusals);
    if (target.starts_with("..") && !climbs(target))
        refusals.invalid(path.child("path"), Value(target), "must not start with '..'");
    checkMode(node, "mode", path, refusals);
}

void checkHostPath(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto target = stringAt(node, {"path"});
    if (climbs(target))
        refusals.invalid(path.child("path"), Value(target), "must not contain '..'");
}

void nfsVolume(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (const auto target = stringAt(node, {"path"}); !target.empty() && !target.starts_with('/'))
        refusals.invalid(path.child("path"), Value(target), "must be an absolute path");
}

void checkEmptyDir(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto* limit = find(node, {"sizeLimit"});
    const auto parsed = Quantity::parse(!limit ? "0" : limit->is_string() ? textOf(*limit) : numberText(*limit));
    if (parsed && parsed->isNegative())
        refusals.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
}

/// A Secret or a ConfigMap whose keys become files.
void checkKeys(const Value& node, std::string_view name, const FieldPath& path, Refusals& refusals)
{
    if (stringAt(node, {name}).empty())
        refusals.required(path.child(name));
    checkMode(node, "defaultMode", path, refusals);
}

void checkLun(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t lunMax = 255;
    if (const auto lun = integerAt(node, {"lun"}); lun < 0 || lun > lunMax)
        refusals.invalid(path.child("lun"), lun, "must be between 0 and 255, inclusive");
}

void checkIscsi(const Value& node, const FieldPath& path, Refusals& refusals)
{
    const auto name = stringAt(node, {"iqn"});
    if (!name.empty() && !name.starts_with("iqn") && !name.starts_with("eui") && !name.starts_with("naa"))
        refusals.invalid(path.child("iqn"), Value(name), "must be valid format starting with iqn, eui, or naa");
    checkLun(node, path, refusals);
    if ((boolAt(node, {"chapAuthDiscovery"}) || boolAt(node, {"chapAuthSession"})) && !has(node, "secretRef"))
        refusals.required(path.child("secretRef"));
}

/// A disk is told by the names of its ports and its number on them, or by its own.
void checkFibreChannel(const Value& node, const FieldPath& path, Refusals& refusals)
{
    constexpr std::string_view either = "must specify either targetWWNs or wwids, but not both";
    const auto& ports = itemsAt(node, {"targetWWNs"});
    const auto& disks = itemsAt(node, {"wwids"});
    if (ports.empty() && disks.empty())
        refusals.required(path.child("targetWWNs"), either);
    else if (!ports.empty() && !disks.empty())
        refusals.invalid(path.child("targetWWNs"), Value(ports), either);
    if (!ports.empty() && !has(node, "lun"))
        refusals.required(path.child("lun"), "lun is required if targetWWNs is specified");
    else if (!ports.empty())
        checkLun(node, path, refusals);
}

void checkMonitors(const Value& node, const FieldPath& path, Refusals& refusals)
{
    if (has(node, "monitors") && itemsAt(node, {"monitors"}).empty())
        refusals.required(path.child("monitors"));
}

struct Source {
    std::string_view member;
    void (*check)(const Value& node, const FieldPath& path, Refusals& refusals);
};

constexpr std::array sources{
    Source{"hostPath", checkHostPath},
    Source{"emptyDir", checkEmptyDir},
    Source{"secret", [](const Value& node, const FieldPath& path,
                        Refusals& refusals) { checkKeys(node, "secretName", path, refusals); }},
    Source{"configMap", [](const Value& node, const FieldPath& path,
                           Refusals& refusals) { checkKeys(node, "name", path, refusals); }},
    Source{"downwardAPI", [](const Value& node, const FieldPath& path,
                             Refusals& refusals) { checkMode(node, "defaultMode", path, refusals); }},
    Source{"projected", [](const Value& node, const FieldPath& path,
                           Refusals& refusals) { checkMode(node, "defaultMode", path, refusals); }},
    Source{"ephemeral",
           [](const Value& node, const FieldPath& path, Refusals& refusals) {
               if (!has(node, "volumeClaimTemplate"))
                   refusals.required(path.child("volumeClaimTemplate"));
           }},
    Source{"iscsi", checkIscsi},
    Source{"fc", checkFibreChannel},
    Source{"rbd", checkMonitors},
    Source{"cephfs", checkMonitors},
    Source{"image",
           [](const Value& node, const FieldPath& path, Refusals& refusals) {
               if (stringAt(node, {"reference"}).empty())
                   refusals.required(path.child("reference"));
           }},
};

void volume(const Value& node, const FieldPath& path, Refusals& refusals)
{
    int found = 0;
    for (const auto& member : node.get_object())
        if (member.key() != "name" && !member.value().is_null() && ++found > 1)
            refusals.forbidden(path.child(member.key()), "may not specify more than 1 volume type");
    if (found == 0)
        refusals.required(path, "must specify a volume type");
    for (const auto& source : sources)
        if (const auto* part = find(node, {source.member}); part && part->is_object())
            source.check(*part, path.child(source.member), refusals);
}

constexpr std::array<std::string_view, 5> projections{"secret", "downwardAPI", "configMap", "serviceAccountToken",
                                                      "clusterTrustBundle"};

void checkToken(const Value& token, const FieldPath& path, Refusals& refusals)
{
    constexpr std::int64_t lifeSecondsMin = 600;
    constexpr std::int64_t lifeSecondsMax = std::int64_t{1} << 32;
    const auto life = integerAt(token, {"expirationSeconds"}, lifeSecondsMin);
    if (life < lifeSecondsMin)
        refusals.invalid(path.child("expirationSeconds"), life, "may not specify a duration less than 10 minutes");
    if (life > lifeSecondsMax)
        refusals.invalid(path.child("expirationSeconds"), life, "may not specify a duration larger than 2^32 seconds");
}

void volumeProjection(const Value& node, const FieldPath& path, Refusals& refusals)
{
    int found = 0;
    for (const auto member : projections)
        if (has(node, member) && ++found > 1)
            refusals.forbidden(path, "may not specify more than 1 volume type per source");
    for (const auto* member : {"secret", "configMap"}) {
        const auto at = path.child(member);
        if (has(node, member) && stringAt(node, {member, "name"}).empty())
            refusals.required(at.child("name"));
    }
    if (const auto* token = find(node, {"serviceAccountToken"}); token && token->is_object())
        checkToken(*token, path.child("serviceAccountToken"), refusals);
}

/// Two sources of a volume cannot write one file. Keys without items are not known here.
void projectedVolume(const Value& node, const FieldPath& path, Refusals& refusals)
{
    std::set<std::string_view> taken;
    const auto take = [&](std::string_view target, std::string_view source) {
        if (!target.empty() && !taken.insert(target).second)
            refusals.invalid(path, Value(source.empty() ? target : source), "conflicting duplicate paths");
    };
    for (const auto& projection : itemsAt(node, {"sources"})) {
        for (const auto* member : {"secret", "configMap", "downwardAPI"})
            for (const auto& item : itemsAt(projection, {member, "items"}))
                take(stringAt(item, {"path"}), stringAt(projection, {member, "name"}));
        for (const auto* member : {"serviceAccountToken", "clusterTrustBundle"})
            take(stringAt(projection, {member, "path"}), {});
    }
}

constexpr std::array table{
    Rule{"keyToPath", keyToPath},
    Rule{"nfsVolume", nfsVolume},
    Rule{"projectedVolume", projectedVolume},
    Rule{"volume", volume},
    Rule{"volumeProjection", volumeProjection},
};

} // namespace

std::span<const Rule> volumeRules()
{
    return table;
}

} // namespace keelson::api
