// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "api/validation.h"
#include "registry/deletion_plan.h"
#include "registry/scale_document.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

/// A generated name is this prefix of generateName and a suffix.
constexpr std::size_t generatedPrefixMax = 58;
constexpr std::size_t generatedSuffixLength = 5;

ObjectKey keyOf(const Value& object)
{
    return {std::string(api::stringAt(object, {"metadata", "namespace"})),
            std::string(api::stringAt(object, {"metadata", "name"}))};
}

/// Gives the object a name when it asks for one. `Invalid` when it has none and asks for none.
Result<Done> settleName(const Kind& kind, Value& object, Random& random)
{
    const auto name = api::stringAt(object, {"metadata", "name"});
    if (name.contains('/')) // it would be another key in the store
        return fail(api::invalidError(
            kind, name,
            {{"FieldValueInvalid", fmt::format("Invalid value: \"{}\": may not contain '/'", name), "metadata.name"}}));
    if (!name.empty())
        return Done{};
    const auto prefix = std::string(api::stringAt(object, {"metadata", "generateName"}));
    if (prefix.empty())
        return fail(api::invalidError(
            kind, "", {{"FieldValueRequired", "Required value: name or generateName is required", "metadata.name"}}));
    api::objectAt(object, {"metadata"})["name"] =
        prefix.substr(0, generatedPrefixMax) + random.suffix(generatedSuffixLength);
    return Done{};
}

Error alreadyExists(const Kind& kind, const std::string& name)
{
    auto error = makeError(Reason::AlreadyExists, fmt::format("{} \"{}\" already exists", kind.resourceName(), name));
    error.group = kind.groupVersion.group;
    error.resource = kind.plural;
    error.name = name;
    return error;
}

Result<Done> checkKey(const ObjectKey& key, const Value& object)
{
    const auto given = keyOf(object);
    if (!given.name.empty() && given.name != key.name)
        return fail(
            Reason::BadRequest,
            fmt::format("the name of the object ({}) does not match the name on the URL ({})", given.name, key.name));
    if (!given.nameSpace.empty() && given.nameSpace != key.nameSpace)
        return fail(Reason::BadRequest,
                    fmt::format("the namespace of the object ({}) does not match the namespace on the URL ({})",
                                given.nameSpace, key.nameSpace));
    return Done{};
}

/// Said before the object is looked for: a missing one would be created, so "not found" were no answer.
Result<Done> checkPatchType(const Kind& kind, api::PatchType type)
{
    if (type != api::PatchType::Apply)
        return Done{};
    return fail(
        Reason::UnsupportedMediaType,
        fmt::format("server-side apply of {} is not offered by this server; use a JSON patch, a merge patch or a "
                    "strategic merge patch (kubectl apply without --server-side)",
                    kind.resourceName()));
}

Result<Value> applyPatch(api::PatchType type, const Value& document, const Value& patch, const api::Schema* schema)
{
    switch (type) {
    case api::PatchType::Json: {
        auto patched = api::applyJsonPatch(document, patch);
        // Of an Invalid clients show the causes, and the message only when there is no object to name.
        if (!patched && patched.error().reason == Reason::Invalid && patched.error().causes.empty())
            patched.error().causes.push_back({"FieldValueInvalid", patched.error().message, "patch"});
        return patched;
    }
    case api::PatchType::Merge:
        if (!patch.is_object())
            return fail(Reason::BadRequest, "a merge patch is a JSON object");
        return api::applyMergePatch(document, patch);
    case api::PatchType::Strategic:
        if (!patch.is_object())
            return fail(Reason::BadRequest, "a strategic merge patch is a JSON object");
        return schema ? api::applyStrategicPatch(*schema, document, patch)
                      : Result<Value>(api::applyMergePatch(document, patch));
    case api::PatchType::Apply:
        break;
    }
    return fail(Reason::UnsupportedMediaType, "a patch of a type that this server does not know");
}

void setVersion(Value& document, Revision revision)
{
    api::objectAt(document, {"metadata"})["resourceVersion"] = std::to_string(revision);
}

} // namespace

Result<StoreRegistry::Change> StoreRegistry::planCreate(const WriteContext& context, const Kind& kind,
                                                        const std::string& nameSpace, Value object)
{
    Change change;
    TRY_ASSIGN(change.cache, cacheOf(kind));
    TRY_OK(settleKind(kind, object));
    TRY_OK(settleNamespace(kind, nameSpace, object));
    TRY_OK(decodeStrictly(context, kind, object));
    if (!api::stringAt(object, {"metadata", "resourceVersion"}).empty())
        return fail(Reason::BadRequest, "resourceVersion should not be set on objects to be created");
    TRY_OK(settleName(kind, object, m_random));
    change.key = keyOf(object);
    if (change.cache->find(change.key))
        return fail(alreadyExists(kind, change.key.name));
    beginObject(kind, object, m_random, m_clock.wall());
    change.object = std::move(object);
    TRY_OK(complete(change, context, {}, nullptr));
    return change;
}

