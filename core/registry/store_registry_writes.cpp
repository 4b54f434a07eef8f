// SPDX-License-Identifier: Apache-2.0
#include "registry/store_registry.h"

#include "api/validation.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_rules.h"
#include "customresources/definition_status.h"
#include "registry/deletion_plan.h"
#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

/// A generated name is this prefix of generateName and a suffix.
constexpr std::size_t generatedPrefixMax = 58;
constexpr std::size_t generatedSuffixLength = 5;

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

/// Takes the list of managers out of a document that was sent; null when it has none.
Value takeManagedFields(Value& object)
{
    auto& metadata = api::objectAt(object, {"metadata"});
    auto* const found = metadata.find("managedFields");
    if (found == metadata.end())
        return nullptr;
    auto list = std::move(found->value());
    metadata.stable_erase(found);
    return list;
}

} // namespace

Result<StoreRegistry::Change> StoreRegistry::planCreate(const WriteContext& context, const Kind& kind,
                                                        const std::string& nameSpace, Value object, Tracking tracking)
{
    Change change;
    TRY_ASSIGN(auto resource, resourceOf(kind));
    change.cache = std::move(resource.cache);
    change.kind = std::move(resource.kind);
    TRY_OK(settleKind(kind, object));
    TRY_OK(settleNamespace(kind, nameSpace, object));
    TRY_OK(decodeStrictly(context, kind, object));
    if (!api::stringAt(object, {"metadata", "resourceVersion"}).empty())
        return fail(Reason::BadRequest, "resourceVersion should not be set on objects to be created");
    TRY_OK(settleName(kind, object, m_random));
    change.key = keyOf(object);
    if (change.cache->find(change.key))
        return fail(alreadyExists(kind, change.key.name));
    tracking.sent = takeManagedFields(object);
    beginObject(kind, object, m_random, m_clock.wall());
    change.object = std::move(object);
    TRY_OK(complete(change, context, {}, nullptr, tracking));
    return change;
}

Result<StoreRegistry::Change> StoreRegistry::planNamed(const WriteContext& context, const Kind& kind,
                                                       const std::string& nameSpace, const Value& object)
{
    auto planned = planCreate(context, kind, nameSpace, object);
    constexpr int collisionsMax = 8;
    // A generated name that is taken is not the caller's fault.
    for (int i = 0;
         i < collisionsMax && !planned && planned.error().reason == Reason::AlreadyExists && keyOf(object).name.empty();
         ++i)
        planned = planCreate(context, kind, nameSpace, object);
    return planned;
}

std::vector<Result<StoredObjectPtr>> StoreRegistry::createEach(const WriteContext& context, const Kind& kind,
                                                               const std::string& nameSpace, std::vector<Value> objects)
{
    auto written = writeEach(context, objects.size(),
                             [&](std::size_t index) { return planNamed(context, kind, nameSpace, objects[index]); });
    std::vector<Result<StoredObjectPtr>> results;
    results.reserve(written.size());
    for (auto& one : written)
        results.push_back(std::move(one.object));
    return results;
}

Result<StoreRegistry::Change> StoreRegistry::planUpdate(const WriteContext& context, const Present& before,
                                                        std::string_view subresource, Value object, Tracking tracking)
{
    const auto& kind = *before.kind;
    Change change;
    change.cache = before.cache;
    change.kind = before.kind;
    change.key = before.object->key;
    change.before = before.object;
    change.isUpdate = true;
    TRY_OK(settleKind(kind, object));
    TRY_OK(checkKey(change.key, object));
    TRY_OK(checkVersion(kind, object, *before.object));
    TRY_OK(decodeStrictly(context, kind, object));
    if (auto sent = takeManagedFields(object); subresource.empty())
        tracking.sent = std::move(sent);
    auto& metadata = api::objectAt(object, {"metadata"});
    metadata["name"] = change.key.name;
    if (kind.namespaced)
        metadata["namespace"] = change.key.nameSpace;
    TRY_ASSIGN(change.object, mergeUpdate(kind, subresource, std::move(object), before.document));
    api::objectAt(change.object, {"metadata"}).stable_erase("resourceVersion");
    TRY_OK(checkFinalizers(kind, change.object, before.document));
    if (customresources::isDefinitionKind(kind) && subresource.empty())
        customresources::noteStoredVersion(change.object);
    TRY_OK(complete(change, context, subresource, &before, tracking));
    const bool asStored = !before.object->stored && !before.object->otherVersion;
    if (asStored && change.object == before.document &&
        fieldmanager::sameButForTimes(change.managedFields, before.managedFields)) {
        change.effect = Change::Effect::Nothing;
        return change;
    }
    countGeneration(kind, change.object, before.document);
    if (isFinished(kind, change.object))
        change.effect = Change::Effect::Remove;
    return change;
}

