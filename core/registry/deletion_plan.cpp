// SPDX-License-Identifier: Apache-2.0
#include "registry/deletion_plan.h"

#include "registry/write_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::registry {
namespace {

using client::Propagation;
using std::chrono::seconds;

constexpr std::int64_t podGraceDefault = 30;

Result<Done> checkPreconditions(const Kind& kind, const StoredObject& stored, const DeleteOptions& options)
{
    const auto check = [&](std::string_view what, const std::string& wanted, const std::string& is,
                           std::string_view why) -> Result<Done> {
        if (wanted.empty() || wanted == is)
            return Done{};
        auto error = modifiedError(kind, stored.key.name);
        error.resource = kind.kind; // As Kubernetes says it here, and here alone.
        const auto name = error.group.empty() ? error.resource : fmt::format("{}.{}", error.resource, error.group);
        error.message =
            fmt::format("Operation cannot be fulfilled on {0} \"{1}\": the {2} in the precondition ({3}) does "
                        "not match the {2} in record ({4}). The object might have been {5}",
                        name, error.name, what, wanted, is, why);
        return fail(std::move(error));
    };
    TRY_OK(check("UID", options.uid, stored.uid, "deleted and then recreated"));
    return check("ResourceVersion", options.resourceVersion, std::to_string(stored.revision), "modified");
}

/// The finalizers as the propagation asks for them.
void settlePropagation(Value& object, Propagation propagation)
{
    if (propagation == Propagation::Default)
        return;
    auto& metadata = api::objectAt(object, {"metadata"});
    api::Array kept;
    if (const auto* const finalizers = api::find(object, {"metadata", "finalizers"});
        finalizers && finalizers->is_array()) {
        std::ranges::copy_if(finalizers->get_array(), std::back_inserter(kept), [](const Value& finalizer) {
            return finalizer != "orphan" && finalizer != "foregroundDeletion";
        });
    }
    if (propagation == Propagation::Orphan)
        kept.emplace_back("orphan");
    else if (propagation == Propagation::Foreground)
        kept.emplace_back("foregroundDeletion");
    if (kept.empty())
        metadata.stable_erase("finalizers");
    else
        metadata["finalizers"] = std::move(kept);
}

/// How long the object may go on: only pods on a node get time.
std::int64_t gracePeriod(const Kind& kind, const Value& object, const DeleteOptions& options)
{
    const auto phase = api::stringAt(object, {"status", "phase"});
    if (!isCoreKind(kind, "Pod") || api::stringAt(object, {"spec", "nodeName"}).empty() || phase == "Succeeded" ||
        phase == "Failed")
        return 0;
    const auto own = api::integerAt(object, {"spec", "terminationGracePeriodSeconds"}, podGraceDefault);
    const auto grace = options.gracePeriodSeconds.value_or(own);
    return grace < 0 ? 1 : grace;
}

void mark(Value& object, std::int64_t grace, WallTime now)
{
    auto& metadata = api::objectAt(object, {"metadata"});
    metadata["deletionTimestamp"] = formatTime(now + seconds{grace});
    metadata["deletionGracePeriodSeconds"] = grace;
    if (const auto generation = api::integerAt(object, {"metadata", "generation"}); generation > 0)
        metadata["generation"] = generation + 1;
}

/// An object that is being deleted already: only a shorter grace period or other finalizers change it.
DeletionPlan planAgain(const Kind& kind, Value object, const Value& before, const DeleteOptions& options)
{
    const auto had = api::integerAt(object, {"metadata", "deletionGracePeriodSeconds"});
    const auto grace = options.gracePeriodSeconds ? std::min(had, gracePeriod(kind, object, options)) : had;
    if (grace < had) {
        const auto deadline = parseTime(api::stringAt(object, {"metadata", "deletionTimestamp"}));
        auto& metadata = api::objectAt(object, {"metadata"});
        if (deadline)
            metadata["deletionTimestamp"] = formatTime(*deadline - seconds{had - grace});
        metadata["deletionGracePeriodSeconds"] = grace;
    }
    if (grace == 0 && !hasFinalizers(kind, object))
        return {DeletionPlan::Effect::Remove, std::move(object)};
    const auto same = object == before;
    return {same ? DeletionPlan::Effect::Nothing : DeletionPlan::Effect::Mark, std::move(object)};
}

} // namespace

Result<DeletionPlan> planDeletion(const Kind& kind, const StoredObject& stored, Value object,
                                  const DeleteOptions& options, WallTime now)
{
    TRY_OK(checkPreconditions(kind, stored, options));
    const auto before = object;
    settlePropagation(object, options.propagation);
    if (api::find(object, {"metadata", "deletionTimestamp"}))
        return planAgain(kind, std::move(object), before, options);
    const auto grace = gracePeriod(kind, object, options);
    if (grace == 0 && !hasFinalizers(kind, object))
        return DeletionPlan{DeletionPlan::Effect::Remove, std::move(object)};
    mark(object, grace, now);
    if (isCoreKind(kind, "Namespace"))
        api::objectAt(object, {"status"})["phase"] = "Terminating";
    return DeletionPlan{DeletionPlan::Effect::Mark, std::move(object)};
}

} // namespace keelson::registry