std::vector<Result<StoredObjectPtr>> StoreRegistry::createEach(const WriteContext& context, const Kind& kind,
                                                               const std::string& nameSpace, std::vector<Value> objects)
{
    auto written = writeEach(context, objects.size(), [&](std::size_t index) -> Result<Change> {
        auto planned = planCreate(context, kind, nameSpace, objects[index]);
        constexpr int collisionsMax = 8;
        // A generated name that is taken is not the caller's fault.
        for (int i = 0; i < collisionsMax && !planned && planned.error().reason == Reason::AlreadyExists &&
                        keyOf(objects[index]).name.empty();
             ++i)
            planned = planCreate(context, kind, nameSpace, objects[index]);
        return planned;
    });
    std::vector<Result<StoredObjectPtr>> results;
    results.reserve(written.size());
    for (auto& one : written)
        results.push_back(std::move(one.object));
    return results;
}

Result<StoreRegistry::Change> StoreRegistry::planUpdate(const WriteContext& context, const Present& before,
                                                        std::string_view subresource, Value object)
{
    const auto& kind = before.cache->kind();
    Change change;
    change.cache = before.cache;
    change.key = before.object->key;
    change.before = before.object;
    TRY_OK(settleKind(kind, object));
    TRY_OK(checkKey(change.key, object));
    TRY_OK(checkVersion(kind, object, *before.object));
    TRY_OK(decodeStrictly(context, kind, object));
    auto& metadata = api::objectAt(object, {"metadata"});
    metadata.stable_erase("resourceVersion");
    metadata["name"] = change.key.name;
    if (kind.namespaced)
        metadata["namespace"] = change.key.nameSpace;
    TRY_ASSIGN(change.object, mergeUpdate(kind, subresource, std::move(object), before.document));
    TRY_OK(checkFinalizers(kind, change.object, before.document));
    TRY_OK(complete(change, context, subresource, &before.document));
    if (change.object == before.document) {
        change.effect = Change::Effect::Nothing;
        return change;
    }
    countGeneration(change.object, before.document);
    if (isFinished(kind, change.object))
        change.effect = Change::Effect::Remove;
    return change;
}

Result<StoredObjectPtr> StoreRegistry::update(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                              std::string_view subresource, Value object)
{
    return write(context,
                 [&](std::size_t) -> Result<Change> {
                     TRY_ASSIGN(const auto before, present(kind, key));
                     return planUpdate(context, before, subresource, object);
                 })
        .object;
}

Result<StoredObjectPtr> StoreRegistry::patch(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                             std::string_view subresource, api::PatchType type, const Value& patch)
{
    TRY_OK(checkPatchType(kind, type));
    return write(context,
                 [&](std::size_t) -> Result<Change> {
                     TRY_ASSIGN(const auto before, present(kind, key));
                     auto document = before.document;
                     setVersion(document, before.object->revision);
                     TRY_ASSIGN(auto patched, applyPatch(type, document, patch, kind.schema));
                     return planUpdate(context, before, subresource, std::move(patched));
                 })
        .object;
}

std::vector<Result<StoredObjectPtr>> StoreRegistry::updateStatusEach(const WriteContext& context, const Kind& kind,
                                                                     std::vector<Value> objects)
{
    auto written = writeEach(context, objects.size(), [&](std::size_t index) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, keyOf(objects[index])));
        return planUpdate(context, before, "status", objects[index]);
    });
    std::vector<Result<StoredObjectPtr>> results;
    results.reserve(written.size());
    for (auto& one : written)
        results.push_back(std::move(one.object));
    return results;
}

Result<StoreRegistry::Change> StoreRegistry::planRemove(const WriteContext& context, const Kind& kind,
                                                        const ObjectKey& key, const DeleteOptions& options)
{
    TRY_ASSIGN(auto before, present(kind, key));
    Change change;
    change.cache = before.cache;
    change.key = key;
    change.before = before.object;
    TRY_OK(admit(change, context, Verb::Delete, {}, &before.document));
    TRY_ASSIGN(auto plan, planDeletion(kind, *before.object, std::move(before.document), options, m_clock.wall()));
    switch (plan.effect) {
    case DeletionPlan::Effect::Nothing:
        change.effect = Change::Effect::Nothing;
        break;
    case DeletionPlan::Effect::Mark:
        change.effect = Change::Effect::Put;
        break;
    case DeletionPlan::Effect::Remove:
        change.effect = Change::Effect::Remove;
        break;
    }
    change.object = std::move(plan.object);
    return change;
}

Result<Registry::Removed> StoreRegistry::remove(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                                const DeleteOptions& options)
{
    auto [object, removed] = write(context, [&](std::size_t) { return planRemove(context, kind, key, options); });
    if (!object)
        return fail(std::move(object).error());
    return Removed{*std::move(object), removed};
}

