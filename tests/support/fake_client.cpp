// SPDX-License-Identifier: Apache-2.0
#include "support/fake_client.h"

#include "api/catalog.h"
#include "api/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace keelson::test {
namespace {

using client::WatchEvent;

ObjectKey keyOf(const Value& object)
{
    return {std::string(api::stringAt(object, {"metadata", "namespace"})),
            std::string(api::stringAt(object, {"metadata", "name"}))};
}

std::unexpected<Error> notFound(const Kind& kind, const ObjectKey& key)
{
    return fail(Reason::NotFound, fmt::format("{} \"{}\" not found", kind.resourceName(), key.name));
}

/// RFC 7396, but conditions are merged by their type, as a strategic patch does.
void merge(Value& target, const Value& patch)
{
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object())
        target = api::Object{};
    auto& object = target.get_object();
    for (const auto& [name, value] : patch.get_object()) {
        if (value.is_null()) {
            object.erase(name);
        } else if (name == "conditions" && value.is_array() && object[name].is_array()) {
            for (const auto& condition : value.get_array()) {
                auto& present = object[name].get_array();
                auto* const same = std::ranges::find_if(present, [&](const Value& other) {
                    return api::stringAt(other, {"type"}) == api::stringAt(condition, {"type"});
                });
                if (same == present.end())
                    present.push_back(condition);
                else
                    merge(*same, condition);
            }
        } else {
            merge(object[name], value);
        }
    }
}

bool hasFinalizers(const Value& object)
{
    const auto* finalizers = api::find(object, {"metadata", "finalizers"});
    return finalizers != nullptr && finalizers->is_array() && !finalizers->get_array().empty();
}

bool namespaceHasFinalizers(const Value& object)
{
    const auto* finalizers = api::find(object, {"spec", "finalizers"});
    return finalizers != nullptr && finalizers->is_array() && !finalizers->get_array().empty();
}

void addFinalizer(Value& object, std::string_view name)
{
    auto& finalizers = api::objectAt(object, {"metadata"})["finalizers"];
    if (!finalizers.is_array())
        finalizers = api::Array{};
    if (std::ranges::find(finalizers.get_array(), Value(name)) == finalizers.get_array().end())
        finalizers.get_array().emplace_back(name);
}

} // namespace

struct FakeClient::Watcher {
    std::string resource;
    std::string nameSpace;
    api::LabelSelector labels;
    api::FieldSelector fields;
    std::function<void(WatchEvent)> handler;
    std::function<void(Error)> ended;

    void tell(const Change& change) const
    {
        if (!nameSpace.empty() && nameSpace != change.nameSpace)
            return;
        if (labels.empty() && fields.empty())
            return handler(change.event);
        const auto object = api::parseJson(*change.event.object);
        if (object && labels.matches(api::find(*object, {"metadata", "labels"})) && fields.matches(*object))
            handler(change.event);
    }
};

class FakeClient::WatchHandle : public client::Watch {
public:
    WatchHandle(FakeClient& owner, std::unique_ptr<Watcher> watcher) : m_owner(owner), m_watcher(std::move(watcher)) {}
    ~WatchHandle() override
    {
        const std::scoped_lock lock(m_owner.m_mutex);
        m_owner.m_watchers.erase(m_watcher.get());
    }

private:
    FakeClient& m_owner;
    std::unique_ptr<Watcher> m_watcher;
};

FakeClient::~FakeClient() = default;

Result<FakeClient::Record*> FakeClient::find(const Kind& kind, const ObjectKey& key)
{
    auto& objects = table(kind).objects;
    const auto found = objects.find(key);
    if (found == objects.end())
        return notFound(kind, key);
    return &found->second;
}

Result<Value> FakeClient::get(const Kind& kind, const ObjectKey& key)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto* record, find(kind, key));
    return record->value;
}

