// SPDX-License-Identifier: Apache-2.0
#include "controllers/definition_controller.h"

#include "api/apiextensions_v1.h"
#include "customresources/custom_kind.h"
#include "customresources/definition_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace keelson::controllers {
namespace {

class DefinitionController : public KeyedController {
public:
    explicit DefinitionController(const Context& context)
        : KeyedController(context, "definition", {&definitions(context)}, 1), // one at a time: names are given once
          m_client(context.clientFor("system:apiserver")),
          m_definitions(definitions(context))
    {
        m_definitions.onChange([this](const auto& before, const auto& now) {
            if (now)
                m_runner.add(now->key);
            if (before) // It may have let go a name that another waits for.
                for (const auto& other : m_definitions.all())
                    if (other->encoded->contains(R"("status":"False")"))
                        m_runner.add(other->key);
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto shown = m_definitions.find(key);
        if (!shown)
            return Done{};
        TRY_ASSIGN(auto definition, api::parseJson(*shown->encoded));
        if (shown->deleting)
            return empty(std::move(definition), pass);
        TRY_ASSIGN(const auto others, othersInGroup(definition));
        auto wanted = customresources::withAcceptedNames(definition, others, clock().wall());
        if (wanted == definition)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_definitions.kind(), std::move(wanted), "status"));
        pass.wrote(m_definitions, written);
        return Done{};
    }

private:
    static constexpr Duration lookAgain = std::chrono::seconds{1}; ///< While objects wait for their finalizers.

    static client::InformerBase& definitions(const Context& context)
    {
        return context.informers.metadataInformer(api::kindOf<api::CustomResourceDefinition>());
    }

    /// As the server has them: the copy may not show yet what the last pass wrote.
    Result<std::vector<Value>> othersInGroup(const Value& definition)
    {
        const auto name = api::stringAt(definition, {"metadata", "name"});
        const auto group = fmt::format("\"{}\"", api::stringAt(definition, {"spec", "group"}));
        TRY_ASSIGN(const auto list, m_client.list(m_definitions.kind(), {}));
        std::vector<Value> others;
        for (const auto& encoded : list.objects) {
            if (!encoded->contains(group))
                continue;
            TRY_ASSIGN(auto other, api::parseJson(*encoded));
            if (api::stringAt(other, {"metadata", "name"}) != name)
                others.push_back(std::move(other));
        }
        return others;
    }

    /// Deletes the objects of a definition that is being deleted; lets it go when none is left.
    Result<Done> empty(Value definition, Pass& pass)
    {
        const auto* finalizers = api::find(definition, {"metadata", "finalizers"});
        const Value ours(customresources::cleanupFinalizer);
        if (!finalizers || !finalizers->is_array() ||
            std::ranges::find(finalizers->get_array(), ours) == finalizers->get_array().end())
            return Done{};
        TRY_ASSIGN(const auto left, removeObjects(definition));
        if (left > 0) {
            pass.lookAgainAfter(lookAgain);
            return writeStatus(
                std::move(definition),
                {"Terminating", true, "InstanceDeletionInProgress", fmt::format("{} objects are left", left)}, pass);
        }
        api::Array others;
        std::ranges::copy_if(finalizers->get_array(), std::back_inserter(others),
                             [&](const Value& finalizer) { return finalizer != ours; });
        api::objectAt(definition, {"metadata"})["finalizers"] = std::move(others);
        TRY_ASSIGN(const auto written, m_client.update(m_definitions.kind(), std::move(definition)));
        pass.wrote(m_definitions, written);
        return Done{};
    }

    Result<std::size_t> removeObjects(const Value& definition)
    {
        // The version that they are stored in can be asked for even when none is served. How to convert objects of
        // others does not matter: only their names do.
        auto unconverted = definition;
        api::objectAt(unconverted, {"spec"}).erase("conversion");
        const auto kind = customresources::servedDefinition(unconverted).stored;
        if (!kind)
            return 0;
        TRY_ASSIGN(const auto list, m_client.list(*kind, {}));
        for (const auto& encoded : list.objects) {
            TRY_ASSIGN(const auto object, api::parseJson(*encoded));
            if (api::find(object, {"metadata", "deletionTimestamp"}))
                continue;
            const ObjectKey key{std::string(api::stringAt(object, {"metadata", "namespace"})),
                                std::string(api::stringAt(object, {"metadata", "name"}))};
            const auto removed = m_client.remove(*kind, key, {.propagation = client::Propagation::Background});
            if (!removed && removed.error().reason != Reason::NotFound)
                return fail(removed.error());
        }
        if (list.objects.empty())
            return 0;
        TRY_ASSIGN(const auto after, m_client.list(*kind, {}));
        return after.objects.size();
    }

    Result<Done> writeStatus(Value definition, const customresources::Condition& condition, Pass& pass)
    {
        auto wanted = definition;
        customresources::setCondition(wanted, condition, clock().wall());
        if (wanted == definition)
            return Done{};
        TRY_ASSIGN(const auto written, m_client.update(m_definitions.kind(), std::move(wanted), "status"));
        pass.wrote(m_definitions, written);
        return Done{};
    }

    client::Client& m_client;
    client::InformerBase& m_definitions;
};

} // namespace

std::unique_ptr<Controller> makeDefinitionController(const Context& context)
{
    return std::make_unique<DefinitionController>(context);
}

} // namespace keelson::controllers