Result<ObjectList> StoreRegistry::removeCollection(const WriteContext& context, const Kind& kind,
                                                   const ListOptions& which, const DeleteOptions& options)
{
    TRY_ASSIGN(const auto list, this->list(kind, which));
    auto written = writeEach(context, list.objects.size(), [&](std::size_t index) {
        return planRemove(context, kind, list.objects[index]->key, options);
    });
    ObjectList removed;
    removed.continueToken = list.continueToken;
    removed.remaining = list.remaining;
    for (auto& [object, gone] : written) {
        if (object)
            removed.objects.push_back(*std::move(object));
        else if (object.error().reason != Reason::NotFound) // somebody else was quicker
            return fail(std::move(object).error());
    }
    removed.revision = m_cache->revision();
    return removed;
}

Result<StoreRegistry::Change> StoreRegistry::planScale(const WriteContext& context, const Kind& kind,
                                                       const ObjectKey& key, const Value& scale)
{
    TRY_ASSIGN(const auto before, present(kind, key));
    TRY_OK(checkKey(key, scale));
    TRY_OK(checkVersion(kind, scale, *before.object));
    auto object = before.document;
    TRY_OK(setScale(kind, scale, object));
    auto withoutDuplicates = context; // those were in the Scale
    withoutDuplicates.duplicateFields.clear();
    return planUpdate(withoutDuplicates, before, {}, std::move(object));
}

Result<Value> StoreRegistry::updateScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                         Value scale)
{
    TRY_OK(this->scale(kind, key));
    TRY_ASSIGN(const auto object,
               write(context, [&](std::size_t) { return planScale(context, kind, key, scale); }).object);
    TRY_ASSIGN(const auto document, api::parseJson(object->json));
    return scaleOf(kind, document);
}

Result<Value> StoreRegistry::patchScale(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                        api::PatchType type, const Value& patch)
{
    TRY_OK(checkPatchType(kind, type));
    TRY_OK(scale(kind, key));
    const auto* const schema = m_catalog.findDefinition("autoscaling/v1/Scale");
    TRY_ASSIGN(const auto object, write(context, [&](std::size_t) -> Result<Change> {
                                      TRY_ASSIGN(const auto before, scale(kind, key));
                                      TRY_ASSIGN(const auto patched, applyPatch(type, before, patch, schema));
                                      return planScale(context, kind, key, patched);
                                  }).object);
    TRY_ASSIGN(const auto document, api::parseJson(object->json));
    return scaleOf(kind, document);
}

Result<StoreRegistry::Change> StoreRegistry::planBinding(const WriteContext& context, const Kind& pods,
                                                         const client::Client::Binding& binding)
{
    TRY_ASSIGN(auto before, present(pods, binding.pod));
    const auto refuse = [&](const std::string& why) {
        auto error = modifiedError(pods, binding.pod.name);
        error.message = fmt::format("Operation cannot be fulfilled on pods/binding \"{}\": {}", binding.pod.name, why);
        return fail(std::move(error));
    };
    if (!binding.uid.empty() && binding.uid != before.object->uid)
        return refuse(fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", binding.uid,
                                  before.object->uid));
    if (binding.node.empty())
        return fail(
            api::invalidError(pods, binding.pod.name, {{"FieldValueRequired", "Required value", "target.name"}}));
    if (api::find(before.document, {"metadata", "deletionTimestamp"}))
        return refuse(fmt::format("pod {} is being deleted, cannot be assigned to a host", binding.pod.name));
    if (const auto node = api::stringAt(before.document, {"spec", "nodeName"}); !node.empty())
        return refuse(fmt::format("pod {} is already assigned to node \"{}\"", binding.pod.name, node));
    Change change;
    change.cache = before.cache;
    change.key = binding.pod;
    change.before = before.object;
    change.object = std::move(before.document);
    api::objectAt(change.object, {"spec"})["nodeName"] = binding.node;
    auto& conditions = api::objectAt(change.object, {"status"})["conditions"];
    if (!conditions.is_array())
        conditions = api::Array{};
    auto& list = conditions.get_array();
    const auto old =
        std::ranges::find_if(list, [](const Value& one) { return api::stringAt(one, {"type"}) == "PodScheduled"; });
    if (old != list.end())
        list.erase(old);
    list.push_back({{"type", "PodScheduled"}, {"status", "True"}, {"lastTransitionTime", formatTime(m_clock.wall())}});
    TRY_OK(admit(change, context, Verb::Update, "binding", nullptr));
    change.effect = Change::Effect::Put;
    return change;
}

std::vector<Result<Done>> StoreRegistry::bindEach(const WriteContext& context,
                                                  std::vector<client::Client::Binding> bindings)
{
    const auto& pods = *m_catalog.find({"", "v1"}, "Pod");
    auto written = writeEach(context, bindings.size(),
                             [&](std::size_t index) { return planBinding(context, pods, bindings[index]); });
    std::vector<Result<Done>> results;
    results.reserve(written.size());
    for (auto& one : written)
        results.push_back(one.object ? Result<Done>(Done{}) : fail(std::move(one.object).error()));
    return results;
}

} // namespace keelson::registry
