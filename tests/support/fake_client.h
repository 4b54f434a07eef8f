// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "client/client.h"

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace keelson::test {

using api::Kind;
using api::ObjectKey;
using api::Value;
using client::DeleteOptions;
using client::Encoded;

/// A small, honest cluster in memory: versions, conflicts, uids, generations, generated names, finalizers, graceful
/// deletion of pods on nodes, namespaces that wait for `finalize`, and watches (with a selector: of the objects that
/// match now). No validation, defaulting, rights or durability.
///
/// Threads: any thread; handlers of watches run on the writer's.
class FakeClient : public client::Client {
public:
    FakeClient(const Clock& clock, Random& random) : m_clock(clock), m_random(random) {}
    ~FakeClient() override;

    std::shared_ptr<const api::Catalog> catalog() override { return m_catalog; }
    Result<Value> get(const Kind& kind, const ObjectKey& key) override;
    Result<client::List> list(const Kind& kind, const client::ListOptions& options) override;
    Result<std::unique_ptr<client::Watch>> watch(const Kind& kind, const client::ListOptions& options,
                                                 std::string_view resourceVersion,
                                                 std::function<void(client::WatchEvent)> handler,
                                                 std::function<void(Error)> ended) override;
    std::vector<Result<Value>> createEach(const Kind& kind, std::vector<Value> objects) override;
    Result<Value> update(const Kind& kind, Value object, std::string_view subresource) override;
    Result<Value> patch(const Kind& kind, const ObjectKey& key, api::PatchType type, const Value& patch,
                        std::string_view subresource) override;
    Result<Done> remove(const Kind& kind, const ObjectKey& key, const DeleteOptions& options) override;
    std::vector<Result<Done>> bindEach(std::vector<Binding> bindings) override;
    std::vector<Result<Value>> updateStatusEach(const Kind& kind, std::vector<Value> objects) override;

    /// The built-in kinds, unless a test says otherwise.
    void serve(std::shared_ptr<const api::Catalog> catalog) { m_catalog = std::move(catalog); }
    /// Reads YAML and creates it. Aborts the test program when that fails: for setting scenes.
    Value createYaml(std::string_view yaml);
    /// All watches end with `Expired`, as when a server forgets its history.
    void endWatches();
    /// Calls of create, update, patch, remove and bind so far.
    std::size_t writes() const;
    /// The next `count` creates of the kind are refused with `Forbidden`.
    void refuseCreates(const Kind& kind, int count);

private:
    struct Record {
        Value value;
        Encoded encoded;
        std::uint64_t revision = 0;
    };
    struct Change {
        std::uint64_t revision = 0;
        client::WatchEvent event;
        std::string nameSpace;
    };
    struct Table {
        std::map<ObjectKey, Record> objects;
        std::vector<Change> history;
    };
    struct Watcher;
    class WatchHandle;

    std::shared_ptr<const api::Catalog> m_catalog{std::shared_ptr<const void>(), &api::Catalog::builtIn()};
    Table& table(const Kind& kind) { return m_tables[kind.resourceName()]; }
    Result<Value> createLocked(const Kind& kind, Value object);
    Result<Value> store(const Kind& kind, const ObjectKey& key, Value object, client::WatchEvent::Type type);
    Result<Value> replaceLocked(const Kind& kind, const ObjectKey& key, Value object, std::string_view subresource);
    void publish(const Kind& kind, Change change);
    Result<Record*> find(const Kind& kind, const ObjectKey& key);
    void eraseLocked(const Kind& kind, const ObjectKey& key);

    const Clock& m_clock;
    Random& m_random;
    mutable std::recursive_mutex m_mutex;
    std::map<std::string, Table> m_tables;
    std::set<Watcher*> m_watchers;
    std::map<std::string, int> m_refusals;
    std::uint64_t m_revision = 1;
    std::size_t m_writes = 0;
};

} // namespace keelson::test
