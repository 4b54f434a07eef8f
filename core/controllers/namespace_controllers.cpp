// SPDX-License-Identifier: Apache-2.0
#include "controllers/namespace_controllers.h"

#include "api/core_v1.h"
#include "client/typed.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace keelson::controllers {
namespace {

class ServiceAccountController : public KeyedController {
public:
    explicit ServiceAccountController(const Context& context)
        : KeyedController(
              context, "serviceaccount",
              {&context.informers.informer<api::Namespace>(), &context.informers.informer<api::ServiceAccount>()}),
          m_client(context.clientOf("service-account-controller")),
          m_namespaces(context.informers.informer<api::Namespace>()),
          m_accounts(context.informers.informer<api::ServiceAccount>())
    {
        m_namespaces.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add({"", now->metadata.name});
        });
        m_accounts.onChange([this](const auto& before, const auto& now) {
            if (!now && before->metadata.name == "default")
                m_runner.add({"", before->metadata.namespace_});
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto nameSpace = m_namespaces.find(key);
        if (!nameSpace || nameSpace->metadata.deletionTimestamp || m_accounts.find({key.name, "default"}))
            return Done{};
        api::ServiceAccount account;
        account.metadata.name = "default";
        account.metadata.namespace_ = key.name;
        const auto created = m_client.create(m_accounts.kind(), toJson(account));
        if (created)
            pass.wrote(m_accounts, *created);
        else if (created.error().reason != Reason::AlreadyExists)
            return fail(created.error());
        return Done{};
    }

private:
    client::Client& m_client;
    client::Informer<api::Namespace>& m_namespaces;
    client::Informer<api::ServiceAccount>& m_accounts;
};

class RootCaController : public KeyedController {
public:
    explicit RootCaController(const Context& context)
        : KeyedController(
              context, "root-ca",
              {&context.informers.informer<api::Namespace>(), &context.informers.informer<api::ConfigMap>(selector)}),
          m_client(context.clientOf("root-ca-cert-publisher")),
          m_rootCaPem(context.options.rootCaPem),
          m_namespaces(context.informers.informer<api::Namespace>()),
          m_maps(context.informers.informer<api::ConfigMap>(selector))
    {
        m_namespaces.onChange([this](const auto&, const auto& now) {
            if (now)
                m_runner.add({"", now->metadata.name});
        });
        m_maps.onChange([this](const auto& before, const auto& now) {
            m_runner.add({"", (now ? now : before)->metadata.namespace_});
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto nameSpace = m_namespaces.find(key);
        if (!nameSpace || nameSpace->metadata.deletionTimestamp)
            return Done{};
        const auto present = m_maps.find({key.name, std::string(mapName)});
        api::ConfigMap map;
        map.metadata.name = mapName;
        map.metadata.namespace_ = key.name;
        map.data["ca.crt"] = m_rootCaPem;
        if (present && present->data == map.data)
            return Done{};
        if (present) {
            map.metadata = present->metadata;
            TRY_ASSIGN(const auto written, m_client.update(m_maps.kind(), toJson(map)));
            pass.wrote(m_maps, written);
            return Done{};
        }
        TRY_ASSIGN(const auto written, m_client.create(m_maps.kind(), toJson(map)));
        pass.wrote(m_maps, written);
        return Done{};
    }

private:
    static constexpr auto mapName = "kube-root-ca.crt";
    static constexpr auto selector = "metadata.name=kube-root-ca.crt";

    client::Client& m_client;
    const std::string m_rootCaPem;
    client::Informer<api::Namespace>& m_namespaces;
    client::Informer<api::ConfigMap>& m_maps;
};

class NamespaceController : public KeyedController {
public:
    explicit NamespaceController(const Context& context)
        : KeyedController(context, "namespace", {&context.informers.informer<api::Namespace>()}),
          m_client(context.clientOf("namespace-controller")),
          m_namespaces(context.informers.informer<api::Namespace>())
    {
        m_namespaces.onChange([this](const auto&, const auto& now) {
            if (now && now->metadata.deletionTimestamp)
                m_runner.add(keyOf(*now));
        });
    }

    Result<Done> reconcile(const ObjectKey& key, Pass& pass) override
    {
        const auto nameSpace = m_namespaces.find(key);
        if (!nameSpace || !nameSpace->metadata.deletionTimestamp ||
            std::ranges::find(nameSpace->spec.finalizers, "kubernetes") == nameSpace->spec.finalizers.end())
            return Done{};
        Remains remains;
        const auto emptied = empty(key.name, remains);
        auto status = nameSpace->status;
        status.phase = "Terminating";
        setConditions(status, remains, emptied);
        if (!(status == nameSpace->status)) {
            TRY_ASSIGN(const auto written,
                       m_client.update(m_namespaces.kind(), statusDocument(*nameSpace, status), "status"));
            pass.wrote(m_namespaces, written);
        }
        TRY_OK(emptied);
        if (!remains.kinds.empty()) {
            pass.lookAgainAfter(lookAgain);
            return Done{};
        }
        auto finalized = toJson(*nameSpace);
        api::objectAt(finalized, {"metadata"}).erase("resourceVersion");
        api::Array others; // written also when empty
        for (const auto& finalizer : nameSpace->spec.finalizers) {
            if (finalizer != "kubernetes")
                others.emplace_back(finalizer);
        }
        api::objectAt(finalized, {"spec"})["finalizers"] = std::move(others);
        TRY_OK(m_client.update(m_namespaces.kind(), std::move(finalized), "finalize"));
        return Done{};
    }

private:
    static constexpr Duration lookAgain =
        std::chrono::seconds{1}; ///< While objects wait for finalizers or their grace.

    struct Remains {
        std::vector<std::string> kinds;      ///< "pods. has 3 resource instances"
        std::vector<std::string> finalizers; ///< "example.com/x in 2 resource instances"
    };

    static bool isDeletable(const api::Kind& kind)
    {
        const auto has = [&](std::string_view verb) { return std::ranges::find(kind.verbs, verb) != kind.verbs.end(); };
        return kind.namespaced && has("list") && has("delete") && !kind.repeats;
    }

    Result<Done> empty(const std::string& nameSpace, Remains& remains)
    {
        Result<Done> result = Done{};
        std::map<std::string, int> finalizers;
        const auto catalog = m_client.catalog(); // custom kinds too
        for (const auto* kind : catalog->kinds()) {
            if (!isDeletable(*kind))
                continue;
            int left = 0;
            if (auto emptied = emptyKind(*kind, nameSpace, left, finalizers); !emptied)
                result = fail(emptied.error());
            if (left > 0)
                remains.kinds.push_back(fmt::format("{} has {} resource instances", kind->resourceName(), left));
        }
        for (const auto& [finalizer, count] : finalizers)
            remains.finalizers.push_back(fmt::format("{} in {} resource instances", finalizer, count));
        return result;
    }

    Result<Done> emptyKind(const api::Kind& kind, const std::string& nameSpace, int& left,
                           std::map<std::string, int>& finalizers)
    {
        TRY_ASSIGN(const auto before, m_client.list(kind, {.nameSpace = nameSpace}));
        for (const auto& encoded : before.objects) {
            TRY_ASSIGN(const auto object, api::parseJson(*encoded));
            if (api::find(object, {"metadata", "deletionTimestamp"}) != nullptr)
                continue;
            const ObjectKey key{nameSpace, std::string(api::stringAt(object, {"metadata", "name"}))};
            const auto removed = m_client.remove(kind, key, {.propagation = client::Propagation::Background});
            if (!removed && removed.error().reason != Reason::NotFound && removed.error().reason != Reason::Conflict)
                return fail(removed.error());
        }
        if (before.objects.empty())
            return Done{};
        TRY_ASSIGN(const auto after, m_client.list(kind, {.nameSpace = nameSpace}));
        left = static_cast<int>(after.objects.size());
        for (const auto& encoded : after.objects) {
            TRY_ASSIGN(const auto object, api::parseJson(*encoded));
            const auto* names = api::find(object, {"metadata", "finalizers"});
            if (names == nullptr || !names->is_array())
                continue;
            for (const auto& name : names->get_array())
                ++finalizers[std::string(name.is_string() ? std::string_view(name.get_string()) : "")];
        }
        return Done{};
    }

    void setConditions(api::NamespaceStatus& status, const Remains& remains, const Result<Done>& emptied) const
    {
        const auto set = [&](std::string_view type, bool holds, std::string_view yes, std::string_view no,
                             std::string message) {
            api::NamespaceCondition condition;
            condition.type = type;
            condition.status = holds ? "True" : "False";
            condition.reason = holds ? yes : no;
            condition.message = std::move(message);
            condition.lastTransitionTime = std::chrono::floor<std::chrono::seconds>(clock().wall());
            const auto present = std::ranges::find(status.conditions, type, &api::NamespaceCondition::type);
            if (present == status.conditions.end()) {
                status.conditions.push_back(std::move(condition));
                return;
            }
            if (present->status == condition.status)
                condition.lastTransitionTime = present->lastTransitionTime;
            *present = std::move(condition);
        };
        set("NamespaceDeletionContentFailure", !emptied, "ContentDeletionFailed", "ContentDeleted",
            emptied ? "Everything could be deleted." : emptied.error().message);
        set("NamespaceContentRemaining", !remains.kinds.empty(), "SomeResourcesRemain", "ContentRemoved",
            remains.kinds.empty() ? "Nothing is left." : fmt::format("Left: {}", fmt::join(remains.kinds, ", ")));
        set("NamespaceFinalizersRemaining", !remains.finalizers.empty(), "SomeFinalizersRemain",
            "ContentHasNoFinalizers",
            remains.finalizers.empty() ? "Nothing waits for a finalizer."
                                       : fmt::format("Finalizers: {}", fmt::join(remains.finalizers, ", ")));
    }

    client::Client& m_client;
    client::Informer<api::Namespace>& m_namespaces;
};

} // namespace

std::unique_ptr<Controller> makeServiceAccountController(const Context& context)
{
    return std::make_unique<ServiceAccountController>(context);
}

std::unique_ptr<Controller> makeRootCaController(const Context& context)
{
    return std::make_unique<RootCaController>(context);
}

std::unique_ptr<Controller> makeNamespaceController(const Context& context)
{
    return std::make_unique<NamespaceController>(context);
}

} // namespace keelson::controllers