Result<client::List> FakeClient::list(const Kind& kind, const client::ListOptions& options)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto labels, api::LabelSelector::parse(options.labelSelector));
    TRY_ASSIGN(const auto fields, api::FieldSelector::parse(options.fieldSelector));
    client::List list;
    list.resourceVersion = std::to_string(m_revision);
    for (const auto& [key, record] : table(kind).objects) {
        if ((options.nameSpace.empty() || key.nameSpace == options.nameSpace) &&
            labels.matches(api::find(record.value, {"metadata", "labels"})) && fields.matches(record.value))
            list.objects.push_back(record.encoded);
    }
    return list;
}

Result<std::unique_ptr<client::Watch>> FakeClient::watch(const Kind& kind, const client::ListOptions& options,
                                                         std::string_view resourceVersion,
                                                         std::function<void(WatchEvent)> handler,
                                                         std::function<void(Error)> ended)
{
    const std::scoped_lock lock(m_mutex);
    const auto after = std::stoull(std::string(resourceVersion));
    TRY_ASSIGN(auto labels, api::LabelSelector::parse(options.labelSelector));
    TRY_ASSIGN(auto fields, api::FieldSelector::parse(options.fieldSelector));
    auto watcher = std::make_unique<Watcher>(kind.resourceName(), options.nameSpace, std::move(labels),
                                             std::move(fields), std::move(handler), std::move(ended));
    for (const auto& change : table(kind).history) {
        if (change.revision > after)
            watcher->tell(change);
    }
    m_watchers.insert(watcher.get());
    return std::make_unique<WatchHandle>(*this, std::move(watcher));
}

void FakeClient::publish(const Kind& kind, Change change)
{
    constexpr std::size_t historyMax = 20'000;
    for (const auto* watcher : m_watchers) {
        if (watcher->resource == kind.resourceName())
            watcher->tell(change);
    }
    auto& history = table(kind).history;
    history.push_back(std::move(change));
    if (history.size() > historyMax)
        history.erase(history.begin(), history.begin() + historyMax / 2);
}

Result<Value> FakeClient::store(const Kind& kind, const ObjectKey& key, Value object, WatchEvent::Type type)
{
    ++m_writes;
    const auto revision = ++m_revision;
    api::objectAt(object, {"metadata"})["resourceVersion"] = std::to_string(revision);
    const auto encoded = std::make_shared<const std::string>(api::writeJson(object));
    publish(kind, {.revision = revision,
                   .event = {.type = type, .object = encoded, .resourceVersion = std::to_string(revision)},
                   .nameSpace = key.nameSpace});
    auto& record = table(kind).objects[key];
    record = {.value = std::move(object), .encoded = encoded, .revision = revision};
    return record.value;
}

void FakeClient::eraseLocked(const Kind& kind, const ObjectKey& key)
{
    ++m_writes;
    auto& objects = table(kind).objects;
    auto last = std::move(objects.at(key).value);
    objects.erase(key);
    const auto revision = ++m_revision;
    api::objectAt(last, {"metadata"})["resourceVersion"] = std::to_string(revision);
    publish(kind, {.revision = revision,
                   .event = {.type = WatchEvent::Type::Deleted,
                             .object = std::make_shared<const std::string>(api::writeJson(last)),
                             .resourceVersion = std::to_string(revision)},
                   .nameSpace = key.nameSpace});
}

Result<Value> FakeClient::createLocked(const Kind& kind, Value object)
{
    if (auto& refusals = m_refusals[kind.resourceName()]; refusals > 0) {
        --refusals;
        return fail(Reason::Forbidden, "refused by the test");
    }
    auto& meta = api::objectAt(object, {"metadata"});
    if (api::stringAt(object, {"metadata", "name"}).empty()) {
        do // thousands of names meet one another by chance
            meta["name"] = std::string(api::stringAt(object, {"metadata", "generateName"})) + m_random.suffix(5);
        while (table(kind).objects.contains(keyOf(object)));
    }
    const auto key = keyOf(object);
    if (table(kind).objects.contains(key))
        return fail(Reason::AlreadyExists, fmt::format("{} \"{}\" already exists", kind.resourceName(), key.name));
    meta["uid"] = m_random.uuid();
    meta["generation"] = 1;
    if (!meta.contains("creationTimestamp"))
        meta["creationTimestamp"] = formatTime(m_clock.wall());
    api::objectAt(object, {})["apiVersion"] = kind.groupVersion.text();
    api::objectAt(object, {})["kind"] = kind.kind;
    if (kind.kind == "Pod" && api::stringAt(object, {"status", "phase"}).empty())
        api::objectAt(object, {"status"})["phase"] = "Pending";
    if (kind.kind == "Namespace") {
        api::objectAt(object, {"spec"})["finalizers"] = api::Array{"kubernetes"};
        api::objectAt(object, {"status"})["phase"] = "Active";
    }
    return store(kind, key, std::move(object), WatchEvent::Type::Added);
}

