// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "api/conversion.h"
#include "api/validation.h"
#include "registry/scale_document.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

void setVersion(Value& document, Revision revision)
{
    api::objectAt(document, {"metadata"})["resourceVersion"] = std::to_string(revision);
}

/// Of a write whose document has been read: what is repeated there has been told.
WriteContext withoutDuplicates(WriteContext context)
{
    context.duplicateFields.clear();
    return context;
}

/// What of a configuration is for the subresource: its status alone for that, all but the status for the object.
void restrictTo(const Kind& kind, std::string_view subresource, Value& configuration)
{
    auto& members = configuration.as_object();
    if (subresource.empty() && kind.hasStatus)
        members.stable_erase("status");
    if (subresource != "status")
        return;
    constexpr std::array identity{"name", "namespace", "uid", "resourceVersion"};
    api::Object metadata;
    for (const auto* const name : identity) {
        if (const auto* const value = api::find(configuration, {"metadata", name}))
            metadata[name] = *value;
    }
    api::Object restricted{{"kind", members["kind"]}, {"apiVersion", members["apiVersion"]}};
    restricted["metadata"] = std::move(metadata);
    if (auto* const status = members.if_contains("status"))
        restricted["status"] = std::move(*status);
    members = std::move(restricted);
}

/// Who says which object is meant does not want another one made.
Result<Done> checkNoUid(const Kind& kind, const ObjectKey& key, const Value& configuration)
{
    const auto uid = api::stringAt(configuration, {"metadata", "uid"});
    if (uid.empty())
        return Done{};
    auto error = modifiedError(kind, key.name);
    error.message = fmt::format("Operation cannot be fulfilled on {} \"{}\": uid mismatch: the provided object "
                                "specified uid {}, and no existing object was found",
                                kind.resourceName(), key.name, uid);
    return fail(std::move(error));
}

constexpr std::string_view scaleDefinition = "autoscaling/v1/Scale";

/// The configuration of the object that a Scale amounts to.
Result<Value> configurationOfScale(const WriteContext& context, const Kind& kind, Value scale)
{
    if (api::stringAt(scale, {"apiVersion"}) != "autoscaling/v1" || api::stringAt(scale, {"kind"}) != "Scale")
        return fail(Reason::BadRequest,
                    fmt::format("Incorrect version specified in apply patch. Specified patch version: {}, expected: "
                                "autoscaling/v1",
                                api::stringAt(scale, {"apiVersion"})));
    TRY_OK(decodeStandalone(context, scaleDefinition, scale));
    Value configuration{{"apiVersion", kind.groupVersion.text()}, {"kind", kind.kind}};
    if (const auto* const metadata = api::find(scale, {"metadata"}))
        configuration.as_object()["metadata"] = *metadata;
    if (api::find(scale, {"spec", "replicas"}))
        TRY_OK(setScale(kind, scale, configuration));
    return configuration;
}

} // namespace

Result<StoreRegistry::Change> StoreRegistry::planPatch(const WriteContext& context, const Present& before,
                                                       std::string_view subresource, api::PatchType type,
                                                       const Value& patch)
{
    auto document = before.document;
    setVersion(document, before.object->revision);
    // Paths of a JSON patch may lead there; of a merge, only what it names can.
    const bool needsManagers = type == api::PatchType::Json || api::find(patch, {"metadata", "managedFields"});
    if (needsManagers && !before.managedFields.empty()) {
        TRY_ASSIGN(auto managers, api::parseJson(before.managedFields));
        api::objectAt(document, {"metadata"})["managedFields"] = std::move(managers);
    }
    TRY_ASSIGN(auto patched, applyPatch(type, document, patch, before.kind->schema));
    return planUpdate(context, before, subresource, std::move(patched), {std::string(subresource), {}, {}});
}