StoreRegistry::Plan StoreRegistry::updatePlan(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                              std::string_view subresource, const Value& object)
{
    return [this, &context, &kind, &key, subresource, &object](std::size_t) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, key));
        return planUpdate(context, before, subresource, object, {std::string(subresource), {}, {}});
    };
}

Result<StoredObjectPtr> StoreRegistry::update(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                              std::string_view subresource, Value object)
{
    return write(context, updatePlan(context, kind, key, subresource, object)).object;
}

std::vector<Result<StoredObjectPtr>> StoreRegistry::updateStatusEach(const WriteContext& context, const Kind& kind,
                                                                     std::vector<Value> objects)
{
    auto written = writeEach(context, objects.size(), [&](std::size_t index) -> Result<Change> {
        TRY_ASSIGN(const auto before, present(kind, keyOf(objects[index])));
        return planUpdate(context, before, "status", objects[index], {"status", {}, {}});
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
    change.kind = before.kind;
    change.key = key;
    change.before = before.object;
    for (const AdmissionPhase phase : {&AdmissionStep::admit, &AdmissionStep::check})
        TRY_OK(admit(change, context, phase, Verb::Delete, {}, &before.document));
    change.managedFields = before.managedFields;
    if (customresources::isDefinitionKind(kind))
        customresources::beginRemoval(before.document, m_clock.wall());
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

bool StoreRegistry::asksAboutConnections() const
{
    return std::ranges::any_of(m_admission, [](const auto& step) { return step->isConfigured(); });
}

Result<Done> StoreRegistry::admitConnection(const WriteContext& context, const Kind& kind, const ObjectKey& key,
                                            std::string_view subresource, Value options)
{
    return admitSent(context, kind, key, subresource, Verb::Connect, options);
}

Result<Registry::Removed> StoreRegistry::evict(const WriteContext& context, const ObjectKey& pod, Value eviction,
                                               const EvictionOptions& options)
{
    const auto& pods = *m_catalog.find({"", "v1"}, "Pod");
    TRY_OK(get(pods, pod)); // A pod that is not there is nothing to ask about.
    TRY_OK(admitSent(context, pods, pod, "eviction", Verb::Create, eviction));
    TRY_ASSIGN(const auto wanted, options ? options(eviction) : Result<DeleteOptions>(DeleteOptions{}));
    auto evicting = context;
    evicting.evicts = true;
    return remove(evicting, pods, pod, wanted);
}

/// A webhook may choose another node.
Result<Done> StoreRegistry::admitBinding(const WriteContext& context, const Kind& pods,
                                         client::Client::Binding& binding) const
{
    if (!asksAboutConnections())
        return Done{};
    Value sent{{"apiVersion", "v1"},
               {"kind", "Binding"},
               {"metadata", {{"name", binding.pod.name}, {"namespace", binding.pod.nameSpace}}},
               {"target", {{"kind", "Node"}, {"name", binding.node}}}};
    if (!binding.uid.empty())
        api::objectAt(sent, {"metadata"})["uid"] = binding.uid;
    TRY_OK(admitSent(context, pods, binding.pod, "binding", Verb::Create, sent));
    binding.node = api::stringAt(sent, {"target", "name"});
    return Done{};
}

Result<StoreRegistry::Change> StoreRegistry::planBinding(const WriteContext& context, const Kind& pods,
                                                         const client::Client::Binding& wanted)
{
    auto binding = wanted;
    TRY_OK(admitBinding(context, pods, binding));
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
    const auto* const gates = api::find(before.document, {"spec", "schedulingGates"});
    if (gates && gates->is_array() && !gates->get_array().empty())
        return refuse(fmt::format("pod {} has non-empty .spec.schedulingGates", binding.pod.name));
    Change change;
    change.cache = before.cache;
    change.kind = before.kind;
    change.key = binding.pod;
    change.before = before.object;
    change.managedFields = before.managedFields;
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
    for (const AdmissionPhase phase : {&AdmissionStep::admit, &AdmissionStep::check})
        TRY_OK(admit(change, context, phase, Verb::Update, "binding", nullptr));
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