std::vector<Result<Value>> FakeClient::createEach(const Kind& kind, std::vector<Value> objects)
{
    std::vector<Result<Value>> results;
    results.reserve(objects.size());
    for (auto& object : objects) {
        const std::scoped_lock lock(m_mutex);
        results.push_back(createLocked(kind, std::move(object)));
    }
    return results;
}

Result<Value> FakeClient::replaceLocked(const Kind& kind, const ObjectKey& key, Value object,
                                        std::string_view subresource)
{
    TRY_ASSIGN(const auto* record, find(kind, key));
    const auto& current = record->value;
    const auto wanted = api::stringAt(object, {"metadata", "resourceVersion"});
    if (!wanted.empty() && wanted != api::stringAt(current, {"metadata", "resourceVersion"}))
        return fail(Reason::Conflict, fmt::format("{} \"{}\" was changed meanwhile", kind.resourceName(), key.name));
    const auto uid = api::stringAt(object, {"metadata", "uid"});
    if (!uid.empty() && uid != api::stringAt(current, {"metadata", "uid"}))
        return fail(Reason::Conflict, fmt::format("{} \"{}\" is another object by now", kind.resourceName(), key.name));
    Value next = subresource.empty() ? std::move(object) : current;
    if (subresource == "status" || subresource == "finalize" || subresource == "approval") {
        const auto* part = subresource == "finalize" ? "spec" : "status";
        if (const auto* value = api::find(object, {part}))
            api::objectAt(next, {})[part] = *value;
    } else if (kind.hasStatus) {
        api::objectAt(next, {}).erase("status");
        if (const auto* status = api::find(current, {"status"}))
            api::objectAt(next, {})["status"] = *status;
    }
    auto& meta = api::objectAt(next, {"metadata"});
    for (const auto* name : {"uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp"}) {
        if (const auto* value = api::find(current, {"metadata", name}))
            meta[name] = *value;
    }
    const auto specOf = [](const Value& value) {
        const auto* spec = api::find(value, {"spec"});
        return spec ? *spec : Value{};
    };
    if (next == current)
        return current;
    if (specOf(next) != specOf(current))
        meta["generation"] = api::integerAt(current, {"metadata", "generation"}) + 1;
    if (meta.contains("deletionTimestamp") && !hasFinalizers(next) &&
        (kind.kind == "Namespace" ? !namespaceHasFinalizers(next) : hasFinalizers(current))) {
        auto last = next;
        eraseLocked(kind, key);
        return last;
    }
    return store(kind, key, std::move(next), WatchEvent::Type::Modified);
}

Result<Value> FakeClient::update(const Kind& kind, Value object, std::string_view subresource)
{
    const std::scoped_lock lock(m_mutex);
    const auto key = keyOf(object);
    return replaceLocked(kind, key, std::move(object), subresource);
}

Result<Value> FakeClient::patch(const Kind& kind, const ObjectKey& key, api::PatchType, const Value& patch,
                                std::string_view subresource)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto* record, find(kind, key));
    auto next = record->value;
    merge(next, patch);
    return replaceLocked(kind, key, std::move(next), subresource);
}