Result<StoreRegistry::Change> StoreRegistry::planApply(const WriteContext& context, const Kind& kind,
                                                       const ObjectKey& key, std::string_view subresource,
                                                       const Value& configuration)
{
    TRY_ASSIGN(const auto resource, resourceOf(kind));
    const auto& fields = resource.cache->fields();
    const fieldmanager::Writer writer{context.fieldManager, std::string(subresource), m_clock.wall(),
                                      context.version ? context.version : resource.kind.get()};
    auto before = present(kind, key);
    if (!before && before.error().reason == Reason::NotFound && subresource.empty()) {
        TRY_OK(checkNoUid(kind, key, configuration));
        TRY_ASSIGN(auto applied, fields.applyToNothing(configuration, writer, *resource.kind));
        api::objectAt(applied.object, {"metadata"})["name"] = key.name;
        return planCreate(context, kind, key.nameSpace, std::move(applied.object),
                          {{}, {}, std::move(applied.managers)});
    }
    if (!before)
        return fail(std::move(before).error());
    TRY_ASSIGN(auto applied,
               fields.apply(before->document, before->managedFields, configuration, writer, context.force));
    return planUpdate(context, *before, subresource == "scale" ? "" : subresource, std::move(applied.object),
                      {std::string(subresource), {}, std::move(applied.managers)});
}

Result<StoreRegistry::Plan> StoreRegistry::applyPlan(const WriteContext& context, const Kind& kind,
                                                     const ObjectKey& key, std::string_view subresource,
                                                     const Value& configuration)
{
    const auto& version = context.version ? *context.version : kind;
    TRY_OK(fieldmanager::FieldManager::checkConfiguration(version, key, configuration));
    auto settled = configuration;
    TRY_OK(settleKind(version, settled));
    TRY_OK(checkKey(key, settled));
    TRY_OK(decodeStrictly(context, version, settled));
    restrictTo(version, subresource, settled);
    api::normalizeScalars(version, settled);
    return [this, writer = withoutDuplicates(context), &kind, &key, subresource,
            settled = std::move(settled)](std::size_t) { return planApply(writer, kind, key, subresource, settled); };
}

Result<StoreRegistry::Plan> StoreRegistry::patchPlan(const WriteContext& context, const Kind& kind,
                                                     const ObjectKey& key, std::string_view subresource,
                                                     api::PatchType type, const Value& patch)
{
    if (type == api::PatchType::Apply)
        return applyPlan(context, kind, key, subresource, patch);
    return [this, &context, &kind, &key, subresource, type, &patch](std::size_t) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, key));
        return planPatch(context, before, subresource, type, patch);
    };
}

Result<StoredObjectPtr> StoreRegistry::patch(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                             std::string_view subresource, api::PatchType type, const Value& patch)
{
    TRY_ASSIGN(const auto plan, patchPlan(context, kind, key, subresource, type, patch));
    return write(context, plan).object;
}

Result<StoreRegistry::Change> StoreRegistry::planScale(const WriteContext& context, const Kind& kind,
                                                       const Present& before, Value scale)
{
    TRY_OK(decodeStandalone(context, scaleDefinition, scale));
    TRY_OK(checkKey(before.object->key, scale));
    TRY_OK(checkVersion(kind, scale, *before.object));
    auto object = before.document;
    TRY_OK(setScale(kind, scale, object));
    return planUpdate(withoutDuplicates(context), before, {}, std::move(object), {"scale", {}, {}});
}

/// The Scale of the object after the write.
Result<Value> StoreRegistry::writeScale(const WriteContext& context, const Kind& kind, const Plan& plan)
{
    TRY_ASSIGN(const auto object, write(context, plan).object);
    return scaleIn(kind, *object);
}

Result<Value> StoreRegistry::updateScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                         Value scale)
{
    TRY_OK(this->scale(kind, key));
    return writeScale(context, kind, [&](std::size_t) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, key));
        return planScale(context, kind, before, scale);
    });
}

Result<Value> StoreRegistry::patchScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                        api::PatchType type, const Value& patch)
{
    TRY_OK(scale(kind, key));
    if (type == api::PatchType::Apply) {
        TRY_OK(checkKey(key, patch));
        TRY_ASSIGN(const auto configuration, configurationOfScale(context, kind, patch));
        const auto writer = withoutDuplicates(context);
        return writeScale(context, kind,
                          [&](std::size_t) { return planApply(writer, kind, key, "scale", configuration); });
    }
    const auto* const schema = m_catalog.findDefinition(scaleDefinition);
    return writeScale(context, kind, [&](std::size_t) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, key));
        auto document = before.document;
        api::objectAt(document, {"metadata"})["resourceVersion"] = std::to_string(before.object->revision);
        TRY_ASSIGN(const auto patched, applyPatch(type, scaleOf(kind, document), patch, schema));
        return planScale(context, kind, before, patched);
    });
}

} // namespace keelson::registry
