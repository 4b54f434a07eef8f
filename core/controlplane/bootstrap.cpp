// SPDX-License-Identifier: Apache-2.0
#include "controlplane/bootstrap.h"

#include <algorithm>

namespace keelson::controlplane {
namespace {

using api::Value;

const api::Kind& kindOf(const Value& object)
{
    return *api::Catalog::builtIn().find(api::GroupVersion::parse(api::stringAt(object, {"apiVersion"})),
                                         api::stringAt(object, {"kind"}));
}

api::ObjectKey keyOf(const Value& object)
{
    return {std::string(api::stringAt(object, {"metadata", "namespace"})),
            std::string(api::stringAt(object, {"metadata", "name"}))};
}

/// Creates runs of one kind together, in their order; calls `present` for what is there already.
template <typename Present>
Result<Done> createRuns(registry::Registry& registry, const registry::WriteContext& context,
                        const std::vector<Value>& objects, const Present& present)
{
    for (auto first = objects.begin(); first != objects.end();) {
        const auto& kind = kindOf(*first);
        const auto last =
            std::find_if(first, objects.end(), [&](const Value& object) { return &kindOf(object) != &kind; });
        const auto created = registry.createEach(context, kind, {}, std::vector<Value>(first, last));
        for (const auto& result : created) {
            const auto& object = *first++;
            if (!result && result.error().reason != Reason::AlreadyExists)
                return fail(result.error());
            if (!result)
                TRY_OK(present(kind, object));
        }
    }
    return Done{};
}

/// Adds the elements of `wanted` that `list` lacks; says whether there were any.
bool addMissing(Value& object, std::string_view member, const Value* wanted)
{
    if (wanted == nullptr || !wanted->is_array())
        return false;
    auto& list = object.as_object()[member];
    if (!list.is_array())
        list = api::Array{};
    bool added = false;
    for (const auto& element : wanted->as_array()) {
        if (std::ranges::find(list.as_array(), element) == list.as_array().end()) {
            list.as_array().push_back(element);
            added = true;
        }
    }
    return added;
}

/// What someone took away of a default role or binding comes back.
Result<Done> restore(registry::Registry& registry, const registry::WriteContext& context, const api::Kind& kind,
                     const Value& wanted)
{
    TRY_ASSIGN(const auto stored, registry.get(kind, keyOf(wanted)));
    TRY_ASSIGN(auto object, api::parseJson(stored->json));
    if (api::stringAt(object, {"metadata", "annotations", "rbac.authorization.kubernetes.io/autoupdate"}) == "false")
        return Done{};
    if (const auto* const role = api::find(wanted, {"roleRef"}); role && *role != *api::find(object, {"roleRef"})) {
        TRY_OK(registry.remove(context, kind, keyOf(wanted), {})); // a binding's role cannot be changed
        TRY_OK(registry.create(context, kind, {}, wanted));
        return Done{};
    }
    bool differs = addMissing(object, "subjects", api::find(wanted, {"subjects"}));
    if (const auto* const aggregation = api::find(wanted, {"aggregationRule"})) {
        // Its rules are the aggregation controller's to keep.
        constexpr std::string_view selectors = "clusterRoleSelectors";
        auto& present = object.as_object()["aggregationRule"];
        if (!present.is_object())
            present = api::Object{};
        differs = addMissing(present, selectors, api::find(*aggregation, {selectors})) || differs;
    } else {
        differs = addMissing(object, "rules", api::find(wanted, {"rules"})) || differs;
    }
    if (differs)
        TRY_OK(registry.update(context, kind, keyOf(wanted), {}, std::move(object)));
    return Done{};
}

} // namespace

Result<Done> createMissing(registry::Registry& registry, const registry::WriteContext& context,
                           const std::vector<Value>& objects)
{
    std::vector<Value> missing;
    for (const auto& object : objects) {
        const auto stored = registry.get(kindOf(object), keyOf(object));
        if (!stored && stored.error().reason != Reason::NotFound)
            return fail(stored.error());
        if (!stored)
            missing.push_back(object);
    }
    return createRuns(registry, context, missing, [](const auto&, const auto&) -> Result<Done> { return Done{}; });
}

Result<Done> reconcileDefaults(registry::Registry& registry, const registry::WriteContext& context,
                               const std::vector<Value>& objects, std::vector<Value> roles)
{
    TRY_OK(createMissing(registry, context, objects));
    std::ranges::sort(roles, {}, [](const Value& role) {
        return std::pair{api::stringAt(role, {"kind"}), api::stringAt(role, {"metadata", "name"})};
    });
    return createRuns(registry, context, roles, [&](const api::Kind& kind, const Value& wanted) {
        return restore(registry, context, kind, wanted);
    });
}

Result<Done> replaceObjects(registry::Registry& registry, const registry::WriteContext& context,
                            std::vector<Value> objects)
{
    return createRuns(registry, context, objects, [&](const api::Kind& kind, const Value& object) -> Result<Done> {
        TRY_OK(registry.update(context, kind, keyOf(object), {}, object));
        return Done{};
    });
}

} // namespace keelson::controlplane
