// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "registry/make_registry.h"
#include "store/memory_store.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <mutex>

namespace keelson::registry {

/// "ok", or the error as a user sees it: "Conflict: the object ...".
template <typename T>
std::string outcome(const Result<T>& result)
{
    return result ? "ok" : fmt::format("{}: {}", reasonName(result.error()), result.error().message);
}

/// Watch events as text: "+a *b -a =9" (added, modified, deleted, bookmark), "!" for the end.
class Heard : public WatchSink {
public:
    bool event(const WatchEvent& event) override
    {
        const std::scoped_lock lock(m_mutex);
        if (m_eventsMax == 0)
            return false;
        --m_eventsMax;
        constexpr std::string_view marks = "+*-=";
        m_text += fmt::format("{}{}{}", m_text.empty() ? "" : " ", marks.at(static_cast<std::size_t>(event.type)),
                              event.object             ? event.object->key.name
                              : event.initialEventsEnd ? "initial"
                                                       : "bookmark");
        if (event.object)
            m_events.push_back(event);
        return true;
    }
    void ended(const Error& error) override
    {
        const std::scoped_lock lock(m_mutex);
        m_text += " !" + std::string(reasonName(error.reason));
    }

    std::string text() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_text;
    }
    /// The state that the events make of an earlier one.
    std::map<ObjectKey, std::string> appliedTo(std::map<ObjectKey, std::string> state) const
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto& event : m_events) {
            EXPECT_EQ(event.type == client::WatchEvent::Type::Added, !state.contains(event.object->key))
                << event.object->json;
            if (event.type == client::WatchEvent::Type::Deleted)
                state.erase(event.object->key);
            else
                state[event.object->key] = event.object->json;
        }
        return state;
    }
    void takeAtMost(std::size_t events) { m_eventsMax = events; }

private:
    mutable std::mutex m_mutex;
    std::string m_text;
    std::vector<WatchEvent> m_events;
    std::size_t m_eventsMax = SIZE_MAX;
};

/// A registry over a store in memory, with the namespace default and its service account.
class Cluster {
public:
    Cluster()
    {
        restart();
        EXPECT_EQ(outcome(create("Namespace", R"({"metadata": {"name": "default"}})")), "ok");
        EXPECT_EQ(outcome(create("ServiceAccount", R"({"metadata": {"name": "default"}})")), "ok");
    }

    void restart(const RegistryOptions& options = {})
    {
        registry.reset();
        auto made = makeRegistry(store, api::Catalog::builtIn(), clock, random, options);
        ASSERT_TRUE(made) << made.error().message;
        registry = *std::move(made);
    }

    static const Kind& kind(std::string_view name)
    {
        for (const auto* const one : api::Catalog::builtIn().kinds()) {
            if (one->kind == name)
                return *one;
        }
        throw std::invalid_argument(std::string(name));
    }
    static ObjectKey key(std::string_view kindName, std::string name)
    {
        return {kind(kindName).namespaced ? "default" : "", std::move(name)};
    }
    static Value document(std::string_view text)
    {
        auto value = api::parseYaml(text);
        EXPECT_TRUE(value) << value.error().message;
        return value ? *value : Value{};
    }

    Result<StoredObjectPtr> create(std::string_view kindName, std::string_view text)
    {
        return registry->create(context, kind(kindName), kind(kindName).namespaced ? "default" : "", document(text));
    }
    Result<StoredObjectPtr> update(std::string_view kindName, const std::string& name, Value object,
                                   std::string_view subresource = {})
    {
        return registry->update(context, kind(kindName), key(kindName, name), subresource, std::move(object));
    }
    Result<StoredObjectPtr> merge(std::string_view kindName, const std::string& name, std::string_view patch,
                                  std::string_view subresource = {})
    {
        return registry->patch(context, kind(kindName), key(kindName, name), subresource, api::PatchType::Merge,
                               document(patch));
    }
    Result<Registry::Removed> remove(std::string_view kindName, const std::string& name,
                                     const DeleteOptions& options = {})
    {
        return registry->remove(context, kind(kindName), key(kindName, name), options);
    }
    /// The document as it is served; null when it is not there.
    Value get(std::string_view kindName, const std::string& name)
    {
        const auto object = registry->get(kind(kindName), key(kindName, name));
        return object ? *api::parseJson((*object)->json) : Value{};
    }
    std::string names(std::string_view kindName, const ListOptions& options = {})
    {
        const auto list = registry->list(kind(kindName), options);
        if (!list)
            return outcome(list);
        std::string text;
        for (const auto& object : list->objects)
            text += (text.empty() ? "" : " ") + object->key.name;
        return text;
    }

private:
    // On the heap: the thread sanitizer takes a mutex at a place on the stack for that of an earlier test there.
    const std::unique_ptr<store::MemoryStore> m_store = std::make_unique<store::MemoryStore>();
    const std::unique_ptr<SimulatedClock> m_clock = std::make_unique<SimulatedClock>();
    const std::unique_ptr<SeededRandom> m_random = std::make_unique<SeededRandom>(42);

public:
    store::MemoryStore& store = *m_store;
    SimulatedClock& clock = *m_clock;
    SeededRandom& random = *m_random;
    WriteContext context{.user = auth::User::system("test"), .fieldManager = "test"};
    std::unique_ptr<Registry> registry;
};

inline std::string at(const Value& value, std::initializer_list<std::string_view> path)
{
    const auto* const found = api::find(value, path);
    return !found ? "" : found->is_string() ? std::string(found->get_string()) : api::writeJson(*found);
}

constexpr std::string_view podYaml = R"(
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: main, image: "nginx:1"}]}
)";
constexpr std::string_view deploymentYaml = R"(
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "nginx:1"}]}}
)";

} // namespace keelson::registry