Result<Done> FakeClient::remove(const Kind& kind, const ObjectKey& key, const DeleteOptions& options)
{
    const std::scoped_lock lock(m_mutex);
    TRY_ASSIGN(const auto* record, find(kind, key));
    auto next = record->value;
    if ((!options.uid.empty() && options.uid != api::stringAt(next, {"metadata", "uid"})) ||
        (!options.resourceVersion.empty() && options.resourceVersion != std::to_string(record->revision)))
        return fail(Reason::Conflict,
                    fmt::format("{} \"{}\" does not meet the precondition", kind.resourceName(), key.name));
    if (options.propagation == client::Propagation::Foreground)
        addFinalizer(next, "foregroundDeletion");
    if (options.propagation == client::Propagation::Orphan)
        addFinalizer(next, "orphan");
    const auto grace =
        options.gracePeriodSeconds.value_or(api::integerAt(next, {"spec", "terminationGracePeriodSeconds"}, 30));
    const bool graceful = kind.kind == "Pod" && grace > 0 && !api::stringAt(next, {"spec", "nodeName"}).empty();
    if (!graceful && !hasFinalizers(next) && !(kind.kind == "Namespace" && namespaceHasFinalizers(next))) {
        eraseLocked(kind, key);
        return Done{};
    }
    if (api::find(next, {"metadata", "deletionTimestamp"}) != nullptr)
        return Done{};
    api::objectAt(next, {"metadata"})["deletionTimestamp"] = formatTime(m_clock.wall());
    if (kind.kind == "Namespace")
        api::objectAt(next, {"status"})["phase"] = "Terminating";
    TRY_OK(store(kind, key, std::move(next), WatchEvent::Type::Modified));
    return Done{};
}

std::vector<Result<Done>> FakeClient::bindEach(std::vector<Binding> bindings)
{
    static const Kind& pods = *api::Catalog::builtIn().find({"", "v1"}, "Pod");
    std::vector<Result<Done>> results;
    for (const auto& binding : bindings) {
        const std::scoped_lock lock(m_mutex);
        const auto found = find(pods, binding.pod);
        if (!found) {
            results.push_back(fail(found.error()));
            continue;
        }
        auto next = (*found)->value;
        if (api::stringAt(next, {"metadata", "uid"}) != binding.uid ||
            !api::stringAt(next, {"spec", "nodeName"}).empty()) {
            results.push_back(fail(Reason::Conflict, "pod " + binding.pod.text() + " is bound, or another one"));
            continue;
        }
        api::objectAt(next, {"spec"})["nodeName"] = binding.node;
        merge(api::objectAt(next, {})["status"],
              api::Object{{"conditions", api::Array{api::Object{{"type", "PodScheduled"}, {"status", "True"}}}}});
        const auto stored = store(pods, binding.pod, std::move(next), WatchEvent::Type::Modified);
        results.push_back(stored ? Result<Done>(Done{}) : fail(stored.error()));
    }
    return results;
}

std::vector<Result<Value>> FakeClient::updateStatusEach(const Kind& kind, std::vector<Value> objects)
{
    std::vector<Result<Value>> results;
    for (auto& object : objects)
        results.push_back(update(kind, std::move(object), "status"));
    return results;
}

Value FakeClient::createYaml(std::string_view yaml)
{
    const auto document = api::parseYaml(yaml);
    const auto* kind =
        document ? api::Catalog::builtIn().find(api::GroupVersion::parse(api::stringAt(*document, {"apiVersion"})),
                                                api::stringAt(*document, {"kind"}))
                 : nullptr;
    auto created = kind != nullptr ? create(*kind, *document) : Result<Value>(fail(Reason::BadRequest, "unknown kind"));
    if (!created) {
        fmt::print(stderr, "createYaml: {}: {}\n", document ? created.error().message : document.error().message, yaml);
        std::abort();
    }
    return *std::move(created);
}

void FakeClient::endWatches()
{
    const std::scoped_lock lock(m_mutex);
    for (const auto* watcher : std::exchange(m_watchers, {}))
        watcher->ended(makeError(Reason::Expired, "the history is gone"));
}

std::size_t FakeClient::writes() const
{
    const std::scoped_lock lock(m_mutex);
    return m_writes;
}

void FakeClient::refuseCreates(const Kind& kind, int count)
{
    const std::scoped_lock lock(m_mutex);
    m_refusals[kind.resourceName()] = count;
}

} // namespace keelson::test
