// SPDX-License-Identifier: Apache-2.0
#include "registry/write_rules.h"

#include "api/refusals.h"
#include "api/schema.h"
#include "api/validation.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_rules.h"
#include "registry/affinity_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::registry {
namespace {

/// Metadata that belongs to the server.
constexpr std::array serverMetadata{
    "uid",      "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
    "selfLink", "managedFields"};

boost::json::string_view view(std::string_view text)
{
    return {text.data(), text.size()};
}

/// Makes `to[name]` what `from[name]` is, also when that is absent.
void takeOver(api::Object& to, const Value& from, std::string_view name)
{
    if (const auto* const value = api::find(from, {name}))
        to[view(name)] = *value;
    else
        to.stable_erase(view(name));
}

std::size_t sizeAt(const Value& object, std::initializer_list<std::string_view> path)
{
    const auto* const list = api::find(object, path);
    return list && list->is_array() ? list->get_array().size() : 0;
}

/// What a claim's volume is filled from has two members, an older one for clients that know that alone.
void nameSourceTwice(api::Object& spec)
{
    const auto* const older = spec.if_contains("dataSource");
    const auto* const newer = spec.if_contains("dataSourceRef");
    if (older && older->is_object() && !newer)
        spec["dataSourceRef"] = Value(*older);
    else if (newer && newer->is_object() && !older && !newer->get_object().contains("namespace"))
        spec["dataSource"] = Value(*newer);
}

/// Whether a write to the status may change a member of metadata too.
bool goesWithStatus(const Kind& kind, std::string_view member)
{
    constexpr std::array<std::string_view, 4> without{"APIService", "CustomResourceDefinition",
                                                      "ValidatingAdmissionPolicy", "VolumeAttachment"};
    if (kind.custom || std::ranges::find(without, kind.kind) != without.end())
        return false;
    return !(kind.kind == "Deployment" && member == "labels") && !(kind.kind == "Pod" && member == "ownerReferences");
}

/// Agents and controllers of Kubernetes write labels and annotations with the status of built-in kinds. Who names no
/// version has not seen the metadata and writes the status alone.
void mergeStatus(const Kind& kind, const Value& object, Value& merged)
{
    takeOver(merged.as_object(), object, "status");
    const auto version = api::stringAt(object, {"metadata", "resourceVersion"});
    if (version.empty() || version == "0")
        return;
    for (const auto* const member : {"labels", "annotations", "finalizers", "ownerReferences"})
        if (goesWithStatus(kind, member))
            takeOver(api::objectAt(merged, {"metadata"}), object.at("metadata"), member);
}

/// Built-in kinds whose objects count how often what they want has changed.
bool countsGeneration(const Kind& kind)
{
    constexpr std::array<std::string_view, 21> counted{"CronJob",
                                                       "CustomResourceDefinition",
                                                       "DaemonSet",
                                                       "Deployment",
                                                       "EndpointSlice",
                                                       "FlowSchema",
                                                       "Ingress",
                                                       "IngressClass",
                                                       "Job",
                                                       "MutatingWebhookConfiguration",
                                                       "NetworkPolicy",
                                                       "PodDisruptionBudget",
                                                       "PodTemplate",
                                                       "PriorityClass",
                                                       "PriorityLevelConfiguration",
                                                       "ReplicaSet",
                                                       "ReplicationController",
                                                       "StatefulSet",
                                                       "ValidatingAdmissionPolicy",
                                                       "ValidatingAdmissionPolicyBinding",
                                                       "ValidatingWebhookConfiguration"};
    return kind.custom || std::ranges::binary_search(counted, kind.kind);
}

/// Whether all but metadata, and the status where it is written apart, is the same.
bool sameContent(const Kind& kind, const Value& object, const Value& before)
{
    const auto isContent = [&](std::string_view name) {
        return name != "metadata" && (name != "status" || !kind.hasStatus);
    };
    const auto within = [&](const Value& part, const Value& whole) {
        return std::ranges::all_of(part.get_object(), [&](const auto& member) {
            const auto* const other = whole.get_object().if_contains(member.key());
            return !isContent(member.key()) || (other && *other == member.value());
        });
    };
    return within(object, before) && within(before, object);
}

/// The quality of service that the resources of a pod's containers promise.
std::string_view qosClass(const Value& pod)
{
    bool any = false;
    bool guaranteed = true;
    for (const auto* const list : {"containers", "initContainers"}) {
        const auto* const containers = api::find(pod, {"spec", list});
        if (!containers || !containers->is_array())
            continue;
        for (const auto& container : containers->get_array()) {
            for (const auto* const resource : {"cpu", "memory"}) {
                const auto* const limit = api::find(container, {"resources", "limits", resource});
                const auto* const request = api::find(container, {"resources", "requests", resource});
                any = any || limit || request;
                guaranteed = guaranteed && limit && (!request || *request == *limit);
            }
        }
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

/// The members that are always written, as nobody has set them yet: clients with types of their own want to find them.
api::Object zerosOf(const api::Schema& schema)
{
    api::Object zeros;
    for (const auto& field : schema.fields) {
        if (!field.always)
            continue;
        if (field.schema->type == api::SchemaType::Integer)
            zeros[field.name] = 0;
        else if (field.schema->type == api::SchemaType::String)
            zeros[field.name] = "";
        else if (field.schema->type == api::SchemaType::Boolean)
            zeros[field.name] = false;
        else if (field.schema->type == api::SchemaType::Object)
            zeros[field.name] = zerosOf(*field.schema);
    }
    return zeros;
}

void beginStatus(const Kind& kind, Value& object)
{
    auto& members = object.as_object();
    if (isCoreKind(kind, "Node"))
        return; // an agent registers its node with its status
    if (kind.hasStatus) {
        members.stable_erase("status");
        const auto* const status = kind.custom ? nullptr : kind.schema->field("status");
        if (auto zeros = status ? zerosOf(*status->schema) : api::Object{}; !zeros.empty())
            members["status"] = std::move(zeros);
    }
    if (customresources::isDefinitionKind(kind))
        customresources::noteStoredVersion(object);
    if (isCoreKind(kind, "Pod")) {
        members["status"] = {{"phase", "Pending"}};
    } else if (isCoreKind(kind, "Namespace")) {
        members["status"] = {{"phase", "Active"}};
    }
}

/// A Job counts the pods that carry its identity, unless its maker chose the labels by `manualSelector`.
void selectOwnPods(Value& job)
{
    auto& spec = api::objectAt(job, {"spec"});
    if (api::boolAt(spec, {"manualSelector"}))
        return;
    const auto uid = api::stringAt(job, {"metadata", "uid"});
    const auto name = api::stringAt(job, {"metadata", "name"});
    auto& labels = api::objectAt(spec["template"], {"metadata", "labels"});
    for (const auto* const label : {"batch.kubernetes.io/controller-uid", "controller-uid"})
        labels[label] = view(uid);
    for (const auto* const label : {"batch.kubernetes.io/job-name", "job-name"})
        labels[label] = view(name);
    api::objectAt(spec["selector"], {"matchLabels"})["batch.kubernetes.io/controller-uid"] = view(uid);
}

} // namespace

bool isCoreKind(const Kind& kind, std::string_view name)
{
    return kind.kind == name && kind.groupVersion.group.empty();
}

Result<Done> decodeStrictly(const WriteContext& context, const Kind& kind, Value& object)
{
    const auto unknown = api::prune(kind, object);
    std::vector<std::string> findings;
    for (const auto& field : context.duplicateFields)
        findings.push_back(fmt::format("duplicate field \"{}\"", field));
    for (const auto& field : unknown)
        findings.push_back(fmt::format("unknown field \"{}\"", field));
    const auto inKind = [&](std::string_view why) {
        return fmt::format("{} in version \"{}\" cannot be handled as a {}: {}", kind.kind, kind.groupVersion.version,
                           kind.kind, why);
    };
    if (!findings.empty() && context.fieldValidation == FieldValidation::Strict)
        return fail(Reason::BadRequest, inKind(fmt::format("strict decoding error: {}", fmt::join(findings, ", "))));
    if (context.fieldValidation == FieldValidation::Warn && context.warnings)
        context.warnings->insert(context.warnings->end(), findings.begin(), findings.end());
    auto checked = api::checkTypes(kind, object);
    if (!checked && !checked.error().message.starts_with(kind.kind))
        checked.error().message = inKind(checked.error().message);
    return checked;
}

Result<Done> decodeStandalone(const WriteContext& context, std::string_view definition, Value& document)
{
    const auto& catalog = api::Catalog::builtIn();
    Kind kind;
    kind.kind = definition.substr(definition.rfind('/') + 1);
    kind.groupVersion = *catalog.groupVersionOf(definition);
    kind.schema = catalog.findDefinition(definition);

    TRY_OK(settleKind(kind, document));
    api::Object whole{{"kind", kind.kind}, {"apiVersion", kind.groupVersion.text()}};
    for (const auto& [name, value] : whole) // Of the envelope, not of the schema.
        document.get_object().stable_erase(name);
    TRY_OK(decodeStrictly(context, kind, document));
    for (auto& [name, value] : document.get_object())
        whole[name] = std::move(value);
    document = std::move(whole);
    return Done{};
}

Result<Done> completeFields(const Kind& kind, Value& object)
{
    if (api::applyDefaults(kind, object))
        return Done{};
    return fail(Reason::RequestEntityTooLarge,
                fmt::format("{} \"{}\" is too large: more than {} defaults are added", kind.resourceName(),
                            api::stringAt(object, {"metadata", "name"}), api::defaultsMax));
}

Result<Done> settleKind(const Kind& kind, Value& object)
{
    if (!object.is_object())
        return fail(Reason::BadRequest, fmt::format("the body is not a JSON object, but a {} is wanted", kind.kind));
    auto& members = object.get_object();
    const auto wanted = kind.groupVersion.text();
    const auto itsKind = api::stringAt(object, {"kind"});
    const auto itsVersion = api::stringAt(object, {"apiVersion"});
    if ((!itsKind.empty() && itsKind != kind.kind) || (!itsVersion.empty() && itsVersion != wanted))
        return fail(Reason::BadRequest, fmt::format("the object provided is a {} of {}, but a {} of {} is wanted here",
                                                    itsKind, itsVersion, kind.kind, wanted));
    members["kind"] = kind.kind;
    members["apiVersion"] = wanted;
    if (const auto* const metadata = members.if_contains("metadata"); metadata && !metadata->is_object())
        return fail(Reason::BadRequest, "metadata is not an object");
    return Done{};
}

Result<Done> settleNamespace(const Kind& kind, const std::string& nameSpace, Value& object)
{
    auto& metadata = api::objectAt(object, {"metadata"});
    const auto given = std::string(api::stringAt(object, {"metadata", "namespace"}));
    if (!kind.namespaced) {
        if (!given.empty())
            return fail(Reason::BadRequest,
                        fmt::format("{} are not namespaced, but the object names the namespace \"{}\"",
                                    kind.resourceName(), given));
        metadata.stable_erase("namespace");
        return Done{};
    }
    if (!nameSpace.empty() && !given.empty() && given != nameSpace)
        return fail(Reason::BadRequest,
                    "the namespace of the provided object does not match the namespace sent on the request");
    if (nameSpace.empty() && given.empty())
        return fail(Reason::BadRequest,
                    fmt::format("{} are namespaced, and the object names no namespace", kind.resourceName()));
    metadata["namespace"] = given.empty() ? nameSpace : given;
    return Done{};
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

ObjectKey keyOf(const Value& object)
{
    return {std::string(api::stringAt(object, {"metadata", "namespace"})),
            std::string(api::stringAt(object, {"metadata", "name"}))};
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

void beginObject(const Kind& kind, Value& object, Random& random, WallTime now)
{
    auto& metadata = api::objectAt(object, {"metadata"});
    for (const auto* const name :
         {"selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"})
        metadata.stable_erase(name);
    metadata["uid"] = random.uuid();
    metadata["creationTimestamp"] = formatTime(now);
    if (countsGeneration(kind))
        metadata["generation"] = std::int64_t{1};
    beginStatus(kind, object);
}

void addServerMembers(const Kind& kind, Value& object)
{
    if (kind.kind == "Job" && kind.groupVersion.group == "batch")
        selectOwnPods(object);
    if (!isCoreKind(kind, "Namespace"))
        return;
    auto& finalizers = api::objectAt(object, {"spec"})["finalizers"];
    if (!finalizers.is_array())
        finalizers.emplace_array();
    if (std::ranges::count(finalizers.get_array(), Value("kubernetes")) == 0)
        finalizers.get_array().emplace_back("kubernetes");
}

void settleNew(const Kind& kind, Value& object)
{
    if (isCoreKind(kind, "PersistentVolumeClaim"))
        nameSourceTwice(api::objectAt(object, {"spec"}));
    if (!isCoreKind(kind, "Pod"))
        return;
    auto& status = api::objectAt(object, {"status"});
    status["qosClass"] = view(qosClass(object));
    if (sizeAt(object, {"spec", "schedulingGates"}) > 0)
        status["conditions"] = api::Array{{{"type", "PodScheduled"},
                                           {"status", "False"},
                                           {"reason", "SchedulingGated"},
                                           {"message", "Scheduling is blocked due to non-empty scheduling gates"}}};
    selectByOwnLabels(object);
}

void keepServerMembers(const Kind& kind, std::string_view subresource, Value& object, const Value& from)
{
    if (subresource.empty() && kind.hasStatus)
        takeOver(object.as_object(), from, "status");
    if (subresource.empty() && isCoreKind(kind, "Namespace"))
        takeOver(api::objectAt(object, {"spec"}), from.at("spec"), "finalizers");
    auto& metadata = api::objectAt(object, {"metadata"});
    for (const auto* const name : serverMetadata)
        takeOver(metadata, from.at("metadata"), name);
}

Result<Value> mergeUpdate(const Kind& kind, std::string_view subresource, Value object, const Value& before)
{
    if (subresource.empty()) {
        keepServerMembers(kind, subresource, object, before);
        return object;
    }
    Value merged = before;
    if (subresource == "status" && kind.hasStatus)
        mergeStatus(kind, object, merged);
    else if (subresource == "finalize" && isCoreKind(kind, "Namespace"))
        takeOver(api::objectAt(merged, {"spec"}), Value(api::objectAt(object, {"spec"})), "finalizers");
    else if (subresource == "ephemeralcontainers" && isCoreKind(kind, "Pod"))
        takeOver(api::objectAt(merged, {"spec"}), Value(api::objectAt(object, {"spec"})), "ephemeralContainers");
    else if (subresource == "approval" && kind.groupVersion.group == "certificates.k8s.io")
        takeOver(api::objectAt(merged, {"status"}), Value(api::objectAt(object, {"status"})), "conditions");
    else
        return fail(Reason::NotFound,
                    fmt::format("{} have no subresource \"{}\" that can be written", kind.resourceName(), subresource));
    return merged;
}

std::vector<Cause> checkEphemeralContainers(const Value& pod, const Value* before)
{
    static const api::Array none;
    const auto listOf = [](const Value& of) -> const api::Array& {
        const auto* const list = api::find(of, {"spec", "ephemeralContainers"});
        return list && list->is_array() ? list->get_array() : none;
    };
    api::Refusals refusals;
    const api::FieldPath root;
    const auto spec = root.child("spec");
    const auto path = spec.child("ephemeralContainers");
    const auto& now = listOf(pod);
    if (!before && !now.empty())
        refusals.forbidden(path, "cannot be set on create");
    for (const auto& container : before ? listOf(*before) : none) {
        const auto name = api::stringAt(container, {"name"});
        const auto found =
            std::ranges::find_if(now, [&](const Value& each) { return api::stringAt(each, {"name"}) == name; });
        if (found == now.end())
            refusals.forbidden(path, fmt::format("existing ephemeral containers \"{}\" may not be removed\n", name));
        else if (*found != container)
            refusals.forbidden(path, fmt::format("existing ephemeral containers \"{}\" may not be changed\n", name));
    }
    return refusals.take();
}

void countGeneration(const Kind& kind, Value& object, const Value& before)
{
    const auto generation = api::integerAt(before, {"metadata", "generation"});
    if (generation == 0)
        return;
    const auto* const now = api::find(object, {"spec"});
    const auto* const then = api::find(before, {"spec"});
    const bool changed = kind.custom || !kind.schema->field("spec") ? !sameContent(kind, object, before)
                         : now                                      ? then && *now != *then
                                                                    : then != nullptr;
    if (changed)
        api::objectAt(object, {"metadata"})["generation"] = generation + 1;
}

Result<Done> checkVersion(const Kind& kind, const Value& object, const StoredObject& before)
{
    const auto uid = api::stringAt(object, {"metadata", "uid"});
    if (!uid.empty() && uid != before.uid) {
        auto error = modifiedError(kind, before.key.name);
        error.message =
            fmt::format("Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {}, "
                        "UID in object meta: {}",
                        kind.resourceName(), before.key.name, uid, before.uid);
        return fail(std::move(error));
    }
    const auto version = api::stringAt(object, {"metadata", "resourceVersion"});
    if (!version.empty() && version != "0" && version != std::to_string(before.revision))
        return fail(modifiedError(kind, before.key.name));
    return Done{};
}

Result<Done> checkFinalizers(const Kind& kind, const Value& object, const Value& before)
{
    const auto* const now = api::find(object, {"metadata", "finalizers"});
    if (!api::find(before, {"metadata", "deletionTimestamp"}) || !now || !now->is_array())
        return Done{};
    const auto* const then = api::find(before, {"metadata", "finalizers"});
    for (const auto& finalizer : now->get_array()) {
        if (!then || !then->is_array() || std::ranges::count(then->get_array(), finalizer) == 0)
            return fail(
                api::invalidError(kind, api::stringAt(before, {"metadata", "name"}),
                                  {{"FieldValueForbidden",
                                    fmt::format("Forbidden: no new finalizers can be added if the object is being "
                                                "deleted, found new finalizers []string{{{}}}",
                                                api::writeJson(finalizer)),
                                    "metadata.finalizers"}}));
    }
    return Done{};
}

Error modifiedError(const Kind& kind, std::string_view name)
{
    auto error = makeError(Reason::Conflict,
                           fmt::format("Operation cannot be fulfilled on {} \"{}\": the object has been modified; "
                                       "please apply your changes to the latest version and try again",
                                       kind.resourceName(), name));
    error.group = kind.groupVersion.group;
    error.resource = kind.plural;
    error.name = name;
    return error;
}

Error overdueError()
{
    return makeError(Reason::Timeout,
                     "Timeout: request did not complete within requested timeout - context deadline exceeded");
}

bool hasFinalizers(const Kind& kind, const Value& object)
{
    return sizeAt(object, {"metadata", "finalizers"}) > 0 ||
           (isCoreKind(kind, "Namespace") && sizeAt(object, {"spec", "finalizers"}) > 0);
}

bool isFinished(const Kind& kind, const Value& object)
{
    return api::find(object, {"metadata", "deletionTimestamp"}) && !hasFinalizers(kind, object) &&
           api::integerAt(object, {"metadata", "deletionGracePeriodSeconds"}) == 0;
}

} // namespace keelson::registry
